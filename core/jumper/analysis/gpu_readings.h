// SPDX-License-Identifier: BSD-3-Clause
// Readings of GPUs over stretches of time. They come about once a second, in rows of their own, and
// most of them speak of the time since the reading before: a stretch that is shorter than that is
// told of by the reading that follows it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "jumper/analysis/summary.h"
#include "jumper/store/snapshot.h"

namespace jumper::analysis {

// How long a reading holds where no other follows: two may be missed, or come late.
inline constexpr int64_t kGpuReadingHoldsNs = 2'500'000'000;

[[nodiscard]] bool is_gpu(metric::Metric metric);
// Whether there is any series of GPUs at the level.
[[nodiscard]] bool has_gpu_series(std::span<const metric::SeriesKey> series, metric::Scope level);
// The numbers of the cards that have a series of GPUs at the level, rising.
[[nodiscard]] std::vector<int32_t> gpu_cards_of(std::span<const metric::SeriesKey> series,
                                                metric::Scope level);

// What one series said, in order of time, without what was absent.
struct GpuReadings {
  struct Reading {
    int64_t since_ns = 0;  // of what time it speaks: never back over a start of the monitor
    int64_t time_ns = 0;
    double value = 0;  // as stored
  };
  std::vector<Reading> readings;
};

// Of several series at once, all that speak of any time between two; in the order of `keys`.
[[nodiscard]] std::vector<GpuReadings> gpu_readings(const store::Snapshot& snapshot,
                                                    const std::vector<metric::SeriesKey>& keys,
                                                    const Interval& time);
// The same with a reader that is kept for the next time.
[[nodiscard]] GpuReadings gpu_readings(const store::Snapshot& snapshot, store::ColumnReader& reader,
                                       size_t key, const Interval& time);

// Over the intervals, each reading counting for that part of its time that lies in them. Extremes
// are of the readings that lie in an interval with half of their time at least; where there is no
// such reading, they equal the average. Of what is stored, divided by `per_unit`.
[[nodiscard]] std::optional<Spread> spread_over(const GpuReadings& readings,
                                                std::span<const Interval> intervals,
                                                double per_unit);

}  // namespace jumper::analysis
