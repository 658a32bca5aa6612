// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/store/column_reader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <random>
#include <vector>

#include "jumper/store/snapshot.h"
#include "jumper/store/store.h"
#include "testing/ticks.h"

namespace jumper::store {
namespace {

using jumper::testing::series_of;
using metric::Metric;
using metric::SeriesKey;
using metric::TickKind;

constexpr size_t kRows = Chunk::kRows;
const std::vector<SeriesKey> kKeys = {
    series_of(Metric::kCpuTime), series_of(Metric::kMemory), series_of(Metric::kIoReadBytes),
    series_of(Metric::kProcesses), series_of(Metric::kIoWriteBytes)};

// Two runs of the monitor: a series that mostly moves, one with fractions, one that is absent now
// and then, one that stands still, and one that only the first run has.
Snapshot two_runs(size_t rows_each) {
  Store store;
  std::mt19937_64 random(7);
  std::vector<double> values = {0, 0.1, 0, 1, 5};
  int64_t time_ns = 0;
  for (const size_t count : {size_t{5}, size_t{4}}) {
    store.begin(std::make_shared<const metric::Schema>(
        std::vector<SeriesKey>(kKeys.begin(), kKeys.begin() + static_cast<int64_t>(count))));
    double reads = 0;
    for (size_t row = 0; row < rows_each; ++row) {
      values[0] += static_cast<double>(random() % 50) * 1e4;
      values[1] = static_cast<double>(random() % 1000) / 7;
      reads += static_cast<double>(random() % 3);
      values[2] = random() % 5 == 0 ? metric::kAbsent : reads;
      values[4] += static_cast<double>(random() % 1'000'000);
      time_ns += 1 + static_cast<int64_t>(random() % 1'000'000);
      store.append({time_ns, row == 0 ? TickKind::kStart : TickKind::kPeriodic,
                    std::span(values).first(count)});
    }
  }
  return store.snapshot();
}

bool same(double left, double right) {
  return std::bit_cast<uint64_t>(left) == std::bit_cast<uint64_t>(right) ||
         (metric::is_absent(left) && metric::is_absent(right));
}

// One row at a time, without any reader.
struct Truth {
  explicit Truth(const Snapshot& snapshot) {
    for (size_t row = 0; row < snapshot.rows(); ++row) {
      times_ns.push_back(snapshot.time_ns(row));
      kinds.push_back(snapshot.kind(row));
      for (const SeriesKey& key : kKeys)
        values.push_back(snapshot.value(key, row).value_or(metric::kAbsent));
    }
  }
  std::vector<int64_t> times_ns;
  std::vector<TickKind> kinds;
  std::vector<double> values;
};

// How much of what the reader tells of the rows it is at is wrong.
size_t count_wrong(const Truth& truth, ColumnReader& reader, RowRange at,
                   const std::vector<size_t>& asked) {
  size_t wrong = 0;
  const auto begin = static_cast<int64_t>(at.begin);
  const auto end = static_cast<int64_t>(at.end);
  wrong +=
      std::ranges::equal(reader.times_ns(), std::span(truth.times_ns).subspan(at.begin, at.size()))
          ? 0
          : 1;
  wrong += std::ranges::equal(reader.kinds(), std::span(truth.kinds).subspan(at.begin, at.size()))
               ? 0
               : 1;
  const bool has_start = std::find(truth.kinds.begin() + begin, truth.kinds.begin() + end,
                                   TickKind::kStart) != truth.kinds.begin() + end;
  wrong += reader.has_start() == has_start ? 0 : 1;
  for (const size_t key : asked) {
    const std::span<const double> values = reader.values(key);
    wrong += values.empty() || values.size() == at.size() ? 0 : 1;
    for (size_t i = 0; i < at.size(); ++i) {
      const double told = values.empty() ? metric::kAbsent : values[i];
      wrong += same(told, truth.values[(at.begin + i) * kKeys.size() + key]) ? 0 : 1;
    }
  }
  return wrong;
}

TEST(ColumnReader, TellsWhatTheSnapshotHolds) {
  // GIVEN sealed chunks, a schema that changes and an open chunk
  const Snapshot snapshot = two_runs(kRows * 5 / 2);
  const Truth truth(snapshot);
  ColumnReader reader(snapshot, kKeys);
  std::mt19937_64 random(3);
  size_t next = 0;
  size_t wrong = 0;

  for (int i = 0; i < 400; ++i) {
    // WHEN it moves on, by steps of all lengths, or jumps, and is asked for some of the series
    const bool moves_on = i % 4 != 0 && next < snapshot.rows();
    const size_t from = moves_on ? next : random() % snapshot.rows();
    const size_t length = 1 + random() % (i % 3 == 0 ? 5000 : 300);
    const RowRange wanted{from, std::min(from + length, snapshot.rows())};
    const RowRange at = reader.move_to(wanted);
    std::vector<size_t> asked;
    for (size_t key = 0; key < kKeys.size(); ++key) {
      if (random() % 2 == 0) asked.push_back(key);
    }

    // THEN
    ASSERT_EQ(at.begin, wanted.begin);
    ASSERT_FALSE(at.empty());
    ASSERT_LE(at.end, wanted.end);
    wrong += count_wrong(truth, reader, at, asked);
    next = at.end;
  }
  EXPECT_EQ(wrong, 0U);
}

TEST(ColumnReader, KnowsWhoseValuesAreWhole) {
  // GIVEN
  const Snapshot snapshot = two_runs(kRows + 10);
  ColumnReader reader(snapshot, kKeys);

  // WHEN at a sealed chunk THEN
  (void)reader.move_to({0, 10});
  EXPECT_TRUE(reader.is_whole(0));
  EXPECT_FALSE(reader.is_whole(1)) << "fractions";
  EXPECT_TRUE(reader.is_whole(2)) << "absent ones aside";
  EXPECT_TRUE(reader.is_whole(3)) << "the same all the time";

  // WHEN at the open chunk, of which nothing is known THEN
  (void)reader.move_to({snapshot.rows() - 1, snapshot.rows()});
  EXPECT_FALSE(reader.is_whole(0));
  EXPECT_TRUE(reader.values(4).empty()) << "the second run has no such series";
}

}  // namespace
}  // namespace jumper::store
