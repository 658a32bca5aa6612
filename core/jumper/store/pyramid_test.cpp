// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/store/pyramid.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <memory>
#include <random>
#include <span>
#include <vector>

#include "jumper/store/store.h"
#include "testing/notebook_session.h"
#include "testing/ticks.h"

namespace jumper::store {
namespace {

using jumper::testing::NotebookSession;
using jumper::testing::series_of;
using metric::Metric;
using metric::Scope;
using metric::SeriesKey;
using metric::TickKind;

constexpr size_t kRows = Chunk::kRows;
const SeriesKey kCounter = series_of(Metric::kCpuTime);
const SeriesKey kGauge = series_of(Metric::kMemory);

struct Sample {
  int64_t time_ns;
  TickKind kind;
  double value;
};

// A store beside the samples of one of its series, as they came.
class Recording {
 public:
  Recording(SeriesKey key, std::shared_ptr<const metric::Schema> schema)
      : key_(key), schema_(std::move(schema)) {
    store.begin(schema_);
  }
  explicit Recording(SeriesKey key)
      : Recording(key, std::make_shared<const metric::Schema>(std::vector{key})) {}

  void add(const metric::Tick& tick) {
    store.append(tick);
    samples.push_back({tick.time_ns, tick.kind, tick.values[*schema_->find(key_)]});
  }
  void add(int64_t time_ns, double value, TickKind kind = TickKind::kPeriodic) {
    add({time_ns, kind, std::array{value}});
  }

  [[nodiscard]] std::vector<Bucket> buckets(int64_t from_ns, int64_t to_ns, size_t count) const {
    return store::buckets(store.snapshot(), key_, from_ns, to_ns, count);
  }
  // The same from every single sample: those before to_ns, or up to it.
  [[nodiscard]] Bucket scan(int64_t from_ns, int64_t to_ns, bool includes_end) const;

  Store store;
  std::vector<Sample> samples;

