// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/source/group_levels.h"

#include <gtest/gtest.h>

#include "testing/temp_root.h"

namespace jumper::source {
namespace {

using jumper::testing::TempRoot;

TEST(GroupLevels, OutsideSayWhy) {
  const TempRoot files{{"proc/self/cgroup", "0::/\n"}};
  const GroupLevels levels = find_group_levels(files.open(), std::nullopt);
  EXPECT_FALSE(levels.container);
  EXPECT_FALSE(levels.slurm);
  EXPECT_NE(levels.no_container.find("control group with a limit"), std::string::npos);
  EXPECT_NE(levels.no_slurm.find("only inside a Slurm job"), std::string::npos);
  EXPECT_TRUE(limits_of(levels).empty());
}

TEST(GroupLevels, InAShellOfSallocSayThatItIsOnNoNode) {
  const TempRoot files{{"proc/self/cgroup", "0::/\n"}};
  SlurmJob job;
  job.id = "41";
  const GroupLevels levels = find_group_levels(files.open(), job);
  EXPECT_FALSE(levels.slurm);
  EXPECT_NE(levels.no_slurm.find("on no node of job 41"), std::string::npos);
  EXPECT_NE(levels.no_slurm.find("srun --overlap"), std::string::npos);
}

TEST(GroupLevels, OfAJobWithoutGroupsGoByItsEnvironment) {
  const TempRoot files{{"proc/self/cgroup", "0::/\n"}};
  SlurmJob job;
  job.id = "41";
  job.node_name = "n2";
  job.cpus_on_node = 4;
  const GroupLevels levels = find_group_levels(files.open(), job);
  ASSERT_TRUE(levels.slurm);
  EXPECT_FALSE(levels.slurm->groups);
  EXPECT_EQ(levels.slurm->job_id, "41");
  EXPECT_EQ(limits_of(levels),
            (std::vector<LevelLimits>{{metric::Scope::kSlurm, 4.0, std::nullopt, ""}}));
}

TEST(GroupLevels, BelieveThePathsMoreThanTheEnvironment) {
  // GIVEN the second component of a heterogeneous job, whose environment names the first
  const TempRoot files{
      {"proc/self/cgroup", "0::/system.slice/slurmstepd.scope/job_8/step_0/user/task_0\n"},
      {"sys/fs/cgroup/cgroup.procs", ""},
      {"sys/fs/cgroup/system.slice/slurmstepd.scope/job_8/cgroup.procs", ""},
      {"sys/fs/cgroup/system.slice/slurmstepd.scope/job_8/cgroup.events", ""},
      {"sys/fs/cgroup/system.slice/slurmstepd.scope/job_8/memory.max", "4096\n"}};
  SlurmJob job;
  job.id = "7";
  const GroupLevels levels = find_group_levels(files.open(), job);
  ASSERT_TRUE(levels.slurm);
  EXPECT_EQ(levels.slurm->groups->member_path, "/system.slice/slurmstepd.scope/job_8");
  EXPECT_EQ(levels.slurm->limits.memory_bytes, 4096U);
}

}  // namespace
}  // namespace jumper::source
