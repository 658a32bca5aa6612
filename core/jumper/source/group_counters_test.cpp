// SPDX-License-Identifier: BSD-3-Clause
// Both sources of a control group: its counters, and its events.
#include "jumper/source/group_counters.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "jumper/source/group_events.h"
#include "testing/temp_root.h"

namespace jumper::source {
namespace {

using jumper::testing::TempRoot;
using metric::Metric;
using metric::Scope;

struct Sources {
  Sources(const kernfs::KernelRoot& root, const cgroup::LevelGroups& groups, Scope scope)
      : counters(root, groups, scope), events(root, groups, scope) {}

  GroupCounters counters;
  GroupEvents events;
};

std::map<Metric, double> read(Sources& sources) {
  kernfs::ReadBuffer buffer;
  std::map<Metric, double> all;
  for (Source* source :
       {static_cast<Source*>(&sources.counters), static_cast<Source*>(&sources.events)}) {
    const auto keys = source->series();
    std::vector<double> values(keys.size(), -1);
    source->read(buffer, values);
    for (size_t i = 0; i < keys.size(); ++i) all[keys[i].metric] = values[i];
  }
  return all;
}

// A group of version 2, as Linux 6.1 shows one.
class Version2 {
 public:
  Version2() {
    write("cpu.stat",
          "usage_usec 2500\nuser_usec 2000\nsystem_usec 500\nnr_periods 7\nnr_throttled 3\n"
          "throttled_usec 40\n");
    write("cpu.pressure", pressure(11, 5));
    write("memory.current", "9000\n");
    write("memory.stat", "anon 5000\nfile 4000\ninactive_file 2500\nactive_file 1000\n");
    write("memory.peak", "12000\n");
    write("memory.events", "low 0\nhigh 4\nmax 6\noom 2\noom_kill 1\noom_group_kill 0\n");
    write("memory.pressure", pressure(12, 6));
    write("io.pressure", pressure(13, 7));
    write("io.stat",
          "254:0 rbytes=100 wbytes=20 rios=3 wios=1 dbytes=0 dios=0\n"
          "253:0 rbytes=100 wbytes=20 rios=3 wios=1 dbytes=0 dios=0\n"
          "7:1 rbytes=50 wbytes=0 rios=1 wios=0 dbytes=0 dios=0\n"
          "8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=0 dios=0\n");
    // The second device is made of the first.
    files.make_folder("sys/dev/block/253:0/slaves/vda");
    files.make_folder("sys/dev/block/254:0/slaves");
    const cgroup::LevelGroup group{2, "fs/cgroup/a"};
    groups.cpu_time = groups.cpu = groups.memory = groups.io = group;
  }
  void write(const std::string& name, std::string_view text) const {
    files.write("sys/fs/cgroup/a/" + name, text);
  }
  static std::string pressure(int some_us, int full_us) {
    const auto line = [](const char* who, int total) {
      return std::string(who) +
             " avg10=0.00 avg60=0.00 avg300=0.00 total=" + std::to_string(total) + "\n";
    };
    return line("some", some_us) + line("full", full_us);
  }

