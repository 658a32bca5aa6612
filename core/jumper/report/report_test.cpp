// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/report/report.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "jumper/base/text.h"
#include "testing/golden.h"
#include "testing/json_check.h"

namespace jumper::report {
namespace {

using analysis::Spread;
using jumper::testing::expect_golden;
using jumper::testing::Json;
using jumper::testing::parse_json;
using jumper::testing::without_style;

constexpr double kGb = 1024.0 * 1024 * 1024;
constexpr double kMb = 1024.0 * 1024;

// The example that users were shown, with everything measured.
Report full_report() {
  Report report;
  report.cells = cells::CellRange{0, 7};
  report.duration_seconds = 11.0812;
  report.summary.measured_ns = 11'000'000'000;
  report.summary.measured_intervals = 8;
  report.summary.samples = 28;
  report.summary.cpus = 4;
  report.summary.cpu_percent = Spread{10.549, 3.861, 45.912};
  report.summary.cpu_seconds = 4.675;
  report.summary.memory_bytes = Spread{7.8 * kGb, 7.744 * kGb, 7.99 * kGb};
  report.summary.memory_change_bytes = 250 * kMb;
  report.summary.io_read_bytes = 12.5 * kMb;
  report.summary.io_write_bytes = 3 * kGb;
  report.summary.io_read_calls = 1;
  report.summary.io_write_calls = 512;
  report.summary.most_processes = 3;
  report.memory_limit_bytes = 15.4 * kGb;
  report.memory_limit_reason = "cgroup /sys/fs/cgroup/job/memory.max";
  report.peak = analysis::Peak{8.1 * kGb, false};
  report.wall = {{analysis::WallPart::kUser, 6.6},
                 {analysis::WallPart::kSystem, 0.05},
                 {analysis::WallPart::kRunQueue, 1.1},
                 {analysis::WallPart::kIdle, 3.25}};
  report.signatures = {{"memory-bound", 0.84, "84 % of the memory limit in use on average"}};
  report.cost.cpu_seconds = 0.011;
  report.cost.elapsed_seconds = 100;
  report.cost.ticks = 28;
  report.cost.missed_ticks = 1;
  report.cost.stretched_ticks = 2;
  report.cost.left_out = {{"user level", 3}, {"disk", 1}};
  report.cost.late_mean_seconds = 0.00012;
  report.cost.late_max_seconds = 0.0031;
  report.cost.interval_seconds = 0.5;
  report.cost.budget_percent = 0.5;
  return report;
}

// A control group that was held back, and whose memory reached its limit.
Report group_report() {
  Report report = full_report();
  report.scope = metric::Scope::kContainer;
  report.wall.clear();
  report.signatures.clear();
  report.group.emplace();
  report.group->file_cache_bytes = Spread{100 * kMb, 50 * kMb, 300 * kMb};
  report.group->highest_bytes = 9 * kGb;
  report.group->throttled_seconds = 2.5;
  report.group->limit_hits = 12;
  report.group->high_hits = 1;
  report.group->oom_kills = 2;
  report.group->waited_for_cpu_seconds = 0.25;
  report.group->waited_for_memory_seconds = 0;
  return report;
}

// Nothing could be measured.
Report empty_report() {
  Report report;
  report.notes = {"no two samples lie in this range, so there are no rates to show"};
  report.cost.interval_seconds = 1;
  return report;
}

TEST(GroupReport, SaysWhatHeldTheGroupBack) {
  const std::string text = to_text(group_report());
  for (const char* line :
       {"level container: all that runs in the same container",
        "File cache  100.0 MB on average, 300.0 MB at most", "Memory ever 9.00 GB at most",
        "Throttled   held back by the CPU quota for 2.50 s",
        "Memory hits at the limit 12 times, slowed down over memory.high 1 time\n",
        "Killed      2 processes, by the kernel, for want of memory\n",
        "Waiting     at least one task waited for a CPU 250.0 ms\n"})
    EXPECT_NE(text.find(line), std::string::npos) << line << "\nin\n" << text;
  EXPECT_NE(to_html(group_report()).find("Throttled"), std::string::npos);
}

TEST(GroupReport, SaysNothingOfWhatIsZeroOrUnknown) {
  // GIVEN a group that tells little, and to which nothing happened
  Report report = group_report();
  report.group = analysis::GroupCost{};
  report.group->throttled_seconds = 0;
  report.group->oom_kills = 0;

  // THEN
  const std::string text = to_text(report);
  for (const char* word : {"File cache", "Throttled", "Memory hits", "Killed", "Waiting"})
    EXPECT_EQ(text.find(word), std::string::npos) << word;
}

TEST(GroupReport, HasItsNumbersAsJson) {
  const auto json = parse_json(to_json(group_report()));
  ASSERT_TRUE(json);
  const Json& group = json->at("group");
  EXPECT_EQ(group.at("throttled_seconds").number, 2.5);
  EXPECT_EQ(group.at("oom_kills").number, 2);
  EXPECT_TRUE(group.at("waited_for_io_seconds").is_null());
  EXPECT_TRUE(parse_json(to_json(full_report()))->at("group").is_null());
}

// Text that means something to a terminal, a browser, a reader of JSON.
std::string hostile() {
  std::string text =
      "</script><script>alert(1)</script>\" ' & <b> \\ \x1B[2J\x1B]0;title\x07 \xE2\x80\xAE"
      "rtl \xF0\x9F\x98\x80 \xFF\xC3 \r\n\t end";
  text += '\0';
  return text;
}

// No bytes that a terminal obeys or a reader could be deceived by, but for the ends of lines.
void expect_harmless(std::string_view text) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    EXPECT_TRUE(byte >= 0x20 || c == '\n') << "control character " << static_cast<int>(byte);
    EXPECT_NE(byte, 0x7FU);
  }
  EXPECT_EQ(text.find("\xE2\x80\xAE"), std::string_view::npos) << "direction mark";
  EXPECT_EQ(text.find("\xC2\x9B"), std::string_view::npos) << "C1 control";
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (size_t at = 0; at < text.size();) {
    const size_t end = text.find('\n', at);
    lines.push_back(text.substr(at, end - at));
    at = end == std::string::npos ? text.size() : end + 1;
  }
  return lines;
}

