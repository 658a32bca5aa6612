// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/analysis/plot_points.h"

#include <gtest/gtest.h>

#include <cmath>

namespace jumper::analysis {
namespace {

using metric::kAbsent;
using metric::TickKind;

constexpr int64_t kShortest = 100;

// NaN compares equal to itself here.
void expect_values(const std::vector<double>& got, const std::vector<double>& expected) {
  ASSERT_EQ(got.size(), expected.size());
  for (size_t i = 0; i < got.size(); ++i) {
    if (std::isnan(expected[i])) {
      EXPECT_TRUE(std::isnan(got[i])) << "row " << i << " is " << got[i];
    } else {
      EXPECT_DOUBLE_EQ(got[i], expected[i]) << "row " << i;
    }
  }
}

PlotRows rows_at(std::vector<int64_t> times_ns) {
  PlotRows rows;
  rows.kinds.assign(times_ns.size(), TickKind::kPeriodic);
  rows.times_ns = std::move(times_ns);
  if (!rows.kinds.empty()) rows.kinds[0] = TickKind::kStart;
  return rows;
}

TEST(RatesOf, SpeakOfTheTimeSinceTheRowBefore) {
  const PlotRows rows = rows_at({0, 1000, 3000});
  expect_values(rates_of(rows, std::vector<double>{5, 1005, 1005}, kShortest), {kAbsent, 1, 0});
}

TEST(RatesOf, RowsCloseTogetherShareOneRate) {
  // GIVEN a counter that steps once within three rows of 40 ns
  const PlotRows rows = rows_at({0, 40, 80, 120, 220});
  // THEN the three have one rate: its growth over all of their time
  const double shared = 60.0 / 120;
  expect_values(rates_of(rows, std::vector<double>{0, 60, 60, 60, 160}, kShortest),
                {kAbsent, shared, shared, shared, 1});
}

TEST(RatesOf, AShortCellIsNotMixedWithWhatIsAroundIt) {
  // GIVEN 10 ns of work in a cell, and none before and after
  PlotRows rows = rows_at({0, 1000, 1010, 2000});
  rows.kinds[1] = TickKind::kCellStart;
  rows.kinds[2] = TickKind::kCellEnd;
  expect_values(rates_of(rows, std::vector<double>{0, 0, 10, 10}, kShortest), {kAbsent, 0, 1, 0});
}

TEST(RatesOf, AShortRestBeforeACellGoesToTheTimeBefore) {
  // GIVEN a row 10 ns before a cell begins, and growth only within those 10 ns
  PlotRows rows = rows_at({0, 990, 1000, 2000});
  rows.kinds[2] = TickKind::kCellStart;
  expect_values(rates_of(rows, std::vector<double>{0, 0, 500, 500}, kShortest),
                {kAbsent, 0.5, 0.5, 0});
}

TEST(RatesOf, NothingReachesOverARestartAResetOrAMissingSample) {
  PlotRows rows = rows_at({0, 1000, 2000, 3000, 4000});
  rows.kinds[2] = TickKind::kStart;
  expect_values(rates_of(rows, std::vector<double>{0, 1000, 9000, 9000, 9000}, kShortest),
                {kAbsent, 1, kAbsent, 0, 0});
  const PlotRows plain = rows_at({0, 1000, 2000, 3000});
  expect_values(rates_of(plain, std::vector<double>{500, 900, 100, 1100}, kShortest),
                {kAbsent, 0.4, kAbsent, 1});
  // A missing sample lies within the time of the next rate.
  expect_values(rates_of(plain, std::vector<double>{0, kAbsent, 1000, kAbsent}, kShortest),
                {kAbsent, 0.5, 0.5, kAbsent});
}

TEST(RatesOf, OneRowHasNone) {
  expect_values(rates_of(rows_at({7}), std::vector<double>{7}, kShortest), {kAbsent});
  expect_values(rates_of(rows_at({}), {}, kShortest), {});
}

TEST(CarryBack, MovesWhatCannotBeToTheTimeBefore) {
  // GIVEN a child's 3000 ns booked when it ended, on a machine of two CPUs
  std::vector<double> rates = {kAbsent, 0.5, 0, 3, 0.25};
  carry_back(rows_at({0, 1000, 2000, 3000, 4000}), rates, 2);
  // THEN no rate is above two, and the sum is what it was
  expect_values(rates, {kAbsent, 0.5, 1, 2, 0.25});
}

TEST(CarryBack, NeverOverARestart) {
  PlotRows rows = rows_at({0, 1000, 2000, 3000});
  rows.kinds[2] = TickKind::kStart;
  std::vector<double> rates = {kAbsent, 0.5, kAbsent, 5};
  carry_back(rows, rates, 2);
  expect_values(rates, {kAbsent, 0.5, kAbsent, 2});
}

TEST(GroupRows, MakesEvenGroupsThatStopAtARestart) {
  std::vector<bool> is_start(10);
  is_start[4] = true;
  const auto groups = group_rows(is_start, 3);
  std::vector<size_t> ends;
  size_t begin = 0;
  for (const PointGroup& group : groups) {
    EXPECT_EQ(group.begin, begin);
    begin = group.end;
    ends.push_back(group.end);
  }
  EXPECT_EQ(ends, (std::vector<size_t>{4, 5, 9, 10}));
}

TEST(GroupRows, KeepsRowsThatAreFewEnough) {
  EXPECT_EQ(group_rows(std::vector<bool>(5), 5).size(), 5U);
  EXPECT_EQ(group_rows(std::vector<bool>(5), 100).size(), 5U);
  EXPECT_TRUE(group_rows({}, 100).empty());
  EXPECT_EQ(group_rows(std::vector<bool>(5), 0).size(), 1U);
}

TEST(OfAGroup, MeansCountTimeAndExtremesSkipWhatIsAbsent) {
  const std::vector<int64_t> times = {0, 1000, 4000, 5000};
  const std::vector<double> values = {8, 1, 5, kAbsent};
  EXPECT_DOUBLE_EQ(mean_of(times, values, {1, 4}), (1.0 * 1000 + 5.0 * 3000) / 4000);
  EXPECT_DOUBLE_EQ(lowest_of(values, {0, 4}), 1);
  EXPECT_DOUBLE_EQ(highest_of(values, {1, 4}), 5);
  EXPECT_TRUE(std::isnan(mean_of(times, values, {3, 4})));
  EXPECT_TRUE(std::isnan(lowest_of(values, {3, 4})));
  EXPECT_TRUE(std::isnan(highest_of(values, {2, 2})));
}

}  // namespace
}  // namespace jumper::analysis
