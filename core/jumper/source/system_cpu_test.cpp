// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/source/system_cpu.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdint>
#include <string_view>
#include <vector>

#include "testing/temp_root.h"
#include "testing/testdata.h"

namespace jumper::source {
namespace {

using jumper::testing::TempRoot;
using metric::Metric;
using metric::Scope;
using metric::SeriesKey;

constexpr SeriesKey kWhole = {Metric::kCpuTime, Scope::kSystem, metric::kWhole};
constexpr SeriesKey kSwitches = {Metric::kContextSwitches, Scope::kSystem, metric::kWhole};
constexpr SeriesKey cpu_key(int32_t cpu) {
  return {Metric::kCpuTime, Scope::kSystem, cpu};
}

// user nice system idle iowait irq softirq steal guest guest_nice
constexpr std::string_view kTwoCpus =
    "cpu  110 20 30 4000 500 6 7 80 9 1\n"
    "cpu0 100 10 20 2000 250 3 4 40 9 1\n"
    "cpu1 10 10 10 2000 250 3 3 40 0 0\n"
    "ctxt 343341\n";

double nanos(uint64_t ticks) {
  return static_cast<double>(ticks) * 1e9 / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

std::vector<double> read(SystemCpu& source) {
  kernfs::ReadBuffer buffer;
  std::vector<double> values(source.series().size(), -1);
  source.read(buffer, values);
  return values;
}

TEST(SystemCpu, HasASeriesForTheMachineForEachCpuAndForSwitches) {
  const TempRoot files{{"proc/stat", kTwoCpus}};
  const kernfs::KernelRoot root = files.open();
  const SystemCpu source(root);
  EXPECT_EQ(source.series(), (std::vector<SeriesKey>{kWhole, cpu_key(0), cpu_key(1), kSwitches}));
}

TEST(SystemCpu, CountsTheTimeInWhichWorkWasDone) {
  // GIVEN
  const TempRoot files{{"proc/stat", kTwoCpus}};
  const kernfs::KernelRoot root = files.open();
  SystemCpu source(root);

  // WHEN
  const std::vector<double> values = read(source);

  // THEN idle, iowait and steal are no work, and guest time is in user time already
  EXPECT_EQ(values, (std::vector<double>{nanos(110 + 20 + 30 + 6 + 7), nanos(100 + 10 + 20 + 3 + 4),
                                         nanos(10 + 10 + 10 + 3 + 3), 343341}));
}

TEST(SystemCpu, ReadsAnewEachTime) {
  // GIVEN
  const TempRoot files{{"proc/stat", kTwoCpus}};
  const kernfs::KernelRoot root = files.open();
  SystemCpu source(root);
  static_cast<void>(read(source));

  // WHEN
  files.write("proc/stat",
              "cpu  50 0 0 0 0 0 0 0\ncpu0 20 0 0 0 0 0 0 0\ncpu1 30 0 0 0 0 0 0 0\nctxt 7\n");

  // THEN
  EXPECT_EQ(read(source), (std::vector<double>{nanos(50), nanos(20), nanos(30), 7}));
}

TEST(SystemCpu, ACpuThatGoesOfflineIsAbsentUntilItIsBack) {
  // GIVEN
  const TempRoot files{{"proc/stat", kTwoCpus}};
  const kernfs::KernelRoot root = files.open();
  SystemCpu source(root);

  // WHEN
  files.write("proc/stat", "cpu  50 0 0 0 0 0 0 0\ncpu1 30 0 0 0 0 0 0 0\n");
  const std::vector<double> without = read(source);
  files.write("proc/stat", kTwoCpus);
  const std::vector<double> back = read(source);

  // THEN
  EXPECT_EQ(without[0], nanos(50));
  EXPECT_TRUE(metric::is_absent(without[1]));
  EXPECT_EQ(without[2], nanos(30));
  EXPECT_EQ(back[1], nanos(137));
}

TEST(SystemCpu, ACpuThatComesLaterCountsInTheWholeOnly) {
  // GIVEN a machine whose CPUs 1 and 3 are offline
  const TempRoot files{
      {"proc/stat", "cpu  3 0 0 0 0 0 0 0\ncpu0 1 0 0 0 0 0 0 0\ncpu2 2 0 0 0 0 0 0 0\n"}};
  const kernfs::KernelRoot root = files.open();
  SystemCpu source(root);
  ASSERT_EQ(source.series(), (std::vector<SeriesKey>{kWhole, cpu_key(0), cpu_key(2), kSwitches}));

  // WHEN
  files.write("proc/stat",
              "cpu  100 0 0 0 0 0 0 0\ncpu0 10 0 0 0 0 0 0 0\ncpu1 20 0 0 0 0 0 0 0\n"
              "cpu2 30 0 0 0 0 0 0 0\ncpu3 40 0 0 0 0 0 0 0\nctxt 9\n");

  // THEN
  EXPECT_EQ(read(source), (std::vector<double>{nanos(100), nanos(10), nanos(30), 9}));
}

TEST(SystemCpu, ReadsALargeMachine) {
  const kernfs::KernelRoot root = jumper::testing::open_testdata("made-128cpu");
  SystemCpu source(root);
  const std::vector<double> values = read(source);
  ASSERT_EQ(values.size(), 130U);
  for (const double value : values) EXPECT_FALSE(metric::is_absent(value));
}

TEST(SystemCpu, WithoutTheirLineSwitchesAreAbsentAndTheRestIsNot) {
  // GIVEN
  const TempRoot files{{"proc/stat", "cpu  6 0 0 0 0 0 0 0\n"}};
  const kernfs::KernelRoot root = files.open();
  SystemCpu source(root);

  // WHEN
  const std::vector<double> values = read(source);

  // THEN
  ASSERT_EQ(values.size(), 2U);
  EXPECT_EQ(values[0], nanos(6));
  EXPECT_TRUE(metric::is_absent(values[1]));
}

TEST(SystemCpu, WithoutItsFileIsAbsent) {
  const TempRoot files;
  const kernfs::KernelRoot root = files.open();
  SystemCpu source(root);
  EXPECT_EQ(source.series(), (std::vector<SeriesKey>{kWhole, kSwitches}));
  for (const double value : read(source)) EXPECT_TRUE(metric::is_absent(value));
}

TEST(SystemCpu, AFileOfGarbageIsAbsent) {
  // GIVEN
  const TempRoot files{{"proc/stat", kTwoCpus}};
  const kernfs::KernelRoot root = files.open();
  SystemCpu source(root);

  // WHEN
  files.write("proc/stat", "nothing of the kind\n");

  // THEN
  for (const double value : read(source)) EXPECT_TRUE(metric::is_absent(value));
}

}  // namespace
}  // namespace jumper::source
