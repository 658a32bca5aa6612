// SPDX-License-Identifier: BSD-3-Clause
// What a summary has of GPUs. There is one only where GPUs were measured, so that others pay
// nothing.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "jumper/analysis/summary.h"
#include "jumper/store/snapshot.h"

namespace jumper::analysis {

class GpuSummarizer {
 public:
  // Null where there is no series of GPUs at the level. The snapshot must outlive it.
  [[nodiscard]] static std::unique_ptr<GpuSummarizer> make(const store::Snapshot& snapshot,
                                                           metric::Scope level);

  void fill(Summary& summary, std::span<const Interval> intervals);

 private:
  GpuSummarizer(const store::Snapshot& snapshot, metric::Scope level,
                const std::vector<metric::SeriesKey>& levels);

  const store::Snapshot& snapshot_;
  std::vector<metric::SeriesKey>
      memory_;                    // of each card; of all of them where that is all there is
  store::ColumnReader readings_;  // of utilization
  store::ColumnReader levels_;    // energy, then memory
};

}  // namespace jumper::analysis
