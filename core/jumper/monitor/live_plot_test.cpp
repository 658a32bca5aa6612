// SPDX-License-Identifier: BSD-3-Clause
// Plots of the live kernel.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <thread>

#include "jumper/monitor/monitor.h"

namespace jumper::monitor {
namespace {

using cells::CellStatus;
using metric::Scope;

constexpr int64_t kSecondNs = 1'000'000'000;
constexpr int64_t kMinuteNs = 60 * kSecondNs;

std::unique_ptr<Monitor> started_monitor(double interval_seconds) {
  auto monitor = Monitor::create();
  StartOptions options;
  options.interval_seconds = interval_seconds;
  options.budget_percent = 0;
  EXPECT_TRUE((*monitor)->start(options).ok());
  return std::move(*monitor);
}

void run_cell(Monitor& monitor) {
  ASSERT_TRUE(monitor.begin_cell("x = 1", {}).ok());
  std::this_thread::sleep_for(std::chrono::milliseconds(30));
  ASSERT_TRUE(monitor.end_cell(CellStatus::kOk).ok());
}

TEST(RecentPlot, NeedsAMonitorThatWasStarted) {
  const auto monitor = std::move(*Monitor::create());
  EXPECT_FALSE(monitor->recent_plot(Scope::kProcess, kMinuteNs).ok());
  EXPECT_FALSE(monitor->plot_after(0, kMinuteNs).ok());
}

TEST(RecentPlot, HasTheRunningCell) {
  const auto monitor = started_monitor(0.01);
  run_cell(*monitor);
  ASSERT_TRUE(monitor->begin_cell("y = 2", {}).ok());
  std::this_thread::sleep_for(std::chrono::milliseconds(60));
  const auto plot = monitor->recent_plot(Scope::kUser, kMinuteNs);
  ASSERT_TRUE(plot.ok());
  ASSERT_EQ(plot->data().cells.size(), 2U);
  EXPECT_EQ(plot->data().cells[1]->status, CellStatus::kRunning);
  EXPECT_EQ(plot->data().cells[1]->end_ns, plot->data().to_ns);
  EXPECT_EQ(plot->data().levels.size(), 3U);
  EXPECT_GT(plot->data().most_points(), 3U);
  EXPECT_NE(plot->json().find("\"level\":\"user\""), std::string::npos);
  // A plot of the whole session has finished cells only.
  EXPECT_EQ(monitor->plot(std::nullopt, Scope::kProcess)->data().cells.size(), 1U);
}

TEST(RecentPlot, HasWhatIsRecent) {
  const auto monitor = started_monitor(0.005);
  run_cell(*monitor);
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  const auto plot = monitor->recent_plot(Scope::kProcess, kSecondNs / 50);
  ASSERT_TRUE(plot.ok());
  EXPECT_TRUE(plot->data().cells.empty());
  EXPECT_EQ(plot->data().from_ns, plot->data().to_ns - kSecondNs / 50);
  EXPECT_GE(plot->data().levels[0].times_ns.front(), plot->data().from_ns);
}

TEST(PlotAfter, GoesOnWhereAPlotEnded) {
  // GIVEN a plot
  const auto monitor = started_monitor(0.01);
  run_cell(*monitor);
  std::this_thread::sleep_for(std::chrono::milliseconds(500));
  const auto before = monitor->recent_plot(Scope::kProcess, kMinuteNs);
  ASSERT_TRUE(before.ok());
  const int64_t end_ns = before->data().to_ns - before->data().origin_ns;
  // WHEN a cell ran since
  run_cell(*monitor);
  const auto tail = monitor->plot_after(end_ns, kMinuteNs);
  ASSERT_TRUE(tail.ok());
  // THEN the tail begins a little before, with points the plot had, and has the cell
  EXPECT_LT(tail->data.from_ns, before->data().to_ns);
  EXPECT_GT(tail->data.from_ns, before->data().to_ns - kSecondNs / 2);
  EXPECT_EQ((tail->data.from_ns - tail->data.origin_ns) % report::kPlotTickNs, 0);
  EXPECT_GT(tail->data.to_ns, before->data().to_ns);
  ASSERT_EQ(tail->data.cells.size(), 1U);
  EXPECT_EQ(tail->data.cells[0]->index, 1U);
  const auto& times_ns = tail->data.levels[0].times_ns;
  ASSERT_FALSE(times_ns.empty());
  EXPECT_GT(times_ns.front(), tail->data.from_ns);
  EXPECT_LT(times_ns.front(), before->data().to_ns);
  EXPECT_TRUE(std::ranges::binary_search(before->data().levels[0].times_ns, times_ns.front()));
}

TEST(PlotAfter, OfAnyTimeIsAPlot) {
  const auto monitor = started_monitor(0.01);
  run_cell(*monitor);
  for (const int64_t after_ns : {int64_t{0}, -kSecondNs, kMinuteNs, 3'000'000'000 * kSecondNs}) {
    for (const int64_t most_ns : {int64_t{0}, kSecondNs, 3'000'000'000 * kSecondNs}) {
      const auto tail = monitor->plot_after(after_ns, most_ns);
      ASSERT_TRUE(tail.ok());
      EXPECT_LE(tail->data.from_ns, tail->data.to_ns);
      EXPECT_GE(tail->data.from_ns, tail->data.origin_ns);
    }
  }
}

}  // namespace
}  // namespace jumper::monitor
