// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/analysis/cell_cost.h"

#include <algorithm>
#include <array>

namespace jumper::analysis {

std::optional<Peak> cell_peak(const cells::Cell& cell, const Summary& summary) {
  if (!summary.memory_bytes) return std::nullopt;
  const double sampled = summary.memory_bytes->maximum;
  if (!cell.peak_resident_bytes) return Peak{sampled, false};
  const auto own = static_cast<double>(*cell.peak_resident_bytes);
  const bool alone = summary.most_processes && *summary.most_processes <= 1;
  return Peak{std::max(sampled, own), alone};
}

std::vector<CellCost> cell_costs(const store::Snapshot& snapshot, const cells::CellList& cells,
                                 const SummaryOptions& options) {
  std::vector<CellCost> costs;
  costs.reserve(cells.size());
  for (const auto& cell : cells) {
    const std::array interval = {Interval{cell->start_ns, cell->end_ns}};
    CellCost cost{cell, summarize(snapshot, interval, options), {}, false};
    if (const auto peak = cell_peak(*cell, cost.summary)) {
      cost.peak_bytes = peak->bytes;
      cost.peak_is_exact = peak->is_exact;
    }
    costs.push_back(std::move(cost));
  }
  return costs;
}

}  // namespace jumper::analysis
