// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/report/history.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "jumper/base/text.h"
#include "testing/golden.h"

namespace jumper::report {
namespace {

using analysis::CellCost;
using jumper::testing::expect_golden;
using jumper::testing::without_style;

constexpr double kMb = 1024.0 * 1024;
constexpr int64_t kSecond = 1'000'000'000;

#define ELLIPSIS "\xE2\x80\xA6"

// Times are shown by the local clock: here it is the one of Greenwich.
class History : public ::testing::Test {
 protected:
  void SetUp() override {
    ::setenv("TZ", "UTC", 1);
    ::tzset();
  }

  // A cell that ran at the `index`th minute; nothing was measured.
  static CellCost cell_of(size_t index, std::string source,
                          cells::CellStatus status = cells::CellStatus::kOk) {
    cells::Cell cell;
    cell.index = index;
    cell.source = std::move(source);
    cell.start_ns = static_cast<int64_t>(index) * 60 * kSecond;
    cell.end_ns = cell.start_ns + 1'500'000'000;
    cell.wall_start_ns = 1'700'000'000 * kSecond + cell.start_ns;
    cell.wall_end_ns = cell.wall_start_ns + 1'500'000'000;
    cell.status = status;
    CellCost cost;
    cost.cell = std::make_shared<const cells::Cell>(std::move(cell));
    return cost;
  }

  static CellCost measured(CellCost cost, double cpu_seconds, double peak_bytes,
                           double change_bytes) {
    cost.summary.measured_ns = 1'500'000'000;
    cost.summary.cpu_seconds = cpu_seconds;
    cost.summary.memory_change_bytes = change_bytes;
    cost.peak_bytes = peak_bytes;
    return cost;
  }

  static std::vector<CellCost> session() {
    return {measured(cell_of(0, "import numpy as np"), 0.75, 130 * kMb, 40 * kMb),
            measured(cell_of(1, "for i in range(10):\n    print(i)"), 0.0012, 131 * kMb, -2048),
            measured(cell_of(2, "1 / 0", cells::CellStatus::kError), 0, 131 * kMb, 0),
            cell_of(3, "%perfmonitor_stop", cells::CellStatus::kInterrupted)};
  }

