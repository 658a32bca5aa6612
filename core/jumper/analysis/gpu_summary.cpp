// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/analysis/gpu_summary.h"

#include <algorithm>
#include <array>

#include "jumper/analysis/gpu_readings.h"
#include "jumper/analysis/series_walk.h"

namespace jumper::analysis {

using metric::Metric;
using metric::SeriesKey;

namespace {

std::vector<SeriesKey> memory_keys(std::span<const SeriesKey> series, metric::Scope level) {
  std::vector<SeriesKey> cards;
  for (const SeriesKey& key : series) {
    if (key.metric == Metric::kGpuMemory && key.scope == level && key.instance != metric::kWhole)
      cards.push_back(key);
  }
  if (cards.empty()) cards.push_back({Metric::kGpuMemory, level, metric::kWhole});
  return cards;
}

std::vector<SeriesKey> with_energy(metric::Scope level, std::vector<SeriesKey> memory) {
  memory.insert(memory.begin(), {Metric::kGpuEnergy, level, metric::kWhole});
  return memory;
}

double per_unit(Metric metric) {
  return metric::info(metric).stored_per_unit;
}

}  // namespace

std::unique_ptr<GpuSummarizer> GpuSummarizer::make(const store::Snapshot& snapshot,
                                                   metric::Scope level) {
  const std::vector<SeriesKey> series = snapshot.series();
  if (!has_gpu_series(series, level)) return nullptr;
  return std::unique_ptr<GpuSummarizer>(
      new GpuSummarizer(snapshot, level, memory_keys(series, level)));
}

GpuSummarizer::GpuSummarizer(const store::Snapshot& snapshot, metric::Scope level,
                             const std::vector<SeriesKey>& memory)
    : snapshot_(snapshot),
      memory_(memory),
      readings_(snapshot, {{Metric::kGpuUtil, level, metric::kWhole}}),
      levels_(snapshot, with_energy(level, memory)) {}

void GpuSummarizer::fill(Summary& summary, std::span<const Interval> intervals) {
  if (intervals.empty()) return;
  const Interval time{intervals.front().from_ns, intervals.back().to_ns};
  const GpuReadings utilization = gpu_readings(snapshot_, readings_, 0, time);
  if (const auto spread = spread_over(utilization, intervals, per_unit(Metric::kGpuUtil)))
    summary.gpu_utilization = spread->average;
  TotalWalk energy;
  HighestWalk memory;
  const auto thinned_until_ns = snapshot_.thinned_until_ns();
  for (const Interval& interval : intervals) {
    for_each_run(snapshot_, levels_, interval, [&] {
      energy.add(run_of(levels_, 0));
      for (size_t i = 0; i < memory_.size(); ++i) memory.add(run_of(levels_, i + 1));
    });
    energy.end_interval();
    if (thinned_until_ns < interval.from_ns) continue;
    for (const SeriesKey& key : memory_) memory.add_thinned(snapshot_, key, interval);
  }
  if (const auto joules = energy.total())
    summary.gpu_energy_joules = *joules / per_unit(Metric::kGpuEnergy);
  summary.gpu_memory_peak_bytes = memory.highest();
}

}  // namespace jumper::analysis
