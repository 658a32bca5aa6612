// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/analysis/gpu_readings.h"

#include <algorithm>
#include <limits>

#include "jumper/analysis/series_walk.h"

namespace jumper::analysis {
namespace {

Interval widened(const Interval& time) {
  return {time.from_ns - kGpuReadingHoldsNs, time.to_ns + kGpuReadingHoldsNs};
}

// Puts the readings of one series together, run by run.
class Collector {
 public:
  void add(const Run& run) {
    for (size_t i = 0; i < run.times_ns.size(); ++i) {
      const int64_t time_ns = run.times_ns[i];
      if (run.has_start && run.kinds[i] == metric::TickKind::kStart) since_ns_ = time_ns;
      if (run.values.empty() || metric::is_absent(run.values[i])) continue;
      found_.readings.push_back(
          {std::max(since_ns_, time_ns - kGpuReadingHoldsNs), time_ns, run.values[i]});
      since_ns_ = time_ns;
    }
  }
  [[nodiscard]] GpuReadings take() { return std::move(found_); }

 private:
  int64_t since_ns_ = std::numeric_limits<int64_t>::min();
  GpuReadings found_;
};

}  // namespace

bool is_gpu(metric::Metric metric) {
  return metric >= metric::Metric::kGpuUtil && metric <= metric::Metric::kGpuDramActive;
}

bool has_gpu_series(std::span<const metric::SeriesKey> series, metric::Scope level) {
  return std::ranges::any_of(series, [&](const metric::SeriesKey& key) {
    return key.scope == level && is_gpu(key.metric);
  });
}

std::vector<int32_t> gpu_cards_of(std::span<const metric::SeriesKey> series, metric::Scope level) {
  std::vector<int32_t> cards;
  for (const metric::SeriesKey& key : series) {
    if (key.scope == level && is_gpu(key.metric) && key.instance != metric::kWhole)
      cards.push_back(key.instance);
  }
  std::ranges::sort(cards);
  const auto repeated = std::ranges::unique(cards);
  cards.erase(repeated.begin(), repeated.end());
  return cards;
}

std::vector<GpuReadings> gpu_readings(const store::Snapshot& snapshot,
                                      const std::vector<metric::SeriesKey>& keys,
                                      const Interval& time) {
  store::ColumnReader reader(snapshot, keys);
  std::vector<Collector> collectors(keys.size());
  for_each_run(snapshot, reader, widened(time), [&] {
    for (size_t key = 0; key < keys.size(); ++key) collectors[key].add(run_of(reader, key));
  });
  std::vector<GpuReadings> found;
  found.reserve(keys.size());
  for (Collector& collector : collectors) found.push_back(collector.take());
  return found;
}

GpuReadings gpu_readings(const store::Snapshot& snapshot, store::ColumnReader& reader, size_t key,
                         const Interval& time) {
  Collector collector;
  for_each_run(snapshot, reader, widened(time), [&] { collector.add(run_of(reader, key)); });
  return collector.take();
}

std::optional<Spread> spread_over(const GpuReadings& readings, std::span<const Interval> intervals,
                                  double per_unit) {
  double weighted = 0;
  double weights = 0;
  double lowest = std::numeric_limits<double>::infinity();
  double highest = -std::numeric_limits<double>::infinity();
  for (const Interval& interval : intervals) {
    // They are in order of time, and so are the times that they speak of.
    auto at = std::ranges::upper_bound(readings.readings, interval.from_ns, {},
                                       &GpuReadings::Reading::time_ns);
    for (; at != readings.readings.end() && at->since_ns < interval.to_ns; ++at) {
      const int64_t within_ns =
          std::min(at->time_ns, interval.to_ns) - std::max(at->since_ns, interval.from_ns);
      if (within_ns <= 0) continue;
      weighted += at->value * static_cast<double>(within_ns);
      weights += static_cast<double>(within_ns);
      if (2 * within_ns < at->time_ns - at->since_ns) continue;
      lowest = std::min(lowest, at->value);
      highest = std::max(highest, at->value);
    }
  }
  if (weights <= 0) return std::nullopt;
  const double average = weighted / weights;
  return Spread{average / per_unit, std::min(lowest, average) / per_unit,
                std::max(highest, average) / per_unit};
}

}  // namespace jumper::analysis