TEST(ReportText, OpensWithTheTableUsersKnowToTheLetter) {
  // WHEN
  const std::vector<std::string> lines = lines_of(to_text(full_report()));

  // THEN
  ASSERT_GE(lines.size(), 8U);
  EXPECT_EQ(lines[0], std::string(40, '-'));
  EXPECT_EQ(lines[1], "Performance Report");
  EXPECT_EQ(lines[2], std::string(40, '-'));
  EXPECT_EQ(lines[3], "Duration: 11.08s");
  EXPECT_EQ(lines[4], "Metric                    AVG      MIN      MAX      TOTAL   ");
  EXPECT_EQ(lines[5], std::string(65, '-'));
  EXPECT_EQ(lines[6], "CPU Util (Across CPUs)    10.55    3.86     45.91    -       ");
  EXPECT_EQ(lines[7], "Memory (GB)               7.80     7.74     7.99     15.40   ");
}

TEST(ReportText, IsTheGoldenOne) {
  expect_golden("report_full.txt", to_text(full_report()));
  expect_golden("report_empty.txt", to_text(empty_report()));
}

TEST(ReportHtml, IsTheGoldenOne) {
  expect_golden("report_full.html", without_style(to_html(full_report())));
  expect_golden("report_empty.html", without_style(to_html(empty_report())));
}

TEST(ReportJson, IsTheGoldenOne) {
  expect_golden("report_full.json", to_json(full_report()));
  expect_golden("report_empty.json", to_json(empty_report()));
}

