// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/cgroup/cpu_set.h"

#include <gtest/gtest.h>

#include <optional>
#include <string_view>
#include <vector>

#include "testing/temp_root.h"

namespace jumper::cgroup {
namespace {

using jumper::testing::TempRoot;

TEST(CountCpuList, CountsWhatTheKernelWrites) {
  EXPECT_EQ(count_cpu_list("0\n"), 1U);
  EXPECT_EQ(count_cpu_list("0-3\n"), 4U);
  EXPECT_EQ(count_cpu_list("0-2,5,64-127\n"), 68U);
}

TEST(CountCpuList, IsAbsentForWhatIsNoList) {
  for (const std::string_view text :
       {"", "\n", "max\n", "0-\n", "-1\n", "3-1\n", "0,,1\n", "0;1\n", "0-9223372036854771712\n",
        "0-4294967295\n", "a\n", "0 1\n"}) {
    EXPECT_EQ(count_cpu_list(text), std::nullopt) << text;
  }
}

TEST(FindCpuSets, OfVersion2AreTheEffectiveOnes) {
  // GIVEN a group that has the controller, in one that has not, in one that has
  const TempRoot files{{"proc/self/cgroup", "0::/a/b/c\n"},
                       {"sys/fs/cgroup/a/b/c/cpuset.cpus.effective", "1,3\n"},
                       {"sys/fs/cgroup/a/b/c/cpuset.cpus", "\n"},
                       {"sys/fs/cgroup/a/cpuset.cpus.effective", "0-3\n"},
                       {"sys/fs/cgroup/cpuset.cpus.effective", "0-7\n"}};

  // WHEN
  const auto sets = find_cpu_sets(files.open());

  // THEN
  ASSERT_EQ(sets.size(), 3U);
  EXPECT_EQ(sets[0].cpus, 2U);
  EXPECT_EQ(sets[0].where, (files.path() / "sys/fs/cgroup/a/b/c/cpuset.cpus.effective").string());
  EXPECT_EQ(sets[1].cpus, 4U);
  EXPECT_EQ(sets[2].cpus, 8U);
}

TEST(FindCpuSets, OfVersion1FallBackToWhatWasSet) {
  const TempRoot files{{"proc/self/cgroup", "3:cpuset:/slurm/job_1\n0::/\n"},
                       {"sys/fs/cgroup/cpuset/slurm/job_1/cpuset.cpus", "0-1\n"},
                       {"sys/fs/cgroup/cpuset/slurm/cpuset.cpus", "\n"}};
  const auto sets = find_cpu_sets(files.open());
  ASSERT_EQ(sets.size(), 1U);
  EXPECT_EQ(sets[0].cpus, 2U);
  EXPECT_EQ(sets[0].version, 1);
}

TEST(FindCpuSets, AreNoneWithoutTheController) {
  EXPECT_TRUE(find_cpu_sets(TempRoot{}.open()).empty());
  EXPECT_TRUE(find_cpu_sets(TempRoot{{"proc/self/cgroup", "5:cpu:/\n"}}.open()).empty());
}

}  // namespace
}  // namespace jumper::cgroup
