// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/analysis/perf_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "jumper/analysis/gpu_readings.h"
#include "testing/ticks.h"

namespace jumper::analysis {
namespace {

using jumper::testing::series_of;
using jumper::testing::TickLog;
using metric::kAbsent;
using metric::Metric;
using metric::Scope;
using metric::SeriesKey;
using metric::TickKind;

constexpr double kSecond = 1e9;  // of CPU time, as stored
constexpr double kGb = 1024.0 * 1024 * 1024;
constexpr double kMb = 1024.0 * 1024;

// Equal, or absent in both.
void expect_values(const std::vector<double>& values, const std::vector<double>& expected) {
  ASSERT_EQ(values.size(), expected.size());
  for (size_t i = 0; i < values.size(); ++i) {
    if (metric::is_absent(expected[i])) {
      EXPECT_TRUE(metric::is_absent(values[i])) << "row " << i << " is " << values[i];
    } else {
      EXPECT_DOUBLE_EQ(values[i], expected[i]) << "row " << i;
    }
  }
}

const std::vector<double>& column(const PerfTable& table, std::string_view name) {
  const auto found = std::ranges::find(table.columns, name, &PerfColumn::name);
  if (found == table.columns.end()) throw std::out_of_range("no column " + std::string(name));
  return found->values;
}

std::vector<std::string> names(const PerfTable& table) {
  std::vector<std::string> all;
  for (const PerfColumn& entry : table.columns) all.push_back(entry.name);
  return all;
}

PerfTable table_of(const TickLog& log, const cells::CellList& cells = {},
                   Scope scope = Scope::kProcess, double cpus = 1) {
  PerfTableOptions options;
  options.scope = scope;
  options.cpus = cpus;
  return make_perf_table(log.snapshot(), cells, options);
}

std::shared_ptr<const cells::Cell> cell_at(size_t index, int64_t from_ms, int64_t to_ms) {
  cells::Cell cell;
  cell.index = index;
  cell.start_ns = jumper::testing::milliseconds(from_ms);
  cell.end_ns = jumper::testing::milliseconds(to_ms);
  return std::make_shared<const cells::Cell>(cell);
}

std::vector<SeriesKey> process_series() {
  std::vector<SeriesKey> keys;
  for (const metric::MetricInfo& info : metric::catalog()) {
    // Those of GPUs have tests of their own: gpu_columns_test.cpp.
    if (!is_gpu(info.metric)) keys.push_back(series_of(info.metric));
  }
  return keys;
}

// A value for each series of process_series(); those not given are absent.
std::vector<double> values_of(std::vector<double> first) {
  first.resize(process_series().size(), kAbsent);
  return first;
}

TEST(PerfTable, HasTheColumnsOfALevelWithoutSingleCpus) {
  // GIVEN
  TickLog log(process_series());
  log.add(0, std::vector<double>(process_series().size(), 1));

  // THEN what users were told comes first, as it was told
  std::vector<std::string> first = names(table_of(log));
  ASSERT_GE(first.size(), 17U);
  first.resize(17);
  EXPECT_EQ(first, (std::vector<std::string>{
                       "time", "timestamp", "cpu_util_avg", "cpu_util_min", "cpu_util_max",
                       "cpu_seconds", "memory", "memory_rss", "io_read_count", "io_write_count",
                       "io_read", "io_write", "io_read_mb", "io_write_mb", "io_read_chars_total",
                       "io_write_chars_total", "processes"}));
  EXPECT_EQ(table_of(log).cell_index_position, 2U);
}

TEST(PerfTable, HasAColumnForEveryMetricThatIsMeasured) {
  // GIVEN
  TickLog log(process_series());
  log.add(0, std::vector<double>(process_series().size(), 1));

  // THEN
  const std::vector<std::string> all = names(table_of(log));
  for (const metric::MetricInfo& info : metric::catalog()) {
    EXPECT_EQ(std::ranges::count(all, info.column), is_gpu(info.metric) ? 0 : 1) << info.name;
  }
}

TEST(PerfTable, HasAColumnForEachCpuOfTheMachine) {
  TickLog log({series_of(Metric::kCpuTime, Scope::kSystem),
               series_of(Metric::kCpuTime, Scope::kSystem, 0),
               series_of(Metric::kCpuTime, Scope::kSystem, 12),
               series_of(Metric::kMemory, Scope::kSystem)});
  log.add(0, {1, 1, 1, 1});
  EXPECT_EQ(names(table_of(log, {}, Scope::kSystem)),
            (std::vector<std::string>{"time", "timestamp", "cpu_util_avg", "cpu_util_min",
                                      "cpu_util_max", "cpu_util_0", "cpu_util_12", "cpu_seconds",
                                      "memory", "io_read_count", "io_write_count", "io_read",
                                      "io_write", "io_read_mb", "io_write_mb"}));
}

TEST(PerfTable, HasTheUnitsUsersWereTold) {
  // GIVEN
  TickLog log(process_series());
  log.add(0, values_of({0, 0, 0, 0, 0, 0, 0, 0, 0, 1}), TickKind::kStart);
  log.add(2000,
          values_of({3 * kSecond, 1.5 * kGb, 2.5 * kGb, 7, 8, 3 * kMb, 0.5 * kMb, 100, 200, 4}));
  PerfTableOptions options;
  options.cpus = 2;
  options.wall_minus_monotonic_ns = 1'700'000'000'000'000'000;

  // WHEN
  const PerfTable table = make_perf_table(log.snapshot(), {}, options);

  // THEN
  expect_values(column(table, "time"), {0, 2});
  expect_values(column(table, "timestamp"), {1.7e9, 1.7e9 + 2});
  expect_values(column(table, "cpu_util_avg"), {kAbsent, 75});
  expect_values(column(table, "cpu_util_min"), {kAbsent, 75});
  expect_values(column(table, "cpu_util_max"), {kAbsent, 75});
  expect_values(column(table, "cpu_seconds"), {0, 3});
  expect_values(column(table, "memory"), {0, 1.5});
  expect_values(column(table, "memory_rss"), {0, 2.5});
  expect_values(column(table, "io_read_count"), {0, 7});
  expect_values(column(table, "io_write_count"), {0, 8});
  expect_values(column(table, "io_read"), {0, 3 * kMb});
  expect_values(column(table, "io_write"), {0, 0.5 * kMb});
  expect_values(column(table, "io_read_mb"), {0, 3});
  expect_values(column(table, "io_write_mb"), {0, 0.5});
  expect_values(column(table, "io_read_chars_total"), {0, 100});
  expect_values(column(table, "processes"), {1, 4});
}

TEST(PerfTable, CountersBeginAtZeroWhateverTheMachineHasDoneBefore) {
  TickLog log({series_of(Metric::kCpuTime, Scope::kSystem),
               series_of(Metric::kIoReadBytes, Scope::kSystem)});
  log.add(0, {5000 * kSecond, 1e12}, TickKind::kStart).add(1000, {5001 * kSecond, 1e12 + 50});
  const PerfTable table = table_of(log, {}, Scope::kSystem);
  expect_values(column(table, "cpu_seconds"), {0, 1});
  expect_values(column(table, "io_read"), {0, 50});
}

TEST(PerfTable, CountersGoOnOverARestart) {
  // GIVEN a run of two seconds, and one in which the counter has grown meanwhile
  TickLog log({series_of(Metric::kCpuTime)});
  log.add(0, {10 * kSecond}, TickKind::kStart).add(2000, {11 * kSecond}, TickKind::kStop);
  log.begin({series_of(Metric::kCpuTime)});
  log.add(9000, {50 * kSecond}, TickKind::kStart)
      .add(10'000, {51 * kSecond})
      .add(11'000, {51 * kSecond});

  // WHEN
  const PerfTable table = table_of(log);

  // THEN
  expect_values(column(table, "cpu_seconds"), {0, 1, 1, 2, 2});
  expect_values(column(table, "cpu_util_avg"), {kAbsent, 50, kAbsent, 100, 0});
}

TEST(PerfTable, ARestartCountsEvenWhereItsOwnValueIsAbsent) {
  // GIVEN a start of which only the memory could be read
  const std::vector<SeriesKey> series = {series_of(Metric::kCpuTime), series_of(Metric::kMemory)};
  TickLog log(series);
  log.add(0, {0, 1}, TickKind::kStart).add(1000, {kSecond, 1}, TickKind::kStop);
  log.begin(series).add(5000, {kAbsent, 1}, TickKind::kStart);
  log.add(6000, {9 * kSecond, 1}).add(7000, {10 * kSecond, 1});

  // WHEN
  const PerfTable table = table_of(log);

  // THEN
  expect_values(column(table, "cpu_seconds"), {0, 1, kAbsent, 1, 2});
  expect_values(column(table, "cpu_util_avg"), {kAbsent, 100, kAbsent, kAbsent, 100});
}

TEST(PerfTable, ARestartCountsEvenWhereItsWholeRowIsLeftOut) {
  const std::vector<SeriesKey> series = {series_of(Metric::kCpuTime)};
  TickLog log(series);
  log.add(0, {0}, TickKind::kStart).add(1000, {kSecond}, TickKind::kStop);
  log.begin(series)
      .add(5000, {kAbsent}, TickKind::kStart)
      .add(6000, {9 * kSecond})
      .add(7000, {10 * kSecond});
  expect_values(column(table_of(log), "cpu_seconds"), {0, 1, 1, 2});
}

TEST(PerfTable, AResetCountsAsNothing) {
  TickLog log({series_of(Metric::kCpuTime)});
  log.add(0, {5 * kSecond})
      .add(1000, {6 * kSecond})
      .add(2000, {1 * kSecond})
      .add(3000, {2 * kSecond});
  const PerfTable table = table_of(log);
  expect_values(column(table, "cpu_seconds"), {0, 1, 1, 2});
  expect_values(column(table, "cpu_util_avg"), {kAbsent, 100, kAbsent, 100});
}

TEST(PerfTable, AbsentValuesStayAbsentAndAreBridged) {
  TickLog log(
      {series_of(Metric::kCpuTime), series_of(Metric::kMemory), series_of(Metric::kIoReadBytes)});
  log.add(0, {0, 1, kAbsent}).add(1000, {kAbsent, 1, kAbsent}).add(3000, {3 * kSecond, kAbsent, 7});
  const PerfTable table = table_of(log);
  expect_values(column(table, "cpu_util_avg"), {kAbsent, kAbsent, 100});
  expect_values(column(table, "cpu_seconds"), {0, kAbsent, 3});
  expect_values(column(table, "memory"), {1 / kGb, 1 / kGb, kAbsent});
  expect_values(column(table, "io_read"), {kAbsent, kAbsent, 0});
  expect_values(column(table, "io_read_mb"), {kAbsent, kAbsent, 0});
  expect_values(column(table, "io_write"), {kAbsent, kAbsent, kAbsent});
}

TEST(PerfTable, LeavesOutRowsThatSayNothingOfTheLevel) {
  TickLog log({series_of(Metric::kCpuTime), series_of(Metric::kCpuTime, Scope::kSystem)});
  log.add(0, {0, 0}).add(1000, {kAbsent, 1}).add(2000, {5, kAbsent});
  expect_values(column(table_of(log), "time"), {0, 2});
  expect_values(column(table_of(log, {}, Scope::kSystem), "time"), {0, 1});
  EXPECT_TRUE(column(table_of(log, {}, Scope::kUser), "time").empty());
}

TEST(PerfTable, SpreadsOverTheCpusThatAreThere) {
  // GIVEN two CPUs, of which one goes offline after the second row and comes back
  TickLog log({series_of(Metric::kCpuTime, Scope::kSystem),
               series_of(Metric::kCpuTime, Scope::kSystem, 0),
               series_of(Metric::kCpuTime, Scope::kSystem, 1)});
  log.add(0, {0, 0, 0});
  log.add(1000, {1 * kSecond, 0.25 * kSecond, 0.75 * kSecond});
  log.add(2000, {1.5 * kSecond, 0.75 * kSecond, kAbsent});
  log.add(3000, {2 * kSecond, 1.25 * kSecond, kAbsent});
  log.add(4000, {3 * kSecond, 1.75 * kSecond, 1.5 * kSecond});

  // WHEN
  const PerfTable table = table_of(log, {}, Scope::kSystem, 2);

  // THEN
  expect_values(column(table, "cpu_util_0"), {kAbsent, 25, 50, 50, 50});
  expect_values(column(table, "cpu_util_1"), {kAbsent, 75, kAbsent, kAbsent, 25});
  expect_values(column(table, "cpu_util_avg"), {kAbsent, 50, 25, 25, 50});
  expect_values(column(table, "cpu_util_min"), {kAbsent, 25, 50, 50, 25});
  expect_values(column(table, "cpu_util_max"), {kAbsent, 75, 50, 50, 50});
}

TEST(PerfTable, CpusComeInTheirOrderEvenIfOneCameLater) {
  const auto cpu = [](int32_t number) {
    return series_of(Metric::kCpuTime, Scope::kSystem, number);
  };
  TickLog log({series_of(Metric::kCpuTime, Scope::kSystem), cpu(0), cpu(2)});
  log.add(0, {0, 0, 0}, TickKind::kStart);
  log.begin({series_of(Metric::kCpuTime, Scope::kSystem), cpu(0), cpu(1), cpu(2)});
  log.add(1000, {0, 0, 0, 0}, TickKind::kStart).add(2000, {0, 0, kSecond, 0});
  const PerfTable table = table_of(log, {}, Scope::kSystem);
  EXPECT_EQ(names(table)[5], "cpu_util_0");
  EXPECT_EQ(names(table)[6], "cpu_util_1");
  EXPECT_EQ(names(table)[7], "cpu_util_2");
  expect_values(column(table, "cpu_util_1"), {kAbsent, kAbsent, 100});
}

TEST(PerfTable, ARowBelongsToTheCellOfTheTimeBeforeIt) {
  // GIVEN cells at 1 to 3 s and 3 to 4 s, and a later one without a sample in it
  TickLog log({series_of(Metric::kCpuTime)});
  for (const int64_t time_ms : {0, 1000, 2000, 3000, 3500, 4000, 5000, 9000}) log.add(time_ms, {0});

  // WHEN
  const PerfTable table =
      table_of(log, {cell_at(0, 1000, 3000), cell_at(1, 3000, 4000), cell_at(2, 6000, 7000)});

  // THEN
  EXPECT_EQ(table.cell_index,
            (std::vector<int64_t>{kNoCell, kNoCell, 0, 0, 1, 1, kNoCell, kNoCell}));
}

TEST(PerfTable, RowsBeforeAndAfterAllCellsAreInNone) {
  TickLog log({series_of(Metric::kCpuTime)});
  log.add(5000, {0}).add(6000, {0});
  EXPECT_EQ(table_of(log, {cell_at(0, 0, 1000), cell_at(1, 9000, 9500)}).cell_index,
            (std::vector<int64_t>{kNoCell, kNoCell}));
}

TEST(PerfTable, OfAnEmptyStoreIsEmptyWithItsColumns) {
  const PerfTable table = make_perf_table(store::Snapshot(), {}, {});
  EXPECT_TRUE(table.cell_index.empty());
  EXPECT_EQ(names(table).front(), "time");
  for (const PerfColumn& entry : table.columns) EXPECT_TRUE(entry.values.empty()) << entry.name;
}

TEST(PerfTable, GoesOnOverChunks) {
  // GIVEN
  TickLog log({series_of(Metric::kCpuTime)});
  constexpr int64_t kRows = 2 * store::Chunk::kRows + 10;
  for (int64_t i = 0; i < kRows; ++i) log.add(1000 * i, {static_cast<double>(i) * kSecond});

  // WHEN
  const PerfTable table = table_of(log);

  // THEN
  const std::vector<double>& util = column(table, "cpu_util_avg");
  ASSERT_EQ(util.size(), static_cast<size_t>(kRows));
  EXPECT_TRUE(std::all_of(util.begin() + 1, util.end(),
                          [](double value) { return std::abs(value - 100) < 1e-9; }));
  EXPECT_DOUBLE_EQ(column(table, "cpu_seconds").back(), static_cast<double>(kRows - 1));
}

}  // namespace
}  // namespace jumper::analysis
