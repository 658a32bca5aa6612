// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/report/sparkline.h"

#include <gtest/gtest.h>

#include "jumper/base/text.h"
#include "testing/ticks.h"

namespace jumper::report {
namespace {

using jumper::testing::milliseconds;
using jumper::testing::series_of;
using metric::kAbsent;
using metric::Metric;
using metric::TickKind;

TEST(Sparkline, GoesFromTheLowestBlockToTheHighest) {
  const std::vector<double> values = {0, 1, 2, 3, 4, 5, 6, 7, 99, -99, kAbsent, 3.4};
  EXPECT_EQ(sparkline(values, 0, 7), "▁▂▃▄▅▆▇██▁ ▄");
  EXPECT_EQ(sparkline(std::vector<double>{5, 5}, 5, 5), "▁▁");
  EXPECT_EQ(sparkline({}, 0, 1), "");
}

analysis::PlotData halves() {
  // Idle for five seconds, then both CPUs for five.
  jumper::testing::TickLog log({series_of(Metric::kCpuTime), series_of(Metric::kMemory)});
  for (int second = 0; second <= 10; ++second) {
    log.add(second * 1000, {second <= 5 ? 0.0 : (second - 5) * 2e9, 1024.0 * 1024 * (second + 1)},
            second == 0 ? TickKind::kStart : TickKind::kPeriodic);
  }
  analysis::PlotData data;
  data.to_ns = milliseconds(10'000);
  analysis::PlotLevelOptions options;
  options.cpus = 2;
  data.levels.push_back(analysis::make_plot_level(log.snapshot(), options, 1000));
  cells::Cell cell;
  cell.index = 7;
  cell.start_ns = milliseconds(5000);
  cell.end_ns = milliseconds(10'000);
  data.cells.push_back(std::make_shared<const cells::Cell>(cell));
  return data;
}

TEST(PlotText, ShowsCurvesWithTheirNumbersAndCells) {
  const std::string text = plot_text(halves(), 10);
  EXPECT_NE(text.find("CPU              ▁▁▁▁▁█████      50.0 %       0.0 %     100.0 %"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("11.0 MB"), std::string::npos) << text;
  EXPECT_NE(text.find("I/O              no data"), std::string::npos) << text;
  EXPECT_NE(text.find("Cells                 7"), std::string::npos) << text;
  EXPECT_EQ(text.find("Processes"), std::string::npos) << "shown only when asked for";
}

TEST(PlotText, WithoutSamplesSaysSo) {
  analysis::PlotData data;
  EXPECT_NE(plot_text(data).find("No data yet"), std::string::npos);
  data = halves();
  data.shown_level = metric::Scope::kSystem;
  EXPECT_NE(plot_text(data).find("No data yet"), std::string::npos);
}

}  // namespace
}  // namespace jumper::report
