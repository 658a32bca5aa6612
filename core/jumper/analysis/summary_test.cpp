// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/analysis/summary.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

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

constexpr double kSecond = 1e9;  // of CPU time, as stored

Interval interval(int64_t from_ms, int64_t to_ms) {
  return {milliseconds(from_ms), milliseconds(to_ms)};
}

Summary summary_of(const TickLog& log, const std::vector<Interval>& intervals, double cpus = 1,
                   Scope scope = Scope::kProcess) {
  SummaryOptions options;
  options.scope = scope;
  options.cpus = cpus;
  return summarize(log.snapshot(), intervals, options);
}

TEST(Summarize, TellsWhatAStretchOfTimeCost) {
  // GIVEN
  TickLog log({series_of(Metric::kCpuTime), series_of(Metric::kMemory),
               series_of(Metric::kIoReadBytes), series_of(Metric::kIoWriteBytes),
               series_of(Metric::kIoReadCalls), series_of(Metric::kIoWriteCalls),
               series_of(Metric::kProcesses)});
  log.add(0, {0, 100, 1000, 2000, 10, 20, 1}, TickKind::kStart);
  log.add(1000, {2 * kSecond, 300, 1500, 2000, 15, 20, 3});
  log.add(2000, {3 * kSecond, 200, 1600, 2700, 16, 27, 2});

  // WHEN
  const Summary summary = summary_of(log, {interval(0, 2000)}, 4);

  // THEN
  EXPECT_EQ(summary.scope, Scope::kProcess);
  EXPECT_EQ(summary.cpus, 4);
  EXPECT_EQ(summary.measured_ns, milliseconds(2000));
  EXPECT_EQ(summary.measured_intervals, 1U);
  EXPECT_EQ(summary.samples, 3U);
  ASSERT_TRUE(summary.cpu_percent);
  EXPECT_DOUBLE_EQ(summary.cpu_percent->average, 37.5);
  EXPECT_DOUBLE_EQ(summary.cpu_percent->minimum, 25);
  EXPECT_DOUBLE_EQ(summary.cpu_percent->maximum, 50);
  EXPECT_DOUBLE_EQ(*summary.cpu_seconds, 3);
  EXPECT_DOUBLE_EQ(*summary.cores_used(), 1.5);
  ASSERT_TRUE(summary.memory_bytes);
  EXPECT_DOUBLE_EQ(summary.memory_bytes->average, 225);
  EXPECT_EQ(summary.memory_bytes->minimum, 100);
  EXPECT_EQ(summary.memory_bytes->maximum, 300);
  EXPECT_EQ(summary.memory_change_bytes, 100.0);
  EXPECT_EQ(summary.io_read_bytes, 600.0);
  EXPECT_EQ(summary.io_write_bytes, 700.0);
  EXPECT_EQ(summary.io_read_calls, 6.0);
  EXPECT_EQ(summary.io_write_calls, 7.0);
  EXPECT_EQ(summary.most_processes, 3.0);
}

TEST(Summarize, WeighsCellsByTheirTime) {
  // GIVEN a cell of one second at full load and one of three that sleeps
  TickLog log({series_of(Metric::kCpuTime)});
  log.add(0, {0}).add(1000, {kSecond}).add(2000, {kSecond}).add(5000, {kSecond});

  // WHEN
  const Summary summary = summary_of(log, {interval(0, 1000), interval(2000, 5000)});

  // THEN
  EXPECT_DOUBLE_EQ(summary.cpu_percent->average, 25);
  EXPECT_DOUBLE_EQ(summary.cpu_percent->minimum, 0);
  EXPECT_DOUBLE_EQ(summary.cpu_percent->maximum, 100);
  EXPECT_EQ(summary.measured_intervals, 2U);
}

TEST(Summarize, LeavesOutTheTimeBetweenCells) {
  // GIVEN two idle cells, and a busy hour between them
  TickLog log(
      {series_of(Metric::kCpuTime), series_of(Metric::kMemory), series_of(Metric::kIoReadBytes)});
  log.add(0, {0, 10, 0}).add(1000, {0, 10, 0});
  log.add(1'800'000, {1800 * kSecond, 999, 1e12});
  log.add(3'600'000, {3600 * kSecond, 10, 2e12}).add(3'601'000, {3600 * kSecond, 10, 2e12});

  // WHEN
  const Summary summary = summary_of(log, {interval(0, 1000), interval(3'600'000, 3'601'000)});

  // THEN
  EXPECT_EQ(summary.cpu_percent->maximum, 0);
  EXPECT_EQ(summary.cpu_seconds, 0.0);
  EXPECT_EQ(summary.memory_bytes->maximum, 10);
  EXPECT_EQ(summary.io_read_bytes, 0.0);
  EXPECT_EQ(summary.measured_ns, milliseconds(2000));
}

