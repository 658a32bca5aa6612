// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/monitor/plot.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "jumper/analysis/plot_selection.h"
#include "testing/made_plot.h"

namespace jumper::monitor {
namespace {

using jumper::testing::made_plot;
using jumper::testing::noisy_hour;

std::string picture(const Plot& plot, size_t most_bytes) {
  const auto drawn = plot.small_picture(860, most_bytes);
  EXPECT_TRUE(drawn);
  return drawn ? *drawn : "";
}

unsigned width_of(std::string_view png) {
  unsigned width = 0;
  for (const size_t at : {16U, 17U, 18U, 19U}) width = width << 8U | static_cast<uint8_t>(png[at]);
  return width;
}

TEST(Plot, AnHourOfNoiseIsASmallPicture) {
  const Plot plot(noisy_hour());
  const std::string png = picture(plot, 24'000);
  EXPECT_TRUE(png.starts_with("\x89PNG"));
  EXPECT_LE(png.size(), 24'000U);
  EXPECT_GT(png.size(), 18'000U) << "not by showing nothing";
  EXPECT_EQ(width_of(png), 1720U);
  // As good as it gets where that is not to be had.
  EXPECT_LT(picture(plot, 100).size(), 24'000U);
}

TEST(Plot, WithRoomAllPointsAreDrawn) {
  plot::Chart chart = Plot(made_plot()).chart();
  chart.width_px = 860;
  EXPECT_EQ(picture(Plot(made_plot()), 40'000), *plot::draw(chart, "png", {.scale = 2}));
}

TEST(Plot, DrawsEveryFormat) {
  const Plot plot(made_plot());
  EXPECT_TRUE(plot.draw("svg")->starts_with("<svg"));
  EXPECT_TRUE(plot.draw("pdf")->starts_with("%PDF"));
  EXPECT_TRUE(plot.draw("png")->starts_with("\x89PNG"));
  EXPECT_TRUE(plot.draw("jpg")->starts_with("\xFF\xD8\xFF"));
  EXPECT_FALSE(plot.draw("gif"));
  EXPECT_NE(*plot.draw("svg", true), *plot.draw("svg", false));
}

TEST(Plot, ASelectionIsSmallerInEveryForm) {
  analysis::PlotData data = made_plot();
  data.first_cell = data.last_cell = 3;
  const Plot all(data);
  const Plot some = all.selected({1});
  EXPECT_EQ(some.title(), "Level process, cell 3, 2.00 s");
  EXPECT_EQ(some.chart().panels.size(), 1U);
  EXPECT_EQ(some.chart().cells.size(), 1U);
  EXPECT_LT(some.json().size(), all.json().size());
  EXPECT_EQ(some.text(20).find("CPU"), std::string::npos);
  EXPECT_NE(some.text(20).find("Memory"), std::string::npos);
  EXPECT_TRUE(some.csv().starts_with("seconds,timestamp,cell_index,memory_bytes\n2,"));
}

TEST(Plot, ComesBackFromItsFile) {
  const Plot plot(analysis::selected(made_plot(), {0, 1}));
  const auto loaded = Plot::load(plot.file());
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ(loaded->title(), plot.title());
  EXPECT_EQ(loaded->chart().panels.size(), 2U);
  EXPECT_EQ(loaded->file(), plot.file());
  EXPECT_FALSE(Plot::load("x"));
}

TEST(Plot, AFileHasMoreDetailThanANotebook) {
  analysis::PlotData data = noisy_hour();
  for (const auto scope : {metric::Scope::kUser, metric::Scope::kSystem}) {
    data.levels.push_back(data.levels[0]);
    data.levels.back().scope = scope;
  }
  const Plot plot(data);
  const auto short_one = Plot::load(plot.json());
  const auto long_one = Plot::load(plot.file());
  ASSERT_TRUE(short_one && long_one);
  EXPECT_GT(long_one->data().most_points(), short_one->data().most_points());
  EXPECT_EQ(long_one->data().most_points(), 3601U);
}

TEST(Plot, WithoutDataStillHasEveryForm) {
  const Plot plot{analysis::PlotData{}};
  EXPECT_FALSE(plot.has_data());
  EXPECT_NE(plot.text(20).find("No data yet"), std::string::npos);
  EXPECT_NE(plot.draw("svg")->find("no data"), std::string::npos);
  EXPECT_TRUE(picture(plot, 24'000).starts_with("\x89PNG"));
  EXPECT_TRUE(Plot::load(plot.file()));
}

}  // namespace
}  // namespace jumper::monitor
