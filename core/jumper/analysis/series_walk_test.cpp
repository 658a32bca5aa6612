// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/analysis/series_walk.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>

#include "testing/ticks.h"

namespace jumper::analysis {
namespace {

using jumper::testing::milliseconds;
using jumper::testing::series_of;
using jumper::testing::TickLog;
using metric::kAbsent;
using metric::Metric;
using metric::SeriesKey;
using metric::TickKind;

const SeriesKey kKey = series_of(Metric::kCpuTime);
constexpr int64_t kShortestNs = milliseconds(50);

Interval interval(int64_t from_ms, int64_t to_ms) {
  return {milliseconds(from_ms), milliseconds(to_ms)};
}

// Walks over the intervals given, in milliseconds.
template <typename... Intervals>
CounterWalk count(const TickLog& log, Intervals... intervals) {
  CounterWalk walk(kShortestNs);
  (walk.add(log.snapshot(), kKey, intervals), ...);
  return walk;
}

template <typename... Intervals>
GaugeWalk level(const TickLog& log, Intervals... intervals) {
  GaugeWalk walk;
  (walk.add(log.snapshot(), kKey, intervals), ...);
  return walk;
}

// What a rate is per second.
double per_second(double rate) {
  return rate * 1e9;
}

TEST(CounterWalk, AddsUpDifferencesInsideTheInterval) {
  // GIVEN
  TickLog log({kKey});
  log.add(0, {7}).add(1000, {10}).add(2000, {14}).add(3000, {15}).add(4000, {99});

  // WHEN
  const CounterWalk walk = count(log, interval(1000, 3000));

  // THEN
  EXPECT_TRUE(walk.measured());
  EXPECT_EQ(walk.total(), 5);
  EXPECT_EQ(walk.time_ns(), milliseconds(2000));
  ASSERT_TRUE(walk.rate());
  EXPECT_DOUBLE_EQ(per_second(walk.rate()->average), 2.5);
  EXPECT_DOUBLE_EQ(per_second(walk.rate()->minimum), 1);
  EXPECT_DOUBLE_EQ(per_second(walk.rate()->maximum), 4);
}

TEST(CounterWalk, LeavesOutWhatLiesBetweenTheIntervals) {
  // GIVEN much going on between 1 s and 9 s
  TickLog log({kKey});
  log.add(0, {0}).add(1000, {1}).add(5000, {500}).add(9000, {1000}).add(10'000, {1003});

  // WHEN
  const CounterWalk walk = count(log, interval(0, 1000), interval(9000, 10'000));

  // THEN
  EXPECT_EQ(walk.total(), 4);
  EXPECT_EQ(walk.time_ns(), milliseconds(2000));
  EXPECT_DOUBLE_EQ(per_second(walk.rate()->maximum), 3);
}

TEST(CounterWalk, AResetMakesNoDifference) {
  TickLog log({kKey});
  log.add(0, {100}).add(1000, {200}).add(2000, {50}).add(3000, {80});
  const CounterWalk walk = count(log, interval(0, 3000));
  EXPECT_EQ(walk.total(), 130);
  EXPECT_EQ(walk.time_ns(), milliseconds(2000));
}

TEST(CounterWalk, ARestartMakesNoDifferenceThoughTheCounterGrewOn) {
  TickLog log({kKey});
  log.add(0, {100}, TickKind::kStart).add(1000, {200}, TickKind::kStop);
  log.begin({kKey}).add(5000, {900}, TickKind::kStart).add(6000, {1000}, TickKind::kStop);
  const CounterWalk walk = count(log, interval(0, 6000));
  EXPECT_EQ(walk.total(), 200);
  EXPECT_EQ(walk.time_ns(), milliseconds(2000));
}

TEST(CounterWalk, ARestartCountsEvenWhereItsOwnValueIsAbsent) {
  TickLog log({kKey});
  log.add(0, {100}, TickKind::kStart).add(1000, {200}, TickKind::kStop);
  log.begin({kKey}).add(5000, {kAbsent}, TickKind::kStart).add(6000, {900}).add(7000, {1000});
  const CounterWalk walk = count(log, interval(0, 7000));
  EXPECT_EQ(walk.total(), 200);
  EXPECT_EQ(walk.time_ns(), milliseconds(2000));
}

TEST(CounterWalk, ARestartCountsEvenWhereItsSchemaLacksTheSeries) {
  TickLog log({kKey});
  log.add(0, {100}, TickKind::kStart).add(1000, {200}, TickKind::kStop);
  log.begin({series_of(Metric::kMemory)}).add(2000, {1}, TickKind::kStart).add(3000, {1});
  log.begin({kKey}).add(5000, {kAbsent}, TickKind::kStart).add(6000, {900}).add(7000, {1000});
  EXPECT_EQ(count(log, interval(0, 7000)).total(), 200);
}

TEST(CounterWalk, BridgesAbsentValues) {
  TickLog log({kKey});
  log.add(0, {kAbsent}).add(1000, {10}).add(2000, {kAbsent}).add(3000, {30}).add(4000, {kAbsent});
  const CounterWalk walk = count(log, interval(0, 4000));
  EXPECT_EQ(walk.total(), 20);
  EXPECT_EQ(walk.time_ns(), milliseconds(2000));
}

TEST(CounterWalk, NeedsTwoValues) {
  TickLog log({kKey});
  log.add(0, {kAbsent}).add(1000, {10}).add(2000, {kAbsent}).add(3000, {30});
  for (const Interval& where :
       {interval(0, 0), interval(0, 2500), interval(4000, 9000), interval(3000, 1000)}) {
    const CounterWalk walk = count(log, where);
    EXPECT_FALSE(walk.measured());
    EXPECT_FALSE(walk.rate());
    EXPECT_EQ(walk.total(), 0);
  }
}

TEST(CounterWalk, ASeriesThatIsNotThereIsNotMeasured) {
  TickLog log({series_of(Metric::kMemory)});
  log.add(0, {1}).add(1000, {2});
  EXPECT_FALSE(count(log, interval(0, 1000)).measured());
}

TEST(CounterWalk, NothingHappeningIsARateOfZero) {
  TickLog log({kKey});
  log.add(0, {5}).add(1000, {5});
  const CounterWalk walk = count(log, interval(0, 1000));
  ASSERT_TRUE(walk.rate());
  EXPECT_EQ(walk.rate()->average, 0);
  EXPECT_EQ(walk.rate()->minimum, 0);
  EXPECT_EQ(walk.rate()->maximum, 0);
}

TEST(CounterWalk, SamplesCloseTogetherAreOneForTheExtremes) {
  // GIVEN a steady rate of 1, but for a step within one millisecond at a cell's edge
  TickLog log({kKey});
  log.add(0, {0}).add(1000, {1}).add(1001, {1.5}).add(2000, {2.5}).add(3000, {3.5});

  // WHEN
  const CounterWalk walk = count(log, interval(0, 3000));

  // THEN the step shows in the whole second it lies in, not as 500 per second
  EXPECT_EQ(walk.total(), 3.5);
  EXPECT_DOUBLE_EQ(per_second(walk.rate()->maximum), 1.5);
}

TEST(CounterWalk, AShortRestJoinsTheStretchBeforeIt) {
  // GIVEN ten milliseconds without progress at the end
  TickLog log({kKey});
  log.add(0, {0}).add(1000, {10}).add(2000, {20}).add(2010, {20});

  // WHEN
  const CounterWalk walk = count(log, interval(0, 2010));

  // THEN
  EXPECT_DOUBLE_EQ(per_second(walk.rate()->minimum), 10 / 1.01);
  EXPECT_DOUBLE_EQ(per_second(walk.rate()->maximum), 10);
  EXPECT_DOUBLE_EQ(per_second(walk.rate()->average), 20 / 2.01);
}

TEST(CounterWalk, AShortCellHasItsAverageAsExtremes) {
  TickLog log({kKey});
  log.add(0, {0}).add(1, {1}).add(3, {2});
  const CounterWalk walk = count(log, interval(0, 3));
  ASSERT_TRUE(walk.rate());
  EXPECT_DOUBLE_EQ(per_second(walk.rate()->average), 2000 / 3.0);
  EXPECT_EQ(walk.rate()->minimum, walk.rate()->average);
  EXPECT_EQ(walk.rate()->maximum, walk.rate()->average);
}

TEST(CounterWalk, ExtremesAlwaysEncloseTheAverage) {
  // GIVEN a long slow stretch and many fast ones too short to tell extremes
  TickLog log({kKey});
  log.add(0, {0}).add(100, {0});
  CounterWalk walk(kShortestNs);
  for (int64_t i = 1; i <= 20; ++i) {
    log.add(1000 * i, {1000.0 * static_cast<double>(i)});
    log.add(1000 * i + 20, {1000.0 * static_cast<double>(i) + 100});
  }
  walk.add(log.snapshot(), kKey, interval(0, 100));
  for (int64_t i = 1; i <= 20; ++i)
    walk.add(log.snapshot(), kKey, interval(1000 * i, 1000 * i + 20));

  // THEN
  EXPECT_EQ(walk.total(), 2000);
  EXPECT_EQ(walk.rate()->minimum, 0);
  EXPECT_DOUBLE_EQ(per_second(walk.rate()->average), 4000);
  EXPECT_EQ(walk.rate()->maximum, walk.rate()->average);
}

TEST(CounterWalk, GoesOnOverChunks) {
  // GIVEN one more per second, over two chunks and a bit
  TickLog log({kKey});
  constexpr int64_t kRows = 2 * store::Chunk::kRows + 100;
  for (int64_t i = 0; i < kRows; ++i) log.add(1000 * i, {static_cast<double>(i)});

  // WHEN
  const CounterWalk walk = count(log, interval(5000, 1000 * (kRows - 1)));

  // THEN
  EXPECT_EQ(walk.total(), static_cast<double>(kRows - 6));
  EXPECT_EQ(walk.time_ns(), milliseconds(1000 * (kRows - 6)));
  EXPECT_DOUBLE_EQ(per_second(walk.rate()->minimum), 1);
  EXPECT_DOUBLE_EQ(per_second(walk.rate()->maximum), 1);
}

TEST(GaugeWalk, WeighsTheLevelByTime) {
  // GIVEN 10 for a second, then three seconds up to 40
  TickLog log({kKey});
  log.add(0, {10}).add(1000, {10}).add(4000, {40}).add(5000, {1000});

  // WHEN
  const GaugeWalk walk = level(log, interval(0, 4000));

  // THEN
  ASSERT_TRUE(walk.spread());
  EXPECT_DOUBLE_EQ(walk.spread()->average, (10.0 * 1 + 25.0 * 3) / 4);
  EXPECT_EQ(walk.spread()->minimum, 10);
  EXPECT_EQ(walk.spread()->maximum, 40);
  EXPECT_EQ(walk.change(), 30.0);
  EXPECT_EQ(walk.samples(), 3U);
}

TEST(GaugeWalk, LeavesOutWhatLiesBetweenTheIntervals) {
  // GIVEN two cells of one second, each adding 5; 100 was freed between them
  TickLog log({kKey});
  log.add(0, {100}).add(1000, {105}).add(5000, {900}).add(9000, {5}).add(10'000, {10});

  // WHEN
  const GaugeWalk walk = level(log, interval(0, 1000), interval(9000, 10'000));

  // THEN
  EXPECT_DOUBLE_EQ(walk.spread()->average, (102.5 + 7.5) / 2);
  EXPECT_EQ(walk.spread()->minimum, 5);
  EXPECT_EQ(walk.spread()->maximum, 105);
  EXPECT_EQ(walk.change(), 10.0);
}

TEST(GaugeWalk, SkipsAbsentValues) {
  TickLog log({kKey});
  log.add(0, {kAbsent}).add(1000, {10}).add(2000, {kAbsent}).add(3000, {30}).add(4000, {kAbsent});
  const GaugeWalk walk = level(log, interval(0, 4000));
  EXPECT_EQ(walk.samples(), 2U);
  EXPECT_DOUBLE_EQ(walk.spread()->average, 20);
  EXPECT_EQ(walk.change(), 20.0);
}

TEST(GaugeWalk, NothingIsAbsent) {
  TickLog log({kKey});
  log.add(0, {kAbsent}).add(1000, {10});
  const GaugeWalk walk = level(log, interval(0, 500));
  EXPECT_FALSE(walk.spread());
  EXPECT_EQ(walk.change(), std::nullopt);
}

TEST(GaugeWalk, OneSampleIsALevelButNoChange) {
  TickLog log({kKey});
  log.add(0, {10}).add(1000, {20});
  const GaugeWalk walk = level(log, interval(0, 500), interval(600, 1500));
  ASSERT_TRUE(walk.spread());
  EXPECT_EQ(walk.spread()->average, 15);
  EXPECT_EQ(walk.spread()->minimum, 10);
  EXPECT_EQ(walk.spread()->maximum, 20);
  EXPECT_EQ(walk.change(), std::nullopt);
}

TEST(GaugeWalk, TheTimeOverARestartWeighsNothing) {
  // GIVEN a second at 10, an hour off, a second at 30
  TickLog log({kKey});
  log.add(0, {10}, TickKind::kStart).add(1000, {10}, TickKind::kStop);
  log.begin({kKey}).add(3'600'000, {30}, TickKind::kStart).add(3'601'000, {30});

  // THEN
  EXPECT_DOUBLE_EQ(level(log, interval(0, 3'601'000)).spread()->average, 20);
}

TEST(GaugeWalk, TheTimeOverARestartWeighsNothingWhereItsValueIsAbsent) {
  TickLog log({kKey});
  log.add(0, {10}, TickKind::kStart).add(1000, {10}, TickKind::kStop);
  log.begin({kKey})
      .add(3'600'000, {kAbsent}, TickKind::kStart)
      .add(3'601'000, {30})
      .add(3'602'000, {30});
  EXPECT_DOUBLE_EQ(level(log, interval(0, 3'602'000)).spread()->average, 20);
}

}  // namespace
}  // namespace jumper::analysis
