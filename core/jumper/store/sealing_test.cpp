// SPDX-License-Identifier: BSD-3-Clause
// Chunks are sealed as a store fills: nobody who reads may notice.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <limits>
#include <memory>
#include <random>
#include <thread>
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

// What a store was given, kept as it came.
class Log {
 public:
  void begin(const std::vector<SeriesKey>& series) {
    schema_ = std::make_shared<const metric::Schema>(series);
    store.begin(schema_);
  }
  void append(const metric::Tick& tick) {
    store.append(tick);
    rows_.push_back({tick.time_ns, tick.kind, {tick.values.begin(), tick.values.end()}, schema_});
  }
  [[nodiscard]] size_t size() const { return rows_.size(); }
  [[nodiscard]] int64_t time_ns(size_t row) const { return rows_[row].time_ns; }
  [[nodiscard]] TickKind kind(size_t row) const { return rows_[row].kind; }
  [[nodiscard]] double value(const SeriesKey& key, size_t row) const {
    const auto column = rows_[row].schema->find(key);
    return column ? rows_[row].values[*column] : metric::kAbsent;
  }

  Store store;

 private:
  struct Row {
    int64_t time_ns;
    TickKind kind;
    std::vector<double> values;
    std::shared_ptr<const metric::Schema> schema;
  };
  std::vector<Row> rows_;
  std::shared_ptr<const metric::Schema> schema_;
};

bool same(double left, double right) {
  return std::bit_cast<uint64_t>(left) == std::bit_cast<uint64_t>(right) ||
         (metric::is_absent(left) && metric::is_absent(right));
}

// Compares parts of the snapshot, and returns how many values it saw.
size_t expect_part(const Log& log, const Snapshot& snapshot, const SeriesKey& key, RowRange range) {
  size_t next = range.begin;
  size_t wrong = 0;
  size_t seen = 0;
  snapshot.for_each_part(key, range, [&](const Snapshot::Part& part) {
    wrong += part.first_row == next ? 0 : 1;
    wrong += part.times_ns.size() == part.kinds.size() && part.keeps_every == 1 ? 0 : 1;
    for (size_t i = 0; i < part.times_ns.size(); ++i, ++next) {
      wrong += part.times_ns[i] == log.time_ns(next) && part.kinds[i] == log.kind(next) ? 0 : 1;
      wrong += same(part.values.empty() ? metric::kAbsent : part.values[i], log.value(key, next))
                   ? 0
                   : 1;
      seen += part.values.empty() ? 0 : 1;
    }
  });
  EXPECT_EQ(wrong, 0U) << range.begin << " to " << range.end;
  EXPECT_EQ(next, range.end);
  return seen;
}

