// SPDX-License-Identifier: BSD-3-Clause
// A plot of all nodes of a job: in each panel a line per node, or what is usual among them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "jumper/analysis/plot_data.h"
#include "jumper/analysis/summary.h"

namespace jumper::analysis {

// More lines than these cannot be told apart: instead, the median of all with a band from the
// lowest to the highest, and the lines of the two that used most and least CPU.
inline constexpr size_t kMostNodeLines = 8;
inline constexpr size_t kMostNodePoints = 400;
inline constexpr std::string_view kAllNodesView = "all nodes";

struct NodePlot {
  std::string name;
  const store::Snapshot* samples = nullptr;  // of the node's own clock
  int64_t clock_offset_ns = 0;               // the node's clock less ours
  PlotLevelOptions options;
};

// Over `time` on our clock. Where a panel has several curves, a line is their sum, if that means
// anything. Nodes are sampled at different moments: a point is the mean over a stretch of time that
// is the same for all, none shorter than `shortest_ns`.
[[nodiscard]] PlotLevel make_nodes_view(std::span<const NodePlot> nodes, const Interval& time,
                                        int64_t shortest_ns);

}  // namespace jumper::analysis
