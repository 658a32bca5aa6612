// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/analysis/cost_metric.h"

#include <cmath>

#include "jumper/base/clock.h"

namespace jumper::analysis {
namespace {

std::optional<double> measured(const CellCost& cost, CostMetric metric) {
  switch (metric) {
    case CostMetric::kDuration:
      return base::seconds(cost.cell->duration_ns());
    case CostMetric::kCpuSeconds:
      return cost.summary.cpu_seconds;
    case CostMetric::kPeakMemory:
      return cost.peak_bytes;
    case CostMetric::kMemoryRetained:
      return cost.summary.memory_change_bytes;
    case CostMetric::kIoRead:
      return cost.summary.io_read_bytes;
    case CostMetric::kIoWrite:
      return cost.summary.io_write_bytes;
    case CostMetric::kGpuEnergy:
      return cost.summary.gpu_energy_joules;
    case CostMetric::kGpuMemory:
      return cost.summary.gpu_memory_peak_bytes;
  }
  return std::nullopt;
}

}  // namespace

std::optional<double> value_of(const CellCost& cost, CostMetric metric) {
  const auto value = measured(cost, metric);
  return value && std::isfinite(*value) ? value : std::nullopt;
}

}  // namespace jumper::analysis
