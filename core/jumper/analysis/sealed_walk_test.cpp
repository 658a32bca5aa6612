// SPDX-License-Identifier: BSD-3-Clause
// Walks over sealed chunks, where whole runs are taken at once: they tell the same as step by step.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>
#include <vector>

#include "jumper/analysis/series_walk.h"
#include "jumper/store/chunk.h"
#include "testing/ticks.h"

namespace jumper::analysis {
namespace {

using jumper::testing::milliseconds;
using jumper::testing::series_of;
using jumper::testing::TickLog;
using metric::kAbsent;
using metric::Metric;
using metric::TickKind;

constexpr size_t kRows = 3 * store::Chunk::kRows + 500;
const metric::SeriesKey kCounter = series_of(Metric::kIoReadBytes);
const metric::SeriesKey kGauge = series_of(Metric::kProcesses);
const std::vector<metric::SeriesKey> kSeries = {series_of(Metric::kCpuTime),
                                                series_of(Metric::kMemory), kCounter, kGauge};

// Counters that are reset, absent or restarted in the second chunk, and grow in peace elsewhere.
store::Snapshot eventful_snapshot() {
  TickLog log(kSeries);
  std::mt19937_64 random(11);
  double counter = 1e15;
  for (size_t row = 0; row < kRows; ++row) {
    const bool in_peace = row / store::Chunk::kRows != 1;
    const uint64_t event = in_peace ? 99 : random() % 100;
    counter = event == 0 ? 0 : counter + static_cast<double>(random() % 4096);
    log.add(static_cast<int64_t>(row) * 100,
            {counter * 3, 1e9 + static_cast<double>(random() % 1000) * 4096,
             event == 1 ? kAbsent : counter, event == 2 ? kAbsent : static_cast<double>(event)},
            row == 0 || event == 3 ? TickKind::kStart : TickKind::kPeriodic);
  }
  return log.snapshot();
}

std::vector<Interval> some_intervals() {
  std::mt19937_64 random(5);
  std::vector<Interval> made = {{0, milliseconds(static_cast<int64_t>(kRows) * 100)}};
  for (int i = 0; i < 300; ++i) {
    const auto from = static_cast<int64_t>(random() % kRows);
    const auto length = static_cast<int64_t>(random() % (i % 5 == 0 ? 5000 : 200));
    made.push_back({milliseconds(from * 100), milliseconds((from + length) * 100)});
  }
  return made;
}

TEST(SealedWalk, TotalsAreTheSameAsStepByStep) {
  // GIVEN
  const store::Snapshot snapshot = eventful_snapshot();
  for (const Interval& interval : some_intervals()) {
    // WHEN
    const auto total = total_of(snapshot, kCounter, std::array{interval});

    // THEN
    CounterWalk walk(0);
    walk.add(snapshot, kCounter, interval);
    ASSERT_EQ(total.has_value(), walk.measured());
    if (total) {
      EXPECT_EQ(*total, walk.total());
    }
  }
}

TEST(SealedWalk, NothingIsCountedBetweenIntervals) {
  // GIVEN two intervals apart
  const store::Snapshot snapshot = eventful_snapshot();
  const std::array apart = {Interval{0, milliseconds(10'000)},
                            Interval{milliseconds(20'000), milliseconds(30'000)}};

  // WHEN
  const auto both = total_of(snapshot, kCounter, apart);

  // THEN
  const auto first = total_of(snapshot, kCounter, std::span(apart).first(1));
  const auto second = total_of(snapshot, kCounter, std::span(apart).last(1));
  ASSERT_TRUE(both && first && second);
  EXPECT_EQ(*both, *first + *second);
}

TEST(SealedWalk, TheHighestIsTheGaugesMaximum) {
  // GIVEN
  const store::Snapshot snapshot = eventful_snapshot();
  for (const Interval& interval : some_intervals()) {
    // WHEN
    HighestWalk highest;
    store::ColumnReader reader(snapshot, {kGauge});
    for_each_run(snapshot, reader, interval, [&] { highest.add(run_of(reader, 0)); });

    // THEN
    GaugeWalk gauge;
    gauge.add(snapshot, kGauge, interval);
    ASSERT_EQ(highest.highest().has_value(), gauge.spread().has_value());
    if (gauge.spread()) {
      EXPECT_EQ(*highest.highest(), gauge.spread()->maximum);
    }
  }
}

TEST(SealedWalk, ASummarizerTellsOfEachIntervalWhatANewOneWould) {
  // GIVEN one that is used for all, in no order
  const store::Snapshot snapshot = eventful_snapshot();
  Summarizer summarizer(snapshot, {});
  for (const Interval& interval : some_intervals()) {
    // WHEN
    const Summary summary = summarizer.summarize(std::array{interval});

    // THEN
    const Summary fresh = summarize(snapshot, std::array{interval}, {});
    EXPECT_EQ(summary.measured_ns, fresh.measured_ns);
    EXPECT_EQ(summary.samples, fresh.samples);
    EXPECT_EQ(summary.cpu_seconds, fresh.cpu_seconds);
    EXPECT_EQ(summary.memory_change_bytes, fresh.memory_change_bytes);
    EXPECT_EQ(summary.io_read_bytes, fresh.io_read_bytes);
    EXPECT_EQ(summary.most_processes, fresh.most_processes);
    ASSERT_EQ(summary.memory_bytes.has_value(), fresh.memory_bytes.has_value());
    if (fresh.memory_bytes) {
      EXPECT_EQ(summary.memory_bytes->average, fresh.memory_bytes->average);
    }
  }
}

}  // namespace
}  // namespace jumper::analysis
