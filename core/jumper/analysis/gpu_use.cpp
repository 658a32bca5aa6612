// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/analysis/gpu_use.h"

#include <algorithm>
#include <utility>

#include "jumper/analysis/gpu_cost.h"
#include "jumper/analysis/gpu_readings.h"
#include "jumper/base/clock.h"

namespace jumper::analysis {
namespace {

using metric::Metric;
using metric::Scope;

GpuReadings all_readings(const store::Snapshot& samples, const metric::SeriesKey& key) {
  const Interval all{samples.time_ns(0), samples.time_ns(samples.rows() - 1)};
  return std::move(gpu_readings(samples, {key}, all).front());
}

}  // namespace

bool GpuUse::is_idle() const {
  constexpr double kIdleShare = 0.95;
  return idle_ratio >= kIdleShare;
}

std::vector<GpuUse> gpu_use_of(const store::Snapshot& samples, Scope level,
                               std::span<const gpu::Card> cards) {
  std::vector<GpuUse> uses;
  if (samples.empty()) return uses;
  const double per_ratio = metric::info(Metric::kGpuUtil).stored_per_unit;
  for (size_t card = 0; card < cards.size(); ++card) {
    if (!counts_at(cards[card], level)) continue;
    GpuUse use;
    use.card = static_cast<int32_t>(card);
    use.name = cards[card].name;
    GpuReadings found = all_readings(samples, {Metric::kGpuUtil, level, use.card});
    if (found.readings.empty()) {
      found = all_readings(samples, {Metric::kGpuUtil, Scope::kSystem, use.card});
      use.is_of_level = level == Scope::kSystem;
    }
    double weighted = 0;
    double idle_seconds = 0;
    for (const GpuReadings::Reading& reading : found.readings) {
      const double seconds = base::seconds(reading.time_ns - reading.since_ns);
      const double ratio = reading.value / per_ratio;
      use.seconds += seconds;
      weighted += ratio * seconds;
      if (ratio < kIdleUtilization) idle_seconds += seconds;
    }
    if (use.seconds <= 0) continue;
    use.utilization = weighted / use.seconds;
    use.idle_ratio = idle_seconds / use.seconds;
    const Scope memory_level = use.is_of_level ? level : Scope::kSystem;
    for (const GpuReadings::Reading& reading :
         all_readings(samples, {Metric::kGpuMemory, memory_level, use.card}).readings)
      use.memory_peak_bytes = std::max(use.memory_peak_bytes.value_or(0), reading.value);
    uses.push_back(std::move(use));
  }
  return uses;
}

}  // namespace jumper::analysis
