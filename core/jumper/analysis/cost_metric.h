// SPDX-License-Identifier: BSD-3-Clause
// The numbers of a cell's cost that are compared, one by one: how each is called, got and added up.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "jumper/analysis/cell_cost.h"

namespace jumper::analysis {

enum class CostMetric : uint8_t {
  kDuration,
  kCpuSeconds,
  kPeakMemory,
  kMemoryRetained,
  kIoRead,
  kIoWrite,
  kGpuEnergy,
  kGpuMemory,
};

enum class CostUnit : uint8_t { kSeconds, kBytes, kJoules };

struct CostMetricFacts {
  CostMetric metric = CostMetric::kDuration;
  std::string_view name;     // as conditions and JSON call it
  std::string_view heading;  // as tables call it
  CostUnit unit = CostUnit::kBytes;
  bool is_maximum = false;  // of several cells the largest counts, not the sum
  // Differences below it are those of measuring: of the clocks' steps, of pages and buffers.
  double resolution = 0;
  bool is_of_gpus = false;  // not spoken of where neither side has it
};

inline constexpr size_t kCostMetricCount = 8;

namespace detail {
inline constexpr double kMb = 1024.0 * 1024;
inline constexpr double kSmallestIo = 64.0 * 1024;
}  // namespace detail

// In the order of CostMetric.
inline constexpr std::array<CostMetricFacts, kCostMetricCount> kCostMetrics = {{
    {CostMetric::kDuration, "duration", "Duration", CostUnit::kSeconds, false, 0.001},
    // Other processes' CPU time is up to one tick of the kernel behind.
    {CostMetric::kCpuSeconds, "cpu_seconds", "CPU time", CostUnit::kSeconds, false, 0.01},
    {CostMetric::kPeakMemory, "peak_memory", "Peak", CostUnit::kBytes, true, detail::kMb},
    {CostMetric::kMemoryRetained, "memory_retained", "Kept", CostUnit::kBytes, false, detail::kMb},
    {CostMetric::kIoRead, "io_read", "Read", CostUnit::kBytes, false, detail::kSmallestIo},
    {CostMetric::kIoWrite, "io_write", "Written", CostUnit::kBytes, false, detail::kSmallestIo},
    // Cards count it about every tenth of a second.
    {CostMetric::kGpuEnergy, "gpu_energy", "GPU energy", CostUnit::kJoules, false, 10, true},
    {CostMetric::kGpuMemory, "gpu_memory", "GPU peak", CostUnit::kBytes, true, detail::kMb, true},
}};

[[nodiscard]] constexpr const CostMetricFacts& facts_of(CostMetric metric) {
  return kCostMetrics[static_cast<size_t>(metric)];
}

// Absent where it was not measured, or is no finite number.
[[nodiscard]] std::optional<double> value_of(const CellCost& cost, CostMetric metric);

}  // namespace jumper::analysis
