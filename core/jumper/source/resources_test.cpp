// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/source/resources.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "testing/temp_root.h"

namespace jumper::source {
namespace {

using jumper::testing::TempRoot;

constexpr std::string_view kMeminfo =
    "MemTotal:       8000 kB\nMemFree:        1000 kB\nMemAvailable:   3000 kB\n"
    "Buffers:         100 kB\nCached:         2000 kB\nSwapTotal:       500 kB\nSwapFree: 500 kB\n";

// The address space of this process is limited for a while.
class AddressSpaceLimit {
 public:
  explicit AddressSpaceLimit(rlim_t bytes) {
    ::getrlimit(RLIMIT_AS, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    is_set_ = ::setrlimit(RLIMIT_AS, &limit) == 0;
  }
  ~AddressSpaceLimit() { ::setrlimit(RLIMIT_AS, &before_); }
  AddressSpaceLimit(const AddressSpaceLimit&) = delete;
  AddressSpaceLimit& operator=(const AddressSpaceLimit&) = delete;
  [[nodiscard]] bool is_set() const { return is_set_; }

 private:
  rlimit before_{};
  bool is_set_ = false;
};

TEST(CpuList, WritesRunsAsTheKernelDoes) {
  EXPECT_EQ(cpu_list({}), "");
  EXPECT_EQ(cpu_list({3}), "3");
  EXPECT_EQ(cpu_list({0, 1}), "0-1");
  EXPECT_EQ(cpu_list({0, 1, 2, 5}), "0-2,5");
  EXPECT_EQ(cpu_list({0, 2, 4}), "0,2,4");
  EXPECT_EQ(cpu_list({1, 2, 63, 64, 65, 1023}), "1-2,63-65,1023");
}

TEST(ReadResources, TellsTheCpusThisProcessMayUse) {
  // GIVEN
  cpu_set_t set;
  ASSERT_EQ(::sched_getaffinity(0, sizeof set, &set), 0);
  const TempRoot files{{"proc/meminfo", kMeminfo}};

  // WHEN
  const Resources resources = read_resources(files.open());

  // THEN
  EXPECT_EQ(resources.usable_cpus.size(), static_cast<size_t>(CPU_COUNT(&set)));
  for (const int cpu : resources.usable_cpus)
    EXPECT_TRUE(CPU_ISSET(static_cast<size_t>(cpu), &set));
  EXPECT_TRUE(std::ranges::is_sorted(resources.usable_cpus));
  EXPECT_EQ(resources.online_cpus, static_cast<uint32_t>(::sysconf(_SC_NPROCESSORS_ONLN)));
  EXPECT_FALSE(resources.kernel.empty());
}

TEST(ReadResources, FollowsTheAffinity) {
  // GIVEN a process bound to one of its CPUs
  cpu_set_t before;
  ASSERT_EQ(::sched_getaffinity(0, sizeof before, &before), 0);
  const TempRoot files{{"proc/meminfo", kMeminfo}};
  const int last = read_resources(files.open()).usable_cpus.back();
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(static_cast<size_t>(last), &one);
  ASSERT_EQ(::sched_setaffinity(0, sizeof one, &one), 0);

  // WHEN
  const Resources resources = read_resources(files.open());
  ::sched_setaffinity(0, sizeof before, &before);

  // THEN
  EXPECT_EQ(resources.usable_cpus, std::vector<int>{last});
}

TEST(ReadResources, WithoutOtherLimitsPhysicalMemoryHolds) {
  const TempRoot files{{"proc/meminfo", kMeminfo}};
  const Resources resources = read_resources(files.open());
  EXPECT_EQ(resources.physical_bytes, 8000U * 1024);
  EXPECT_EQ(resources.available_bytes, 3000U * 1024);
  EXPECT_EQ(resources.swap_bytes, 500U * 1024);
  EXPECT_EQ(resources.memory_limit_bytes, 8000U * 1024);
  EXPECT_EQ(resources.memory_limit_reason, "physical memory");
}

TEST(ReadResources, TheLowestLimitHolds) {
  // GIVEN a control group below the physical memory
  const TempRoot files{{"proc/meminfo", kMeminfo},
                       {"proc/self/cgroup", "0::/job\n"},
                       {"sys/fs/cgroup/job/memory.max", "1000000\n"}};

  // WHEN
  const Resources resources = read_resources(files.open());

  // THEN
  EXPECT_EQ(resources.memory_limit_bytes, 1'000'000U);
  EXPECT_EQ(resources.memory_limit_reason,
            "cgroup v2 " + (files.path() / "sys/fs/cgroup/job/memory.max").string());
  EXPECT_EQ(resources.physical_bytes, 8000U * 1024);
}

TEST(ReadResources, ALimitAboveTheMachineIsNone) {
  const TempRoot files{{"proc/meminfo", kMeminfo},
                       {"proc/self/cgroup", "0::/job\n"},
                       {"sys/fs/cgroup/job/memory.max", "1000000000000\n"}};
  EXPECT_EQ(read_resources(files.open()).memory_limit_reason, "physical memory");
}

TEST(ReadResources, TheAddressSpaceIsALimitToo) {
  // GIVEN a limit that is far above what this process uses, and below the machine's memory
  const TempRoot files{{"proc/meminfo",
                        "MemTotal: 1000000000000 kB\nMemFree: 1 kB\nMemAvailable: 1 kB\nBuffers: 0 "
                        "kB\nCached: 0 kB\n"}};
  EXPECT_EQ(read_resources(files.open()).address_space_bytes, std::nullopt);
  constexpr rlim_t kLimit = rlim_t{100} << 40U;  // sanitizers reserve tens of terabytes
  const AddressSpaceLimit limit(kLimit);
  if (!limit.is_set()) GTEST_SKIP() << "the address space is limited here already";

  // WHEN
  const Resources resources = read_resources(files.open());

  // THEN
  EXPECT_EQ(resources.address_space_bytes, kLimit);
  EXPECT_EQ(resources.memory_limit_bytes, kLimit);
  EXPECT_EQ(resources.memory_limit_reason, "address space limit (ulimit -v)");
}

TEST(ReadResources, WhatIsHiddenIsAbsent) {
  const TempRoot nothing;
  const TempRoot garbage{{"proc/meminfo", "garbage\n"}};
  for (const TempRoot* files : {&nothing, &garbage}) {
    const Resources resources = read_resources(files->open());
    EXPECT_EQ(resources.physical_bytes, std::nullopt);
    EXPECT_EQ(resources.available_bytes, std::nullopt);
    EXPECT_EQ(resources.swap_bytes, std::nullopt);
    EXPECT_EQ(resources.memory_limit_bytes, std::nullopt);
    EXPECT_EQ(resources.memory_limit_reason, "");
    EXPECT_FALSE(resources.usable_cpus.empty());
  }
}

TEST(ReadResources, WithoutMeminfoTheControlGroupStillHolds) {
  const TempRoot files{{"proc/self/cgroup", "0::/job\n"},
                       {"sys/fs/cgroup/job/memory.max", "1000000\n"}};
  EXPECT_EQ(read_resources(files.open()).memory_limit_bytes, 1'000'000U);
}

TEST(ReadResources, ReadsTheLiveMachine) {
  const auto root = kernfs::KernelRoot::open();
  ASSERT_TRUE(root.ok());
  const Resources resources = read_resources(*root);
  ASSERT_TRUE(resources.physical_bytes);
  ASSERT_TRUE(resources.memory_limit_bytes);
  EXPECT_LE(*resources.memory_limit_bytes, *resources.physical_bytes);
  EXPECT_LE(*resources.available_bytes, *resources.physical_bytes);
}

}  // namespace
}  // namespace jumper::source
