// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/analysis/gpu_plot.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "jumper/analysis/plot_data.h"
#include "testing/sparse_log.h"

namespace jumper::analysis {
namespace {

using jumper::testing::series_of;
using jumper::testing::SparseLog;
using metric::Metric;
using metric::Scope;
using metric::SeriesKey;
using metric::TickKind;

const SeriesKey kCpu = series_of(Metric::kCpuTime);
const SeriesKey kMemory = series_of(Metric::kMemory);

SeriesKey key(Metric metric, int32_t card = metric::kWhole) {
  return series_of(metric, Scope::kProcess, card);
}

PlotLevel level_of(const SparseLog& log, size_t points = 1000) {
  return make_plot_level(log.snapshot(), {}, points);
}

std::vector<const PlotCurve*> curves_of(const PlotLevel& level, std::string_view panel) {
  std::vector<const PlotCurve*> found;
  for (const PlotCurve& curve : level.curves) {
    if (plot_panels()[curve.panel].key == panel) found.push_back(&curve);
  }
  return found;
}

std::vector<double> values_of(const PlotLevel& level, std::string_view panel) {
  const auto curves = curves_of(level, panel);
  return curves.empty() ? std::vector<double>() : curves.front()->mean;
}

// Equal, where two absent ones are.
void expect_values(const std::vector<double>& values, const std::vector<double>& expected) {
  ASSERT_EQ(values.size(), expected.size());
  for (size_t i = 0; i < values.size(); ++i) {
    if (metric::is_absent(expected[i])) {
      EXPECT_TRUE(metric::is_absent(values[i])) << i;
    } else {
      EXPECT_NEAR(values[i], expected[i], 1e-6) << i;
    }
  }
}

constexpr double kNone = metric::kAbsent;

TEST(GpuPlot, PointsHaveWhatWasReadSinceTheOneBefore) {
  // GIVEN rows at 0, 1, 2, 5 and 9 s, and readings between them
  SparseLog log({kCpu, key(Metric::kGpuUtil)});
  log.add(0, {{kCpu, 0}}, TickKind::kStart)
      .add(900, {{key(Metric::kGpuUtil), 0.2}})
      .add(1000, {{kCpu, 1}})
      .add(2000, {{kCpu, 2}})
      .add(3000, {{key(Metric::kGpuUtil), 0.4}})
      .add(4000, {{key(Metric::kGpuUtil), 0.6}})
      .add(5000, {{kCpu, 3}})
      .add(9000, {{kCpu, 4}});

  // THEN a point without a reading of its own has the last one, while it holds
  expect_values(values_of(level_of(log), "gpu"), {kNone, 20, 20, 50, kNone});
}

TEST(GpuPlot, HaveTheUnitsOfTheirPanels) {
  SparseLog log({kCpu, key(Metric::kGpuMemory), key(Metric::kGpuPower), key(Metric::kGpuSmActive),
                 key(Metric::kGpuDramActive), key(Metric::kGpuTemperature),
                 key(Metric::kGpuSmClock), key(Metric::kGpuPcieSent),
                 key(Metric::kGpuPowerThrottled)});
  log.add(0, {{kCpu, 0}}, TickKind::kStart)
      .add(1000, {{kCpu, 1},
                  {key(Metric::kGpuMemory), 5e9},
                  {key(Metric::kGpuPower), 312.5},
                  {key(Metric::kGpuSmActive), 0.75},
                  {key(Metric::kGpuDramActive), 0.25},
                  {key(Metric::kGpuTemperature), 61},
                  {key(Metric::kGpuSmClock), 1.98e9},
                  {key(Metric::kGpuPcieSent), 1e9},
                  {key(Metric::kGpuPowerThrottled), 1}});
  const PlotLevel level = level_of(log);
  expect_values(values_of(level, "gpu_mem"), {kNone, 5e9});
  expect_values(values_of(level, "gpu_power"), {kNone, 312.5});
  expect_values(values_of(level, "gpu_temperature"), {kNone, 61});
  expect_values(values_of(level, "gpu_clocks"), {kNone, 1.98e9});
  expect_values(values_of(level, "gpu_pcie"), {kNone, 1e9});
  expect_values(values_of(level, "gpu_throttled"), {kNone, 100});
  const auto activity = curves_of(level, "gpu_activity");
  ASSERT_EQ(activity.size(), 2U);
  EXPECT_EQ(plot_panels()[activity[1]->panel].curves.at(activity[1]->curve)->label, "memory");
  expect_values(activity[1]->mean, {kNone, 25});
}

TEST(GpuPlot, CountersAreRatesBetweenReadings) {
  // GIVEN 3 GB in 1.5 s, told in rows of their own; then a counter that began anew
  const SeriesKey sent = key(Metric::kGpuNvlinkSent);
  SparseLog log({kCpu, sent});
  log.add(0, {{kCpu, 0}}, TickKind::kStart)
      .add(100, {{sent, 1e9}})
      .add(1000, {{kCpu, 1}})
      .add(1600, {{sent, 4e9}})
      .add(2000, {{kCpu, 1}})
      .add(2600, {{sent, 1e6}})
      .add(3000, {{kCpu, 1}});
  const PlotLevel level = level_of(log);
  expect_values(values_of(level, "gpu_nvlink"), {kNone, kNone, 2e9, 2e9});
}

TEST(GpuPlot, HasACurveForEachCard) {
  SparseLog log({kCpu, key(Metric::kGpuUtil), key(Metric::kGpuUtil, 0), key(Metric::kGpuUtil, 3),
                 key(Metric::kGpuMemory, 3)});
  log.add(0, {{kCpu, 0}}, TickKind::kStart)
      .add(1000, {{kCpu, 1}, {key(Metric::kGpuUtil, 0), 0.5}, {key(Metric::kGpuUtil, 3), 1}});
  const PlotLevel level = level_of(log);
  const auto curves = curves_of(level, "gpu_all");
  ASSERT_EQ(curves.size(), 2U);
  EXPECT_EQ(curves[0]->label, "0");
  EXPECT_EQ(curves[1]->label, "3");
  expect_values(curves[1]->mean, {kNone, 100});
  EXPECT_TRUE(curves_of(level, "gpu_mem_all").empty());
}

TEST(GpuPlot, NothingReachesOverAStart) {
  SparseLog log({kCpu, key(Metric::kGpuUtil)});
  log.add(0, {{kCpu, 0}, {key(Metric::kGpuUtil), 0.5}}, TickKind::kStart)
      .add(1000, {{kCpu, 1}})
      .add(2000, {{kCpu, 1}}, TickKind::kStart)
      .add(2100, {{kCpu, 1}});
  const PlotLevel level = level_of(log);
  // The third point is the gap itself.
  expect_values(values_of(level, "gpu"), {50, 50, kNone, kNone, kNone});
}

TEST(GpuPlot, ReadingsDoNotDisturbOtherCurves) {
  // GIVEN the same rows with and without readings of GPUs between them
  SparseLog with({kCpu, kMemory, key(Metric::kGpuUtil)});
  SparseLog without({kCpu, kMemory, key(Metric::kGpuUtil)});
  for (int64_t i = 0; i < 20; ++i) {
    const TickKind kind = i == 0 ? TickKind::kStart : TickKind::kPeriodic;
    const SparseLog::Values values = {{kCpu, 0.1 * static_cast<double>(i)},
                                      {kMemory, 1e6 + static_cast<double>(i)}};
    with.add(1000 * i, values, kind).add(1000 * i + 500, {{key(Metric::kGpuUtil), 0.5}});
    without.add(1000 * i, values, kind);
  }
  const PlotLevel a = level_of(with);
  const PlotLevel b = level_of(without);
  EXPECT_EQ(a.times_ns, b.times_ns);
  expect_values(values_of(a, "cpu"), values_of(b, "cpu"));
  expect_values(values_of(a, "memory"), values_of(b, "memory"));
}

TEST(GpuPlot, LongSessionsHaveThemFromBlocks) {
  // GIVEN more rows than are read one by one, and a reading with every fiftieth
  const SeriesKey util = key(Metric::kGpuUtil);
  SparseLog log({kCpu, util, key(Metric::kGpuUtil, 1)});
  log.add(0, {{kCpu, 0}}, TickKind::kStart);
  for (int64_t i = 1; i <= 121'000; ++i) {
    SparseLog::Values values = {{kCpu, 0.001 * static_cast<double>(i)}};
    if (i % 50 == 0) {
      values.emplace_back(util, 0.5);
      values.emplace_back(key(Metric::kGpuUtil, 1), 0.75);
    }
    log.add(20 * i, values);
  }

  // THEN
  const PlotLevel level = level_of(log, 2000);
  const std::vector<double> values = values_of(level, "gpu");
  ASSERT_GT(values.size(), 1000U);
  // What it is, not more than 100 % or capped at what a counter can be.
  const auto absent =
      std::ranges::count_if(values, [](double value) { return metric::is_absent(value); });
  EXPECT_LT(absent, 5);
  for (const double value : values) {
    if (metric::is_absent(value)) continue;
    EXPECT_NEAR(value, 50, 1e-3);
  }
  ASSERT_EQ(curves_of(level, "gpu_all").size(), 1U);
  EXPECT_EQ(curves_of(level, "gpu_all")[0]->label, "1");
}

TEST(GpuPlot, PanelsAreShownWhereThereAreGpus) {
  SparseLog log({kCpu, key(Metric::kGpuUtil)});
  log.add(0, {{kCpu, 0}}, TickKind::kStart);
  PlotData data;
  data.look_for_gpus(log.snapshot());
  EXPECT_TRUE(data.has_gpus);
  EXPECT_EQ(data.panels, usual_panels(true));

  SparseLog other({kCpu});
  other.add(0, {{kCpu, 0}}, TickKind::kStart);
  PlotData without;
  without.look_for_gpus(other.snapshot());
  EXPECT_FALSE(without.has_gpus);
  EXPECT_EQ(without.panels, usual_panels(false));
}

}  // namespace
}  // namespace jumper::analysis
