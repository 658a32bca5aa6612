// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/analysis/compare.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

#include "testing/made_costs.h"

namespace jumper::analysis {
namespace {

using jumper::testing::kMadeMb;
using jumper::testing::made_costs;
using jumper::testing::MadeCost;
using Indices = std::vector<size_t>;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

MadeCost timed(std::string source, double seconds,
               cells::CellStatus status = cells::CellStatus::kOk) {
  MadeCost made;
  made.source = std::move(source);
  made.seconds = seconds;
  made.status = status;
  return made;
}

MadeCost with_peak(std::optional<double> bytes) {
  MadeCost made;
  made.peak_bytes = bytes;
  return made;
}

const Difference& of(const Differences& differences, CostMetric metric) {
  return differences[static_cast<size_t>(metric)];
}
const Difference& duration(const ComparedCell& cell) {
  return of(cell.differences, CostMetric::kDuration);
}
const Difference& peak(const ComparedCell& cell) {
  return of(cell.differences, CostMetric::kPeakMemory);
}

// ---- who is whose partner ------------------------------------------------------------------

TEST(Compare, PartnersAreCellsOfTheSameSourceWhereverTheyStand) {
  // GIVEN
  const auto a = made_costs({timed("import os", 1), timed("fit()", 2), timed("old()", 3)});
  const auto b = made_costs({timed("new()", 7), timed(" fit()\n", 5), timed("import os", 4)});

  // WHEN
  const Comparison comparison = compare(a, b);

  // THEN in the order of the first
  ASSERT_EQ(comparison.cells.size(), 2U);
  EXPECT_EQ(comparison.cells[0].a.source, "import os");
  EXPECT_EQ(comparison.cells[0].a.cells, Indices{0});
  EXPECT_EQ(comparison.cells[0].b.cells, Indices{2});
  EXPECT_EQ(duration(comparison.cells[0]).change(), 3);
  EXPECT_EQ(duration(comparison.cells[1]).change(), 3);
  ASSERT_EQ(comparison.only_a.size(), 1U);
  EXPECT_EQ(comparison.only_a[0].runs.source, "old()");
  EXPECT_EQ(comparison.only_a[0].values[0], 3);
  ASSERT_EQ(comparison.only_b.size(), 1U);
  EXPECT_EQ(comparison.only_b[0].runs.source, "new()");
}

TEST(Compare, RunsOfOneSourceAreRepeatsAndCountByTheirMedian) {
  // GIVEN
  const auto a =
      made_costs({timed("fit()", 1), timed("x", 1), timed("fit()", 3), timed("fit()", 9)});
  const auto b = made_costs({timed("fit()", 4)});

  // WHEN
  const Comparison comparison = compare(a, b);

  // THEN
  ASSERT_EQ(comparison.cells.size(), 1U);
  EXPECT_EQ(comparison.cells[0].a.cells, (Indices{0, 2, 3}));
  EXPECT_EQ(duration(comparison.cells[0]).a, 3);
  EXPECT_EQ(duration(comparison.cells[0]).b, 4);
}

TEST(Compare, FailedRunsAreLeftOutWhereOthersEndedWell) {
  // GIVEN
  const auto a = made_costs({timed("fit()", 0.01, cells::CellStatus::kError), timed("fit()", 3),
                             timed("fit()", 1, cells::CellStatus::kInterrupted)});
  const auto b = made_costs({timed("fit()", 0.02, cells::CellStatus::kError)});

  // WHEN
  const Comparison comparison = compare(a, b);

  // THEN
  ASSERT_EQ(comparison.cells.size(), 1U);
  EXPECT_EQ(comparison.cells[0].a.cells, Indices{1});
  EXPECT_EQ(comparison.cells[0].a.left_out, 2U);
  EXPECT_FALSE(comparison.cells[0].a.have_all_failed);
  EXPECT_TRUE(comparison.cells[0].b.have_all_failed);
  EXPECT_EQ(duration(comparison.cells[0]).b, 0.02);
  EXPECT_FALSE(comparison.cells[0].is_comparable());
  EXPECT_FALSE(of(comparison.matched, CostMetric::kDuration).change());
}

TEST(Compare, LeavesTheMonitorsOwnCommandsOut) {
  const auto a = made_costs({timed("# how was it?\n%perfmonitor_perfreport --cell 1\n", 1),
                             timed("%cell_history", 1), timed("# just a remark", 1),
                             timed("%perfmonitor_stop\nx = 1", 1)});
  const Comparison comparison = compare(a, a);
  ASSERT_EQ(comparison.cells.size(), 2U);
  EXPECT_EQ(comparison.cells[0].a.cells, Indices{2});
  EXPECT_EQ(comparison.cells[1].a.cells, Indices{3});
}

TEST(Compare, OfNothingIsNothing) {
  const auto some = made_costs({timed("x", 1)});
  EXPECT_TRUE(compare({}, {}).cells.empty());
  EXPECT_FALSE(of(compare({}, {}).all, CostMetric::kDuration).a);
  EXPECT_EQ(compare(some, {}).only_a.size(), 1U);
  EXPECT_EQ(compare({}, some).only_b.size(), 1U);
}

// ---- what is absent ------------------------------------------------------------------------

TEST(Compare, WhatWasNotMeasuredIsAbsentNotZero) {
  for (const std::optional<double> nothing :
       {std::optional<double>(), std::optional(kNan), std::optional(kInfinity)}) {
    const auto a = made_costs({with_peak(nothing)});
    const auto b = made_costs({with_peak(5 * kMadeMb)});
    const Comparison comparison = compare(a, b);
    const Difference& difference = peak(comparison.cells.at(0));
    EXPECT_FALSE(difference.a);
    EXPECT_EQ(difference.b, 5 * kMadeMb);
    EXPECT_FALSE(difference.change());
    EXPECT_FALSE(difference.percent());
    EXPECT_EQ(difference.verdict(), Verdict::kAbsent);
    EXPECT_FALSE(is_notable(difference, CostMetric::kPeakMemory));
    EXPECT_FALSE(of(comparison.matched, CostMetric::kPeakMemory).b);
  }
}

TEST(Compare, RunsWithoutTheNumberDoNotCountForIt) {
  const auto a = made_costs({with_peak(3 * kMadeMb), with_peak({}), with_peak(kNan)});
  const auto b = made_costs({with_peak(4 * kMadeMb)});
  const Comparison comparison = compare(a, b);
  const Difference& difference = peak(comparison.cells.at(0));
  EXPECT_EQ(difference.a, 3 * kMadeMb);
  EXPECT_EQ(difference.verdict(), Verdict::kNoiseUnknown) << "one number is no repeat";
  EXPECT_EQ(duration(comparison.cells[0]).verdict(), Verdict::kWithinNoise);
}

TEST(Compare, OfNothingThereIsNoPercentage) {
  EXPECT_FALSE((Difference{0, 5, {}}).percent());
  EXPECT_FALSE((Difference{-2, 5, {}}).percent());
  EXPECT_EQ((Difference{0, 5, {}}).change(), 5);
  EXPECT_EQ((Difference{4, 5, {}}).percent(), 25);
  EXPECT_EQ((Difference{4, 0, {}}).percent(), -100);
}

// ---- noise ---------------------------------------------------------------------------------

TEST(Compare, WithoutRepeatsTheNoiseIsUnknownHoweverLargeTheDifference) {
  const auto a = made_costs({timed("fit()", 0.1)});
  const auto b = made_costs({timed("fit()", 1000)});
  const Comparison comparison = compare(a, b);
  EXPECT_FALSE(duration(comparison.cells.at(0)).noise);
  EXPECT_EQ(duration(comparison.cells[0]).verdict(), Verdict::kNoiseUnknown);
  EXPECT_TRUE(is_notable(duration(comparison.cells[0]), CostMetric::kDuration));
}

TEST(Compare, TellsAChangeFromTheScatterOfTheRepeats) {
  // GIVEN repeats on both sides that scatter by 10 ms
  const auto a = made_costs({timed("f", 1), timed("f", 1.01), timed("f", 0.99)});
  const auto same = made_costs({timed("f", 1.02), timed("f", 1.01), timed("f", 1.03)});
  const auto slow = made_costs({timed("f", 1.2), timed("f", 1.21), timed("f", 1.19)});

  // THEN
  EXPECT_EQ(duration(compare(a, same).cells.at(0)).verdict(), Verdict::kWithinNoise);
  EXPECT_FALSE(is_notable(duration(compare(a, same).cells[0]), CostMetric::kDuration));
  EXPECT_EQ(duration(compare(a, slow).cells.at(0)).verdict(), Verdict::kBeyondNoise);
  EXPECT_EQ(duration(compare(slow, a).cells.at(0)).verdict(), Verdict::kBeyondNoise);
}

TEST(Compare, RepeatsOnOneSideTellForBoth) {
  const auto a = made_costs({timed("f", 1), timed("f", 1.01), timed("f", 0.99), timed("f", 1)});
  const auto b = made_costs({timed("f", 1.3)});
  EXPECT_EQ(duration(compare(a, b).cells.at(0)).verdict(), Verdict::kBeyondNoise);
  EXPECT_EQ(duration(compare(b, a).cells.at(0)).verdict(), Verdict::kBeyondNoise);
}

TEST(Compare, EqualRepeatsDoNotMakeAPageOfMemoryAChange) {
  const auto a = made_costs({with_peak(100 * kMadeMb), with_peak(100 * kMadeMb)});
  const auto b = made_costs({with_peak(100 * kMadeMb + 4096), with_peak(100 * kMadeMb + 4096)});
  const auto c = made_costs({with_peak(102 * kMadeMb), with_peak(102 * kMadeMb)});
  EXPECT_EQ(peak(compare(a, b).cells.at(0)).verdict(), Verdict::kWithinNoise);
  EXPECT_EQ(peak(compare(a, c).cells.at(0)).verdict(), Verdict::kBeyondNoise);
}

TEST(Compare, WithoutRepeatsSmallDifferencesAreNotNotable) {
  const auto notable = [](double a, double b) {
    return is_notable({a, b, {}}, CostMetric::kDuration);
  };
  EXPECT_FALSE(notable(0.0001, 0.0009)) << "less than a millisecond";
  EXPECT_FALSE(notable(10, 10.4)) << "less than a twentieth";
  EXPECT_TRUE(notable(10, 10.6));
  EXPECT_TRUE(notable(10, 9.4));
  EXPECT_TRUE(notable(0, 0.5));
}

// ---- totals --------------------------------------------------------------------------------

TEST(Compare, TotalsAddUpWhatIsMeasuredOnBothSides) {
  // GIVEN
  MadeCost first = timed("one", 1);
  first.peak_bytes = 300 * kMadeMb;
  MadeCost second = timed("two", 2);
  second.peak_bytes = 100 * kMadeMb;
  MadeCost unmeasured = second;
  unmeasured.peak_bytes.reset();
  MadeCost larger = first;
  larger.peak_bytes = 310 * kMadeMb;

  // WHEN
  const Comparison comparison =
      compare(made_costs({first, second, timed("old", 50)}), made_costs({larger, unmeasured}));

  // THEN
  EXPECT_EQ(of(comparison.matched, CostMetric::kDuration).a, 3);
  EXPECT_EQ(of(comparison.matched, CostMetric::kDuration).b, 3);
  EXPECT_EQ(of(comparison.all, CostMetric::kDuration).a, 53);
  EXPECT_EQ(of(comparison.all, CostMetric::kDuration).b, 3);
  EXPECT_EQ(of(comparison.matched, CostMetric::kPeakMemory).a, 300 * kMadeMb) << "the largest";
  EXPECT_EQ(of(comparison.matched, CostMetric::kPeakMemory).b, 310 * kMadeMb);
  EXPECT_FALSE(of(comparison.all, CostMetric::kIoRead).a);
}

// ---- two cells -----------------------------------------------------------------------------

TEST(CompareCells, ComparesWhatIsNamedWithTheScatterOfItsOtherRuns) {
  // GIVEN
  const auto list = made_costs({timed("slow()", 2), timed("slow()", 2.02), timed("slow()", 1.98),
                                timed("quick()", 1), timed("other()", 1)});

  // WHEN
  const Comparison comparison = compare_cells(list, 1, list, 3);

  // THEN its own number, not the median
  ASSERT_EQ(comparison.cells.size(), 1U);
  EXPECT_TRUE(comparison.is_of_cells);
  EXPECT_EQ(comparison.cells[0].a.cells, Indices{1});
  EXPECT_EQ(comparison.cells[0].b.source, "quick()");
  EXPECT_EQ(duration(comparison.cells[0]).a, 2.02);
  EXPECT_EQ(duration(comparison.cells[0]).verdict(), Verdict::kBeyondNoise);
  EXPECT_EQ(of(comparison.all, CostMetric::kDuration).b, 1);
}

TEST(CompareCells, TwoRunsOfOneSourceAreNotEachOthersRepeats) {
  const auto two = made_costs({timed("f", 1), timed("f", 2)});
  EXPECT_EQ(duration(compare_cells(two, 0, two, 1).cells.at(0)).verdict(), Verdict::kNoiseUnknown);

  const auto more = made_costs(
      {timed("f", 1), timed("f", 1.001), timed("f", 1.002), timed("f", 1.001), timed("f", 2)});
  EXPECT_EQ(duration(compare_cells(more, 0, more, 4).cells.at(0)).verdict(), Verdict::kBeyondNoise);
}

TEST(CompareCells, ARunThatFailedTellsNothingOfThoseThatEndedWell) {
  const auto list =
      made_costs({timed("f", 1), timed("f", 9, cells::CellStatus::kError), timed("g", 2)});
  const Comparison comparison = compare_cells(list, 0, list, 2);
  EXPECT_EQ(duration(comparison.cells.at(0)).verdict(), Verdict::kNoiseUnknown);
  EXPECT_TRUE(compare_cells(list, 1, list, 2).cells.at(0).a.have_all_failed);
}

}  // namespace
}  // namespace jumper::analysis