TEST(Summarize, HundredPercentIsAllCpus) {
  TickLog log({series_of(Metric::kCpuTime)});
  log.add(0, {0}).add(1000, {16 * kSecond});
  EXPECT_DOUBLE_EQ(summary_of(log, {interval(0, 1000)}, 16).cpu_percent->average, 100);
  EXPECT_DOUBLE_EQ(summary_of(log, {interval(0, 1000)}, 32).cpu_percent->average, 50);
}

TEST(Summarize, ACellThatWasNotMonitoredIsAbsentNotZero) {
  // GIVEN
  TickLog log({series_of(Metric::kCpuTime), series_of(Metric::kMemory),
               series_of(Metric::kIoReadBytes), series_of(Metric::kProcesses)});
  log.add(10'000, {0, 1, 2, 3}).add(11'000, {0, 1, 2, 3});

  // WHEN
  const Summary summary = summary_of(log, {interval(0, 5000)});

  // THEN
  EXPECT_EQ(summary.measured_ns, 0);
  EXPECT_EQ(summary.measured_intervals, 0U);
  EXPECT_EQ(summary.samples, 0U);
  EXPECT_FALSE(summary.cpu_percent);
  EXPECT_FALSE(summary.cpu_seconds);
  EXPECT_FALSE(summary.cores_used());
  EXPECT_FALSE(summary.memory_bytes);
  EXPECT_FALSE(summary.memory_change_bytes);
  EXPECT_FALSE(summary.io_read_bytes);
  EXPECT_FALSE(summary.most_processes);
}

TEST(Summarize, ACellThatWasNotMonitoredDoesNotDiluteTheOthers) {
  TickLog log({series_of(Metric::kCpuTime)});
  log.add(10'000, {0}).add(11'000, {kSecond});
  const Summary summary = summary_of(log, {interval(0, 5000), interval(10'000, 11'000)});
  EXPECT_DOUBLE_EQ(summary.cpu_percent->average, 100);
  EXPECT_EQ(summary.measured_intervals, 1U);
}

TEST(Summarize, WhatMayNotBeReadIsAbsent) {
  TickLog log({series_of(Metric::kCpuTime), series_of(Metric::kIoReadBytes),
               series_of(Metric::kIoWriteBytes)});
  log.add(0, {0, kAbsent, 5}).add(1000, {kSecond, kAbsent, 5});
  const Summary summary = summary_of(log, {interval(0, 1000)});
  EXPECT_EQ(summary.io_read_bytes, std::nullopt);
  EXPECT_EQ(summary.io_write_bytes, 0.0);
  EXPECT_EQ(summary.io_read_calls, std::nullopt);
}

TEST(Summarize, KeepsLevelsApart) {
  TickLog log({series_of(Metric::kCpuTime), series_of(Metric::kCpuTime, Scope::kUser),
               series_of(Metric::kCpuTime, Scope::kSystem),
               series_of(Metric::kCpuTime, Scope::kSystem, 0)});
  log.add(0, {0, 0, 0, 0}).add(1000, {1 * kSecond, 2 * kSecond, 3 * kSecond, 4 * kSecond});
  EXPECT_DOUBLE_EQ(*summary_of(log, {interval(0, 1000)}, 1, Scope::kProcess).cpu_seconds, 1);
  EXPECT_DOUBLE_EQ(*summary_of(log, {interval(0, 1000)}, 1, Scope::kUser).cpu_seconds, 2);
  EXPECT_DOUBLE_EQ(*summary_of(log, {interval(0, 1000)}, 1, Scope::kSystem).cpu_seconds, 3);
  EXPECT_FALSE(summary_of(log, {interval(0, 1000)}, 1, Scope::kSlurm).cpu_seconds);
}

TEST(Summarize, ARestartInACellHidesOnlyTheTimeInBetween) {
  TickLog log({series_of(Metric::kCpuTime)});
  log.add(0, {0}, TickKind::kCellStart).add(1000, {kSecond}, TickKind::kStop);
  log.begin({series_of(Metric::kCpuTime)});
  log.add(4000, {0}, TickKind::kStart).add(5000, {0}, TickKind::kCellEnd);
  const Summary summary = summary_of(log, {interval(0, 5000)});
  EXPECT_DOUBLE_EQ(summary.cpu_percent->average, 50);
  EXPECT_EQ(summary.measured_ns, milliseconds(2000));
}

TEST(Summarize, NoIntervalsAreNothing) {
  TickLog log({series_of(Metric::kCpuTime)});
  log.add(0, {0}).add(1000, {kSecond});
  EXPECT_FALSE(summary_of(log, {}).cpu_percent);
}

}  // namespace
}  // namespace jumper::analysis
