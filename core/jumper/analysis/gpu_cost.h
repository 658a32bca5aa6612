// SPDX-License-Identifier: BSD-3-Clause
// What stretches of time cost on GPUs, at one level: of what the level's processes had, and of the
// cards that they had it on, which is told of whole cards.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "jumper/analysis/summary.h"
#include "jumper/gpu/card.h"
#include "jumper/store/snapshot.h"

namespace jumper::analysis {

// Ratios are 0 to 1. Each is absent where nobody told it.
struct GpuCardCost {
  int32_t card = 0;
  // Of the level.
  std::optional<Spread> utilization;
  std::optional<Spread> bandwidth;
  std::optional<Spread> memory_bytes;
  // Of the whole card, whoever used it.
  std::optional<double> power_throttled;
  std::optional<double> thermal_throttled;
  std::optional<double> temperature_celsius;  // the highest
  std::optional<double> sm_active;
  std::optional<double> sm_occupancy;
  std::optional<double> tensor_active;
  std::optional<double> dram_active;
  std::optional<double> pcie_received_bytes_per_second;
  std::optional<double> pcie_sent_bytes_per_second;
  std::optional<double> nvlink_received_bytes;
  std::optional<double> nvlink_sent_bytes;

  // Whether the level had anything of it; absent where that is not known.
  [[nodiscard]] std::optional<bool> is_used() const;
};

struct GpuCost {
  // Of the level, averages over cards.
  std::optional<Spread> utilization;
  std::optional<Spread> bandwidth;
  std::optional<Spread> memory_bytes;
  std::optional<double> energy_joules;  // of whole cards that the level's processes were on
  std::optional<Spread> power_watts;
  // The share of the readings in which memory was held and next to nothing ran.
  std::optional<double> held_idle_ratio;
  std::vector<GpuCardCost> cards;  // of those that the level may use

  // Those that the level used; where that is not known of any, all.
  [[nodiscard]] std::vector<const GpuCardCost*> concerned() const;
  // Over those: the mean of a number that some of them have, their sum, the card with the most.
  using Number = std::optional<double> GpuCardCost::*;
  [[nodiscard]] std::optional<double> mean_of(Number number) const;
  [[nodiscard]] std::optional<double> sum_of(Number number) const;
  [[nodiscard]] const GpuCardCost* most_of(Number number) const;  // null: none has it
  // What the level had of those cards on average, each counting the same; where no card tells, of
  // all of them.
  using Level = std::optional<Spread> GpuCardCost::*;
  [[nodiscard]] std::optional<double> average_of(Level level) const;
};

struct GpuCostOptions {
  metric::Scope scope = metric::Scope::kProcess;
  // What each card is; empty: nothing is known but the series. Cards that are divided count through
  // their instances, and at other levels than system those that were not chosen do not count.
  std::span<const gpu::Card> cards = {};
  double held_bytes = 0.1 * 1024 * 1024 * 1024;  // from which on memory is held
  double idle_ratio = 0.05;                      // up to which a card is idle
};

// Absent where no GPU was ever measured at the level.
[[nodiscard]] std::optional<GpuCost> gpu_cost_of(const store::Snapshot& snapshot,
                                                 std::span<const Interval> intervals,
                                                 const GpuCostOptions& options);

// The memory of the first card that the level may use.
[[nodiscard]] std::optional<double> gpu_memory_of(std::span<const gpu::Card> cards,
                                                  metric::Scope level);
// Whether a card counts at the level.
[[nodiscard]] bool counts_at(const gpu::Card& card, metric::Scope level);

}  // namespace jumper::analysis
