// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/plot/chart_of.h"

#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <vector>

#include "jumper/plot/draw.h"

namespace jumper::plot {
namespace {

constexpr int64_t kSecond = 1'000'000'000;

analysis::PlotData two_cells() {
  analysis::PlotData data;
  data.origin_ns = 100 * kSecond;
  data.from_ns = 100 * kSecond;
  data.to_ns = 110 * kSecond;
  for (size_t i = 0; i < 2; ++i) {
    cells::Cell cell;
    cell.index = i;
    cell.source = "load()\nfit()";
    cell.start_ns = (102 + 4 * static_cast<int64_t>(i)) * kSecond;
    cell.end_ns = cell.start_ns + kSecond;
    cell.status = i == 0 ? cells::CellStatus::kOk : cells::CellStatus::kError;
    data.cells.push_back(std::make_shared<const cells::Cell>(cell));
  }
  analysis::PlotLevel level;
  level.times_ns = {101 * kSecond, 103 * kSecond, 105 * kSecond};
  level.is_start = {true, false, true};
  level.memory_limit_bytes = 2.5 * 1024 * 1024 * 1024;
  level.curves.push_back({0, 0, {10, 20, 30}, {5, 15, 25}, {15, 25, 35}});
  level.curves.push_back({1, 0, {1e9, 2e9, 1e9}, {}, {}});
  data.levels.push_back(level);
  return data;
}

TEST(ChartOf, HasThePanelsThatAreShownAtFirst) {
  const Chart chart = chart_of(two_cells(), {.title = "t"});
  EXPECT_EQ(chart.title, "t");
  ASSERT_EQ(chart.panels.size(), analysis::usual_panels(false).size());
  EXPECT_EQ(chart.panels[0].title, "CPU");
  EXPECT_EQ(chart.panels[0].unit, Unit::kPercent);
  EXPECT_TRUE(chart.panels[0].series.at(0).is_rate);
  EXPECT_FALSE(chart.panels[1].series.at(0).is_rate);
  ASSERT_TRUE(chart.panels[1].limit);
  EXPECT_EQ(chart.panels[1].limit->label, "limit 2.5 GB");
  EXPECT_TRUE(draw(chart, "png").ok());
}

TEST(ChartOf, TakesThePanelsAskedFor) {
  analysis::PlotData data = two_cells();
  data.panels = {1};
  const Chart chart = chart_of(data, {});
  ASSERT_EQ(chart.panels.size(), 1U);
  EXPECT_EQ(chart.panels[0].title, "Memory");
}

TEST(ChartOf, NoCurveReachesBackOverAStart) {
  const Series series = chart_of(two_cells(), {}).panels[0].series.at(0);
  EXPECT_EQ(series.x_seconds, (std::vector<double>{1, 1, 3, 5, 5}));
  EXPECT_TRUE(std::isnan(series.mean.at(3)));
  EXPECT_TRUE(std::isnan(series.low.at(3)));
  EXPECT_EQ(series.mean.at(4), 30);
  EXPECT_EQ(series.high.at(4), 35);
}

TEST(ChartOf, MarksTheCells) {
  const Chart chart = chart_of(two_cells(), {});
  ASSERT_EQ(chart.cells.size(), 2U);
  EXPECT_EQ(chart.cells[0].span, (Span{2, 3}));
  EXPECT_FALSE(chart.cells[0].has_failed);
  EXPECT_TRUE(chart.cells[1].has_failed);
  EXPECT_EQ(chart.cells[0].name.find('\n'), std::string::npos);
  EXPECT_EQ(chart.range, (Span{0, 10}));
  EXPECT_TRUE(chart.idle.empty());
}

TEST(ChartOf, SqueezesWhatIsBetweenCells) {
  const Chart chart = chart_of(two_cells(), {.title = "", .squeezes_idle = true});
  EXPECT_EQ(chart.idle, (std::vector<Span>{{0, 2}, {3, 6}, {7, 10}}));
}

}  // namespace
}  // namespace jumper::plot
