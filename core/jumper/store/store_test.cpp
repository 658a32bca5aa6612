// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/store/store.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "testing/ticks.h"

namespace jumper::store {
namespace {

using jumper::testing::series_of;
using metric::Metric;
using metric::Scope;
using metric::SeriesKey;
using metric::TickKind;

const SeriesKey kCpu = series_of(Metric::kCpuTime);
const SeriesKey kMemory = series_of(Metric::kMemory);
constexpr size_t kRows = Chunk::kRows;

std::shared_ptr<const metric::Schema> schema_of(std::vector<SeriesKey> series) {
  return std::make_shared<const metric::Schema>(std::move(series));
}

// Row `row` is at 10 * row + 10 and has the values row and -row.
void append_rows(Store& store, size_t from, size_t to) {
  for (size_t row = from; row < to; ++row) {
    const auto value = static_cast<double>(row);
    const std::array values = {value, -value};
    store.append({static_cast<int64_t>(10 * row + 10), TickKind::kPeriodic, values});
  }
}

std::unique_ptr<Store> store_of(size_t rows) {
  auto store = std::make_unique<Store>();
  store->begin(schema_of({kCpu, kMemory}));
  append_rows(*store, 0, rows);
  return store;
}

TEST(Store, IsEmptyAtFirst) {
  // GIVEN
  Store store;

  // THEN
  EXPECT_TRUE(store.snapshot().empty());
  EXPECT_EQ(store.snapshot().rows(), 0U);
  EXPECT_EQ(store.snapshot().lower_bound(0), 0U);
  EXPECT_EQ(store.snapshot().upper_bound(0), 0U);
  EXPECT_TRUE(store.snapshot().series().empty());

  // WHEN a schema is there, but no row yet
  store.begin(schema_of({kCpu}));

  // THEN
  EXPECT_TRUE(store.snapshot().empty());
  EXPECT_TRUE(store.snapshot().series().empty());
}

TEST(Store, KeepsWhatATickCarries) {
  // GIVEN
  Store store;
  store.begin(schema_of({kCpu, kMemory}));

  // WHEN
  store.append({5, TickKind::kStart, std::array{1.5, 2.5}});
  store.append({7, TickKind::kCellEnd, std::array{metric::kAbsent, 0.0}});

  // THEN
  const Snapshot snapshot = store.snapshot();
  ASSERT_EQ(snapshot.rows(), 2U);
  EXPECT_EQ(snapshot.time_ns(0), 5);
  EXPECT_EQ(snapshot.kind(0), TickKind::kStart);
  EXPECT_EQ(snapshot.value(kCpu, 0), 1.5);
  EXPECT_EQ(snapshot.value(kMemory, 0), 2.5);
  EXPECT_EQ(snapshot.time_ns(1), 7);
  EXPECT_EQ(snapshot.kind(1), TickKind::kCellEnd);
  EXPECT_EQ(snapshot.value(kCpu, 1), std::nullopt);
  EXPECT_EQ(snapshot.value(kMemory, 1), 0.0);
  EXPECT_EQ(snapshot.value(series_of(Metric::kProcesses), 1), std::nullopt);
}

TEST(Store, RowsGoOnOverChunks) {
  for (const size_t rows : {kRows - 1, kRows, kRows + 1, 3 * kRows + 17}) {
    // GIVEN
    const auto store = store_of(rows);

    // WHEN
    const Snapshot snapshot = store->snapshot();

    // THEN
    ASSERT_EQ(snapshot.rows(), rows);
    for (const size_t row : {size_t{0}, kRows - 2, kRows - 1, kRows, kRows + 1, rows - 1}) {
      if (row >= rows) continue;
      EXPECT_EQ(snapshot.time_ns(row), static_cast<int64_t>(10 * row + 10));
      EXPECT_EQ(snapshot.value(kCpu, row), static_cast<double>(row));
      EXPECT_EQ(snapshot.value(kMemory, row), -static_cast<double>(row));
    }
  }
}

TEST(Store, ATickWithFewerValuesLeavesTheRestAbsent) {
  // GIVEN
  Store store;
  store.begin(schema_of({kCpu, kMemory}));

  // WHEN
  store.append({1, TickKind::kPeriodic, std::array{1.0}});
  store.append({2, TickKind::kPeriodic, std::array{1.0, 2.0, 3.0}});

  // THEN
  EXPECT_EQ(store.snapshot().value(kMemory, 0), std::nullopt);
  EXPECT_EQ(store.snapshot().value(kMemory, 1), 2.0);
}

TEST(Store, TheSchemaMayChangeInMidStream) {
  // GIVEN a schema, and another one in the middle of the first chunk
  const SeriesKey cpu_1 = series_of(Metric::kCpuTime, Scope::kSystem, 1);
  Store store;
  store.begin(schema_of({kCpu}));
  store.append({10, TickKind::kStart, std::array{1.0}});
  store.append({20, TickKind::kStop, std::array{2.0}});

  // WHEN
  store.begin(schema_of({kMemory, cpu_1}));  // and nothing is sampled
  store.begin(schema_of({kMemory, kCpu, cpu_1}));
  store.append({30, TickKind::kStart, std::array{30.0, 3.0, 300.0}});

  // THEN
  const Snapshot snapshot = store.snapshot();
  ASSERT_EQ(snapshot.rows(), 3U);
  EXPECT_EQ(snapshot.value(kCpu, 1), 2.0);
  EXPECT_EQ(snapshot.value(kCpu, 2), 3.0);
  EXPECT_EQ(snapshot.value(kMemory, 1), std::nullopt);
  EXPECT_EQ(snapshot.value(kMemory, 2), 30.0);
  EXPECT_EQ(snapshot.value(cpu_1, 2), 300.0);
  EXPECT_EQ(snapshot.series(), (std::vector<SeriesKey>{kCpu, kMemory, cpu_1}));
}

TEST(Snapshot, DoesNotChangeWhenTheStoreDoes) {
  // GIVEN
  Store store;
  store.begin(schema_of({kCpu, kMemory}));
  append_rows(store, 0, 100);
  const Snapshot before = store.snapshot();

  // WHEN
  append_rows(store, 100, 2 * kRows);

  // THEN
  EXPECT_EQ(before.rows(), 100U);
  EXPECT_EQ(before.upper_bound(1'000'000), 100U);
  size_t seen = 0;
  before.for_each_part(kCpu, {0, before.rows()},
                       [&](const auto& part) { seen += part.values.size(); });
  EXPECT_EQ(seen, 100U);
  EXPECT_EQ(store.snapshot().rows(), 2 * kRows);
}

TEST(Snapshot, OutlivesItsStore) {
  // GIVEN
  auto store = store_of(kRows + 5);
  const Snapshot snapshot = store->snapshot();

  // WHEN
  store.reset();

  // THEN
  EXPECT_EQ(snapshot.value(kCpu, kRows + 4), static_cast<double>(kRows + 4));
}

TEST(Snapshot, FindsRowsByTimeAtTheEdgesOfChunks) {
  // GIVEN times 10, 20, ... over three chunks
  const size_t rows = 2 * kRows + 3;
  const Snapshot snapshot = store_of(rows)->snapshot();

  // THEN
  for (const size_t row :
       {size_t{0}, size_t{1}, kRows - 1, kRows, kRows + 1, 2 * kRows - 1, 2 * kRows, rows - 1}) {
    const int64_t time_ns = snapshot.time_ns(row);
    EXPECT_EQ(snapshot.lower_bound(time_ns - 1), row);
    EXPECT_EQ(snapshot.lower_bound(time_ns), row);
    EXPECT_EQ(snapshot.lower_bound(time_ns + 1), row + 1);
    EXPECT_EQ(snapshot.upper_bound(time_ns - 1), row);
    EXPECT_EQ(snapshot.upper_bound(time_ns), row + 1);
  }
  EXPECT_EQ(snapshot.lower_bound(std::numeric_limits<int64_t>::min()), 0U);
  EXPECT_EQ(snapshot.lower_bound(std::numeric_limits<int64_t>::max()), rows);
  EXPECT_EQ(snapshot.upper_bound(std::numeric_limits<int64_t>::max()), rows);
}

TEST(Snapshot, FindsRowsAfterAShortChunk) {
  // GIVEN a chunk of two rows, then one of another schema
  jumper::testing::TickLog log({kCpu});
  log.add(1, {1}).add(2, {2}).begin({kCpu, kMemory}).add(3, {3, 3}).add(4, {4, 4});
  const Snapshot snapshot = log.snapshot();

  // THEN
  EXPECT_EQ(snapshot.lower_bound(2'000'001), 2U);
  EXPECT_EQ(snapshot.upper_bound(3'000'000), 3U);
  EXPECT_EQ(snapshot.rows_between(2'000'000, 3'000'000), (RowRange{1, 3}));
}

TEST(Snapshot, RowsBetweenIncludesBothEnds) {
  const Snapshot snapshot = store_of(5)->snapshot();  // 10 ... 50
  EXPECT_EQ(snapshot.rows_between(20, 40), (RowRange{1, 4}));
  EXPECT_EQ(snapshot.rows_between(21, 39), (RowRange{2, 3}));
  EXPECT_EQ(snapshot.rows_between(21, 29).size(), 0U);
  EXPECT_EQ(snapshot.rows_between(0, 5).size(), 0U);
  EXPECT_EQ(snapshot.rows_between(60, 70).size(), 0U);
  EXPECT_EQ(snapshot.rows_between(0, std::numeric_limits<int64_t>::max()).size(), 5U);
}

TEST(Snapshot, NothingLiesBetweenReversedTimes) {
  const RowRange rows = store_of(5)->snapshot().rows_between(40, 20);
  EXPECT_TRUE(rows.empty());
  EXPECT_EQ(rows.size(), 0U);
}

TEST(Snapshot, PartsCoverARangeInOrder) {
  // GIVEN
  const Snapshot snapshot = store_of(2 * kRows + 10)->snapshot();

  // WHEN
  size_t next = kRows - 3;
  size_t parts = 0;
  snapshot.for_each_part(kMemory, {kRows - 3, 2 * kRows + 4}, [&](const Snapshot::Part& part) {
    ASSERT_EQ(part.first_row, next);
    ASSERT_EQ(part.values.size(), part.times_ns.size());
    ASSERT_EQ(part.kinds.size(), part.times_ns.size());
    for (size_t i = 0; i < part.values.size(); ++i, ++next) {
      ASSERT_EQ(part.values[i], -static_cast<double>(next));
      ASSERT_EQ(part.times_ns[i], snapshot.time_ns(next));
    }
    ++parts;
  });

  // THEN
  EXPECT_EQ(next, 2 * kRows + 4);
  EXPECT_EQ(parts, 3U);
}

TEST(Snapshot, APartWithoutTheSeriesHasItsTimesOnly) {
  // GIVEN
  jumper::testing::TickLog log({kCpu});
  log.add(1, {1}).begin({kMemory}).add(2, {2});

  // WHEN
  std::vector<size_t> values;
  std::vector<size_t> times;
  const Snapshot snapshot = log.snapshot();
  snapshot.for_each_part(kMemory, {0, 2}, [&](const Snapshot::Part& part) {
    values.push_back(part.values.size());
    times.push_back(part.times_ns.size());
  });

  // THEN
  EXPECT_EQ(values, (std::vector<size_t>{0, 1}));
  EXPECT_EQ(times, (std::vector<size_t>{1, 1}));
}

TEST(Snapshot, StaysTheSameWhileAnotherThreadAppends) {
  // GIVEN a writer that fills three chunks, with a change of schema in between
  constexpr size_t kLast = 3 * kRows;
  Store store;
  store.begin(schema_of({kCpu, kMemory}));
  append_rows(store, 0, 1);
  std::atomic<bool> go = false;
  std::thread writer([&] {
    while (!go) std::this_thread::yield();
    append_rows(store, 1, kRows + 100);
    store.begin(schema_of({kCpu, kMemory}));
    append_rows(store, kRows + 100, kLast);
  });

  // WHEN readers take snapshots meanwhile, and look at each of them more than once
  size_t wrong = 0;
  const auto look = [&](const Snapshot& snapshot, size_t rows) {
    if (snapshot.rows() != rows) ++wrong;
    size_t next = 0;
    snapshot.for_each_part(kMemory, {0, rows}, [&](const Snapshot::Part& part) {
      for (size_t i = 0; i < part.values.size(); ++i, ++next) {
        if (part.values[i] != -static_cast<double>(next)) ++wrong;
        if (part.times_ns[i] != static_cast<int64_t>(10 * next + 10)) ++wrong;
      }
    });
    if (next != rows) ++wrong;
  };
  const Snapshot first = store.snapshot();
  go = true;
  size_t rows = 0;
  while (rows < kLast) {
    const Snapshot snapshot = store.snapshot();
    if (snapshot.rows() < rows) ++wrong;
    rows = snapshot.rows();
    look(snapshot, rows);
    look(first, 1);
  }
  writer.join();

  // THEN
  EXPECT_EQ(wrong, 0U);
}

}  // namespace
}  // namespace jumper::store
