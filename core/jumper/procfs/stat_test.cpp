// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/procfs/stat.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "testing/parser_checks.h"
#include "testing/testdata.h"

namespace jumper::procfs {
namespace {

using jumper::testing::expect_parse_error;
using jumper::testing::read_testdata;

constexpr std::string_view kFile = "/proc/stat";
constexpr std::string_view kTotal = "cpu  1 2 3 4 5 6 7 8 9 10\n";

base::Result<SystemStat> parse(std::string_view text) {
  SystemStat stat;
  if (auto status = parse_stat(text, stat); !status) return status.error();
  return stat;
}

TEST(Stat, ReadsACapturedMachine) {
  // GIVEN
  const std::string text = read_testdata("debian12-2cpu/proc/stat");

  // WHEN
  const auto stat = parse(text);

  // THEN
  ASSERT_TRUE(stat.ok()) << stat.error().message;
  EXPECT_EQ(stat->total, (CpuTicks{.user = 17258,
                                   .nice = 0,
                                   .system = 4811,
                                   .idle = 209970,
                                   .iowait = 1531,
                                   .irq = 0,
                                   .softirq = 101,
                                   .steal = 236}));
  ASSERT_EQ(stat->cpus.size(), 2U);
  EXPECT_EQ(stat->cpus[0].cpu, 0);
  EXPECT_EQ(stat->cpus[0].ticks, (CpuTicks{1323, 0, 1019, 114346, 51, 0, 11, 115}));
  EXPECT_EQ(stat->cpus[1].cpu, 1);
  EXPECT_EQ(stat->cpus[1].ticks, (CpuTicks{15935, 0, 3792, 95623, 1479, 0, 90, 121}));
  EXPECT_EQ(stat->context_switches, 343341U);
  EXPECT_EQ(stat->boot_time_seconds, 1795346483U);
  EXPECT_EQ(stat->forks, 6110U);
  EXPECT_EQ(stat->running, 1U);
  EXPECT_EQ(stat->blocked, 0U);
}

TEST(Stat, BusyIsWhatIsNeitherIdleNorWaitingNorStolen) {
  EXPECT_EQ((CpuTicks{1, 20, 300, 4000, 50000, 600000, 7000000, 80000000}).busy(), 7600321U);
}

TEST(Stat, ReadsALargeMachine) {
  // GIVEN 128 CPUs, with user time by the rule of make_128cpu.py
  const std::string text = read_testdata("made-128cpu/proc/stat");

  // WHEN
  const auto stat = parse(text);

  // THEN
  ASSERT_TRUE(stat.ok()) << stat.error().message;
  ASSERT_EQ(stat->cpus.size(), 128U);
  uint64_t user = 0;
  uint64_t idle = 0;
  for (int cpu = 0; cpu < 128; ++cpu) {
    const CpuLine& line = stat->cpus[static_cast<size_t>(cpu)];
    EXPECT_EQ(line.cpu, cpu);
    EXPECT_EQ(line.ticks.user, 40'000'000U + 1000U * static_cast<unsigned>(cpu));
    user += line.ticks.user;
    idle += line.ticks.idle;
  }
  EXPECT_EQ(stat->total.user, user);
  EXPECT_GT(stat->total.user, uint64_t{1} << 32U);
  EXPECT_EQ(stat->total.idle, idle);
  EXPECT_EQ(stat->context_switches, 912345678901U);
}

TEST(Stat, SkipsCpusThatAreOffline) {
  // GIVEN cpu2 offline
  const std::string text = read_testdata("made-offline-cpu/proc/stat");

  // WHEN
  const auto stat = parse(text);

  // THEN
  ASSERT_TRUE(stat.ok()) << stat.error().message;
  ASSERT_EQ(stat->cpus.size(), 3U);
  EXPECT_EQ(stat->cpus[1].cpu, 1);
  EXPECT_EQ(stat->cpus[2].cpu, 3);
  EXPECT_EQ(stat->cpus[2].ticks.user, 300U);
  EXPECT_EQ(stat->cpus[2].ticks.steal, 6U);
}

TEST(Stat, FillsAnewAndKeepsTheMemory) {
  // GIVEN a stat that has held a large machine
  SystemStat stat;
  ASSERT_TRUE(parse_stat(read_testdata("made-128cpu/proc/stat"), stat).ok());
  const CpuLine* memory = stat.cpus.data();
  const size_t capacity = stat.cpus.capacity();

  // WHEN it is filled with less
  const auto status = parse_stat("cpu  1 2 3 4 5 6 7 8\ncpu5 1 2 3 4 5 6 7 8\n", stat);

  // THEN nothing of the old is left but the memory
  ASSERT_TRUE(status.ok());
  ASSERT_EQ(stat.cpus.size(), 1U);
  EXPECT_EQ(stat.cpus[0].cpu, 5);
  EXPECT_EQ(stat.cpus.data(), memory);
  EXPECT_EQ(stat.cpus.capacity(), capacity);
  EXPECT_FALSE(stat.context_switches.has_value());
  EXPECT_FALSE(stat.forks.has_value());
  EXPECT_FALSE(stat.boot_time_seconds.has_value());
  EXPECT_FALSE(stat.running.has_value());
  EXPECT_FALSE(stat.blocked.has_value());
}

TEST(Stat, IgnoresUnknownKeysAndColumns) {
  // GIVEN
  const std::string text =
      "new 1 2\n\ncpufreq x\ncpu-1 x\ncpu  1 2 3 4 5 6 7 8 9 10 11 new\nctxt 5 new\nsoftirq ?\n";

  // WHEN
  const auto stat = parse(text);

  // THEN
  ASSERT_TRUE(stat.ok()) << stat.error().message;
  EXPECT_EQ(stat->total, (CpuTicks{1, 2, 3, 4, 5, 6, 7, 8}));
  EXPECT_TRUE(stat->cpus.empty());
  EXPECT_EQ(stat->context_switches, 5U);
}

TEST(Stat, RefusesWithoutTheTotal) {
  expect_parse_error(parse(""), kFile, "cpu line");
  expect_parse_error(parse("cpu0 1 2 3 4 5 6 7 8\n"), kFile, "cpu line");
  expect_parse_error(parse("cpu  1 2 3 4 5 6 7\n"), kFile, "cpu line");
  expect_parse_error(parse("cpu  1 2 3 x 5 6 7 8\n"), kFile, "cpu line");
  expect_parse_error(parse("cpu  1\ncpu  1 2 3 4 5 6 7 8\n"), kFile, "cpu line");
  expect_parse_error(parse("cpu  1 2 3 4 5 6 7 18446744073709551616\n"), kFile, "cpu line");
}

TEST(Stat, RefusesGarbledLines) {
  for (const std::string_view line : {"cpu0 1 2 3 4 5 6 7", "cpu0 1 2 3 4 5 6 7 -8", "cpu0",
                                      "cpu0x 1 2 3 4 5 6 7 8", "cpu9999999999 1 2 3 4 5 6 7 8"}) {
    expect_parse_error(parse(std::string(kTotal).append(line)), kFile, "cpuN");
  }
  for (const std::string_view key :
       {"ctxt", "btime", "processes", "procs_running", "procs_blocked"}) {
    for (const std::string_view value : {"", " x", " -1", " 18446744073709551616"}) {
      expect_parse_error(parse(std::string(kTotal).append(key).append(value)), kFile, key);
    }
  }
}

TEST(Stat, RefusesCpusOutOfOrder) {
  const std::string ticks = " 1 2 3 4 5 6 7 8\n";
  expect_parse_error(parse("cpu " + ticks + "cpu1" + ticks + "cpu0" + ticks), kFile, "cpuN");
  expect_parse_error(parse("cpu " + ticks + "cpu1" + ticks + "cpu1" + ticks), kFile, "cpuN");
}

TEST(Stat, BearsEveryTruncation) {
  for (const char* path : {"debian12-2cpu/proc/stat", "made-offline-cpu/proc/stat"}) {
    const std::string text = read_testdata(path);
    const size_t shortest = jumper::testing::expect_prefixes_bearable(text, kFile, parse);
    EXPECT_LT(shortest, text.find('\n')) << path;
  }
}

}  // namespace
}  // namespace jumper::procfs
