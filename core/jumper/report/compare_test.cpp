// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/report/compare.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "jumper/base/json_reader.h"
#include "jumper/base/text.h"
#include "testing/golden.h"
#include "testing/made_costs.h"

namespace jumper::report {
namespace {

using analysis::CellCost;
using analysis::Comparison;
using jumper::testing::expect_golden;
using jumper::testing::kMadeMb;
using jumper::testing::made_costs;
using jumper::testing::MadeCost;
using jumper::testing::without_style;

constexpr auto kError = cells::CellStatus::kError;

std::string hostile() {
  std::string text =
      "</script><script>alert(1)</script>\" ' & <b> \\ \x1B[2J\x1B]0;title\x07 \xE2\x80\xAE"
      "rtl \xF0\x9F\x98\x80 \xFF\xC3 \r\n\t end";
  text += '\0';
  return text;
}

// A session and the same after a change: one cell slower for sure, one perhaps, one that failed.
std::vector<CellCost> before() {
  return made_costs({
      {"import numpy as np", 0.31, 0.3, 120 * kMadeMb, 30 * kMadeMb, 2 * kMadeMb, 0},
      {"data = load('measurements.csv')\ndata.head()", 2.5, 1.2, 700 * kMadeMb, 400 * kMadeMb,
       300 * kMadeMb, 0},
      {"train(model, data)", 8.1, 30, 900 * kMadeMb, 0, 0, 0},
      {"train(model, data)", 8.2, 30.3, 901 * kMadeMb, 0, 0, 0},
      {"train(model, data)", 8, 30.1, 900 * kMadeMb, 0, 0, 0},
      {"model.evaluate(data, with_a_long_list_of_things='that no table has room for')", 1.1, 1,
       910 * kMadeMb, -10 * kMadeMb, 0, 0},
      {"data.describe()", 0.2, 0.2, 910 * kMadeMb, 0, 0, 0},
      {"%perfmonitor_perfreport", 0.01},
  });
}
std::vector<CellCost> after() {
  return made_costs({
      {"import numpy as np", 0.3, 0.3, 121 * kMadeMb, 31 * kMadeMb, 0, 0},
      {"data = load('measurements.csv')\ndata.head()", 1.25, 1.2, 1400 * kMadeMb, 1100 * kMadeMb,
       300 * kMadeMb, 0},
      {"train(model, data)", 0.01, 0.01, 900 * kMadeMb, 0, 0, 0, kError},
      {"train(model, data)", 9.6, 36, 900 * kMadeMb, 0, 0, 0},
      {"train(model, data)", 9.7, 36.1, 901 * kMadeMb, 0, 0, 0},
      {"model.evaluate(data, with_a_long_list_of_things='that no table has room for')", 0.5,
       std::nullopt, std::nullopt, std::nullopt, 0, 0, kError},
      {"model.save('out.bin')", 0.4, 0.1, 900 * kMadeMb, 0, 0, 600 * kMadeMb},
  });
}

Comparison sessions() {
  Comparison comparison = analysis::compare(before(), after());
  comparison.a_name = "before.zip: 8 cells";
  comparison.b_name = "after.zip: 7 cells";
  return comparison;
}

Comparison two_cells() {
  const auto costs = before();
  Comparison comparison = analysis::compare_cells(costs, 1, costs, 2);
  comparison.a_name = "cell 1 of this session";
  comparison.b_name = "cell 2 of this session";
  return comparison;
}

size_t longest_line(const std::string& text) {
  size_t longest = 0;
  for (size_t at = 0; at < text.size();) {
    const size_t end = text.find('\n', at);
    longest = std::max(longest, base::code_points(text.substr(at, end - at)));
    at = end == std::string::npos ? text.size() : end + 1;
  }
  return longest;
}

TEST(CompareReport, OfSessionsIsTheGoldenOne) {
  expect_golden("compare_sessions.txt", compare_text(sessions()));
  expect_golden("compare_sessions.html", without_style(compare_html(sessions())));
}

TEST(CompareReport, OfTwoCellsIsTheGoldenOne) {
  expect_golden("compare_cells.txt", compare_text(two_cells()));
  expect_golden("compare_cells.html", without_style(compare_html(two_cells())));
}

TEST(CompareReport, FitsATerminalOfAHundredColumns) {
  // GIVEN days and terabytes
  const double huge = 4e6 * kMadeMb;
  std::vector<MadeCost> a;
  std::vector<MadeCost> b;
  for (int i = 0; i < 3; ++i) {
    const std::string source(500, static_cast<char>('a' + i));
    a.push_back({source, 100'000.0 * (i + 1), 7'000'000, huge, -huge, huge, huge});
    b.push_back({source, 119.99, 119.5, huge / 3, huge, huge / 9, 17 * kMadeMb});
  }
  a.push_back(a[0]);

  // THEN
  EXPECT_LE(longest_line(compare_text(analysis::compare(made_costs(a), made_costs(b)))), 100U);
  EXPECT_LE(longest_line(compare_text(sessions())), 100U);
  EXPECT_LE(longest_line(compare_text(two_cells())), 100U);
}

TEST(CompareReport, SaysThatTheNoiseIsUnknownWithoutRepeats) {
  const auto comparison = analysis::compare(made_costs({{"f()", 1}}), made_costs({{"f()", 2}}));
  for (const std::string& shown : {compare_text(comparison), compare_html(comparison)}) {
    EXPECT_NE(shown.find("No repeats: noise unknown"), std::string::npos) << shown;
    EXPECT_EQ(shown.find("beyond"), std::string::npos) << shown;
    EXPECT_EQ(shown.find("class=\"jumper-bad\""), std::string::npos) << shown;
  }
}

TEST(CompareReport, CountsSlowerAndFasterCells) {
  const auto summary = [](double b_one, double b_two) {
    const std::string text = compare_text(analysis::compare(
        made_costs({{"one", 1}, {"two", 2}}), made_costs({{"one", b_one}, {"two", b_two}})));
    const size_t begin = text.find("\nB  ");
    const size_t line = text.find('\n', begin + 1) + 1;
    return text.substr(line, text.find("\nNo repeats", line) - line);
  };
  EXPECT_EQ(summary(1, 2), "0 of 2 cells slower or faster: total 3.00 s -> 3.00 s (0)");
  EXPECT_EQ(summary(2, 2),
            "1 of 2 cells slower: total 3.00 s -> 4.00 s (+33 %)\n"
            "Most of that is in cell 0: +1.00 s.");
  EXPECT_EQ(summary(1, 1),
            "1 of 2 cells faster, none slower: total 3.00 s -> 2.00 s (-33 %)\n"
            "Most of that is in cell 1: -1.00 s.");
  EXPECT_EQ(summary(2, 0.5),
            "1 of 2 cells slower, 1 faster: total 3.00 s -> 2.50 s (-17 %)\n"
            "Most of that is in cell 1: -1.50 s.");
}

TEST(CompareReport, WithoutPartnersSaysSo) {
  const auto comparison = analysis::compare(made_costs({{"old()", 1}}), made_costs({{"new()", 2}}));
  for (const std::string& shown : {compare_text(comparison), compare_html(comparison)}) {
    EXPECT_NE(shown.find("No cell of A has the same source as one of B."), std::string::npos);
    EXPECT_NE(shown.find("Only in A: 1 cell"), std::string::npos);
    EXPECT_NE(shown.find("Only in B: 1 cell"), std::string::npos);
  }
  EXPECT_NE(compare_text(analysis::compare({}, {})).find("No cell of A"), std::string::npos);
}

TEST(CompareReport, NothingOfTheUsersMeansAnything) {
  // GIVEN
  Comparison comparison = analysis::compare(made_costs({{hostile(), 1}, {"</td>" + hostile(), 1}}),
                                            made_costs({{hostile(), 2}}));
  comparison.a_name = hostile();
  comparison.b_name = hostile();

  // THEN
  const std::string html = compare_html(comparison);
  EXPECT_EQ(html.find("<script"), std::string::npos);
  EXPECT_EQ(html.find("<b>"), std::string::npos);
  EXPECT_EQ(html.find('\x1B'), std::string::npos);
  for (const char c : compare_text(comparison)) {
    EXPECT_TRUE(static_cast<unsigned char>(c) >= 0x20 || c == '\n') << static_cast<int>(c);
  }
  EXPECT_EQ(compare_text(comparison).find("\xE2\x80\xAE"), std::string::npos);
  EXPECT_TRUE(base::parse_json(compare_json(comparison)).ok());
}

TEST(CompareReport, JsonHasNullForWhatIsAbsent) {
  // GIVEN a number that is none
  MadeCost odd;
  odd.peak_bytes = std::numeric_limits<double>::quiet_NaN();

  // WHEN
  const auto json =
      base::parse_json(compare_json(analysis::compare(made_costs({odd}), made_costs({odd}))));

  // THEN
  ASSERT_TRUE(json.ok());
  const auto& metrics = json->at("cells").at(size_t{0}).at("metrics");
  EXPECT_TRUE(metrics.at("peak_memory").at("a").is_null());
  EXPECT_EQ(metrics.at("peak_memory").at("verdict").text, "absent");
  EXPECT_EQ(metrics.at("duration").at("verdict").text, "noise_unknown");
  EXPECT_EQ(metrics.at("duration").at("unit").text, "seconds");
  EXPECT_EQ(json->at("total_of_all").at("duration").at("b").number, 1);
}

TEST(CompareReport, ShowsTheCellsThatChangedMostOfMany) {
  // GIVEN
  std::vector<MadeCost> a;
  std::vector<MadeCost> b;
  for (int i = 0; i < 700; ++i) {
    a.push_back({"step(" + std::to_string(i) + ")", 1});
    b.push_back({"step(" + std::to_string(i) + ")", i == 650 ? 9.0 : 1.0});
  }

  // THEN
  const auto comparison = analysis::compare(made_costs(a), made_costs(b));
  for (const std::string& shown : {compare_text(comparison), compare_html(comparison)}) {
    EXPECT_NE(shown.find("650"), std::string::npos);
    EXPECT_NE(shown.find("200 not shown"), std::string::npos);
    EXPECT_LT(shown.size(), 400'000U);
  }
}

}  // namespace
}  // namespace jumper::report
