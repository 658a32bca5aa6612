// SPDX-License-Identifier: BSD-3-Clause
// Readings of GPUs as values of series. At the level system each card has a series of every metric
// that it can tell; at the other levels there are utilization, bandwidth and memory of the level's
// own processes, for each card that they may use. The series of all cards (metric::kWhole) is
//   the average: of utilization, bandwidth, memory, clocks, throttling, activity;
//   the sum: of power and PCIe; of the counters, energy and NVLink, what they grew by since
//   monitoring started, so that a card that does not answer for a while makes no jump;
//   the highest: of temperature.
// At the other levels energy and power are those of whole cards, and of the cards that the level's
// processes are on; there is no series of each card. A card that is divided into MIG instances is
// left out of averages of what its instances tell, and they of what only the card can.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "jumper/gpu/backend.h"
#include "jumper/metric/sample.h"

namespace jumper::source {

// Whether a process is one of the level's.
using MemberTest = std::function<bool(metric::Scope level, pid_t pid)>;

class GpuSeries {
 public:
  // `levels` besides system.
  GpuSeries(std::vector<gpu::Card> cards, std::vector<metric::Scope> levels);

  // In the order of the values; new ones come last.
  [[nodiscard]] const std::vector<metric::SeriesKey>& series() const { return series_; }
  // Adds series for what only some cards can tell, when one does so for the first time. True where
  // there are more than before.
  bool grow(const gpu::Reading& reading);
  // `values` has one place for each of series(). Energy of levels is added up from one call to the
  // next.
  void fill(const gpu::Reading& reading, const MemberTest& is_member, std::span<double> values);

 private:
  // The series of one metric at one level: of all cards, then of each.
  struct Block {
    metric::Metric metric = metric::Metric::kGpuUtil;
    metric::Scope level = metric::Scope::kSystem;
    size_t first = 0;
    std::vector<size_t> cards;
    // Of a counter of the system: of each of its cards as last read, and how much all grew.
    std::vector<double> before;
    double grown = 0;
  };
  // What a level's processes have of one card.
  struct Share {
    bool is_on = false;
    std::optional<double> utilization;
    std::optional<double> bandwidth_utilization;
    std::optional<double> memory_bytes;
  };
  struct LevelEnergy {
    double joules = 0;
    std::vector<bool> was_on;  // the card, at the reading before
  };

  void add_block(metric::Metric metric, metric::Scope level, bool has_cards);
  [[nodiscard]] bool counts_in_whole(metric::Metric metric, size_t card) const;
  [[nodiscard]] size_t physical(size_t card) const;
  [[nodiscard]] std::vector<Share> shares_of(const gpu::Reading& reading, metric::Scope level,
                                             const MemberTest& is_member) const;
  void fill_system(const Block& block, const gpu::Reading& reading, std::span<double> values) const;
  void fill_level(const Block& block, const std::vector<Share>& shares,
                  std::span<double> values) const;
  void add_up(Block& block, const gpu::Reading& reading, std::span<double> values) const;
  void add_energy(size_t level, const gpu::Reading& reading, const std::vector<Share>& shares);
  void fill_whole_cards(const Block& block, size_t level, const gpu::Reading& reading,
                        const std::vector<Share>& shares, std::span<double> values) const;

  std::vector<gpu::Card> cards_;
  std::vector<metric::Scope> levels_;
  std::vector<LevelEnergy> energy_;            // of each of levels_
  std::vector<std::optional<double>> joules_;  // of each card, at the last reading that told it
  std::vector<metric::SeriesKey> series_;
  std::vector<Block> blocks_;
};

}  // namespace jumper::source
