// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/plot/layout.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "jumper/plot/cell_marks.h"
#include "jumper/plot/text_metrics.h"

namespace jumper::plot {
namespace {

Series line(std::vector<double> x, std::vector<double> y) {
  return {.label = "a",
          .colour = {},
          .x_seconds = std::move(x),
          .mean = std::move(y),
          .low = {},
          .high = {}};
}

Chart chart_with(size_t panels) {
  Chart chart;
  for (size_t i = 0; i < panels; ++i) {
    chart.panels.push_back({"Panel", Unit::kNumber, {line({0, 60}, {1, 2})}, std::nullopt});
  }
  return chart;
}

std::vector<std::string> texts(const DisplayList& list) {
  std::vector<std::string> texts;
  for (const Item& item : list.items) {
    if (const Text* text = std::get_if<Text>(&item)) texts.push_back(text->text);
  }
  return texts;
}

size_t count_of(const DisplayList& list, const std::string& text) {
  return static_cast<size_t>(std::ranges::count(texts(list), text));
}

size_t clips(const DisplayList& list) {
  return static_cast<size_t>(std::ranges::count_if(
      list.items, [](const Item& item) { return std::holds_alternative<BeginClip>(item); }));
}

TEST(Layout, HasOneOrTwoColumns) {
  EXPECT_EQ(count_of(layout(chart_with(3)), "time (s)"), 1U);
  EXPECT_EQ(count_of(layout(chart_with(4)), "time (s)"), 2U);
  EXPECT_EQ(count_of(layout(chart_with(5)), "time (s)"), 2U) << "under the lowest of each column";
  Chart one = chart_with(6);
  one.columns = 1;
  EXPECT_EQ(count_of(layout(one), "time (s)"), 1U);
  EXPECT_GT(layout(one).height_px, layout(chart_with(6)).height_px);
}

TEST(Layout, AllPlotsOfAChartAreEquallyHigh) {
  Chart chart = chart_with(4);
  chart.cells = {{{1, 5}, 0, ""}};
  double height = 0;
  for (const Item& item : layout(chart).items) {
    const BeginClip* clip = std::get_if<BeginClip>(&item);
    if (clip == nullptr) continue;
    if (height == 0) height = clip->rect.height;
    EXPECT_EQ(clip->rect.height, height);
  }
  EXPECT_GT(height, 90);
}

TEST(Layout, SaysWhereThereAreNoData) {
  Chart chart = chart_with(2);
  chart.panels[1].series = {line({}, {})};
  const DisplayList list = layout(chart);
  EXPECT_EQ(count_of(list, "no data"), 1U);
  EXPECT_EQ(clips(list), 2U);
}

TEST(Layout, TellsCellsWhereThereIsRoom) {
  Chart chart = chart_with(1);
  chart.cells = {{{0, 30}, 103, "fit(model)"},
                 {{31, 36}, 104, "other"},
                 {{36, 39}, 105, ""},
                 {{39, 39.01}, 106, ""}};
  const DisplayList list = layout(chart);
  EXPECT_EQ(count_of(list, "103 \xC2\xB7 fit(model) \xC2\xB7 30 s"), 1U);
  EXPECT_EQ(count_of(list, "104 \xC2\xB7 5.0 s"), 1U);
  EXPECT_EQ(count_of(list, "105"), 1U);
  EXPECT_EQ(count_of(list, "106"), 0U);
}

TEST(Layout, CellsAreShadedAlternatelyAndAnotherWayWhereTheyFailed) {
  Chart chart = chart_with(1);
  chart.cells = {{{0, 10}, 0, ""}, {{10, 20}, 1, ""}, {{20, 30}, 2, "", true}};
  std::vector<Colour> shades;
  double right = 0;
  const DisplayList list = layout(chart);
  for (const Item& item : list.items) {
    const FillRect* fill = std::get_if<FillRect>(&item);
    if (fill == nullptr || fill->rect.left == 0) continue;
    if (!shades.empty()) {
      EXPECT_EQ(fill->rect.left, right) << "no seam, no overlap";
    }
    right = fill->rect.right();
    shades.push_back(fill->colour);
  }
  const Theme theme;
  EXPECT_EQ(shades, (std::vector<Colour>{theme.cell, theme.cell_other, theme.cell_failed}));
}

TEST(Layout, LabelsOfTimeStayInThePicture) {
  Chart chart = chart_with(1);
  chart.range = Span{7200, 7200 + 60};
  const DisplayList list = layout(chart);
  for (const Item& item : list.items) {
    const Text* text = std::get_if<Text>(&item);
    if (text == nullptr || text->anchor != Anchor::kMiddle) continue;
    EXPECT_LE(text->at.x + text_width(text->text, text->size_px) / 2, list.width_px);
  }
  EXPECT_EQ(count_of(list, "2:01:00"), 1U);
}

TEST(Layout, AFarLimitIsToldAndDoesNotPressTheCurve) {
  Chart chart = chart_with(1);
  chart.panels[0].limit = Limit{1000, "limit 1000"};
  EXPECT_EQ(count_of(layout(chart), "limit 1000"), 1U);
  EXPECT_EQ(count_of(layout(chart), "2"), 1U) << "the axis ends with the values";
  chart.panels[0].limit->value = 4;
  EXPECT_EQ(count_of(layout(chart), "4"), 1U);
}

TEST(Layout, IsBoundedWhateverIsAsked) {
  Chart chart = chart_with(1000);
  chart.width_px = chart.height_px = 2'000'000'000;
  DisplayList list = layout(chart);
  EXPECT_LE(list.width_px, 8000);
  EXPECT_LE(list.height_px, 16000);
  EXPECT_EQ(clips(list), 64U);
  chart.width_px = chart.height_px = -5;
  list = layout(chart);
  EXPECT_GE(list.width_px, 100);
  EXPECT_GE(list.height_px, 100);
}

TEST(ShortDuration, HasTwoOrThreeDigits) {
  EXPECT_EQ(short_duration(0), "0 us");
  EXPECT_EQ(short_duration(0.0123), "12 ms");
  EXPECT_EQ(short_duration(2.31), "2.3 s");
  EXPECT_EQ(short_duration(42.4), "42 s");
  EXPECT_EQ(short_duration(125), "2:05 min");
  EXPECT_EQ(short_duration(3725), "1:02 h");
}

}  // namespace
}  // namespace jumper::plot
