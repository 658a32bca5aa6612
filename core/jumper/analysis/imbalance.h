// SPDX-License-Identifier: BSD-3-Clause
// How evenly the nodes of a job were used: who did most, who idled, whom the others waited for.
// Samples are taken at other moments than cells begin and end, and a node's clock is known to
// within an error only: what cannot be told within both is not claimed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "jumper/analysis/evenness.h"
#include "jumper/analysis/gpu_balance.h"
#include "jumper/analysis/summary.h"
#include "jumper/gpu/card.h"
#include "jumper/store/snapshot.h"

namespace jumper::analysis {

// A node that was measured for less than this share of the time is not compared.
inline constexpr double kLeastMeasuredShare = 0.9;
// A node is at work in a cell while it keeps so many CPUs busy.
inline constexpr double kWorkingCpus = 0.5;
// It straggles where it works alone for this share of the cell after all others have finished.
inline constexpr double kStraggledShare = 0.05;

// A node's samples, and what is needed to set them against the time of others.
struct NodeData {
  std::string name;
  const store::Snapshot* samples = nullptr;  // of the node's own clock
  metric::Scope level = metric::Scope::kSystem;
  double cpus = 1;       // what it may use
  double most_cpus = 0;  // that can be busy at once, where a quota allows more for a while
  std::optional<double> memory_limit_bytes;
  std::optional<int64_t> clock_offset_ns;  // the node's clock less ours; absent: unknown
  int64_t clock_error_ns = 0;              // how far off that can be
  std::span<const gpu::Card> gpus = {};    // empty: nothing is known of them but the series

  [[nodiscard]] double highest_rate() const { return cpus > most_cpus ? cpus : most_cpus; }
};

// A stretch of time on our clock, most often a cell.
struct Stretch {
  Interval time;
  std::optional<size_t> cell;  // its index
};

// What a node used in the stretches. At their edges, a counter is taken to have grown evenly from
// one sample to the next; the bounds are for it having grown in any way.
struct NodeUsage {
  std::string name;
  double measured_seconds = 0;  // of the stretches, between samples
  double step_seconds = 0;      // from one sample of its CPU time to the next, on average
  double cpus = 1;
  std::optional<Bounded> cpu_share;  // of its CPUs
  std::optional<double> cpu_seconds;
  std::optional<Spread> memory_bytes;
  std::optional<double> memory_limit_bytes;
  std::optional<double> io_read_bytes;
  std::optional<double> io_write_bytes;
  std::optional<NodeGpus> gpus;  // absent: none was measured
  bool is_compared = false;
};

// In this cell the node still worked when all others that had worked in it were done.
struct Straggler {
  size_t cell = 0;
  size_t node = 0;
  double alone_seconds = 0;  // at least
  double cell_seconds = 0;
};

struct MemorySpread {
  size_t most = 0;  // nodes, by their highest memory
  size_t least = 0;
  double most_bytes = 0;
  double least_bytes = 0;
};

// Nodes are told by their place.
struct NodeComparison {
  double asked_seconds = 0;
  std::vector<NodeUsage> nodes;
  size_t compared = 0;
  // Of the compared nodes, where there are two or more: the largest share of its CPUs that one of
  // them used over the mean of all, less 1.
  std::optional<Bounded> cpu_imbalance;
  std::optional<size_t> busiest;     // where it can be told
  std::optional<size_t> least_busy;  // likewise
  bool all_nearly_idle = false;
  std::vector<size_t> idle;
  std::optional<MemorySpread> memory;
  GpuBalance gpus;
  std::vector<Straggler> stragglers;  // in the order of the cells
  std::optional<size_t> slowest;      // straggled longest, all in all
};

[[nodiscard]] NodeComparison compare_nodes(std::span<const NodeData> nodes,
                                           std::span<const Stretch> stretches);

// The share of the nodes' time that is lost while they wait for the busiest: (max - mean) / max,
// from max / mean - 1.
[[nodiscard]] constexpr double lost_share(double imbalance) {
  return imbalance / (1 + imbalance);
}

}  // namespace jumper::analysis
