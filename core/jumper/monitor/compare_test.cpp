// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/monitor/compare.h"

#include <gtest/gtest.h>

#include "testing/made_session.h"

namespace jumper::monitor {
namespace {

using analysis::CostMetric;
using jumper::testing::made_recording;

constexpr double kMb = 1024.0 * 1024;

const analysis::Difference& of(const analysis::Differences& differences, CostMetric metric) {
  return differences[static_cast<size_t>(metric)];
}

Session session() {
  return Session(made_recording({{"load()", 1, 0.5, 100 * kMb, 7 * kMb},
                                 {"fit()", 2, 2, 300 * kMb},
                                 {"fit()", 2.5, 2, 300 * kMb},
                                 {"%cell_history", 1, 1}}));
}

TEST(CompareSessions, TakesWhatTheCellsCost) {
  // GIVEN
  const Session a = session();
  const Session b(made_recording({{"load()", 1, 0.75, 150 * kMb, 7 * kMb}}));

  // WHEN
  const auto comparison = compare({&a, "one", {}}, {&b, "other", {}});

  // THEN
  ASSERT_TRUE(comparison) << comparison.error().message;
  EXPECT_EQ(comparison->a_name, "one, 4 cells");
  EXPECT_EQ(comparison->b_name, "other, 1 cell");
  ASSERT_EQ(comparison->cells.size(), 1U);
  const analysis::Differences& differences = comparison->cells[0].differences;
  EXPECT_EQ(of(differences, CostMetric::kDuration).change(), 0);
  EXPECT_NEAR(of(differences, CostMetric::kCpuSeconds).change().value_or(0), 0.25, 1e-9);
  EXPECT_EQ(of(differences, CostMetric::kPeakMemory).change(), 50 * kMb);
  EXPECT_EQ(of(differences, CostMetric::kIoRead).a, 7 * kMb);
  EXPECT_EQ(comparison->only_a.size(), 1U) << "fit() alone: commands of ours do not count";
}

TEST(CompareSessions, TakesTwoCellsOfOneSession) {
  const Session one = session();
  const auto comparison =
      compare({&one, "this", cells::CellRange{0, 0}}, {&one, "this", cells::CellRange{1, 1}});
  ASSERT_TRUE(comparison);
  EXPECT_TRUE(comparison->is_of_cells);
  EXPECT_EQ(comparison->a_name, "cell 0 of this");
  EXPECT_EQ(of(comparison->cells.at(0).differences, CostMetric::kDuration).change(), 1);
  EXPECT_TRUE(of(comparison->cells[0].differences, CostMetric::kDuration).noise)
      << "of the other run of fit()";
}

TEST(CompareSessions, TakesRangesOfCells) {
  const Session one = session();
  const auto comparison =
      compare({&one, "this", cells::CellRange{0, 1}}, {&one, "this", cells::CellRange{2, 3}});
  ASSERT_TRUE(comparison);
  EXPECT_EQ(comparison->b_name, "cells 2 to 3 of this");
  ASSERT_EQ(comparison->cells.size(), 1U);
  EXPECT_EQ(of(comparison->cells[0].differences, CostMetric::kDuration).change(), 0.5);
}

TEST(CompareSessions, NeedsCells) {
  const Session some = session();
  const Session none(made_recording({}));
  for (const auto& comparison : {compare({&some, "some", {}}, {&none, "none", {}}),
                                 compare({&none, "none", {}}, {&some, "some", {}})}) {
    ASSERT_FALSE(comparison);
    EXPECT_EQ(comparison.error().message, "none has no finished cell to compare");
  }
  EXPECT_FALSE(compare({&some, "some", cells::CellRange{2, 9}}, {&some, "some", {}}));
}

}  // namespace
}  // namespace jumper::monitor
