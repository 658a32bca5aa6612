// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/analysis/gpu_readings.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <vector>

#include "testing/sparse_log.h"

namespace jumper::analysis {
namespace {

using jumper::testing::milliseconds;
using jumper::testing::series_of;
using jumper::testing::SparseLog;
using metric::Metric;
using metric::Scope;
using metric::SeriesKey;
using metric::TickKind;

const SeriesKey kUtil = series_of(Metric::kGpuUtil);
const SeriesKey kCpu = series_of(Metric::kCpuTime);
constexpr double kPerRatio = 10'000;

std::optional<Spread> spread(const SparseLog& log, std::vector<Interval> intervals_ms) {
  for (Interval& interval : intervals_ms)
    interval = {milliseconds(interval.from_ns), milliseconds(interval.to_ns)};
  const auto readings = gpu_readings(log.snapshot(), {kUtil},
                                     {intervals_ms.front().from_ns, intervals_ms.back().to_ns});
  return spread_over(readings.front(), intervals_ms, kPerRatio);
}

// A reading each second, 10 % more each time; rows of the CPU between them.
SparseLog rising() {
  SparseLog log({kCpu, kUtil});
  log.add(0, {{kCpu, 0}}, TickKind::kStart);
  for (int64_t second = 1; second <= 8; ++second) {
    log.add(second * 1000, {{kUtil, 0.1 * static_cast<double>(second)}});
    log.add(second * 1000 + 300, {{kCpu, 0}});
  }
  return log;
}

TEST(GpuReadings, SpeakOfTheTimeSinceTheReadingBefore) {
  // GIVEN readings of 20 %, 30 % and 40 % at 2, 3 and 4 s
  // WHEN from 1.5 to 3.5 s is asked for
  const auto found = spread(rising(), {{1500, 3500}});

  // THEN the first counts with half a second, and so does the last, which comes after the end
  ASSERT_TRUE(found);
  EXPECT_NEAR(found->average, (0.2 * 0.5 + 0.3 + 0.4 * 0.5) / 2, 1e-9);
  EXPECT_NEAR(found->minimum, 0.2, 1e-9);
  EXPECT_NEAR(found->maximum, 0.4, 1e-9);
}

TEST(GpuReadings, ShortStretchesAreToldOfByTheReadingThatFollows) {
  const auto found = spread(rising(), {{4200, 4400}});
  ASSERT_TRUE(found);
  EXPECT_NEAR(found->average, 0.5, 1e-9);
  // A fifth of a reading's time is too little for extremes of its own: they are the average.
  EXPECT_NEAR(found->maximum, 0.5, 1e-9);
}

TEST(GpuReadings, ExtremesAreOfReadingsThatLieInsideWithHalfOfTheirTime) {
  // 4.6 to 6.4 s: less than half of what was read at 5 and at 7 s lies in it
  const auto found = spread(rising(), {{4600, 6400}});
  ASSERT_TRUE(found);
  EXPECT_NEAR(found->average, (0.5 * 0.4 + 0.6 + 0.7 * 0.4) / 1.8, 1e-9);
  EXPECT_NEAR(found->minimum, 0.6, 1e-9);
  EXPECT_NEAR(found->maximum, 0.6, 1e-9);
}

TEST(GpuReadings, TimeBetweenIntervalsDoesNotCount) {
  const auto found = spread(rising(), {{1000, 2000}, {6000, 7000}});
  ASSERT_TRUE(found);
  EXPECT_NEAR(found->average, (0.2 + 0.7) / 2, 1e-9);
}

TEST(GpuReadings, AfterASilenceAReadingSpeaksOfTheLast2500Milliseconds) {
  // GIVEN a driver that did not answer between 1 s and 10 s
  SparseLog log({kUtil});
  log.add(0, {}, TickKind::kStart).add(1000, {{kUtil, 1}}).add(10'000, {{kUtil, 0}});

  // THEN what it was in between is not made up
  EXPECT_FALSE(spread(log, {{2000, 7000}}));
  const auto found = spread(log, {{0, 10'000}});
  ASSERT_TRUE(found);
  EXPECT_NEAR(found->average, 1.0 / 3.5, 1e-9);
}

TEST(GpuReadings, NoneReachesBackOverAStart) {
  // GIVEN a monitor that was started again half a second before the second reading
  SparseLog log({kUtil});
  log.add(0, {}, TickKind::kStart)
      .add(1000, {{kUtil, 0.2}})
      .add(1500, {}, TickKind::kStart)
      .add(2000, {{kUtil, 0.8}});

  // THEN each counts for its own time: one second, and half of one
  const auto found = spread(log, {{0, 2000}});
  ASSERT_TRUE(found);
  EXPECT_NEAR(found->average, (0.2 + 0.8 * 0.5) / 1.5, 1e-9);
  EXPECT_FALSE(spread(log, {{1000, 1500}}));
}

TEST(GpuReadings, WithoutAnyThereIsNoSpread) {
  SparseLog log({kCpu});
  log.add(0, {{kCpu, 0}}, TickKind::kStart).add(1000, {{kCpu, 1}});
  EXPECT_FALSE(spread(log, {{0, 1000}}));
  EXPECT_FALSE(has_gpu_series(log.snapshot().series(), Scope::kProcess));
}

TEST(GpuReadings, CardsAreThoseOfTheLevel) {
  const std::vector<SeriesKey> series = {kCpu,
                                         series_of(Metric::kGpuUtil, Scope::kProcess, 3),
                                         series_of(Metric::kGpuMemory, Scope::kProcess, 1),
                                         series_of(Metric::kGpuMemory, Scope::kProcess, 3),
                                         series_of(Metric::kCpuTime, Scope::kSystem, 7),
                                         series_of(Metric::kGpuPower, Scope::kSystem)};
  EXPECT_EQ(gpu_cards_of(series, Scope::kProcess), (std::vector<int32_t>{1, 3}));
  EXPECT_TRUE(gpu_cards_of(series, Scope::kSystem).empty());
  EXPECT_TRUE(has_gpu_series(series, Scope::kSystem));
  EXPECT_FALSE(has_gpu_series(series, Scope::kUser));
}

TEST(GpuReadings, AreAllMetricsOfGpusAndNoOthers) {
  for (const metric::MetricInfo& info : metric::catalog())
    EXPECT_EQ(is_gpu(info.metric), info.name.starts_with("gpu_")) << info.name;
}

}  // namespace
}  // namespace jumper::analysis
