// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/analysis/gpu_columns.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "testing/sparse_log.h"

namespace jumper::analysis {
namespace {

using jumper::testing::series_of;
using jumper::testing::SparseLog;
using metric::Metric;
using metric::Scope;
using metric::SeriesKey;
using metric::TickKind;

constexpr double kGb = 1024.0 * 1024 * 1024;
const SeriesKey kCpu = series_of(Metric::kCpuTime);
const SeriesKey kMemory = series_of(Metric::kMemory);

SeriesKey key(Metric metric, int32_t card = metric::kWhole) {
  return series_of(metric, Scope::kProcess, card);
}

const std::vector<double>& column(const PerfTable& table, std::string_view name) {
  const auto found = std::ranges::find(table.columns, name, &PerfColumn::name);
  if (found == table.columns.end()) throw std::out_of_range("no column " + std::string(name));
  return found->values;
}

PerfTable table_of(const SparseLog& log) {
  return make_perf_table(log.snapshot(), {}, {});
}

SparseLog two_cards() {
  SparseLog log({kCpu, kMemory, key(Metric::kNetworkSentBytes), key(Metric::kGpuUtil),
                 key(Metric::kGpuMemory), key(Metric::kGpuEnergy), key(Metric::kGpuUtil, 0),
                 key(Metric::kGpuUtil, 2), key(Metric::kGpuMemory, 0), key(Metric::kGpuMemory, 2),
                 key(Metric::kGpuSmActive, 2)});
  log.add(0, {{kCpu, 0}, {kMemory, 1e6}, {key(Metric::kGpuEnergy), 500}}, TickKind::kStart);
  log.add(700, {{key(Metric::kGpuUtil), 0.5},
                {key(Metric::kGpuUtil, 0), 0.25},
                {key(Metric::kGpuUtil, 2), 0.75},
                {key(Metric::kGpuMemory), 2 * kGb},
                {key(Metric::kGpuMemory, 0), 1 * kGb},
                {key(Metric::kGpuMemory, 2), 3 * kGb},
                {key(Metric::kGpuEnergy), 620},
                {key(Metric::kGpuSmActive, 2), 0.4}});
  log.add(1000, {{kCpu, 0.5}, {kMemory, 1e6}});
  log.add(3200, {{kCpu, 1}, {kMemory, 1e6}});
  log.add(3201, {{kCpu, 1}, {kMemory, 1e6}});
  return log;
}

TEST(GpuColumns, StandWhereTheContractHasThem) {
  std::vector<std::string> names;
  for (const PerfColumn& entry : table_of(two_cards()).columns) names.push_back(entry.name);
  const std::vector<std::string> expected = {"time",
                                             "timestamp",
                                             "cpu_util_avg",
                                             "cpu_util_min",
                                             "cpu_util_max",
                                             "cpu_seconds",
                                             "memory",
                                             "io_read_count",
                                             "io_write_count",
                                             "io_read",
                                             "io_write",
                                             "io_read_mb",
                                             "io_write_mb",
                                             "gpu_util_avg",
                                             "gpu_util_min",
                                             "gpu_util_max",
                                             "gpu_band_avg",
                                             "gpu_band_min",
                                             "gpu_band_max",
                                             "gpu_mem_avg",
                                             "gpu_mem_min",
                                             "gpu_mem_max",
                                             "gpu_util_0",
                                             "gpu_band_0",
                                             "gpu_mem_0",
                                             "gpu_util_2",
                                             "gpu_band_2",
                                             "gpu_mem_2",
                                             "network_sent_bytes_total",
                                             "gpu_energy_joules_total",
                                             "gpu_sm_active_2"};
  EXPECT_EQ(names, expected);
}

TEST(GpuColumns, RowsAreThoseOfCpuAndMemory) {
  EXPECT_EQ(column(table_of(two_cards()), "time"), (std::vector<double>{0, 1, 3.2, 3.201}));
}

TEST(GpuColumns, ARowHasWhatWasLastReadWhileItHolds) {
  // GIVEN a reading at 0.7 s and rows at 0, 1, 3.2 and 3.201 s
  const PerfTable table = table_of(two_cards());

  // THEN the second and the third have it, in percent and GB
  for (const auto& [name, value] :
       std::vector<std::pair<std::string, double>>{{"gpu_util_avg", 50},
                                                   {"gpu_util_min", 25},
                                                   {"gpu_util_max", 75},
                                                   {"gpu_mem_avg", 2},
                                                   {"gpu_mem_min", 1},
                                                   {"gpu_mem_max", 3},
                                                   {"gpu_util_0", 25},
                                                   {"gpu_util_2", 75},
                                                   {"gpu_mem_2", 3},
                                                   {"gpu_sm_active_2", 40}}) {
    const std::vector<double>& values = column(table, name);
    EXPECT_TRUE(metric::is_absent(values[0])) << name;
    EXPECT_NEAR(values[1], value, 1e-9) << name;
    EXPECT_NEAR(values[2], value, 1e-9) << name;
    EXPECT_TRUE(metric::is_absent(values[3])) << name << ": it is older than 2.5 s";
  }
  // Nobody tells of bandwidth: absent, not 0.
  for (const char* name : {"gpu_band_avg", "gpu_band_max", "gpu_band_0"}) {
    for (const double value : column(table, name)) EXPECT_TRUE(metric::is_absent(value)) << name;
  }
}

TEST(GpuColumns, CountersAreTotalsSinceMonitoringStarted) {
  const PerfTable table = table_of(two_cards());
  const std::vector<double>& energy = column(table, "gpu_energy_joules_total");
  EXPECT_NEAR(energy[0], 0, 1e-9);
  EXPECT_NEAR(energy[1], 120, 1e-9);
  EXPECT_NEAR(energy[2], 120, 1e-9);
}

TEST(GpuColumns, NothingReachesBackOverAStart) {
  // GIVEN a monitor that was stopped, while the energy went on, and started again
  const SeriesKey util = key(Metric::kGpuUtil);
  const SeriesKey energy = key(Metric::kGpuEnergy);
  SparseLog log({kCpu, util, energy});
  log.add(0, {{kCpu, 0}, {energy, 100}}, TickKind::kStart)
      .add(500, {{util, 0.5}, {energy, 150}})
      .add(1000, {{kCpu, 0}}, TickKind::kStart)
      .add(1200, {{kCpu, 0}})
      .add(1300, {{util, 1}, {energy, 300}})
      .add(1400, {{util, 1}, {energy, 310}})
      .add(1500, {{kCpu, 0}});

  // THEN the reading before the start holds no longer, and what was used meanwhile is not ours
  const PerfTable table = table_of(log);
  const std::vector<double>& util_values = column(table, "gpu_util_avg");
  EXPECT_TRUE(metric::is_absent(util_values[1]));
  EXPECT_TRUE(metric::is_absent(util_values[2]));
  EXPECT_NEAR(util_values[3], 100, 1e-9);
  EXPECT_NEAR(column(table, "gpu_energy_joules_total")[3], 60, 1e-9);
}

TEST(GpuColumns, WithoutGpusThereAreNone) {
  SparseLog log({kCpu});
  log.add(0, {{kCpu, 0}}, TickKind::kStart).add(1000, {{kCpu, 1}});
  for (const PerfColumn& entry : table_of(log).columns)
    EXPECT_FALSE(entry.name.starts_with("gpu")) << entry.name;
}

}  // namespace
}  // namespace jumper::analysis
