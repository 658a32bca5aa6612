// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/plot/draw.h"

#include <gtest/gtest.h>

#include <array>
#include <limits>
#include <string>
#include <vector>

namespace jumper::plot {
namespace {

constexpr std::array<std::string_view, 4> kFormats = {"svg", "pdf", "png", "jpg"};

std::string drawn(const Chart& chart, std::string_view format) {
  auto bytes = draw(chart, format);
  EXPECT_TRUE(bytes.ok());
  return *std::move(bytes);
}

void expect_drawn(const Chart& chart) {
  for (const std::string_view format : kFormats) {
    const std::string bytes = drawn(chart, format);
    EXPECT_GT(bytes.size(), 100U) << format;
    EXPECT_LT(bytes.size(), 3'000'000U) << format;
    EXPECT_EQ(bytes, drawn(chart, format)) << format << " differs from time to time";
  }
}

Chart with_points(std::vector<double> x, std::vector<double> y) {
  Chart chart;
  chart.width_px = 300;
  chart.height_px = 160;
  chart.panels.push_back({"p", Unit::kBytes, {{"s", {}, x, y, y, y}}, std::nullopt});
  return chart;
}

TEST(Draw, FilesBeginAsTheirFormatsDo) {
  EXPECT_TRUE(drawn({}, "svg").starts_with("<svg xmlns="));
  EXPECT_TRUE(drawn({}, "pdf").starts_with("%PDF-1.4\n"));
  EXPECT_TRUE(drawn({}, "png").starts_with("\x89PNG\r\n"));
  EXPECT_TRUE(drawn({}, "jpeg").starts_with("\xFF\xD8\xFF\xE0"));
}

TEST(Draw, RefusesOtherFormats) {
  const auto refused = draw({}, "bmp");
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().message, "a picture is svg, pdf, png or jpg, not 'bmp'");
}

TEST(Draw, NumbersThatAreNone) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinity = std::numeric_limits<double>::infinity();
  const double largest = std::numeric_limits<double>::max();
  const std::vector<double> odd = {nan, infinity, -infinity, largest, -largest, 1e-320, 0, -0.0, 1};
  expect_drawn(with_points(odd, odd));
  Chart chart = with_points({0, 1}, {nan, nan});
  for (const double value : odd) {
    chart.cells.push_back({{value, infinity}, 0, "x"});
    chart.cells.push_back({{0.5, value}, std::numeric_limits<size_t>::max(), "x"});
    chart.idle.push_back({value, nan});
    chart.idle.push_back({nan, value});
    chart.idle.push_back({value, infinity});
    chart.panels[0].limit = Limit{value, "l"};
    chart.range = Span{value, -value};
    expect_drawn(chart);
    chart.range = Span{value, largest};
    expect_drawn(chart);
  }
}

TEST(Draw, FewPoints) {
  expect_drawn(with_points({}, {}));
  expect_drawn(with_points({5}, {5}));
  expect_drawn(with_points({5, 5, 5}, {1, 2, 3}));
  expect_drawn(with_points({1e10, 1e10 + 1e-6}, {1, 1}));
  Chart chart = with_points({1, 2}, {1, 2});
  chart.range = Span{2, 2};
  expect_drawn(chart);
  chart.range = Span{10, 20};
  expect_drawn(chart);
}

TEST(Draw, MillionsOfPointsAndCells) {
  std::vector<double> x(1'000'000);
  std::vector<double> y(x.size());
  Chart chart;
  for (size_t i = 0; i < x.size(); ++i) {
    x[i] = static_cast<double>(i) * 0.01;
    y[i] = static_cast<double>(i * 7919 % 1000);
    if (i % 10 == 0) chart.cells.push_back({{x[i], x[i] + 0.05}, i / 10, "name"});
    if (i % 50 == 0) chart.idle.push_back({x[i] + 0.1, x[i] + 0.2});
  }
  chart.panels.push_back({"p", Unit::kPercent, {{"s", {}, x, y, {}, {}}}, std::nullopt});
  const std::string with_gaps = drawn(chart, "svg");
  EXPECT_LT(with_gaps.size(), 20'000'000U);
  chart.idle.clear();
  EXPECT_LT(drawn(chart, "svg").size(), 200'000U);
  EXPECT_LT(drawn(chart, "png").size(), 200'000U);
}

TEST(Draw, LabelsOfAnyKind) {
  const std::string nul("a\0b", 3);
  for (const std::string& label :
       {std::string("</svg><script>alert(1)</script>"), std::string(10'000, 'W'), nul,
        std::string("\xD7\xA9\xD7\x9C\xD7\x95\xD7\x9D \xE2\x80\xAE abc"),
        std::string("\xFF\xFE\x80"), std::string("(((\\)))"), std::string("\r\n\t\x1B[31m")}) {
    Chart chart = with_points({0, 100}, {1, 2});
    chart.title = chart.description = chart.panels[0].title = chart.panels[0].series[0].label =
        label;
    chart.panels[0].limit = Limit{2, label};
    chart.cells = {{{0, 90}, 0, label}};
    expect_drawn(chart);
    EXPECT_EQ(drawn(chart, "svg").find("<script"), std::string::npos);
    EXPECT_EQ(drawn(chart, "svg").find('\0'), std::string::npos);
  }
}

TEST(Draw, PdfSaysWhereItsObjectsAre) {
  Chart chart = with_points({0, 100}, {1, 2});
  chart.title = "a (b) \\ c";
  const std::string pdf = drawn(chart, "pdf");
  EXPECT_NE(pdf.find("(a \\(b\\) \\\\ c) Tj"), std::string::npos);
  const size_t table = pdf.find("\nxref\n0 8\n") + 1;
  ASSERT_NE(table, std::string::npos + 1);
  EXPECT_NE(pdf.find("startxref\n" + std::to_string(table) + "\n%%EOF"), std::string::npos);
  for (size_t object = 1; object < 8; ++object) {
    const std::string entry = pdf.substr(table + 9 + 20 * object, 20);
    EXPECT_TRUE(entry.ends_with(" 00000 n \n")) << entry;
    EXPECT_EQ(pdf.substr(std::stoul(entry), 7), std::to_string(object) + " 0 obj");
  }
}

TEST(ParseColour, ReadsHexadecimals) {
  EXPECT_EQ(*parse_colour("#2f74C0"), (Colour{47, 116, 192, 255}));
  EXPECT_EQ(*parse_colour("#2f74c080"), (Colour{47, 116, 192, 128}));
  for (const std::string_view wrong :
       {"", "#", "red", "#12345", "#1234567", "#12345g", "#-12345", "2f74c0"}) {
    EXPECT_FALSE(parse_colour(wrong).ok()) << wrong;
  }
}

}  // namespace
}  // namespace jumper::plot