TEST(ReportText, NamesTheCells) {
  Report report = full_report();
  const auto cells_line = [&] { return detail_lines(report)[0].content; };
  EXPECT_EQ(cells_line(), "0 to 7 (8 cells); level process: this process and its descendants");

  report.cells = cells::CellRange{3, 3};
  report.single_cell_status = "ok";
  report.scope = metric::Scope::kUser;
  EXPECT_EQ(cells_line(), "3; level user: all processes of this user");

  report.single_cell_status = "interrupted";
  report.scope = metric::Scope::kSystem;
  EXPECT_EQ(cells_line(), "3 (interrupted); level system: the whole machine");

  report.cells.reset();
  report.scope = metric::Scope::kSlurm;
  EXPECT_EQ(cells_line(), "all monitored time; level slurm: the Slurm job");
}

TEST(ReportText, SaysWhetherThePeakIsExact) {
  Report report = full_report();
  EXPECT_NE(to_text(report).find("8.10 GB of 15.40 GB, 53 % (highest sample)\n"),
            std::string::npos);
  report.peak->is_exact = true;
  EXPECT_NE(to_text(report).find("8.10 GB of 15.40 GB, 53 % (exact)\n"), std::string::npos);
  report.memory_limit_bytes.reset();
  EXPECT_NE(to_text(report).find("8.10 GB (exact)\n"), std::string::npos);
  EXPECT_EQ(table_rows(report)[1].total, "-");
}

TEST(ReportText, ShowsAbsentValuesAsSuch) {
  const std::vector<TableRow> rows = table_rows(empty_report());
  for (const TableRow& row : rows) {
    EXPECT_EQ(row.average, "n/a") << row.metric;
    EXPECT_EQ(row.minimum, "n/a") << row.metric;
    EXPECT_EQ(row.maximum, "n/a") << row.metric;
    EXPECT_EQ(row.total, "-") << row.metric;
  }
  Report report = full_report();
  report.summary.io_write_bytes.reset();
  EXPECT_NE(to_text(report).find("I/O         n/a\n"), std::string::npos);
}

TEST(ReportText, CountsDiskRequestsOnTheMachine) {
  Report report = full_report();
  report.scope = metric::Scope::kSystem;
  EXPECT_NE(
      to_text(report).find("read 12.5 MB (1 request), written 3.00 GB (512 requests), all disks\n"),
      std::string::npos);
}

TEST(ReportText, SaysWhenCellsWereNotMonitored) {
  Report report = full_report();
  report.unmonitored_cells = 1;
  EXPECT_NE(to_text(report).find("Note        1 cell ran while the monitor was off"),
            std::string::npos);
  report.unmonitored_cells = 2;
  EXPECT_NE(to_text(report).find("Note        2 cells ran while the monitor was off"),
            std::string::npos);
}

TEST(ReportText, SaysThatItDoesNotKnowWhatMeasuringCost) {
  Report report = full_report();
  report.cost.is_known = false;
  report.unmonitored_cells = 1;
  const std::string text = to_text(report);
  EXPECT_NE(text.find("Monitor     n/a: the session does not say"), std::string::npos) << text;
  EXPECT_NE(text.find("1 cell lasted for less than two samples"), std::string::npos) << text;
  EXPECT_NE(to_json(report).find("\"monitor\": null"), std::string::npos);
}

TEST(ReportText, NumbersWiderThanTheirColumnStayWhole) {
  Report report = full_report();
  report.summary.cpu_percent = Spread{123456.789, 0, 9999999.5};
  const std::string text = to_text(report);
  EXPECT_NE(text.find("123456.79 0.00     9999999.50 -"), std::string::npos) << text;
}

TEST(ReportText, NumbersThatAreNotFiniteAreNotShown) {
  Report report = full_report();
  report.summary.cpu_percent =
      Spread{std::numeric_limits<double>::quiet_NaN(), 0, std::numeric_limits<double>::infinity()};
  EXPECT_EQ(table_rows(report)[0].average, "n/a");
  EXPECT_EQ(table_rows(report)[0].maximum, "n/a");
  EXPECT_TRUE(parse_json(to_json(report)).ok());
}

