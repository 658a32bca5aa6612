// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/plot/svg.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>

#include "jumper/plot/layout.h"
#include "testing/golden.h"

namespace jumper::plot {
namespace {

Chart small_chart() {
  Chart chart;
  chart.title = "process \xC2\xB7 cells 0 to 2";
  chart.width_px = 480;
  const double nan = std::numeric_limits<double>::quiet_NaN();
  chart.panels.push_back({"CPU",
                          Unit::kPercent,
                          {{"",
                            series_colour(0, false),
                            {0, 1, 2, 3, 4, 5, 6},
                            {10, 80, 75, nan, 30, 20, 25},
                            {5, 60, 70, nan, 25, 10, 20},
                            {20, 95, 90, nan, 40, 30, 30}}},
                          std::nullopt});
  chart.panels.push_back({"Memory",
                          Unit::kBytes,
                          {{"", series_colour(0, false), {0, 3, 6}, {1e9, 3e9, 2e9}, {}, {}}},
                          Limit{4.0 * 1024 * 1024 * 1024, "limit 4 GB"}});
  chart.panels.push_back({"GPU", Unit::kPercent, {}, std::nullopt});
  chart.cells = {{{0.5, 2.5}, 0, "load(<data>)"}, {{2.6, 3.0}, 1, ""}, {{3.5, 5.9}, 2, ""}};
  return chart;
}

TEST(ToSvg, IsTheSameAsEver) {
  jumper::testing::expect_golden("chart.svg", to_svg(layout(small_chart())));
}

TEST(ToSvg, TextCannotLeaveItsElement) {
  DisplayList list{.width_px = 9,
                   .height_px = 9,
                   .title = "</title><script>",
                   .description = "\"&\x01\xFF",
                   .background = {},
                   .items = {}};
  list.items.emplace_back(
      Text{{1, 2}, "</text></svg><script>x\xEF\xBF\xBE", 11, Anchor::kStart, {}});
  const std::string svg = to_svg(list);
  EXPECT_EQ(svg.find("<script"), std::string::npos);
  EXPECT_NE(svg.find("&lt;/text&gt;&lt;/svg&gt;&lt;script&gt;x\xEF\xBF\xBD"), std::string::npos)
      << svg;
  EXPECT_NE(svg.find("<desc>&quot;&amp;\xEF\xBF\xBD\xEF\xBF\xBD</desc>"), std::string::npos) << svg;
}

TEST(ToSvg, NumbersAreShort) {
  DisplayList list{
      .width_px = 9, .height_px = 9, .title = "", .description = "", .background = {}, .items = {}};
  list.items.emplace_back(Polyline{{{1, 2.5}, {3.14159, -0.001}}, {1, 2, 3, 51}, 1.5, 4});
  EXPECT_NE(
      to_svg(list).find("<path d=\"M1,2.5 3.14,0\" fill=\"none\" stroke=\"#010203\" "
                        "stroke-opacity=\"0.2\" stroke-width=\"1.5\" stroke-dasharray=\"4\"/>"),
      std::string::npos)
      << to_svg(list);
}

}  // namespace
}  // namespace jumper::plot
