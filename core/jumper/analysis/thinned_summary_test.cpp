// SPDX-License-Identifier: BSD-3-Clause
// Reports of old cells, whose samples were thinned out because memory ran short.
#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "jumper/analysis/summary.h"
#include "jumper/store/store.h"
#include "testing/notebook_session.h"

namespace jumper::analysis {
namespace {

using jumper::testing::NotebookSession;

std::vector<Interval> record(store::Store& store, size_t rows) {
  NotebookSession session({.has_curves = true});
  std::vector<Interval> cells;
  store.begin(NotebookSession::schema());
  for (size_t row = 0; row < rows; ++row) {
    const metric::Tick tick = session.next();
    store.append(tick);
    if (tick.kind == metric::TickKind::kCellStart) cells.push_back({tick.time_ns, 0});
    if (tick.kind == metric::TickKind::kCellEnd) cells.back().to_ns = tick.time_ns;
  }
  if (cells.back().to_ns == 0) cells.pop_back();
  return cells;
}

TEST(ThinnedSummary, SaysOfOldCellsWhatItAlwaysSaid) {
  // GIVEN the same session in a store with little memory, and in one with enough
  constexpr size_t kSamples = 16 * store::Chunk::kRows;
  store::Store little({900'000});
  store::Store enough;
  const std::vector<Interval> cells = record(little, kSamples);
  record(enough, kSamples);
  const store::Snapshot thinned = little.snapshot();
  const store::Snapshot all = enough.snapshot();
  ASSERT_LT(thinned.rows(), all.rows() / 2);
  ASSERT_GT(cells.size(), 50U);

  for (const metric::Scope scope :
       {metric::Scope::kProcess, metric::Scope::kUser, metric::Scope::kSystem}) {
    for (const Interval& cell : cells) {
      // WHEN
      const std::array interval = {cell};
      const Summary now = summarize(thinned, interval, {.scope = scope});
      const Summary then = summarize(all, interval, {.scope = scope});

      // THEN totals are exact, levels as precise as a float
      ASSERT_EQ(now.cpu_seconds, then.cpu_seconds);
      ASSERT_EQ(now.io_read_bytes, then.io_read_bytes);
      ASSERT_EQ(now.io_write_calls, then.io_write_calls);
      ASSERT_EQ(now.memory_change_bytes, then.memory_change_bytes);
      ASSERT_EQ(now.most_processes, then.most_processes);
      ASSERT_EQ(now.memory_bytes.has_value(), then.memory_bytes.has_value());
      if (!now.memory_bytes) continue;
      ASSERT_FLOAT_EQ(static_cast<float>(now.memory_bytes->maximum),
                      static_cast<float>(then.memory_bytes->maximum));
      ASSERT_FLOAT_EQ(static_cast<float>(now.memory_bytes->minimum),
                      static_cast<float>(then.memory_bytes->minimum));
    }
  }
}

}  // namespace
}  // namespace jumper::analysis