  // The code of the only cell as the text shows it.
  static std::string shown(const std::string& source) {
    const std::string text = history_text(std::vector{cell_of(0, source)});
    const size_t heading = text.find("Code");
    const size_t line = text.find('\n', text.find('\n') + 1) + 1;
    const size_t end = text.find('\n', line);
    EXPECT_EQ(end + 1, text.size()) << "more than one line:\n" << text;
    return text.substr(line + heading, end - line - heading);
  }
};

TEST_F(History, TextIsTheGoldenOne) {
  expect_golden("history.txt", history_text(session()));
}
TEST_F(History, HtmlIsTheGoldenOne) {
  expect_golden("history.html", without_style(history_html(session())));
}

TEST_F(History, WithoutCellsSaysSo) {
  EXPECT_EQ(history_text({}), "No cell has finished yet.\n");
  EXPECT_NE(history_html({}).find("No cell has finished yet."), std::string::npos);
  EXPECT_TRUE(history_html({}).ends_with("</div>"));
}

TEST_F(History, TextShowsTheFirstLineThatSaysSomething) {
  EXPECT_EQ(shown("x = 1"), "x = 1");
  EXPECT_EQ(shown("\n\n   x = 1  \n"), "x = 1");
  EXPECT_EQ(shown("x = 1\ny = 2"), "x = 1 " ELLIPSIS);
  EXPECT_EQ(shown("x = 1\r\ny = 2"), "x = 1 " ELLIPSIS);
}

TEST_F(History, TextCutsLongLinesOnce) {
  // A line is cut to 44 columns, whatever follows it.
  EXPECT_EQ(shown(std::string(44, 'x')), std::string(44, 'x'));
  for (size_t length = 45; length < 50; ++length) {
    const std::string cut = std::string(43, 'x') + ELLIPSIS;
    EXPECT_EQ(shown(std::string(length, 'x')), cut) << length;
    EXPECT_EQ(shown(std::string(length, 'x') + "\nmore"), cut) << length;
  }
}

TEST_F(History, TextTellsOfMoreLinesWhateverTheFirstHolds) {
  EXPECT_EQ(shown("print('\x1B[31m')\nmore"), "print('\xEF\xBF\xBD[31m') " ELLIPSIS);
  EXPECT_EQ(shown("\xC3\xA9\nmore"), "\xC3\xA9 " ELLIPSIS);
}

TEST_F(History, TextKeepsEachCellOnOneHarmlessLine) {
  for (const std::string& source : {std::string("a\rb"), std::string("a\0b", 3),
                                    std::string("\x1B]0;title\x07"), std::string("a\x0B\x0C\x85z"),
                                    std::string("\xE2\x80\xAE"
                                                "abc"),
                                    std::string("\xC2\x9B"
                                                "2J"),
                                    std::string(1'000'000, 'x'), std::string(" \n\t")}) {
    const std::string line = shown(source);
    for (const char c : line) {
      EXPECT_GE(static_cast<unsigned char>(c), 0x20U);
      EXPECT_NE(c, '\x7F');
    }
    EXPECT_EQ(line.find("\xE2\x80\xAE"), std::string::npos);
    EXPECT_EQ(line.find("\xC2\x9B"), std::string::npos);
    EXPECT_LE(base::code_points(line), 46U);
    EXPECT_EQ(base::valid_utf8(line), line);
  }
}

TEST_F(History, HtmlEscapesWhatWasTyped) {
  // GIVEN
  const std::string source = std::string("</script><script>alert('\"')</script>") + '\0' +
                             "\n\x1B[2J \xE2\x80\xAE <img src=x>";

  // WHEN
  const std::string html = history_html(std::vector{cell_of(0, source)});

  // THEN
  for (const std::string_view danger : {"<script", "</script", "<img", "\x1B", "\xE2\x80\xAE"}) {
    EXPECT_EQ(html.find(danger), std::string::npos) << danger;
  }
  EXPECT_EQ(html.find('\0'), std::string::npos);
  EXPECT_NE(html.find("&lt;/"), std::string::npos);
  EXPECT_NE(html.find("&#39;&quot;&#39;"), std::string::npos);
  EXPECT_NE(html.find("&lt;img src=x&gt;"), std::string::npos);
}

TEST_F(History, HtmlOpensLongSourcesOnly) {
  const auto has_details = [](const std::string& source) {
    return history_html(std::vector{cell_of(0, source)}).find("<details>") != std::string::npos;
  };
  EXPECT_FALSE(has_details("x = 1"));
  EXPECT_FALSE(has_details("  x = 1\n"));
  EXPECT_TRUE(has_details("x = 1\ny = 2"));
  EXPECT_FALSE(has_details(std::string(120, 'x')));
  EXPECT_TRUE(has_details(std::string(121, 'x')));
}

TEST_F(History, HtmlColoursTheCode) {
  const std::string html = history_html(std::vector{cell_of(0, "import a\nb = 'x'")});
  // The line that is seen when it is closed, and the whole.
  EXPECT_NE(
      html.find("<summary><code class=\"jumper-code\"><span class=\"jumper-k\">import</span> a"
                "</code><span class=\"jumper-quiet\">2 lines</span></summary>"),
      std::string::npos);
  EXPECT_NE(html.find("<span class=\"jumper-k\">import</span> a\nb = "
                      "<span class=\"jumper-s\">&#39;x&#39;</span></code></details>"),
            std::string::npos);
}

TEST_F(History, HtmlCutsAMegabyteAndSaysHowMuchThereIs) {
  // GIVEN a source of two-byte characters, so that no cut at an odd byte goes unseen
  std::string source = "a";
  while (source.size() < 1'000'000) source += "\xC3\xA9";

  // WHEN
  const std::string html = history_html(std::vector{cell_of(0, source)});

  // THEN
  EXPECT_LT(html.size(), 50'000U);
  EXPECT_NE(html.find("977 kB in all: %perfmonitor_export_cell_history"), std::string::npos);
  EXPECT_EQ(html.find("\xEF\xBF\xBD"), std::string::npos) << "a character was cut in two";
}

TEST_F(History, ManyCellsAreTheLastOnesAndALine) {
  // GIVEN as many cells as a session of weeks has, each with a source of its own
  std::vector<CellCost> costs;
  costs.reserve(10'000);
  for (size_t i = 0; i < 10'000; ++i)
    costs.push_back(cell_of(i, "number_" + std::to_string(i) + " = '" + std::string(5000, 'x')));

  // WHEN
  const std::string html = history_html(costs);
  const std::string text = history_text(costs);

  // THEN what is shown is bounded, and says what it is
  EXPECT_LT(html.size(), 1'000'000U);
  EXPECT_LT(text.size(), 100'000U);
  const std::string note =
      "the last 500 of 10000 cells: %perfmonitor_export_cell_history cells.csv writes all of them";
  for (const std::string* shown : {&html, &text}) {
    EXPECT_NE(shown->find(note), std::string::npos);
    EXPECT_EQ(shown->find("number_9499 "), std::string::npos);
    EXPECT_NE(shown->find("number_9500 "), std::string::npos);
    EXPECT_NE(shown->find("number_9999 "), std::string::npos);
  }
  // The last sources are there whole, the first of them in one line.
  EXPECT_NE(html.find("= <span class=\"jumper-s\">&#39;" + std::string(5000, 'x')),
            std::string::npos);
  EXPECT_NE(html.find("<code class=\"jumper-code\"></code><span class=\"jumper-quiet\">"),
            std::string::npos);
}

TEST_F(History, BarsAreSharesOfTheLargest) {
  std::vector<CellCost> costs = session();
  costs[0].summary.cpus = costs[1].summary.cpus = costs[2].summary.cpus = 4;
  const std::string html = without_style(history_html(costs));
  EXPECT_NE(html.find("<td data-v=\"0.750000\" style=\"--j-bar:1.00\">750.0 ms"),
            std::string::npos);
  // Half a core of four; and a bar that could not be seen is none.
  EXPECT_NE(html.find("<td data-v=\"0.5000\" style=\"--j-bar:0.12\">0.50"), std::string::npos);
  EXPECT_NE(html.find("<td data-v=\"0.001200\">1.2 ms"), std::string::npos);
  // Memory that was given back has none either.
  EXPECT_NE(html.find("<td data-v=\"-2048\">-2 kB"), std::string::npos);
}

TEST_F(History, StorageIsShownWhereItWasUsed) {
  std::vector<CellCost> costs = session();
  for (CellCost& cost : costs) cost.summary.io_read_bytes = cost.summary.io_write_bytes = 0;
  EXPECT_EQ(history_text(costs), history_text(session()));
  EXPECT_EQ(history_html(costs).find("Read"), std::string::npos);
  costs[1].summary.io_read_bytes = 3 * kMb;
  EXPECT_NE(history_text(costs).find("  Read  Code"), std::string::npos);
  EXPECT_NE(history_text(costs).find("  3.0 MB  for i"), std::string::npos);
  EXPECT_NE(history_html(costs).find(">3.0 MB</td>"), std::string::npos);
  EXPECT_EQ(history_html(costs).find("Written"), std::string::npos);
}

TEST_F(History, GpusAreShownWhereThereAreSome) {
  std::vector<CellCost> costs = session();
  EXPECT_EQ(history_text(costs).find("GPU"), std::string::npos);
  costs[0].summary.gpu_utilization = 0.5;
  costs[0].summary.gpu_memory_peak_bytes = 3 * kMb;
  costs[0].summary.gpu_energy_joules = 0;
  const std::string text = history_text(costs);
  EXPECT_NE(text.find("   GPU  GPU peak  GPU energy  Code"), std::string::npos) << text;
  EXPECT_NE(text.find("  50 %    3.0 MB       0.0 J  import"), std::string::npos) << text;
  // Of the other cells nothing was measured, which is not 0.
  EXPECT_NE(text.find("     -         -           -  for i"), std::string::npos) << text;
  EXPECT_NE(
      without_style(history_html(costs)).find("<td data-v=\"0.5000\" style=\"--j-bar:0.50\">"),
      std::string::npos);
}

TEST_F(History, StartsOnSeveralDaysHaveTheirDates) {
  std::vector<CellCost> costs = {cell_of(0, "x"), cell_of(60, "y")};
  EXPECT_NE(history_text(costs).find("   0  22:13:20"), std::string::npos);
  costs.push_back(cell_of(120, "z"));
  EXPECT_NE(history_text(costs).find("   0  2023-11-14 22:13:20"), std::string::npos);
  EXPECT_NE(history_text(costs).find(" 120  2023-11-15 00:13:20"), std::string::npos);
}

TEST_F(History, TheCodeOfOneTableIsSmall) {
  const std::string html = history_html(session());
  EXPECT_LT(html.find("</style>"), 6000U);
}

TEST_F(History, HtmlMarksWhatDidNotEndWell) {
  const std::string html = history_html(session());
  EXPECT_NE(html.find("<span class=\"jumper-bad\">error</span>"), std::string::npos);
  EXPECT_NE(html.find("<span class=\"jumper-bad\">interrupted</span>"), std::string::npos);
  EXPECT_EQ(html.find("<span class=\"jumper-bad\">ok</span>"), std::string::npos);
}

}  // namespace
}  // namespace jumper::report
