// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/analysis/gpu_plot.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "jumper/analysis/gpu_readings.h"

namespace jumper::analysis {
namespace {

// What a counter grew by per nanosecond, up to each reading.
void make_rates(GpuReadings& counter) {
  double before = metric::kAbsent;
  int64_t before_ns = 0;
  for (GpuReadings::Reading& reading : counter.readings) {
    const double now = reading.value;
    // Where the reading before was too long ago, or the monitor started in between, there is none.
    const bool is_next = reading.since_ns == before_ns && reading.time_ns > before_ns;
    reading.value = is_next && now >= before
                        ? (now - before) / static_cast<double>(reading.time_ns - before_ns)
                        : metric::kAbsent;
    before = now;
    before_ns = reading.time_ns;
  }
  std::erase_if(counter.readings, [](const GpuReadings::Reading& reading) {
    return metric::is_absent(reading.value);
  });
}

}  // namespace

std::optional<std::vector<double>> gpu_values(const store::Snapshot& snapshot,
                                              const metric::SeriesKey& key, const PlotRows& rows) {
  if (rows.times_ns.empty()) return std::nullopt;
  GpuReadings readings = std::move(
      gpu_readings(snapshot, {key}, {rows.times_ns.front(), rows.times_ns.back()}).front());
  if (metric::info(key.metric).kind == metric::Kind::kCounter) make_rates(readings);
  std::vector<double> values(rows.times_ns.size(), metric::kAbsent);
  bool has_any = false;
  auto next = readings.readings.begin();
  const auto begin = next;
  int64_t start_ns = rows.times_ns.front() - kGpuReadingHoldsNs;
  for (size_t row = 0; row < values.size(); ++row) {
    const int64_t time_ns = rows.times_ns[row];
    if (rows.kinds[row] == metric::TickKind::kStart) start_ns = time_ns;
    double sum = 0;
    size_t count = 0;
    for (; next != readings.readings.end() && next->time_ns <= time_ns; ++next) {
      if (next->time_ns < start_ns) continue;
      sum += next->value;
      ++count;
    }
    if (count > 0) {
      values[row] = sum / static_cast<double>(count);
    } else if (next != begin) {
      const GpuReadings::Reading& last = *std::prev(next);
      if (last.time_ns >= start_ns && time_ns - last.time_ns <= kGpuReadingHoldsNs)
        values[row] = last.value;
    }
    has_any = has_any || !metric::is_absent(values[row]);
  }
  if (!has_any) return std::nullopt;
  return values;
}

void hold_readings(std::span<store::Bucket> buckets) {
  const store::Bucket* last = nullptr;
  for (store::Bucket& bucket : buckets) {
    if (bucket.samples > 0) {
      last = &bucket;
    } else if (last != nullptr && bucket.from_ns - last->to_ns <= kGpuReadingHoldsNs) {
      bucket.minimum = last->minimum;
      bucket.maximum = last->maximum;
      bucket.mean = last->mean;
    }
  }
}

}  // namespace jumper::analysis
