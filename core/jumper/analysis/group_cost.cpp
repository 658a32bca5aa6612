// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/analysis/group_cost.h"

#include "jumper/analysis/series_walk.h"

namespace jumper::analysis {

using metric::Metric;

GroupCost group_cost_of(const store::Snapshot& snapshot, std::span<const Interval> intervals,
                        metric::Scope scope) {
  const auto total = [&](Metric metric) -> std::optional<double> {
    const auto grown = total_of(snapshot, {metric, scope, metric::kWhole}, intervals);
    if (!grown) return std::nullopt;
    return *grown / metric::info(metric).stored_per_unit;
  };
  const auto gauge = [&](Metric metric) {
    GaugeWalk walk;
    for (const Interval& interval : intervals)
      walk.add(snapshot, {metric, scope, metric::kWhole}, interval);
    return walk.spread();
  };
  GroupCost cost;
  cost.file_cache_bytes = gauge(Metric::kMemoryFileCache);
  if (const auto highest = gauge(Metric::kMemoryHighest)) cost.highest_bytes = highest->maximum;
  cost.throttled_seconds = total(Metric::kThrottledTime);
  cost.limit_hits = total(Metric::kMemoryLimitHits);
  cost.high_hits = total(Metric::kMemoryHighHits);
  cost.oom_kills = total(Metric::kOomKills);
  cost.waited_for_cpu_seconds = total(Metric::kPressureCpuSome);
  cost.waited_for_memory_seconds = total(Metric::kPressureMemorySome);
  cost.waited_for_io_seconds = total(Metric::kPressureIoSome);
  return cost;
}

}  // namespace jumper::analysis