 private:
  SeriesKey key_;
  std::shared_ptr<const metric::Schema> schema_;
};

Bucket Recording::scan(int64_t from_ns, int64_t to_ns, bool includes_end) const {
  Stats stats;
  Sample before{0, TickKind::kStart, metric::kAbsent};  // of no value, until there is one
  // From the last one before the range that has a value, or the start.
  auto first = std::ranges::lower_bound(samples, from_ns, {}, &Sample::time_ns);
  while (first != samples.begin()) {
    --first;
    if (first->kind == TickKind::kStart || !metric::is_absent(first->value)) break;
  }
  for (const Sample& sample : std::span(first, samples.end())) {
    if (sample.time_ns > to_ns) break;
    if (sample.kind == TickKind::kStart) before.value = metric::kAbsent;
    if (metric::is_absent(sample.value)) continue;
    if (sample.time_ns >= from_ns &&
        (sample.time_ns < to_ns || (includes_end && sample.time_ns == to_ns))) {
      if (metric::info(key_.metric).kind == metric::Kind::kGauge) {
        stats.add(sample.value, 1);
      } else if (sample.value >= before.value) {
        const auto time_ns = static_cast<double>(sample.time_ns - before.time_ns);
        stats.add((sample.value - before.value) / time_ns, time_ns);
      }
    }
    before = sample;
  }
  if (stats.samples == 0) return {from_ns, to_ns};
  return {from_ns, to_ns, stats.minimum, stats.maximum, stats.mean(), stats.samples};
}

bool is_near(double left, double right, double relative) {
  if (std::isnan(left) || std::isnan(right)) return std::isnan(left) && std::isnan(right);
  return std::abs(left - right) <= relative * std::max(std::abs(left), std::abs(right));
}

// Each bucket says what a scan over its own stretch of time says.
void expect_like_scan(const Recording& recording, int64_t from_ns, int64_t to_ns, size_t count,
                      double relative) {
  SCOPED_TRACE(std::to_string(from_ns) + " to " + std::to_string(to_ns) + " in " +
               std::to_string(count));
  const std::vector<Bucket> buckets = recording.buckets(from_ns, to_ns, count);
  ASSERT_EQ(buckets.size(), count);
  EXPECT_EQ(buckets.front().from_ns, from_ns);
  EXPECT_EQ(buckets.back().to_ns, to_ns);
  for (size_t i = 0; i < count; ++i) {
    const Bucket& bucket = buckets[i];
    const Bucket scanned = recording.scan(bucket.from_ns, bucket.to_ns, i + 1 == count);
    if (i > 0) {
      ASSERT_EQ(bucket.from_ns, buckets[i - 1].to_ns);
    }
    ASSERT_EQ(bucket.samples, scanned.samples) << i;
    ASSERT_TRUE(is_near(bucket.minimum, scanned.minimum, relative))
        << i << ": " << bucket.minimum << " " << scanned.minimum;
    ASSERT_TRUE(is_near(bucket.maximum, scanned.maximum, relative))
        << i << ": " << bucket.maximum << " " << scanned.maximum;
    ASSERT_TRUE(is_near(bucket.mean, scanned.mean, std::max(relative, 1e-12)))
        << i << ": " << bucket.mean << " " << scanned.mean;
  }
}

constexpr double kExact = 0;
constexpr double kFloat = 3e-7;

TEST(Buckets, OfAShortRangeAreExact) {
  for (const SeriesKey& key : {kCounter, kGauge}) {
    // GIVEN two and a half chunks
    NotebookSession session;
    Recording recording(key, NotebookSession::schema());
    for (size_t row = 0; row < 5 * kRows / 2; ++row) recording.add(session.next());

    // THEN 1,000 rows are seen one by one, in one chunk, over an edge of two, and in the open one
    for (const size_t row : {size_t{100}, kRows - 500, kRows + 1, 2 * kRows - 7, 2 * kRows + 1}) {
      for (const size_t count : {1U, 7U, 100U, 999U, 5'000U}) {
        // In one bucket there are whole blocks, which have the precision of a float.
        expect_like_scan(recording, recording.samples[row].time_ns,
                         recording.samples[row + 1'000].time_ns, count,
                         count < 100 ? kFloat : kExact);
      }
    }
  }
}

TEST(Buckets, OfALongRangeSayWhatTheirStretchOfTimeDid) {
  for (const bool has_curves : {false, true}) {
    for (const SeriesKey& key : {kCounter, kGauge, series_of(Metric::kCpuTime, Scope::kSystem),
                                 series_of(Metric::kMemory, Scope::kUser)}) {
      // GIVEN
      NotebookSession session({.has_curves = has_curves});
      Recording recording(key, NotebookSession::schema());
      for (size_t row = 0; row < 8 * kRows + 1'000; ++row) recording.add(session.next());

      // THEN
      const int64_t first_ns = recording.samples.front().time_ns;
      const int64_t last_ns = recording.samples.back().time_ns;
      for (const size_t count : {1U, 3U, 19U, 64U, 150U})
        expect_like_scan(recording, first_ns, last_ns, count, kFloat);
      expect_like_scan(recording, first_ns + 12'345'678'901, last_ns - 98'765'432'109, 97, kFloat);
      expect_like_scan(recording, first_ns - 98'765'432'109, last_ns + 98'765'432'109, 97, kFloat);
    }
  }
}

TEST(Buckets, MoveTheirEdgesByLessThanHalfTheirLength) {
  // GIVEN
  Recording recording(kGauge);
  for (int64_t row = 0; row < static_cast<int64_t>(10 * kRows); ++row)
    recording.add(10 * row, static_cast<double>(row % 1'000));

  // WHEN buckets of 409.6 rows are asked for
  const int64_t last_ns = recording.samples.back().time_ns;
  const std::vector<Bucket> buckets = recording.buckets(0, last_ns, 100);

  // THEN they are whole blocks
  size_t moved = 0;
  for (size_t i = 1; i < buckets.size(); ++i) {
    const auto wanted = static_cast<double>(last_ns) / 100 * static_cast<double>(i);
    EXPECT_LE(std::abs(static_cast<double>(buckets[i].from_ns) - wanted), 33 * 10);
    EXPECT_EQ(buckets[i].samples % 64, 0U) << i;
    moved += static_cast<double>(buckets[i].from_ns) == wanted ? 0 : 1;
  }
  EXPECT_GT(moved, 50U);
  EXPECT_EQ(buckets.front().from_ns, 0);
  EXPECT_EQ(buckets.back().to_ns, last_ns);
}

TEST(Buckets, RatesReachOverTheEdgesOfChunks) {
  // GIVEN a counter that is read at the end of one chunk, and not again before the midst of the
  // next
  Recording recording(kCounter);
  for (size_t row = 0; row < 3 * kRows; ++row) {
    const bool is_read = row < kRows || row >= kRows + 2'000;
    recording.add(static_cast<int64_t>(row),
                  is_read ? static_cast<double>(7 * row) : metric::kAbsent);
  }

  // THEN no change is lost
  const std::vector<Bucket> all = recording.buckets(0, 3 * kRows, 1);
  EXPECT_EQ(all[0].samples, 3 * kRows - 2'001);
  EXPECT_FLOAT_EQ(static_cast<float>(all[0].mean), 7);
  EXPECT_FLOAT_EQ(static_cast<float>(all[0].minimum), 7);
  expect_like_scan(recording, 0, 3 * kRows, 30, kFloat);
}

TEST(Buckets, NoRateReachesOverARestartOrAReset) {
  std::mt19937_64 random(11);
  for (const bool is_read_at_start : {true, false}) {
    // GIVEN a counter that is reset, and a monitor that is restarted, at times in the same moment
    Recording recording(kCounter);
    double total = 0;
    int64_t time_ns = 0;
    for (size_t row = 0; row < 3 * kRows; ++row) {
      time_ns += 1 + static_cast<int64_t>(random() % 100);
      total += static_cast<double>(random() % 1'000);
      if (random() % 700 == 0) total = 0;
      const bool is_start = row == 0 || random() % 900 == 0 || row == kRows || row == 2 * kRows - 1;
      const double value = is_start && !is_read_at_start ? metric::kAbsent : total;
      recording.add(time_ns, value, is_start ? TickKind::kStart : TickKind::kPeriodic);
    }

    // THEN
    for (const size_t count : {1U, 5U, 50U}) expect_like_scan(recording, 0, time_ns, count, kFloat);
    expect_like_scan(recording, 0, time_ns, 5'000, kExact);
  }
}

TEST(Buckets, OfSeriesThatComeAndGo) {
  // GIVEN the counter in three schemas of four, in another place each time
  const SeriesKey other = series_of(Metric::kProcesses);
  const std::vector<std::vector<SeriesKey>> schemas = {
      {kCounter}, {other, kCounter}, {other}, {other, kGauge, kCounter}};
  Recording recording(kCounter);
  int64_t time_ns = 0;
  for (const auto& series : schemas) {
    const metric::Schema schema(series);
    recording.store.begin(std::make_shared<const metric::Schema>(series));
    for (size_t row = 0; row < 500; ++row) {
      time_ns += 10;
      std::vector<double> values(series.size(), -1);
      const auto column = schema.find(kCounter);
      if (column) values[*column] = static_cast<double>(3 * time_ns);
      recording.store.append({time_ns, TickKind::kPeriodic, values});
      recording.samples.push_back(
          {time_ns, TickKind::kPeriodic, column ? values[*column] : metric::kAbsent});
    }
  }

  // THEN: what a schema in between does not have is not known across it
  const std::vector<Bucket> buckets = recording.buckets(1, time_ns, 4);
  EXPECT_EQ(buckets[0].samples, 499U);
  EXPECT_EQ(buckets[1].samples, 500U);
  EXPECT_EQ(buckets[2].samples, 0U);
  EXPECT_TRUE(metric::is_absent(buckets[2].mean));
  EXPECT_EQ(buckets[3].samples, 499U);
  EXPECT_FLOAT_EQ(static_cast<float>(buckets[3].mean), 3);
}

TEST(Buckets, AreLikeAScanWhateverHappens) {
  std::mt19937_64 random(21);
  for (const SeriesKey& key : {kCounter, kGauge}) {
    for (int round = 0; round < 12; ++round) {
      // GIVEN samples at any distance, absent at times, of any size
      Recording recording(key);
      const size_t rows = 1 + random() % (4 * kRows);
      int64_t time_ns = 1'000;
      double total = 0;
      for (size_t row = 0; row < rows; ++row) {
        time_ns += 1 + static_cast<int64_t>(random() % (random() % 100 == 0 ? 1'000'000 : 1'000));
        total += random() % 3 == 0
                     ? 0
                     : static_cast<double>(random() % 10'000) / (round % 2 == 0 ? 1 : 3);
        if (random() % 2'000 == 0) total = -5;
        const bool is_absent = round % 3 == 0 && random() % 2 == 0;
        recording.add(
            time_ns, is_absent ? metric::kAbsent : total,
            random() % 500 == 0 ? static_cast<TickKind>(random() % 5) : TickKind::kPeriodic);
      }

      // THEN
      for (int i = 0; i < 12; ++i) {
        const auto any_time = [&] {
          return static_cast<int64_t>(random() % static_cast<uint64_t>(time_ns + 2'000));
        };
        const int64_t from_ns = any_time();
        const int64_t to_ns = from_ns + any_time();
        expect_like_scan(recording, from_ns, to_ns, 1 + random() % 60, kFloat);
      }
    }
  }
}

TEST(Buckets, NeedARangeAndACount) {
  Recording recording(kGauge);
  recording.add(10, 1);
  recording.add(20, 3);
  EXPECT_TRUE(recording.buckets(0, 100, 0).empty());
  EXPECT_TRUE(recording.buckets(100, 0, 5).empty());
  EXPECT_EQ(recording.buckets(20, 20, 1), (std::vector<Bucket>{{20, 20, 3, 3, 3, 1}}));
  EXPECT_EQ(recording.buckets(10, 20, 2),
            (std::vector<Bucket>{{10, 15, 1, 1, 1, 1}, {15, 20, 3, 3, 3, 1}}));
  EXPECT_EQ(recording.buckets(30, 40, 1)[0].samples, 0U);
  EXPECT_EQ(recording.buckets(0, 9, 1)[0].samples, 0U);
  EXPECT_EQ(buckets(Snapshot(), kGauge, 0, 100, 3).size(), 3U);
  EXPECT_EQ(buckets(recording.store.snapshot(), kCounter, 0, 100, 1)[0].samples, 0U);
}

TEST(Buckets, MayCoverAllTimeThereIs) {
  Recording recording(kGauge);
  for (int64_t row = 0; row < static_cast<int64_t>(kRows) + 10; ++row) recording.add(row, 5);
  const auto all = recording.buckets(std::numeric_limits<int64_t>::min(),
                                     std::numeric_limits<int64_t>::max(), 2);
  EXPECT_EQ(all[0].samples + all[1].samples, kRows + 10);
  EXPECT_EQ(all[1].maximum, 5);
}

TEST(Buckets, MoreOfThemThanNanoseconds) {
  Recording recording(kGauge);
  for (int64_t row = 0; row < 5; ++row) recording.add(row, static_cast<double>(row));
  const auto many = recording.buckets(0, 4, 100);
  ASSERT_EQ(many.size(), 100U);
  uint64_t samples = 0;
  for (const Bucket& bucket : many) samples += bucket.samples;
  EXPECT_EQ(samples, 5U);
}

}  // namespace
}  // namespace jumper::store
