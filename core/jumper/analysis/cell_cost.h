// SPDX-License-Identifier: BSD-3-Clause
// What each cell cost the monitored process and its descendants: the numbers of the cell history.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "jumper/analysis/summary.h"
#include "jumper/cells/timeline.h"

namespace jumper::analysis {

struct CellCost {
  std::shared_ptr<const cells::Cell> cell;
  Summary summary;
  std::optional<double> peak_bytes;
  // True when the kernel's high-water mark covers the peak; else it is the highest sample.
  bool peak_is_exact = false;
};

// The peak of one cell: the highest sum of all processes that was sampled, or the high-water mark
// of one of them where that is higher. Exact while there was no second process, else a lower bound.
struct Peak {
  double bytes = 0;
  bool is_exact = false;
};
[[nodiscard]] std::optional<Peak> cell_peak(const cells::Cell& cell, const Summary& summary);
// The same over several cells, of which `summary` is.
[[nodiscard]] std::optional<Peak> peak_of(std::span<const std::shared_ptr<const cells::Cell>> cells,
                                          const Summary& summary);

[[nodiscard]] std::vector<CellCost> cell_costs(const store::Snapshot& snapshot,
                                               const cells::CellList& cells,
                                               const SummaryOptions& options);

// Whether any of them has a number of GPUs.
[[nodiscard]] bool have_gpus(std::span<const CellCost> costs);

}  // namespace jumper::analysis
