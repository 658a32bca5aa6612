// SPDX-License-Identifier: BSD-3-Clause
// The columns of GPUs in a table of performance data. Rows of the table are those of CPU and
// memory: a row has what was last read of the GPUs, if that still holds.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "jumper/analysis/perf_table.h"
#include "jumper/store/snapshot.h"

namespace jumper::analysis {

class GpuColumns {
 public:
  // For rows at these times, rising. All it is given must outlive it.
  GpuColumns(const store::Snapshot& snapshot, metric::Scope level,
             std::span<const metric::SeriesKey> series, std::span<const int64_t> times_ns);

  // Utilization, bandwidth and memory, over all cards and of each, in the contract's order; empty
  // where no GPU was measured at the level.
  [[nodiscard]] std::vector<PerfColumn> usual() const;
  // What else there is, as the catalogue has it.
  [[nodiscard]] std::vector<PerfColumn> others() const;

 private:
  [[nodiscard]] bool has(metric::Metric metric, int32_t card) const;
  [[nodiscard]] std::vector<double> held(metric::Metric metric, int32_t card) const;
  void add_usual(std::vector<PerfColumn>& columns, metric::Metric metric,
                 const std::vector<std::vector<double>>& of_cards) const;

  const store::Snapshot& snapshot_;
  metric::Scope level_;
  std::span<const metric::SeriesKey> series_;
  std::span<const int64_t> times_ns_;
  std::vector<int32_t> cards_;
  std::vector<int64_t> starts_ns_;  // when monitoring began
};

}  // namespace jumper::analysis
