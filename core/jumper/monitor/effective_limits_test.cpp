// SPDX-License-Identifier: BSD-3-Clause
// What 100 % means in all that a session answers, where a limit is lower than the machine.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "jumper/monitor/session.h"
#include "jumper/report/plot_document.h"
#include "testing/made_session.h"

namespace jumper::monitor {
namespace {

using jumper::testing::made_recording;
using metric::Scope;

constexpr std::string_view kReason = "cgroup v2 /sys/fs/cgroup/a/cpu.max";

// A cell that keeps 0.75 CPUs busy where 1.5 of 8 may be used, on an affinity of two.
Session limited_session(double cpu_seconds = 7.5) {
  auto recording = made_recording({{.seconds = 10, .cpu_seconds = cpu_seconds}});
  recording.facts.resources.online_cpus = 8;
  recording.facts.resources.cpu_limits = {{1.5, std::string(kReason), true},
                                          {2, "CPU affinity", true},
                                          {8, "CPUs of the machine", true}};
  return Session(std::move(recording));
}

bool has_line(const std::vector<report::Line>& lines, const std::string& content) {
  return std::ranges::any_of(lines, [&](const report::Line& line) {
    return line.content.find(content) != std::string::npos;
  });
}

TEST(EffectiveLimits, AReportSaysWhatAllOfTheCpuIs) {
  const auto report = limited_session().report(std::nullopt, Scope::kProcess);
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(report->summary.cpus, 1.5);
  EXPECT_NEAR(report->summary.cpu_percent->average, 50, 1e-9);
  const auto lines = report::detail_lines(*report);
  EXPECT_TRUE(has_line(lines, "0.75 of 1.5 CPUs busy on average"));
  EXPECT_TRUE(has_line(lines, "CPU: 100 % = 1.5 CPUs, " + std::string(kReason)));
}

TEST(EffectiveLimits, OfTheSystemAreTheMachines) {
  auto recording = limited_session().recording();
  recording.facts.levels = {Scope::kSystem};
  const auto report = Session(recording).report(std::nullopt, Scope::kSystem);
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(report->summary.cpus, 8);
  EXPECT_FALSE(has_line(report::detail_lines(*report), "100 % ="));
}

TEST(EffectiveLimits, AFullMachineNeedsNoWords) {
  auto recording = limited_session().recording();
  recording.facts.resources.cpu_limits = {{8, "CPUs of the machine", true}};
  const auto report = Session(recording).report(std::nullopt, Scope::kProcess);
  ASSERT_TRUE(report.ok());
  EXPECT_FALSE(has_line(report::detail_lines(*report), "100 % ="));
  // Nor does a session of old, which does not tell its limits.
  recording.facts.resources.cpu_limits.clear();
  const auto old = Session(recording).report(std::nullopt, Scope::kProcess);
  ASSERT_TRUE(old.ok());
  EXPECT_EQ(old->summary.cpus, 2);
}

TEST(EffectiveLimits, APlotSaysSoAndKeepsItOnDisk) {
  // GIVEN more than the quota for a while, as a quota allows within its period
  const auto plot = limited_session(18).plot(std::nullopt, Scope::kProcess);
  ASSERT_TRUE(plot.ok());

  // THEN what is above 100 % is shown as it is
  const analysis::PlotLevel& level = plot->data().levels.at(0);
  EXPECT_EQ(level.cpus, 1.5);
  double highest = 0;
  for (const double value : level.curves.at(0).mean) {
    if (value > highest) highest = value;
  }
  EXPECT_GT(highest, 110);
  EXPECT_NE(plot->text(40).find("CPU: 100 % = 1.5 CPUs\n"), std::string::npos);
  EXPECT_EQ(plot->chart(false).panels.at(0).title, "CPU, 100 % = 1.5 CPUs");
  const auto again = report::read_plot_document(plot->json());
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->levels.at(0).cpus, 1.5);
}

TEST(EffectiveLimits, ATableIsInTheSamePercent) {
  const auto table = limited_session().perf_table(Scope::kProcess);
  ASSERT_TRUE(table.ok());
  const auto column =
      std::ranges::find(table->columns, "cpu_util_avg", &analysis::PerfColumn::name);
  ASSERT_NE(column, table->columns.end());
  EXPECT_NEAR(column->values.back(), 0, 1e-9);
  EXPECT_NEAR(column->values.at(2), 100, 1e-9);  // all 7.5 s within the first 5 s of the cell
}

}  // namespace
}  // namespace jumper::monitor
