// SPDX-License-Identifier: BSD-3-Clause
// What the GPUs of the nodes of a job did, and how evenly they were used. A reading speaks of the
// time since the one before: what lies in a stretch that begins or ends within is bounded like that
// of counters.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "jumper/analysis/evenness.h"

namespace jumper::analysis {

struct NodeData;
struct NodeUsage;
struct Stretch;
struct Summary;

struct CardShare {
  int32_t card = 0;
  Bounded busy;  // 0 to 1
};

// Of one node, at a level.
struct NodeGpus {
  size_t cards = 0;                         // that the level may use
  double reading_seconds = 0;               // from one to the next, on average
  std::optional<Bounded> utilization;       // 0 to 1, the average over those cards
  std::vector<CardShare> busy;              // of each that told it for nearly all the time
  std::optional<double> memory_peak_bytes;  // the most that any one card had
  std::optional<double> memory_bytes;       // of one card, where all have the same
  std::optional<double> energy_joules;      // of whole cards, as in Summary
  bool is_compared = false;
};

struct GpuPlace {
  size_t node = 0;
  int32_t card = 0;

  bool operator==(const GpuPlace&) const = default;
};

struct GpuBalance {
  size_t told = 0;      // cards that told anything
  size_t compared = 0;  // cards of which enough is known
  // The largest share over the mean, less 1; of two or more.
  std::optional<Bounded> of_nodes;
  std::optional<Bounded> of_cards;
  std::optional<size_t> busiest_node;  // where it can be told
  std::optional<GpuPlace> busiest_card;
  bool all_nearly_idle = false;
  std::vector<GpuPlace> idle;  // by node, then card
};

// Absent where no GPU was ever measured at the node's level. The node's clock must be known.
[[nodiscard]] std::optional<NodeGpus> gpus_of(const NodeData& node,
                                              std::span<const Stretch> stretches,
                                              double asked_seconds, const Summary& summary);
[[nodiscard]] GpuBalance balance_of_gpus(std::span<const NodeUsage> nodes);

}  // namespace jumper::analysis