  TempRoot files;
  cgroup::LevelGroups groups;
};

TEST(GroupCounters, OfVersion2HaveAllThatTheKernelCounts) {
  // GIVEN
  const Version2 group;
  const kernfs::KernelRoot root = group.files.open();
  Sources sources(root, group.groups, Scope::kContainer);

  // WHEN
  auto values = read(sources);

  // THEN
  EXPECT_EQ(sources.counters.series().front(),
            (metric::SeriesKey{Metric::kCpuTime, Scope::kContainer}));
  EXPECT_EQ(values.size(), 17U);
  EXPECT_EQ(values[Metric::kCpuTime], 2'500'000);
  EXPECT_EQ(values[Metric::kThrottledTime], 40'000);
  EXPECT_EQ(values[Metric::kMemory], 5500);
  EXPECT_EQ(values[Metric::kMemoryFileCache], 3500);
  EXPECT_EQ(values[Metric::kMemoryHighest], 12000);
  EXPECT_EQ(values[Metric::kMemoryLimitHits], 6);
  EXPECT_EQ(values[Metric::kMemoryHighHits], 4);
  EXPECT_EQ(values[Metric::kOomKills], 1);
  EXPECT_EQ(values[Metric::kPressureCpuSome], 11'000);
  EXPECT_EQ(values[Metric::kPressureMemoryFull], 6'000);
  EXPECT_EQ(values[Metric::kPressureIoSome], 13'000);

  // THEN bytes that pass through two devices count once, and those of memory not at all
  EXPECT_EQ(values[Metric::kIoReadBytes], 101);
  EXPECT_EQ(values[Metric::kIoWriteBytes], 22);
  EXPECT_EQ(values[Metric::kIoReadCalls], 6);
  EXPECT_EQ(values[Metric::kIoWriteCalls], 5);

  // WHEN something changes, THEN it shows in the files that were opened once
  group.write("memory.current", "3000\n");
  group.write("cpu.stat", "usage_usec 9000\nthrottled_usec 40\n");
  values = read(sources);
  EXPECT_EQ(values[Metric::kCpuTime], 9'000'000);
  EXPECT_EQ(values[Metric::kMemory], 0) << "the files are counted a moment later";
}

TEST(GroupCounters, WithoutTheFilesHaveNoSeries) {
  // GIVEN what Slurm has in version 2: no I/O; a kernel without pressure and memory.peak
  const Version2 group;
  for (const char* name :
       {"io.stat", "io.pressure", "cpu.pressure", "memory.pressure", "memory.peak"})
    group.files.remove("sys/fs/cgroup/a/" + std::string(name));
  const kernfs::KernelRoot root = group.files.open();
  Sources sources(root, group.groups, Scope::kSlurm);
  const auto values = read(sources);
  EXPECT_EQ(values.size(), 7U);
  EXPECT_FALSE(values.contains(Metric::kIoReadBytes));
  EXPECT_FALSE(values.contains(Metric::kMemoryHighest));

  // GIVEN a group of nothing
  Sources none(root, {}, Scope::kSlurm);
  EXPECT_TRUE(read(none).empty());
}

TEST(GroupCounters, ThatTurnToNonsenseAreAbsent) {
  // GIVEN
  const Version2 group;
  const kernfs::KernelRoot root = group.files.open();
  Sources sources(root, group.groups, Scope::kContainer);
  for (const char* text : {"", "max\n", "-5\n", "apples 1\n", "\xff\xfe"}) {
    // WHEN
    for (const char* name : {"cpu.stat", "memory.current", "memory.stat", "memory.peak",
                             "memory.events", "cpu.pressure", "memory.pressure", "io.pressure"})
      group.write(name, text);

    // THEN none of them is 0
    for (const auto& [metric, value] : read(sources)) {
      const bool is_io = metric == Metric::kIoReadBytes || metric == Metric::kIoWriteBytes ||
                         metric == Metric::kIoReadCalls || metric == Metric::kIoWriteCalls;
      EXPECT_EQ(metric::is_absent(value), !is_io) << metric::info(metric).name << " of " << text;
    }
  }
}

TEST(GroupCounters, OfVersion1AreReadFromEachControllersFolder) {
  // GIVEN a job with a step in it, to whose limit the kernel charged what went over it
  const std::string memory = "sys/fs/cgroup/memory/job_3";
  const TempRoot files{
      {"sys/fs/cgroup/cpuacct/job_3/cpuacct.usage", "123456789\n"},
      {"sys/fs/cgroup/cpu/job_3/cpu.stat", "nr_periods 5\nnr_throttled 2\nthrottled_time 777\n"},
      {"sys/fs/cgroup/blkio/job_3/blkio.throttle.io_service_bytes_recursive",
       "8:0 Read 4096\n8:0 Write 8192\n8:0 Sync 0\n8:0 Total 12288\nTotal 12288\n"},
      {"sys/fs/cgroup/blkio/job_3/blkio.throttle.io_serviced_recursive",
       "8:0 Read 1\n8:0 Write 2\nTotal 3\n"}};
  files.write(memory + "/memory.usage_in_bytes", "1000\n");
  files.write(memory + "/memory.stat",
              "inactive_file 9\nactive_file 9\ntotal_inactive_file 200\ntotal_active_file 100\n");
  files.write(memory + "/memory.max_usage_in_bytes", "5000\n");
  files.write(memory + "/memory.failcnt", "1\n");
  files.write(memory + "/memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 1\n");
  files.write(memory + "/step_0/memory.failcnt", "5\n");
  files.write(memory + "/step_0/memory.oom_control", "under_oom 0\noom_kill 2\n");
  cgroup::LevelGroups groups;
  groups.cpu_time = {1, "fs/cgroup/cpuacct/job_3"};
  groups.cpu = {1, "fs/cgroup/cpu/job_3"};
  groups.memory = {1, "fs/cgroup/memory/job_3"};
  groups.io = {1, "fs/cgroup/blkio/job_3"};
  groups.memory_folders = {"fs/cgroup/memory/job_3/step_0", "fs/cgroup/memory/job_3"};
  const kernfs::KernelRoot root = files.open();
  Sources sources(root, groups, Scope::kSlurm);

  // WHEN
  auto values = read(sources);

  // THEN
  EXPECT_EQ(values[Metric::kCpuTime], 123456789);
  EXPECT_EQ(values[Metric::kThrottledTime], 777);
  EXPECT_EQ(values[Metric::kMemory], 700);
  EXPECT_EQ(values[Metric::kMemoryFileCache], 300);
  EXPECT_EQ(values[Metric::kMemoryHighest], 5000);
  EXPECT_EQ(values[Metric::kMemoryLimitHits], 6);
  EXPECT_EQ(values[Metric::kOomKills], 3);
  EXPECT_EQ(values[Metric::kIoReadBytes], 4096);
  EXPECT_EQ(values[Metric::kIoWriteCalls], 2);
}

}  // namespace
}  // namespace jumper::source
