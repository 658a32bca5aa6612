// SPDX-License-Identifier: BSD-3-Clause
// A store with little memory: what it forgets, and what it must not.
#include "jumper/store/thinning.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <optional>
#include <random>
#include <vector>

#include "jumper/store/pyramid.h"
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
// For 16 chunks of a notebook too little, but enough for none to be forgotten.
constexpr StoreLimits kLittle = {900'000};

struct Row {
  int64_t time_ns;
  TickKind kind;
  std::vector<double> values;
};

struct Cell {
  int64_t start_ns;
  int64_t end_ns;
};

// A notebook's ticks in a store, and beside it as they came.
class Session {
 public:
  Session(StoreLimits limits, size_t chunks) : store(limits) {
    NotebookSession session({.has_curves = true});
    store.begin(schema);
    for (size_t i = 0; i < chunks * kRows + 100; ++i) {
      const metric::Tick tick = session.next();
      store.append(tick);
      rows.push_back({tick.time_ns, tick.kind, {tick.values.begin(), tick.values.end()}});
      if (tick.kind == TickKind::kCellStart) cells.push_back({tick.time_ns, 0});
      if (tick.kind == TickKind::kCellEnd) cells.back().end_ns = tick.time_ns;
      most_bytes = std::max(most_bytes, store.usage().bytes);
    }
    if (cells.back().end_ns == 0) cells.pop_back();
  }

  std::shared_ptr<const metric::Schema> schema = NotebookSession::schema();
  Store store;
  std::vector<Row> rows;
  std::vector<Cell> cells;
  size_t most_bytes = 0;
};

// Differences of a counter from row to row, as long as there is none to lose.
std::optional<double> total(const Snapshot& snapshot, const SeriesKey& key, const Cell& cell) {
  std::optional<double> before;
  std::optional<double> sum;
  snapshot.for_each_part(key, snapshot.rows_between(cell.start_ns, cell.end_ns),
                         [&](const Snapshot::Part& part) {
                           for (const double value : part.values) {
                             if (metric::is_absent(value)) continue;
                             if (before && value >= *before)
                               sum = sum.value_or(0) + value - *before;
                             before = value;
                           }
                         });
  return sum;
}

TEST(Thinning, KeepsMemoryWithinItsLimit) {
  // GIVEN several times as much as fits
  const StoreLimits limits{800'000};
  const Session session(limits, 24);

  // THEN
  const StoreUsage usage = session.store.usage();
  EXPECT_LE(usage.bytes, limits.max_bytes);
  EXPECT_LE(session.most_bytes, limits.max_bytes + 300'000)
      << "one chunk more, until the next tick";
  EXPECT_GT(usage.bytes, limits.max_bytes / 2);
  EXPECT_GT(usage.thinned_chunks, 4U);
  EXPECT_GT(usage.chunks - usage.thinned_chunks, 1U) << "the newer half stays whole";
}

TEST(Thinning, TellsWhereItIsThin) {
  const Session session(kLittle, 16);
  const Snapshot snapshot = session.store.snapshot();

  // THEN the oldest is thinned, and says so
  const auto until_ns = snapshot.thinned_until_ns();
  ASSERT_TRUE(until_ns);
  uint32_t before = 1'000;
  size_t whole = 0;
  snapshot.for_each_part(kCounter, {0, snapshot.rows()}, [&](const Snapshot::Part& part) {
    EXPECT_LE(part.keeps_every, before);
    EXPECT_EQ(part.keeps_every > 1, part.times_ns.back() <= *until_ns);
    EXPECT_TRUE(part.keeps_every == 1 || part.keeps_every == 16 || part.keeps_every == 256);
    before = part.keeps_every;
    whole += part.keeps_every == 1 ? 1 : 0;
  });
  EXPECT_GT(whole, 1U);

  // and of a store that has room enough, nothing
  const Session small({}, 2);
  EXPECT_EQ(small.store.snapshot().thinned_until_ns(), std::nullopt);
}

TEST(Thinning, LeavesWhatIsLeftAsItWas) {
  const Session session(kLittle, 16);
  const Snapshot snapshot = session.store.snapshot();
  ASSERT_EQ(session.store.usage().forgotten_chunks, 0U);

  // WHEN all rows that are left are looked up
  size_t wrong = 0;
  std::vector<bool> seen(session.rows.size());
  for (size_t column = 0; column < session.schema->size(); ++column) {
    snapshot.for_each_part(
        session.schema->series()[column], {0, snapshot.rows()}, [&](const Snapshot::Part& part) {
          for (size_t i = 0; i < part.times_ns.size(); ++i) {
            const auto row =
                std::ranges::lower_bound(session.rows, part.times_ns[i], {}, &Row::time_ns);
            if (row == session.rows.end() || row->time_ns != part.times_ns[i] ||
                row->kind != part.kinds[i]) {
              ++wrong;
              continue;
            }
            seen[static_cast<size_t>(row - session.rows.begin())] = true;
            const double given = row->values[column];
            wrong += given == part.values[i] ||
                             (metric::is_absent(given) && metric::is_absent(part.values[i]))
                         ? 0
                         : 1;
          }
        });
  }

  // THEN they are as they were, and all that are not periodic are there
  EXPECT_EQ(wrong, 0U);
  EXPECT_LT(static_cast<size_t>(std::ranges::count(seen, true)), session.rows.size() / 2);
  for (size_t row = 0; row < seen.size(); ++row) {
    EXPECT_TRUE(seen[row] || session.rows[row].kind == TickKind::kPeriodic);
  }
}

TEST(Thinning, LeavesCellsExact) {
  // GIVEN the same session in a store with little memory and in one with enough
  const Session thin(kLittle, 16);
  const Session whole({}, 16);
  const Snapshot thinned = thin.store.snapshot();
  const Snapshot all = whole.store.snapshot();
  ASSERT_EQ(thin.cells.size(), whole.cells.size());
  ASSERT_GT(thin.cells.size(), 50U);
  ASSERT_LT(thinned.rows(), all.rows() / 2);
  ASSERT_EQ(thin.store.usage().forgotten_chunks, 0U);
  const auto oldest = thinned.sealed().at(0);
  ASSERT_EQ(oldest.chunk->keeps_every, kThinnest);

  for (size_t column = 0; column < thin.schema->size(); column += 3) {
    const SeriesKey& key = thin.schema->series()[column];
    for (const Cell& cell : thin.cells) {
      if (metric::info(key.metric).kind == metric::Kind::kCounter) {
        // THEN what a cell used is what it used
        ASSERT_EQ(total(thinned, key, cell), total(all, key, cell));
      } else {
        // and the extremes and the mean of levels are what they were, as precise as a float
        const Bucket known = buckets(thinned, key, cell.start_ns, cell.end_ns, 1)[0];
        const Bucket exact = buckets(all, key, cell.start_ns, cell.end_ns, 1)[0];
        ASSERT_EQ(known.samples, exact.samples);
        ASSERT_FLOAT_EQ(static_cast<float>(known.minimum), static_cast<float>(exact.minimum));
        ASSERT_FLOAT_EQ(static_cast<float>(known.maximum), static_cast<float>(exact.maximum));
        ASSERT_NEAR(known.mean, exact.mean, 1e-6 * std::abs(exact.mean));
      }
    }
  }
}

TEST(Thinning, PlotsOfLongRangesStayTheSame) {
  const Session thin(kLittle, 16);
  const Session whole({}, 16);
  const Snapshot thinned = thin.store.snapshot();
  const Snapshot all = whole.store.snapshot();
  const int64_t from_ns = all.time_ns(0);
  const int64_t to_ns = all.time_ns(all.rows() - 1);
  for (const SeriesKey& key : {kCounter, kGauge}) {
    const Bucket known = buckets(thinned, key, from_ns, to_ns, 1)[0];
    const Bucket exact = buckets(all, key, from_ns, to_ns, 1)[0];
    EXPECT_EQ(known.samples, exact.samples);
    EXPECT_FLOAT_EQ(static_cast<float>(known.minimum), static_cast<float>(exact.minimum));
    EXPECT_FLOAT_EQ(static_cast<float>(known.maximum), static_cast<float>(exact.maximum));
    EXPECT_NEAR(known.mean, exact.mean, 1e-6 * std::abs(exact.mean));
  }
}

TEST(Thinning, LosesNoResetOfACounter) {
  // GIVEN a counter that is reset at times, between no cells at all
  std::mt19937_64 random(2);
  Store store({size_t{60'000}});
  store.begin(std::make_shared<const metric::Schema>(std::vector{kCounter}));
  double value = 0;
  double sum = 0;
  for (int64_t row = 0; row < static_cast<int64_t>(20 * kRows); ++row) {
    const double change = static_cast<double>(random() % 1'000);
    if (random() % 3'000 == 0) {
      value = 0;
    } else if (row > 0) {
      value += change;
      sum += change;
    }
    store.append({row, TickKind::kPeriodic, std::array{value}});
  }

  // THEN
  ASSERT_GT(store.usage().thinned_chunks, 5U);
  ASSERT_EQ(store.usage().forgotten_chunks, 0U);
  EXPECT_EQ(total(store.snapshot(), kCounter, {0, 20 * kRows}), sum);
}

TEST(Thinning, KeepsTheRowsThatKnowMost) {
  // GIVEN series that are read at every tenth tick, never at one that is a multiple of 16
  Store store({size_t{100'000}});
  store.begin(std::make_shared<const metric::Schema>(std::vector{kCounter, kGauge}));
  for (int64_t row = 0; row < static_cast<int64_t>(30 * kRows); ++row) {
    store.append({row, TickKind::kPeriodic,
                  std::array{static_cast<double>(row * row),
                             row % 10 == 5 ? static_cast<double>(row) : metric::kAbsent}});
  }

  // THEN
  const Snapshot snapshot = store.snapshot();
  size_t rows = 0;
  size_t values = 0;
  snapshot.for_each_part(kGauge, {0, snapshot.upper_bound(*snapshot.thinned_until_ns())},
                         [&](const Snapshot::Part& part) {
                           rows += part.values.size();
                           for (const double value : part.values)
                             values += metric::is_absent(value) ? 0 : 1;
                         });
  EXPECT_GT(rows, 1'000U);
  EXPECT_GT(values, rows * 9 / 10);
}

TEST(Thinning, ForgetsWhatIsOldestWhenNothingElseHelps) {
  // GIVEN hardly any memory
  const StoreLimits limits{100'000};
  const Session session(limits, 20);

  // THEN
  const StoreUsage usage = session.store.usage();
  EXPECT_GT(usage.forgotten_chunks, 0U);
  EXPECT_LE(usage.bytes, limits.max_bytes);
  EXPECT_EQ(usage.chunks + usage.forgotten_chunks, 20U);
  const Snapshot snapshot = session.store.snapshot();
  ASSERT_GT(snapshot.rows(), 100U);
  EXPECT_GT(snapshot.time_ns(0), session.rows.front().time_ns);
  EXPECT_EQ(snapshot.time_ns(snapshot.rows() - 1), session.rows.back().time_ns);
  EXPECT_EQ(snapshot.lower_bound(0), 0U);
  // a time that was forgotten has nothing, not 0
  EXPECT_EQ(buckets(snapshot, kGauge, 0, session.rows.front().time_ns, 1)[0].samples, 0U);
}

TEST(Thinning, LeavesOldSnapshotsAlone) {
  // GIVEN
  NotebookSession session;
  Store store(kLittle);
  store.begin(NotebookSession::schema());
  for (size_t row = 0; row < 3 * kRows; ++row) store.append(session.next());
  const Snapshot before = store.snapshot();
  const auto sum = [&] {
    double sum_of_all = 0;
    before.for_each_part(kCounter, {0, before.rows()}, [&](const Snapshot::Part& part) {
      for (const double value : part.values) sum_of_all += value;
    });
    return sum_of_all;
  };
  const double sum_before = sum();

  // WHEN
  for (size_t row = 0; row < 20 * kRows; ++row) store.append(session.next());

  // THEN
  EXPECT_EQ(before.rows(), 3 * kRows);
  EXPECT_EQ(before.thinned_until_ns(), std::nullopt);
  EXPECT_EQ(sum(), sum_before);
  EXPECT_LT(store.snapshot().upper_bound(before.time_ns(before.rows() - 1)), kRows);
}

TEST(Thinning, TakesAStepPerTick) {
  // GIVEN a store over its limit
  NotebookSession session;
  Store store({size_t{300'000}});
  store.begin(NotebookSession::schema());
  size_t thinned_before = 0;
  for (size_t row = 0; row < 10 * kRows; ++row) {
    // WHEN
    store.append(session.next());

    // THEN no tick pays for more than one chunk
    const size_t thinned = store.usage().thinned_chunks;
    ASSERT_LE(thinned, thinned_before + 1);
    thinned_before = thinned;
  }
  EXPECT_GT(thinned_before, 2U);
}

}  // namespace
}  // namespace jumper::store
