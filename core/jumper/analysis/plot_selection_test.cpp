// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/analysis/plot_selection.h"

#include <gtest/gtest.h>

#include "testing/made_plot.h"

namespace jumper::analysis {
namespace {

using jumper::testing::kSecondNs;
using jumper::testing::made_cell;
using jumper::testing::made_level;
using jumper::testing::made_plot;

PlotWindow seconds(int64_t from, int64_t to) {
  return {from * kSecondNs, to * kSecondNs};
}

PlotData of_cells(size_t first, size_t last) {
  PlotData data = made_plot();
  data.first_cell = first;
  data.last_cell = last;
  return data;
}

TEST(FirstWindow, IsThatOfTheCellsAskedFor) {
  EXPECT_EQ(first_window(made_plot()), seconds(0, 10));
  EXPECT_EQ(first_window(of_cells(3, 4)), seconds(0, 10));
  EXPECT_EQ(first_window(of_cells(3, 3)), seconds(0, 4)) << "and what came before the first";
  EXPECT_EQ(first_window(of_cells(4, 4)), seconds(6, 10)) << "and what came after the last";
  PlotData data = of_cells(3, 3);
  data.cells.insert(data.cells.begin(), made_cell(2, 0.5, 1));
  EXPECT_EQ(first_window(data), seconds(2, 4));
}

TEST(Selected, HasNothingButWhatWasAskedFor) {
  // WHEN memory over cell 3 is selected
  const PlotData data = selected(of_cells(3, 3), {1});
  // THEN
  EXPECT_TRUE(data.is_selection);
  EXPECT_EQ(first_window(data), seconds(2, 4));
  ASSERT_EQ(data.cells.size(), 1U);
  EXPECT_EQ(data.cells[0]->index, 3U);
  ASSERT_EQ(data.levels.size(), 1U);
  EXPECT_EQ(data.levels[0].scope, metric::Scope::kProcess);
  EXPECT_EQ(data.levels[0].memory_limit_bytes, 64e6);
  EXPECT_EQ(data.levels[0].times_ns,
            (std::vector<int64_t>{2 * kSecondNs, 3 * kSecondNs, 4 * kSecondNs}));
  EXPECT_EQ(data.levels[0].is_start.size(), 3U);
  ASSERT_EQ(data.levels[0].curves.size(), 1U);
  EXPECT_EQ(data.levels[0].curves[0].panel, 1U);
  EXPECT_EQ(data.levels[0].curves[0].mean,
            (std::vector<double>{3 * 0x1p20, 4 * 0x1p20, 5 * 0x1p20}));
}

TEST(Selected, ForgetsTheRateBeforeIt) {
  const PlotData data = selected(of_cells(3, 3), {0});
  const std::vector<double>& mean = data.levels[0].curves.at(0).mean;
  ASSERT_EQ(mean.size(), 3U);
  EXPECT_TRUE(metric::is_absent(mean[0])) << "it speaks of the second before the cell";
  EXPECT_EQ(mean[1], 30);
  EXPECT_EQ(mean[2], 40);
}

TEST(Selected, OfNoPanelsKeepsThoseShown) {
  EXPECT_EQ(selected(made_plot(), {}).panels, usual_panels(false));
  EXPECT_EQ(selected(made_plot(), {5, 0}).panels, (std::vector<size_t>{5, 0}));
}

TEST(Selected, OfASelectionIsTheSame) {
  const PlotData once = selected(of_cells(3, 3), {0});
  const PlotData twice = selected(once, {0});
  EXPECT_EQ(first_window(twice), first_window(once));
  EXPECT_EQ(twice.levels[0].times_ns, once.levels[0].times_ns);
}

TEST(Selected, OfCellsThatWereNotMonitoredHasNoCurves) {
  // GIVEN a monitor that did not run from 10 to 100 s, and a cell in between
  PlotData data = of_cells(5, 5);
  data.cells.push_back(made_cell(5, 20, 30));
  PlotLevel& level = data.levels[0];
  for (const int64_t second : {100, 101}) {
    level.times_ns.push_back(second * kSecondNs);
    level.is_start.push_back(second == 100);
    for (PlotCurve& curve : level.curves)
      curve.mean.push_back(second == 100 && curve.panel != 1 ? metric::kAbsent : 1);
  }
  data.to_ns = 101 * kSecondNs;
  // WHEN
  const PlotData chosen = selected(data, {});
  // THEN
  EXPECT_EQ(first_window(chosen), seconds(20, 30));
  ASSERT_EQ(chosen.levels.size(), 1U);
  EXPECT_TRUE(chosen.levels[0].curves.empty());
}

TEST(Selected, OfACellBetweenTwoPointsHasTheRateThatHoldsThere) {
  PlotData data = of_cells(9, 9);
  data.cells.push_back(made_cell(9, 7.2, 7.8));
  const PlotData chosen = selected(data, {0});
  ASSERT_EQ(chosen.levels[0].curves.size(), 1U);
  EXPECT_EQ(chosen.levels[0].times_ns, (std::vector<int64_t>{7 * kSecondNs, 8 * kSecondNs}));
  EXPECT_TRUE(metric::is_absent(chosen.levels[0].curves[0].mean[0]));
  EXPECT_EQ(chosen.levels[0].curves[0].mean[1], 80);
}

TEST(Selected, OfACellWithoutDurationHasSome) {
  PlotData data = of_cells(9, 9);
  data.cells.push_back(made_cell(9, 8, 8));
  const PlotWindow window = first_window(selected(data, {0}));
  EXPECT_GT(window.to_ns, window.from_ns);
}

TEST(FirstView, OfALevelThatIsNotThereIsEmpty) {
  PlotData data = made_plot();
  data.shown_level = metric::Scope::kUser;
  EXPECT_TRUE(first_view(data).levels.empty());
  data.levels.clear();
  data.cells.clear();
  EXPECT_EQ(first_window(data), seconds(0, 10));
}

TEST(ThinnedPlot, KeepsLevelsThatHaveFewPoints) {
  PlotData data = made_plot();
  data.levels[1] = made_level(1000, [](int i) { return 1.0 * i; }, metric::Scope::kSystem);
  const PlotData thin = thinned(data, 100);
  EXPECT_EQ(thin.levels[0].times_ns, data.levels[0].times_ns);
  EXPECT_LE(thin.levels[1].times_ns.size(), 110U);
  EXPECT_FALSE(thin.levels[1].curves[0].low.empty());
}

}  // namespace
}  // namespace jumper::analysis
