// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <string_view>

#include "jumper/analysis/plot_selection.h"
#include "jumper/report/plot_csv.h"
#include "jumper/report/plot_document.h"
#include "jumper/report/sparkline.h"
#include "testing/made_plot.h"

namespace jumper::report {
namespace {

using jumper::testing::made_cell;
using jumper::testing::made_plot;

std::string replaced(std::string text, std::string_view what, std::string_view by) {
  const size_t at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return at == std::string::npos ? text : text.replace(at, what.size(), by);
}

std::string problem(std::string_view json) {
  const auto data = read_plot_document(json);
  return data ? "none" : data.error().message;
}

TEST(ReadPlotDocument, ReadsWhatIsWritten) {
  // GIVEN a plot with a gap, a failed cell, and a source that looks like markup
  analysis::PlotData data = made_plot();
  data.levels[0].curves[0].mean[5] = metric::kAbsent;
  auto failed = std::make_shared<cells::Cell>(*made_cell(5, 8, 9, "</script>"));
  failed->status = cells::CellStatus::kError;
  data.cells.push_back(failed);
  data.first_cell = 3;
  data.last_cell = 4;
  data.shown_level = metric::Scope::kSystem;
  data.panels = {1, 5};
  // WHEN
  const auto read = read_plot_document(plot_document(data).json);
  // THEN
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->origin_wall_ns, data.origin_wall_ns);
  EXPECT_EQ(read->from_ns, data.from_ns);
  EXPECT_EQ(read->to_ns, data.to_ns);
  EXPECT_EQ(read->first_cell, 3U);
  EXPECT_EQ(read->last_cell, 4U);
  EXPECT_EQ(read->shown_level, metric::Scope::kSystem);
  EXPECT_EQ(read->panels, data.panels);
  EXPECT_FALSE(read->is_selection);
  ASSERT_EQ(read->cells.size(), 3U);
  EXPECT_EQ(read->cells[2]->index, 5U);
  EXPECT_EQ(read->cells[2]->source, "</script>");
  EXPECT_EQ(read->cells[2]->status, cells::CellStatus::kError);
  EXPECT_EQ(read->cells[2]->end_ns, failed->end_ns);
  ASSERT_EQ(read->levels.size(), 2U);
  EXPECT_EQ(read->levels[0].times_ns, data.levels[0].times_ns);
  EXPECT_EQ(read->levels[0].memory_limit_bytes, 64e6);
  ASSERT_EQ(read->levels[0].curves.size(), 4U);
  for (size_t i = 0; i < 4; ++i) {
    const auto& [wrote, got] = std::pair(data.levels[0].curves[i], read->levels[0].curves[i]);
    EXPECT_EQ(got.panel, wrote.panel);
    EXPECT_EQ(got.curve, wrote.curve);
    for (size_t at = 0; at < wrote.mean.size(); ++at) {
      EXPECT_EQ(std::isnan(got.mean[at]), std::isnan(wrote.mean[at])) << at;
      if (std::isnan(wrote.mean[at])) continue;
      EXPECT_NEAR(got.mean[at], wrote.mean[at], wrote.mean[10] / 10'000);
    }
  }
  EXPECT_EQ(plot_text(*read), plot_text(data));
}

TEST(ReadPlotDocument, ReadsExtremesAndASelection) {
  const analysis::PlotData data =
      analysis::thinned(analysis::selected(jumper::testing::noisy_hour(), {2, 0}), 200);
  const auto read = read_plot_document(plot_document(data).json);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_TRUE(read->is_selection);
  EXPECT_EQ(read->panels, (std::vector<size_t>{2, 0}));
  ASSERT_EQ(read->levels.at(0).curves.size(), 3U);
  const analysis::PlotCurve& wrote = data.levels[0].curves[1];
  const analysis::PlotCurve& got = read->levels[0].curves[1];
  EXPECT_EQ(got.panel, wrote.panel);
  ASSERT_EQ(got.low.size(), wrote.low.size());
  for (size_t i = 1; i < wrote.low.size(); ++i) {
    EXPECT_NEAR(got.low[i], wrote.low[i], 0.2);
    EXPECT_NEAR(got.high[i], wrote.high[i], 0.2);
  }
}

TEST(ReadPlotDocument, LeavesOutWhatItDoesNotKnow) {
  const std::string json = plot_document(made_plot()).json;
  const auto other_panel =
      read_plot_document(replaced(json, "\"key\":\"cpu\"", "\"key\":\"other\""));
  ASSERT_TRUE(other_panel) << other_panel.error().message;
  EXPECT_EQ(other_panel->panels, (std::vector<size_t>{1, 2}));
  EXPECT_EQ(other_panel->levels[0].curves.size(), 3U);
  EXPECT_EQ(other_panel->levels[0].curves[0].panel, 1U);
  EXPECT_EQ(other_panel->levels[1].curves[0].mean[10], 11 * 0x1p20);

  const auto other_unit = read_plot_document(replaced(json, "\"percent\"", "\"parsec\""));
  ASSERT_TRUE(other_unit);
  EXPECT_EQ(other_unit->levels[0].curves.size(), 3U);

  const auto other_level =
      read_plot_document(replaced(json, "\"name\":\"system\"", "\"name\":\"planet\""));
  ASSERT_TRUE(other_level);
  EXPECT_EQ(other_level->levels.size(), 1U);
}

TEST(ReadPlotDocument, SaysWhatIsWrong) {
  const std::string json = plot_document(made_plot()).json;
  ASSERT_EQ(problem(json), "none");
  const auto with = [&](std::string_view what, std::string_view by) {
    return problem(replaced(json, what, by));
  };
  const auto has = [](const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos && text.find('\n') == std::string::npos;
  };
  for (const std::string_view text : {"", "{}", "[]", "null", "NaN", "\x80\x04", "{\"format\":1}"})
    EXPECT_TRUE(has(problem(text), "not a plot of JUmPER's")) << text;
  EXPECT_TRUE(has(with("\"version\":1", "\"version\":2"), "another version than 1"));
  EXPECT_TRUE(has(with("\"version\":1", "\"version\":\"1\""), "another version"));
  EXPECT_TRUE(has(with("\"level\":\"process\"", "\"level\":\"<b>\\u202e\\n\""), "not known"));
  EXPECT_TRUE(has(with("\"tick\":", "\"tick\":0,\"x\":"), "no unit"));
  EXPECT_TRUE(has(with("\"tick\":", "\"tick\":1e300,\"x\":"), "no unit"));
  EXPECT_TRUE(has(with("\"start_ms\":", "\"start_ms\":1e300,\"x\":"), "no start"));
  EXPECT_TRUE(has(with("\"to\":", "\"to\":-1,\"x\":"), "before it begins"));
  EXPECT_TRUE(has(with("\"range\":null", "\"range\":[0.5,1]"), "range"));
  EXPECT_TRUE(has(with("\"range\":null", "\"range\":7"), "range"));
  EXPECT_TRUE(has(with("\"panels\":[", "\"panels\":[],\"x\":["), "no panel"));
  EXPECT_TRUE(has(with("\"first\":3", "\"first\":-3"), "cells"));
  EXPECT_TRUE(has(with("\"status\":\"oo\"", "\"status\":\"o\""), "cells"));
  EXPECT_TRUE(has(with("\"points\":11", "\"points\":1e12"), "number of points"));
  EXPECT_TRUE(has(with("\"points\":11", "\"points\":900000"), "damaged"));
  EXPECT_TRUE(has(with("\"memory_limit\":6.4e+07", "\"memory_limit\":-1"), "limit"));
  EXPECT_TRUE(has(with("\"panel\":1", "\"panel\":99"), "curve"));
  EXPECT_TRUE(has(with("\"step\":", "\"step\":null,\"x\":"), "curve"));
  EXPECT_TRUE(has(with("\"data\":\"", "\"data\":\"!"), "base64"));
  EXPECT_TRUE(has(with("\"data\":\"", "\"data\":\"AAAA"), "damaged"));
}

// A few bytes can stand for very many numbers.
TEST(ReadPlotDocument, BoundsWhatItUnpacks) {
  std::string json =
      replaced(plot_document(made_plot()).json, "\"points\":11", "\"points\":1000000");
  std::string curves;
  for (int i = 0; i < 100; ++i)
    curves += R"({"panel":0,"curve":0,"base":0,"step":1,"extremes":false},)";
  json = replaced(json, "\"curves\":[{", "\"curves\":[" + curves + "{");
  // Cells, then runs of a million zeros each.
  std::string data = "AAIAAg==";
  json = json.substr(0, json.find("\"data\":")) + "\"data\":\"" + data + "\"}";
  EXPECT_NE(problem(json), "none");
}

// Whatever is changed: an answer, and a plot that can be drawn.
TEST(ReadPlotDocument, SurvivesAnyDamage) {
  const std::string json = plot_document(made_plot()).json;
  size_t read = 0;
  const auto look = [&](std::string_view text) {
    const auto data = read_plot_document(text);
    if (!data) return;
    ++read;
    EXPECT_FALSE(plot_text(*data).empty());
    EXPECT_FALSE(plot_csv(*data).empty());
    EXPECT_FALSE(plot_document(*data).json.empty());
  };
  for (size_t at = 0; at < json.size(); ++at) {
    std::string changed = json;
    for (const char by : {'9', '"', 'A'}) {
      changed[at] = by;
      look(changed);
    }
    look(std::string_view(json).substr(0, at));
  }
  EXPECT_GT(read, json.size()) << "much of it is base64, where any digit is one";
}

}  // namespace
}  // namespace jumper::report
