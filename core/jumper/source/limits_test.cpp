// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/source/limits.h"

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "testing/temp_root.h"

namespace jumper::source {
namespace {

using jumper::testing::TempRoot;

constexpr uint64_t kGb = uint64_t{1} << 30U;

Variables made(std::map<std::string, std::string> variables) {
  return [variables = std::move(variables)](const char* name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
}

std::vector<Limit> cpus(const TempRoot& files, const CpuFacts& facts,
                        std::map<std::string, std::string> variables = {}) {
  return cpu_limits(files.open(), made(std::move(variables)), facts);
}

std::vector<Limit> memory(const TempRoot& files, const MemoryFacts& facts,
                          std::map<std::string, std::string> variables = {}) {
  return memory_limits(files.open(), made(std::move(variables)), facts);
}

std::string path_of(const TempRoot& files, std::string_view file) {
  return (files.path() / "sys/fs/cgroup" / file).string();
}

TEST(ParseHubBytes, TakesBytesAndUnitsOf1024) {
  EXPECT_EQ(parse_hub_bytes("2147483648"), 2 * kGb);
  EXPECT_EQ(parse_hub_bytes("2G"), 2 * kGb);
  EXPECT_EQ(parse_hub_bytes(" 1.5G\n"), kGb * 3 / 2);
  EXPECT_EQ(parse_hub_bytes("512M"), kGb / 2);
  EXPECT_EQ(parse_hub_bytes("64K"), 65536U);
  EXPECT_EQ(parse_hub_bytes("1T"), 1024 * kGb);
}

TEST(ParseHubBytes, IsAbsentForWhatIsNoLimit) {
  for (const char* text : {"", "0", "0G", "-1", "max", "G", "2GB", "2 G", "nan", "inf", "1e30",
                           "9223372036854771712", "0.1", "1G1"}) {
    EXPECT_EQ(parse_hub_bytes(text), std::nullopt) << text;
  }
}

TEST(CpuLimits, WithoutAnyTheMachineHolds) {
  const auto limits = cpus(TempRoot{}, {.usable = 8, .online = 8});
  ASSERT_EQ(limits.size(), 1U);
  EXPECT_EQ(limits[0], (Limit{8, "CPUs of the machine", true}));
}

TEST(CpuLimits, AQuotaAboveTheGroupIsTheLowest) {
  // GIVEN a quota of one and a half CPUs two groups up, below an affinity of four of eight
  const TempRoot files{{"proc/self/cgroup", "0::/a/b/c\n"},
                       {"sys/fs/cgroup/a/b/c/cpu.max", "max 100000\n"},
                       {"sys/fs/cgroup/a/cpu.max", "150000 100000\n"},
                       {"sys/fs/cgroup/a/b/c/cpuset.cpus.effective", "0-3\n"}};

  // WHEN
  const auto limits = cpus(files, {.usable = 4, .online = 8});

  // THEN an affinity equal to the set is the set's
  ASSERT_EQ(limits.size(), 4U);
  EXPECT_EQ(limits[0], (Limit{1.5, "cgroup v2 " + path_of(files, "a/cpu.max"), true}));
  EXPECT_EQ(limits[1],
            (Limit{4, "cgroup v2 " + path_of(files, "a/b/c/cpuset.cpus.effective"), true}));
  EXPECT_EQ(limits[2].reason, "CPU affinity");
  EXPECT_EQ(limits[3].reason, "CPUs of the machine");
}

TEST(CpuLimits, OfAHybridComeFromBothHierarchies) {
  // GIVEN cpu in version 1, cpuset in version 2, which a hybrid mounts elsewhere
  const TempRoot files{
      {"proc/self/cgroup", "7:cpu,cpuacct:/job\n0::/unified\n"},
      {"proc/self/mountinfo",
       "32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
       "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n"},
      {"sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_quota_us", "300000\n"},
      {"sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_period_us", "100000\n"},
      {"sys/fs/cgroup/unified/unified/cpuset.cpus.effective", "0,1\n"}};

  // WHEN
  const auto limits = cpus(files, {.usable = 8, .online = 8});

  // THEN
  ASSERT_EQ(limits.size(), 3U);
  EXPECT_EQ(limits[0].amount, 2);
  EXPECT_EQ(limits[0].reason,
            "cgroup v2 " + path_of(files, "unified/unified/cpuset.cpus.effective"));
  EXPECT_EQ(limits[1].amount, 3);
  EXPECT_EQ(limits[1].reason, "cgroup v1 " + path_of(files, "cpu,cpuacct/job/cpu.cfs_quota_us"));
}

TEST(CpuLimits, WhatIsOnlySaidIsTold) {
  // GIVEN JupyterHub's and Slurm's words, and nothing that the kernel enforces
  const auto limits = cpus(TempRoot{}, {.usable = 8, .online = 8},
                           {{"CPU_LIMIT", "0.5"},
                            {"SLURM_JOB_ID", "7"},
                            {"SLURMD_NODENAME", "n1"},
                            {"SLURM_CPUS_ON_NODE", "4"}});

  // THEN
  ASSERT_EQ(limits.size(), 3U);
  EXPECT_EQ(limits[0], (Limit{0.5, "JupyterHub, CPU_LIMIT", false}));
  EXPECT_EQ(limits[1], (Limit{4, "Slurm, SLURM_CPUS_ON_NODE", false}));
}

TEST(CpuLimits, OfEqualOnesWhatIsEnforcedIsFirst) {
  const TempRoot files{{"proc/self/cgroup", "0::/pod\n"},
                       {"sys/fs/cgroup/pod/cpu.max", "200000 100000\n"}};
  const auto limits = cpus(files, {.usable = 8, .online = 8}, {{"CPU_LIMIT", "2.0"}});
  ASSERT_GE(limits.size(), 2U);
  EXPECT_TRUE(limits[0].is_enforced);
  EXPECT_FALSE(limits[1].is_enforced);
  EXPECT_EQ(limits[1].amount, 2);
}

TEST(CpuLimits, InAShellOfSallocSlurmSaysNothingOfThisNode) {
  const auto limits = cpus(TempRoot{}, {.usable = 8, .online = 8},
                           {{"SLURM_JOB_ID", "7"}, {"SLURM_CPUS_ON_NODE", "1"}});
  ASSERT_EQ(limits.size(), 1U);
}

TEST(CpuLimits, GarbageIsNoLimit) {
  const TempRoot files{{"proc/self/cgroup", "0::/a\n"},
                       {"sys/fs/cgroup/a/cpu.max", "\n"},
                       {"sys/fs/cgroup/a/cpuset.cpus.effective", "\n"},
                       {"sys/fs/cgroup/cpu.max", "9223372036854771712 0\n"},
                       {"sys/fs/cgroup/cpuset.cpus.effective", "max\n"}};
  for (const char* said : {"", "0", "-2", "nan", "inf", "two", "1e300"}) {
    const auto limits = cpus(files, {.usable = 8, .online = 8}, {{"CPU_LIMIT", said}});
    ASSERT_EQ(limits.size(), 1U) << said;
  }
}

TEST(MemoryLimits, AreSortedWithTheirReasons) {
  // GIVEN a limit of the group, one of the group around it, what JupyterHub says, and the machine
  const TempRoot files{{"proc/self/cgroup", "0::/user.slice/session\n"},
                       {"sys/fs/cgroup/user.slice/session/memory.max", "max\n"},
                       {"sys/fs/cgroup/user.slice/memory.max", "25769803776\n"},
                       {"sys/fs/cgroup/user.slice/memory.high", "21474836480\n"}};

  // WHEN
  const auto limits = memory(files, {.physical_bytes = 503 * kGb, .address_space_bytes = {}},
                             {{"MEM_LIMIT", "24G"}});

  // THEN memory.high is the lowest, and what the kernel enforces comes before what is only said
  ASSERT_EQ(limits.size(), 4U);
  EXPECT_EQ(limits[0],
            (Limit{0x1p30 * 20, "cgroup v2 " + path_of(files, "user.slice/memory.high"), true}));
  EXPECT_EQ(limits[1],
            (Limit{0x1p30 * 24, "cgroup v2 " + path_of(files, "user.slice/memory.max"), true}));
  EXPECT_EQ(limits[2], (Limit{0x1p30 * 24, "JupyterHub, MEM_LIMIT", false}));
  EXPECT_EQ(limits[3], (Limit{0x1p30 * 503, "physical memory", true}));
}

TEST(MemoryLimits, OfASlurmJobAreThoseOfItsGroupAndOfItsRequest) {
  // GIVEN a task, whose own limit is none, in a job with --mem-per-cpu
  const TempRoot files{
      {"proc/self/cgroup", "4:memory:/slurm/uid_0/job_7/step_0/task_0\n0::/\n"},
      {"sys/fs/cgroup/memory/slurm/uid_0/job_7/step_0/task_0/memory.limit_in_bytes",
       "9223372036854771712\n"},
      {"sys/fs/cgroup/memory/slurm/uid_0/job_7/memory.limit_in_bytes", "1258291200\n"}};

  // WHEN
  const auto limits = memory(files, {.physical_bytes = 64 * kGb, .address_space_bytes = {}},
                             {{"SLURM_JOB_ID", "7"},
                              {"SLURMD_NODENAME", "n1"},
                              {"SLURM_CPUS_ON_NODE", "4"},
                              {"SLURM_MEM_PER_CPU", "300"}});

  // THEN
  ASSERT_EQ(limits.size(), 3U);
  EXPECT_EQ(limits[0].reason,
            "cgroup v1 " + path_of(files, "memory/slurm/uid_0/job_7/memory.limit_in_bytes"));
  EXPECT_EQ(limits[1],
            (Limit{1200.0 * 1024 * 1024, "Slurm, SLURM_MEM_PER_CPU x SLURM_CPUS_ON_NODE", false}));
}

TEST(MemoryLimits, OfAContainerAreThoseOfTheTop) {
  const TempRoot namespaced{
      {"proc/self/cgroup", "0::/\n"},
      {"proc/self/mountinfo", "1 2 0:3 / /sys/fs/cgroup ro - cgroup2 cgroup rw,nsdelegate\n"},
      {"sys/fs/cgroup/memory.max", "1073741824\n"}};
  EXPECT_EQ(memory(namespaced, {}).at(0).reason, "cgroup v2 " + path_of(namespaced, "memory.max"));
  const TempRoot bound{{"proc/self/cgroup", "4:memory:/docker/12/in\n"},
                       {"proc/self/mountinfo",
                        "1 2 0:3 /docker/12 /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n"},
                       {"sys/fs/cgroup/memory/in/memory.limit_in_bytes", "1048576\n"}};
  EXPECT_EQ(memory(bound, {}).at(0).reason,
            "cgroup v1 " + path_of(bound, "memory/in/memory.limit_in_bytes"));
}

TEST(MemoryLimits, AnAddressSpaceIsNearest) {
  const TempRoot files{{"proc/self/cgroup", "0::/a\n"},
                       {"sys/fs/cgroup/a/memory.max", "1073741824\n"}};
  const auto limits = memory(files, {.physical_bytes = 2 * kGb, .address_space_bytes = kGb});
  ASSERT_EQ(limits.size(), 3U);
  EXPECT_EQ(limits[0].reason, "address space limit (ulimit -v)");
}

TEST(MemoryLimits, NoLimitIsNone) {
  for (const char* text : {"max\n", "9223372036854771712\n", "9223372036854775807\n", "", "\n"}) {
    const TempRoot files{{"proc/self/cgroup", "0::/a\n"},
                         {"sys/fs/cgroup/a/memory.max", text},
                         {"sys/fs/cgroup/a/memory.high", text}};
    EXPECT_TRUE(memory(files, {}).empty()) << text;
    const TempRoot of1{{"proc/self/cgroup", "4:memory:/a\n"},
                       {"sys/fs/cgroup/memory/a/memory.limit_in_bytes", text}};
    EXPECT_TRUE(memory(of1, {}).empty()) << text;
  }
}

TEST(GpuChoices, AreWhatTheVariablesName) {
  const auto choices =
      gpu_choices(made({{"CUDA_VISIBLE_DEVICES", "0, MIG-12"}, {"NVIDIA_VISIBLE_DEVICES", "all"}}));
  ASSERT_EQ(choices.size(), 1U);
  EXPECT_EQ(choices[0], (GpuChoice{{"0", "MIG-12"}, "CUDA_VISIBLE_DEVICES"}));
}

TEST(GpuChoices, TheFewestAreFirst) {
  const auto choices =
      gpu_choices(made({{"CUDA_VISIBLE_DEVICES", "1"}, {"NVIDIA_VISIBLE_DEVICES", "0,1"}}));
  ASSERT_EQ(choices.size(), 2U);
  EXPECT_EQ(choices[0].variable, "CUDA_VISIBLE_DEVICES");
}

TEST(GpuChoices, AnEmptyListHidesAll) {
  for (const char* text : {"", "-1", "NoDevFiles", "none", "-1,0"}) {
    const auto choices = gpu_choices(made({{"CUDA_VISIBLE_DEVICES", text}}));
    ASSERT_EQ(choices.size(), 1U) << text;
    EXPECT_TRUE(choices[0].ids.empty()) << text;
  }
  // Images set this one without meaning it.
  EXPECT_TRUE(gpu_choices(made({{"NVIDIA_VISIBLE_DEVICES", ""}})).empty());
  EXPECT_TRUE(gpu_choices(made({})).empty());
}

}  // namespace
}  // namespace jumper::source