void expect_same(const Log& log) {
  const Snapshot snapshot = log.store.snapshot();
  ASSERT_EQ(snapshot.rows(), log.size());
  for (const SeriesKey& key : snapshot.series()) expect_part(log, snapshot, key, {0, log.size()});
  std::mt19937_64 random(1);
  const std::vector<SeriesKey> keys = snapshot.series();
  for (int i = 0; i < 200; ++i) {
    const size_t from = random() % log.size();
    const size_t to =
        from + random() % std::min<size_t>(log.size() - from + 1, i % 2 == 0 ? 100 : 10'000);
    const SeriesKey& key = keys[random() % keys.size()];
    expect_part(log, snapshot, key, {from, to});

    const size_t row = random() % log.size();
    EXPECT_EQ(snapshot.time_ns(row), log.time_ns(row));
    EXPECT_EQ(snapshot.kind(row), log.kind(row));
    EXPECT_EQ(snapshot.value(key, row), metric::maybe(log.value(key, row)));
    EXPECT_EQ(snapshot.lower_bound(log.time_ns(row)), row);
    EXPECT_EQ(snapshot.upper_bound(log.time_ns(row)), row + 1);
    EXPECT_EQ(snapshot.upper_bound(log.time_ns(row) - 1), row);
  }
}

TEST(Sealing, KeepsANotebooksTicks) {
  for (const bool has_curves : {false, true}) {
    // GIVEN
    NotebookSession session({.has_curves = has_curves});
    Log log;
    const auto schema = NotebookSession::schema();
    log.begin({schema->series().begin(), schema->series().end()});

    // WHEN
    for (size_t row = 0; row < 3 * kRows + 100; ++row) log.append(session.next());

    // THEN
    EXPECT_EQ(log.store.usage().chunks, 3U);
    expect_same(log);
  }
}

TEST(Sealing, KeepsAnythingElse) {
  // GIVEN series of all sorts, absent in their own way each, at times that jump
  const std::vector<SeriesKey> series = {
      series_of(Metric::kCpuTime),      series_of(Metric::kMemory),
      series_of(Metric::kProcesses),    series_of(Metric::kIoReadBytes),
      series_of(Metric::kIoWriteBytes), series_of(Metric::kMemory, Scope::kSystem)};
  std::mt19937_64 random(3);
  Log log;
  log.begin(series);
  int64_t time_ns = 0;
  std::vector<double> values(series.size(), 0);

  // WHEN
  for (size_t row = 0; row < 2 * kRows + 5; ++row) {
    time_ns += static_cast<int64_t>(random() % 50 == 0 ? 1 + (random() >> 12)
                                                       : 1 + random() % 200'000'000);
    values[0] = random() % 2 == 0 ? metric::kAbsent : static_cast<double>(random() % 10);
    values[1] = row % 10 == 5 ? std::bit_cast<double>(random() >> 2) : metric::kAbsent;
    values[2] = metric::kAbsent;
    values[3] = row < 70 || row > kRows + 3 ? static_cast<double>(row) / 1000 : metric::kAbsent;
    values[4] = row == kRows - 1 ? 1 : metric::kAbsent;
    values[5] += row % 3 == 0 ? 4096 : 0;
    log.append({time_ns, static_cast<TickKind>(random() % 5), values});
  }

  // THEN
  expect_same(log);
}

TEST(Sealing, TimesMayJumpOverAllThereAre) {
  Log log;
  log.begin({series_of(Metric::kMemory)});
  constexpr int64_t kLast = std::numeric_limits<int64_t>::max();
  for (const int64_t time_ns : {int64_t{0}, int64_t{1}, kLast - 1, kLast})
    log.append({time_ns, TickKind::kPeriodic, std::array{1.0}});
  log.begin({series_of(Metric::kProcesses)});
  const Snapshot snapshot = log.store.snapshot();
  for (size_t row = 0; row < 4; ++row) EXPECT_EQ(snapshot.time_ns(row), log.time_ns(row));
  EXPECT_EQ(snapshot.lower_bound(2), 2U);
  EXPECT_EQ(snapshot.upper_bound(kLast - 1), 3U);
  EXPECT_EQ(snapshot.upper_bound(kLast), 4U);
}

TEST(Sealing, AnotherSchemaSealsWhatThereIs) {
  // GIVEN
  Log log;
  log.begin({series_of(Metric::kCpuTime)});
  for (int64_t i = 0; i < 70; ++i)
    log.append({i, TickKind::kPeriodic, std::array{static_cast<double>(i)}});
  EXPECT_EQ(log.store.usage().chunks, 0U);

  // WHEN
  log.begin({series_of(Metric::kMemory), series_of(Metric::kCpuTime)});

  // THEN
  EXPECT_EQ(log.store.usage().chunks, 1U);
  EXPECT_EQ(log.store.usage().open_bytes, 0U);
  log.append({100, TickKind::kStart, std::array{1.0, 2.0}});
  expect_same(log);
}

TEST(Sealing, AnotherStartWithTheSameSeriesGoesOnInTheSameChunk) {
  // GIVEN a monitor that is started and stopped again and again
  Log log;
  for (int64_t i = 0; i < 100; ++i) {
    log.begin({series_of(Metric::kCpuTime)});
    log.append({10 * i, TickKind::kStart, std::array{static_cast<double>(i)}});
    log.append({10 * i + 5, TickKind::kStop, std::array{static_cast<double>(i)}});
  }

  // THEN
  EXPECT_EQ(log.store.usage().chunks, 0U);
  expect_same(log);
}

TEST(Sealing, FreesTheRowsOnceNoSnapshotHoldsThem) {
  // GIVEN a snapshot of a chunk that is full but for one row
  Log log;
  log.begin({series_of(Metric::kCpuTime)});
  const auto append = [&](size_t rows) {
    for (size_t i = 0; i < rows; ++i) {
      log.append({static_cast<int64_t>(log.size()), TickKind::kPeriodic,
                  std::array{static_cast<double>(log.size() * log.size())}});
    }
  };
  append(kRows - 1);
  std::optional<Snapshot> snapshot = log.store.snapshot();
  const std::weak_ptr<const Chunk> rows = snapshot->open();

  // WHEN it is sealed
  append(10);

  // THEN the snapshot still reads the rows, and they go with it
  EXPECT_FALSE(rows.expired());
  EXPECT_EQ(snapshot->sealed().size(), 0U);
  EXPECT_EQ(expect_part(log, *snapshot, series_of(Metric::kCpuTime), {0, kRows - 1}), kRows - 1);
  snapshot.reset();
  EXPECT_TRUE(rows.expired());
  EXPECT_EQ(log.store.snapshot().sealed().size(), 1U);
}

TEST(Sealing, StaysUnder60BytesPerTick) {
  for (const bool has_curves : {false, true}) {
    // GIVEN 40 series, as a notebook makes them
    NotebookSession session({.has_curves = has_curves});
    Store store;
    store.begin(NotebookSession::schema());

    // WHEN
    for (size_t row = 0; row < 10 * kRows; ++row) store.append(session.next());

    // THEN
    EXPECT_EQ(NotebookSession::schema()->size(), 40U);
    EXPECT_LT(store.usage().bytes, 60 * 10 * kRows);
    EXPECT_GT(store.usage().bytes, 10 * 10 * kRows) << "it is not all counted";
  }
}

TEST(Sealing, ManyChunksAreFoundByRowAndTime) {
  // GIVEN short chunks, over several pages of the list
  Log log;
  std::mt19937_64 random(5);
  int64_t time_ns = 0;
  for (size_t i = 0; i < 300; ++i) {
    log.begin({series_of(i % 2 == 0 ? Metric::kCpuTime : Metric::kMemory)});
    const size_t rows = 1 + random() % 9;
    for (size_t row = 0; row < rows; ++row)
      log.append({time_ns += 10, TickKind::kPeriodic, std::array{static_cast<double>(i)}});
  }

  // THEN
  EXPECT_EQ(log.store.usage().chunks, 299U);
  expect_same(log);
  const Snapshot snapshot = log.store.snapshot();
  for (size_t row = 0; row < log.size(); ++row) {
    ASSERT_EQ(snapshot.time_ns(row), log.time_ns(row));
    ASSERT_EQ(snapshot.lower_bound(log.time_ns(row)), row);
    ASSERT_EQ(snapshot.lower_bound(log.time_ns(row) + 1), row + 1);
  }
}

TEST(Sealing, WhileOthersRead) {
  // GIVEN a writer that seals, with a change of series in between, and thins as memory runs short
  Store store({size_t{200'000}});
  std::atomic<bool> done = false;
  std::thread writer([&] {
    const std::vector<SeriesKey> series = {series_of(Metric::kCpuTime), series_of(Metric::kMemory)};
    std::mt19937_64 random(9);
    double total = 0;
    for (int64_t row = 0; row < static_cast<int64_t>(20 * kRows); ++row) {
      if (row % 10'000 == 0) {
        store.begin(std::make_shared<const metric::Schema>(
            row % 20'000 == 0 ? series : std::vector(series.rbegin(), series.rend())));
      }
      total += static_cast<double>(random() % 1'000'000);
      const bool swapped = row % 20'000 >= 10'000;
      const std::array values = {swapped ? -static_cast<double>(row) : total,
                                 swapped ? total : -static_cast<double>(row)};
      store.append({row, row % 1000 == 0 ? TickKind::kCellStart : TickKind::kPeriodic, values});
    }
    done = true;
  });

  // WHEN two readers look at snapshots, new ones and old ones
  std::atomic<size_t> wrong = 0;
  const auto read = [&] {
    Snapshot kept = store.snapshot();
    const auto look = [&](const Snapshot& snapshot) {
      size_t rows = 0;
      snapshot.for_each_part(series_of(Metric::kMemory), {0, snapshot.rows()},
                             [&](const Snapshot::Part& part) {
                               for (size_t i = 0; i < part.values.size(); ++i) {
                                 if (part.values[i] != -static_cast<double>(part.times_ns[i]))
                                   ++wrong;
                               }
                               rows += part.times_ns.size();
                             });
      if (rows != snapshot.rows()) ++wrong;
      if (rows > 0 && snapshot.lower_bound(snapshot.time_ns(rows - 1)) != rows - 1) ++wrong;
    };
    for (size_t round = 0; !done || round < 3; ++round) {
      const Snapshot snapshot = store.snapshot();
      look(snapshot);
      look(kept);
      if (store.usage().bytes > 1'000'000) ++wrong;
      if (round % 8 == 0) kept = snapshot;
    }
  };
  std::thread other(read);
  read();
  other.join();
  writer.join();

  // THEN
  EXPECT_EQ(wrong, 0U);
  EXPECT_GT(store.usage().thinned_chunks, 0U);
}

}  // namespace
}  // namespace jumper::store