TEST(ReportText, HostileTextsDoNoHarm) {
  // GIVEN a control group and a note with such names
  Report report = full_report();
  report.memory_limit_reason = hostile();
  report.notes = {hostile()};
  report.signatures = {{"memory-bound", 1, hostile()}};
  report.single_cell_source = hostile();
  report.single_cell_status = hostile();

  // WHEN
  const std::string text = to_text(report);

  // THEN each stays on its line
  expect_harmless(text);
  EXPECT_EQ(lines_of(text).size(), lines_of(to_text(full_report())).size() + 1);
}

TEST(ReportHtml, HostileTextsDoNoHarm) {
  // GIVEN
  Report report = full_report();
  report.cells = cells::CellRange{1, 1};
  report.memory_limit_reason = hostile();
  report.notes = {hostile()};
  report.signatures = {{"memory-bound", 1, hostile()}};
  report.single_cell_source = hostile();
  report.single_cell_status = hostile();

  // WHEN
  const std::string html = to_html(report);

  // THEN
  EXPECT_EQ(html.find("<script"), std::string::npos);
  EXPECT_EQ(html.find("</script"), std::string::npos);
  EXPECT_EQ(html.find("<b>"), std::string::npos);
  EXPECT_EQ(html.find('\0'), std::string::npos);
  EXPECT_EQ(html.find('\x1B'), std::string::npos);
  EXPECT_EQ(html.find("\xE2\x80\xAE"), std::string::npos);
  EXPECT_NE(html.find("&lt;/script&gt;&lt;script&gt;alert(1)"), std::string::npos);
}

TEST(ReportHtml, IsAFragmentWithItsStyleAndNoScript) {
  const std::string html = to_html(full_report());
  EXPECT_TRUE(html.starts_with("<div class=\"jumper-report\"><style>"));
  EXPECT_TRUE(html.ends_with("</div>"));
  for (const std::string_view tag :
       {"<script", "<html", "<body", "<link", "onload=", "http:", "https:"}) {
    EXPECT_EQ(html.find(tag), std::string::npos) << tag;
  }
  for (const std::string_view tag :
       {"div", "table", "thead", "tbody", "tr", "th", "td", "dl", "dt", "dd", "span", "details"}) {
    const auto count = [&](const std::string& what) {
      size_t found = 0;
      for (size_t at = html.find(what); at != std::string::npos; at = html.find(what, at + 1))
        ++found;
      return found;
    };
    const std::string name(tag);
    EXPECT_EQ(count("<" + name + ">") + count("<" + name + " "), count("</" + name + ">")) << tag;
  }
}

// Without bars and dots: those are <i> and <span> elements with attributes.
std::string without_pictures(const std::string& html) {
  std::string words;
  for (size_t at = 0; at < html.size();) {
    const std::string_view rest = std::string_view(html).substr(at);
    const bool is_picture = rest.starts_with("<i ") || rest.starts_with("</i>") ||
                            rest.starts_with("<span class=\"jumper-") ||
                            rest.starts_with("</span>");
    if (is_picture) {
      at += rest.find('>') + 1;
    } else {
      words += html[at++];
    }
  }
  return words;
}

TEST(ReportHtml, SaysWhatTheTextSays) {
  const Report report = full_report();
  const std::string html = to_html(report);
  const std::string words = without_pictures(html);
  for (const TableRow& row : table_rows(report)) {
    for (const std::string& content :
         {row.metric, row.average, row.minimum, row.maximum, row.total}) {
      EXPECT_NE(html.find(">" + content + "<"), std::string::npos) << content;
    }
  }
  for (const Line& line : detail_lines(report)) {
    const std::string wanted = "<dt>" + line.label + "</dt><dd>" + line.content + "</dd>";
    EXPECT_NE(words.find(wanted), std::string::npos) << line.label;
  }
}

TEST(ReportHtml, TheBarOfTheWallTimeHasItsParts) {
  // GIVEN
  const Report report = full_report();
  const std::vector<WallPercent> parts = wall_percents(report.wall);
  ASSERT_GT(parts.size(), 1U);

  // WHEN
  const std::string html = to_html(report);

  // THEN each has its width
  for (const WallPercent& part : parts) {
    const std::string wanted = "width:" + base::fixed(part.percent, 1) + "%\" title=\"" + part.text;
    EXPECT_NE(html.find(wanted), std::string::npos) << part.text;
  }
}

