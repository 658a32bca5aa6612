// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/analysis/plot_data.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <string_view>

#include "testing/notebook_session.h"
#include "testing/ticks.h"

namespace jumper::analysis {
namespace {

using jumper::testing::milliseconds;
using jumper::testing::series_of;
using jumper::testing::TickLog;
using metric::kAbsent;
using metric::Metric;
using metric::Scope;
using metric::TickKind;

PlotLevelOptions at_level(Scope scope, double cpus = 1) {
  PlotLevelOptions options;
  options.scope = scope;
  options.cpus = cpus;
  return options;
}

const PlotCurve* find_curve(const PlotLevel& level, std::string_view panel, size_t curve = 0) {
  const auto found = std::ranges::find_if(level.curves, [&](const PlotCurve& candidate) {
    return plot_panels()[candidate.panel].key == panel && candidate.curve == curve;
  });
  return found == level.curves.end() ? nullptr : &*found;
}

TEST(PlotPanels, HaveKeysOfTheirOwnAndCurvesWithoutHoles) {
  std::set<std::string_view> keys;
  for (const PanelInfo& panel : plot_panels()) {
    EXPECT_TRUE(keys.insert(panel.key).second) << panel.key;
    EXPECT_TRUE(panel.curves[0]) << panel.key;
    EXPECT_FALSE(panel.curves[2] && !panel.curves[1]) << panel.key;
  }
}

TEST(PlotLevel, HasPercentOfItsCpusAndBytesPerSecond) {
  // GIVEN 1 s of CPU time and 3000 bytes in 2 s
  TickLog log(
      {series_of(Metric::kCpuTime), series_of(Metric::kMemory), series_of(Metric::kIoWriteBytes)});
  log.add(0, {0, 100, 0}, TickKind::kStart).add(2000, {1e9, 300, 3000});
  // WHEN the level has 4 CPUs
  const PlotLevel level = make_plot_level(log.snapshot(), at_level(Scope::kProcess, 4), 100);
  // THEN
  ASSERT_EQ(level.times_ns, (std::vector<int64_t>{0, milliseconds(2000)}));
  ASSERT_NE(find_curve(level, "cpu"), nullptr);
  EXPECT_TRUE(std::isnan(find_curve(level, "cpu")->mean[0]));
  EXPECT_DOUBLE_EQ(find_curve(level, "cpu")->mean[1], 12.5);
  EXPECT_EQ(find_curve(level, "memory")->mean, (std::vector<double>{100, 300}));
  EXPECT_DOUBLE_EQ(find_curve(level, "io", 1)->mean[1], 1500);
  EXPECT_TRUE(find_curve(level, "cpu")->low.empty());
}

TEST(PlotLevel, HasNoShareOfTimeAboveAllOfIt) {
  // GIVEN time booked late: 3 s of CPU time and 2 s of waiting within one second
  TickLog log({series_of(Metric::kCpuTime), series_of(Metric::kPressureIoSome)});
  log.add(0, {0, 0}, TickKind::kStart).add(1000, {0, 0}).add(2000, {3e9, 2e9});
  const PlotLevel level = make_plot_level(log.snapshot(), at_level(Scope::kProcess, 2), 100);
  // THEN it is spread to the second before
  EXPECT_DOUBLE_EQ(find_curve(level, "cpu")->mean[1], 50);
  EXPECT_DOUBLE_EQ(find_curve(level, "cpu")->mean[2], 100);
  EXPECT_DOUBLE_EQ(find_curve(level, "pressure", 2)->mean[1], 100);
  EXPECT_DOUBLE_EQ(find_curve(level, "pressure", 2)->mean[2], 100);
}

TEST(PlotLevel, LeavesOutWhatWasNeverMeasured) {
  TickLog log(
      {series_of(Metric::kCpuTime), series_of(Metric::kMemory), series_of(Metric::kIoReadBytes)});
  log.add(0, {0, 100, kAbsent}, TickKind::kStart).add(1000, {0, 100, kAbsent});
  const PlotLevel level = make_plot_level(log.snapshot(), {}, 100);
  EXPECT_EQ(find_curve(level, "io"), nullptr);
  EXPECT_EQ(find_curve(level, "processes"), nullptr);
  EXPECT_EQ(level.curves.size(), 2U);
  const PlotLevel other = make_plot_level(log.snapshot(), at_level(Scope::kSystem), 100);
  EXPECT_TRUE(other.times_ns.empty());
  EXPECT_TRUE(other.curves.empty());
}

TEST(PlotLevel, SkipsRowsThatSayNothingOfIt) {
  // GIVEN a sample of the process tree only between two full ones
  TickLog log({series_of(Metric::kCpuTime), series_of(Metric::kCpuTime, Scope::kSystem)});
  log.add(0, {0, 0}, TickKind::kStart).add(500, {5e8, kAbsent}).add(1000, {5e8, 1e9});
  // THEN the machine's level has two points, with the rate between them
  const PlotLevel level = make_plot_level(log.snapshot(), at_level(Scope::kSystem), 100);
  EXPECT_EQ(level.times_ns, (std::vector<int64_t>{0, milliseconds(1000)}));
  EXPECT_DOUBLE_EQ(find_curve(level, "cpu")->mean[1], 100);
}

TEST(PlotLevel, ShowsAGapWhereTheMonitorDidNotRun) {
  TickLog log({series_of(Metric::kCpuTime), series_of(Metric::kMemory)});
  log.add(0, {0, 100}, TickKind::kStart).add(1000, {1e9, 100}, TickKind::kStop);
  log.add(9000, {5e9, 200}, TickKind::kStart).add(10'000, {5e9, 200});
  const PlotLevel level = make_plot_level(log.snapshot(), {}, 100);
  ASSERT_EQ(level.times_ns.size(), 5U);
  // One point without values, just before it ran again; no rate over the time between.
  EXPECT_GT(level.times_ns[2], milliseconds(8900));
  EXPECT_LT(level.times_ns[2], milliseconds(9000));
  EXPECT_TRUE(std::isnan(find_curve(level, "memory")->mean[2]));
  EXPECT_TRUE(std::isnan(find_curve(level, "cpu")->mean[3]));
  EXPECT_DOUBLE_EQ(find_curve(level, "cpu")->mean[4], 0);
  // Thinned, the gap is still there.
  const PlotLevel thin = thinned(level, 2);
  EXPECT_TRUE(std::ranges::any_of(find_curve(thin, "memory")->mean,
                                  [](double value) { return std::isnan(value); }));
}

TEST(PlotLevel, ThinningKeepsMeansAndExtremes) {
  // GIVEN a day of samples
  jumper::testing::NotebookSession session({.period_ns = 1'000'000'000});
  store::Store store;
  store.begin(jumper::testing::NotebookSession::schema());
  for (int i = 0; i < 86'400; ++i) store.append(session.next());
  const PlotLevel full =
      make_plot_level(store.snapshot(), at_level(Scope::kProcess, 14), 1'000'000);
  const PlotLevel small = make_plot_level(store.snapshot(), at_level(Scope::kProcess, 14), 2000);
  const PlotLevel smaller = thinned(small, 300);
  ASSERT_GE(full.times_ns.size(), 86'400U);
  for (const PlotLevel* level : {&small, &smaller}) {
    EXPECT_EQ(level->times_ns.back(), full.times_ns.back());
    EXPECT_TRUE(std::ranges::is_sorted(level->times_ns));
    for (const std::string_view panel : {"cpu", "memory"}) {
      const PlotCurve& all = *find_curve(full, panel);
      const PlotCurve& few = *find_curve(*level, panel);
      const auto largest = [](const std::vector<double>& values) {
        double found = kAbsent;
        for (const double value : values) found = std::fmax(found, value);
        return found;
      };
      EXPECT_DOUBLE_EQ(largest(few.high), largest(all.mean)) << panel;
      for (size_t i = 0; i < few.mean.size(); ++i) {
        if (metric::is_absent(few.mean[i])) continue;
        EXPECT_LE(few.low[i], few.mean[i] * (1 + 1e-12));
        EXPECT_GE(few.high[i], few.mean[i] * (1 - 1e-12));
      }
    }
  }
  EXPECT_LE(small.times_ns.size(), 2002U);
  EXPECT_LE(smaller.times_ns.size(), 302U);
}

TEST(PlotLevel, OfAVeryLongSessionComesFromTheBlocksOfTheStore) {
  // GIVEN more samples than are read one by one, twice the same day with a pause between
  jumper::testing::NotebookSession session({.period_ns = 1'000'000'000});
  store::Store store;
  store.begin(jumper::testing::NotebookSession::schema());
  constexpr int64_t kPauseNs = 40'000'000'000'000;
  double highest_bytes = 0;
  const auto memory = jumper::testing::NotebookSession::schema()->find(series_of(Metric::kMemory));
  int64_t last_ns = 0;
  for (size_t i = 0; i < kMostRowsRead + 5000; ++i) {
    metric::Tick tick = session.next();
    if (i >= 60'000) tick.time_ns += kPauseNs;
    if (i == 60'000) tick.kind = TickKind::kStart;
    highest_bytes = std::max(highest_bytes, tick.values[*memory]);
    last_ns = tick.time_ns;
    store.append(tick);
  }
  // WHEN a plot is made
  const PlotLevel level = make_plot_level(store.snapshot(), at_level(Scope::kProcess, 14), 20'000);
  // THEN it has few points, which still have the peak, the end, and the gap
  EXPECT_LE(level.times_ns.size(), 2000U);
  EXPECT_GT(level.times_ns.size(), 1000U);
  EXPECT_EQ(level.times_ns.back(), last_ns);
  double highest = 0;
  for (const double value : find_curve(level, "memory")->high) highest = std::fmax(highest, value);
  EXPECT_NEAR(highest, highest_bytes, highest_bytes * 1e-6);
  EXPECT_EQ(std::ranges::count(level.is_start, true), 1);
  EXPECT_TRUE(std::ranges::any_of(find_curve(level, "cpu")->mean,
                                  [](double value) { return std::isnan(value); }));
  for (const double value : find_curve(level, "cpu")->high) EXPECT_FALSE(value > 100);
}

TEST(PlotLevel, IsMadeOfItsTailsToo) {
  // GIVEN somebody who asks again and again for the points from a time on, that is a little before
  // the last point there is
  jumper::testing::NotebookSession session({.period_ns = 500'000'000, .has_curves = true});
  store::Store store;
  store.begin(jumper::testing::NotebookSession::schema());
  PlotLevel seen;
  std::vector<double> cpu;
  std::vector<double> memory;
  for (int i = 0; i < 9000; ++i) {  // over several chunks
    store.append(session.next());
    if (i % 100 != 99) continue;
    const int64_t from_ns = seen.times_ns.empty() ? 0 : seen.times_ns.back() - 300'000'000;
    PlotLevelOptions options = at_level(Scope::kProcess, 14);
    options.from_ns = from_ns - 10'000'000'000;
    const PlotLevel tail =
        points_from(make_plot_level(store.snapshot(), options, 100'000), from_ns);
    // WHEN he replaces what he has from there on
    const auto kept = static_cast<size_t>(std::ranges::lower_bound(seen.times_ns, from_ns) -
                                          seen.times_ns.begin());
    seen.times_ns.resize(kept);
    cpu.resize(kept);
    memory.resize(kept);
    const auto append = [](auto& to, const auto& from) {
      to.insert(to.end(), from.begin(), from.end());
    };
    ASSERT_NE(find_curve(tail, "cpu"), nullptr);
    append(seen.times_ns, tail.times_ns);
    append(cpu, find_curve(tail, "cpu")->mean);
    append(memory, find_curve(tail, "memory")->mean);
    // THEN little travels
    if (i > 200) {
      EXPECT_LT(tail.times_ns.size(), 220U);
    }
  }
  // AND in the end he has what a plot of the whole session has
  const PlotLevel whole = make_plot_level(store.snapshot(), at_level(Scope::kProcess, 14), 100'000);
  ASSERT_EQ(seen.times_ns, whole.times_ns);
  EXPECT_EQ(memory, find_curve(whole, "memory")->mean);
  const std::vector<double>& rates = find_curve(whole, "cpu")->mean;
  for (size_t i = 1; i < rates.size(); ++i) ASSERT_NEAR(cpu[i], rates[i], 1e-9) << "point " << i;
}

TEST(PlotLevel, OfAnEmptyStoreIsEmpty) {
  const PlotLevel level = make_plot_level(store::Snapshot{}, {}, 100);
  EXPECT_TRUE(level.times_ns.empty());
  EXPECT_TRUE(level.curves.empty());
  EXPECT_TRUE(thinned(level, 10).times_ns.empty());
}

}  // namespace
}  // namespace jumper::analysis
