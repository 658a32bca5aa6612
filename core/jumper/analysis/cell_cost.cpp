// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/analysis/cell_cost.h"

#include <algorithm>
#include <array>

namespace jumper::analysis {

std::optional<Peak> cell_peak(const cells::Cell& cell, const Summary& summary) {
  if (!summary.memory_bytes) return std::nullopt;
  const cells::CellReadings& readings = cell.readings;
  Peak peak{summary.memory_bytes->maximum, false};
  // Each is the peak of one process of the tree, so the tree's is at least as high.
  if (readings.child_peak_bytes)
    peak.bytes = std::max(peak.bytes, static_cast<double>(*readings.child_peak_bytes));
  if (!readings.peak_resident_bytes) return peak;
  peak.bytes = std::max(peak.bytes, static_cast<double>(*readings.peak_resident_bytes));
  // With one process all the time there is nothing else to add up.
  peak.is_exact =
      summary.most_processes && *summary.most_processes <= 1 && !readings.child_peak_bytes;
  return peak;
}

std::optional<Peak> peak_of(std::span<const std::shared_ptr<const cells::Cell>> cells,
                            const Summary& summary) {
  std::optional<Peak> highest;
  for (const auto& cell : cells) {
    const auto peak = cell_peak(*cell, summary);
    if (!peak) continue;
    if (!highest) highest = peak;
    highest->bytes = std::max(highest->bytes, peak->bytes);
    highest->is_exact = highest->is_exact && peak->is_exact;
  }
  return highest;
}

std::vector<CellCost> cell_costs(const store::Snapshot& snapshot, const cells::CellList& cells,
                                 const SummaryOptions& options) {
  std::vector<CellCost> costs;
  costs.reserve(cells.size());
  Summarizer summarizer(snapshot, options);
  for (const auto& cell : cells) {
    const std::array interval = {Interval{cell->start_ns, cell->end_ns}};
    CellCost cost{cell, summarizer.summarize(interval), {}, false};
    if (const auto peak = cell_peak(*cell, cost.summary)) {
      cost.peak_bytes = peak->bytes;
      cost.peak_is_exact = peak->is_exact;
    }
    costs.push_back(std::move(cost));
  }
  return costs;
}

bool have_gpus(std::span<const CellCost> costs) {
  return std::ranges::any_of(costs, [](const CellCost& cost) {
    return cost.summary.gpu_utilization || cost.summary.gpu_memory_peak_bytes ||
           cost.summary.gpu_energy_joules;
  });
}

}  // namespace jumper::analysis