TEST(ReportHtml, ABarWithoutALimitOrMeasurementIsNone) {
  Report report = full_report();
  report.wall.clear();
  report.memory_limit_bytes.reset();
  EXPECT_EQ(to_html(report).find("class=\"jumper-bar\""), std::string::npos);
}

TEST(ReportHtml, FoldsUpWhatIsAside) {
  const std::string html = to_html(full_report());
  const size_t fold = html.find("<details>");
  ASSERT_NE(fold, std::string::npos);
  for (const std::string_view label : {"Processes", "Limit", "Monitor"})
    EXPECT_GT(html.find("<dt>" + std::string(label) + "</dt>"), fold) << label;
  for (const std::string_view label : {"Cells", "Signature", "Wall time", "Memory peak", "I/O"})
    EXPECT_LT(html.find("<dt>" + std::string(label) + "</dt>"), fold) << label;
  EXPECT_NE(html.find("<span class=\"jumper-tag\">memory-bound</span>: 84 %"), std::string::npos);
}

TEST(ReportHtml, NamesTheOneCellInItsTitle) {
  Report report = full_report();
  report.cells = cells::CellRange{12, 12};
  EXPECT_NE(to_html(report).find("Performance Report of cell 12<"), std::string::npos);
}

TEST(ReportJson, HoldsTheNumbersUncut) {
  // WHEN
  const auto json = parse_json(to_json(full_report()));

  // THEN
  ASSERT_TRUE(json.ok()) << json.error().message;
  EXPECT_EQ(json->at("level").text, "process");
  EXPECT_EQ(json->at("first_cell").number, 0);
  EXPECT_EQ(json->at("last_cell").number, 7);
  EXPECT_EQ(json->at("cells").number, 8);
  EXPECT_EQ(json->at("duration_seconds").number, 11.0812);
  EXPECT_EQ(json->at("measured_seconds").number, 11);
  EXPECT_EQ(json->at("cpu_percent").at("average").number, 10.549);
  EXPECT_EQ(json->at("cpu_percent").at("minimum").number, 3.861);
  EXPECT_EQ(json->at("cpu_percent").at("maximum").number, 45.912);
  EXPECT_EQ(json->at("cores_used").number, 4.675 / 11);
  EXPECT_EQ(json->at("memory_peak_bytes").number, 8.1 * kGb);
  EXPECT_FALSE(json->at("memory_peak_exact").truth);
  EXPECT_EQ(json->at("monitor").at("missed_samples").number, 1);
  EXPECT_TRUE(json->at("notes").items.empty());
}

TEST(ReportJson, AbsentValuesAreNull) {
  const auto json = parse_json(to_json(empty_report()));
  ASSERT_TRUE(json.ok()) << json.error().message;
  for (const std::string_view name :
       {"first_cell", "last_cell", "cpu_percent", "cpu_seconds", "cores_used", "memory_bytes",
        "memory_peak_bytes", "memory_peak_exact", "memory_change_bytes", "memory_limit_bytes",
        "io_read_bytes", "io_write_bytes", "io_read_count", "io_write_count", "processes_max"}) {
    EXPECT_TRUE(json->at(name).is_null()) << name;
  }
  EXPECT_EQ(json->at("notes").items.size(), 1U);
}

TEST(ReportJson, HostileTextsAreValidAndWhole) {
  Report report = full_report();
  report.notes = {hostile(), std::string(1'000'000, '"')};
  const auto json = parse_json(to_json(report));
  ASSERT_TRUE(json.ok()) << json.error().message;
  EXPECT_NE(json->at("notes").at(0).text.find(std::string("end\0", 4)), std::string::npos);
  EXPECT_NE(json->at("notes").at(0).text.find("\x1B[2J"), std::string::npos);
  EXPECT_EQ(json->at("notes").at(1).text.size(), 1'000'000U);
}

}  // namespace
}  // namespace jumper::report
