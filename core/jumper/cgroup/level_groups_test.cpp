// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/cgroup/level_groups.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "testing/temp_root.h"

namespace jumper::cgroup {
namespace {

using jumper::testing::TempRoot;

// /proc/self/cgroup of a task that srun started, with the controllers that Slurm 22.05 uses in
// version 1.
constexpr std::string_view kSlurmV1 =
    "9:name=systemd:/\n8:pids:/\n7:blkio:/\n6:freezer:/slurm_n1/uid_0/job_3/step_0\n"
    "5:devices:/\n4:memory:/slurm_n1/uid_0/job_3/step_0/task_0\n"
    "3:cpuset:/slurm_n1/uid_0/job_3/step_0\n"
    "2:cpuacct:/slurm_n1/uid_0/job_3/step_0/task_0\n1:cpu:/\n0::/\n";

void add_v1(const TempRoot& files, const std::string& controller, const std::string& path) {
  const std::string mount = "sys/fs/cgroup/" + controller;
  files.write(mount + "/cgroup.procs", "");
  files.write(mount + "/release_agent", "");
  for (size_t end = path.find('/', 1);; end = path.find('/', end + 1)) {
    files.write(mount + path.substr(0, end) + "/cgroup.procs", "");
    if (end == std::string::npos) return;
  }
}

void add_v2(const TempRoot& files, const std::string& folder) {
  files.write("sys/fs/cgroup" + folder + "/cgroup.procs", "");
  files.write("sys/fs/cgroup" + folder + "/cgroup.events", "populated 1\n");
}

// ---- the Slurm job -------------------------------------------------------------------------

TEST(JobPath, IsCutAfterTheJob) {
  EXPECT_EQ(job_path("/slurm/uid_0/job_7/step_batch"), "/slurm/uid_0/job_7");
  EXPECT_EQ(job_path("/slurm_n1/uid_1000/job_12"), "/slurm_n1/uid_1000/job_12");
  EXPECT_EQ(job_path("/system.slice/n1_slurmstepd.scope/job_1/step_0/user/task_0"),
            "/system.slice/n1_slurmstepd.scope/job_1");
}

TEST(JobPath, IsOfNothingElse) {
  for (const char* path :
       {"/", "/slurm", "/slurm/uid_0/job_", "/slurm/uid_0/job_x/step_0", "/slurm/uid_0/job_7x",
        "/batch/job_7", "/job_7/slurm", "", "/system.slice/slurmd.service"})
    EXPECT_EQ(job_path(path), std::nullopt) << path;
}

TEST(JobGroups, OfVersion1AreThoseControllersThatHaveTheJob) {
  // GIVEN
  const TempRoot files{{"proc/self/cgroup", kSlurmV1}};
  for (const char* controller : {"memory", "cpuacct", "cpuset", "freezer"})
    add_v1(files, controller, "/slurm_n1/uid_0/job_3/step_0/task_0");
  add_v1(files, "cpu", "/x");
  const kernfs::KernelRoot root = files.open();

  // WHEN
  const auto groups = find_job_groups(root);

  // THEN
  ASSERT_TRUE(groups);
  EXPECT_EQ(groups->memory, (LevelGroup{1, "fs/cgroup/memory/slurm_n1/uid_0/job_3"}));
  EXPECT_EQ(groups->cpu_time, (LevelGroup{1, "fs/cgroup/cpuacct/slurm_n1/uid_0/job_3"}));
  EXPECT_EQ(groups->cpuset, (LevelGroup{1, "fs/cgroup/cpuset/slurm_n1/uid_0/job_3"}));
  EXPECT_EQ(groups->cpu, std::nullopt);
  EXPECT_EQ(groups->io, std::nullopt);
  EXPECT_EQ(groups->memory_folders.size(), 3U);
  EXPECT_EQ(groups->memory_folders.back(), groups->memory->folder);

  // THEN who is in any step of the job belongs to it, and nobody else
  EXPECT_TRUE(is_member(*groups, kSlurmV1));
  EXPECT_TRUE(is_member(*groups, "6:freezer:/slurm_n1/uid_0/job_3/step_batch\n0::/\n"));
  EXPECT_FALSE(is_member(*groups, "6:freezer:/slurm_n1/uid_0/job_31/step_0\n0::/\n"));
  EXPECT_FALSE(is_member(*groups, "6:freezer:/slurm_n1/uid_0\n0::/\n"));
  EXPECT_FALSE(is_member(*groups, "0::/slurm_n1/uid_0/job_3\n"));
  EXPECT_FALSE(is_member(*groups, ""));
}

TEST(JobGroups, WithNothingButTheFreezerStillKnowWhoIsInIt) {
  // GIVEN proctrack/cgroup alone: the memory path is that of slurmd's own group
  const TempRoot files{
      {"proc/self/cgroup", "6:freezer:/slurm/uid_0/job_3/step_0\n4:memory:/daemons/slurm\n"}};
  add_v1(files, "freezer", "/slurm/uid_0/job_3/step_0");
  add_v1(files, "memory", "/daemons/slurm");
  const auto groups = find_job_groups(files.open());
  ASSERT_TRUE(groups);
  EXPECT_EQ(groups->memory, std::nullopt);
  EXPECT_EQ(groups->cpu_time, std::nullopt);
  EXPECT_EQ(groups->member_controller, "freezer");
  EXPECT_EQ(groups->member_path, "/slurm/uid_0/job_3");
}

TEST(JobGroups, OfVersion2AreOne) {
  const TempRoot files{
      {"proc/self/cgroup", "0::/system.slice/slurmstepd.scope/job_1/step_0/user/task_0\n"}};
  add_v2(files, "");
  add_v2(files, "/system.slice/slurmstepd.scope/job_1");
  const auto groups = find_job_groups(files.open());
  ASSERT_TRUE(groups);
  const LevelGroup job{2, "fs/cgroup/system.slice/slurmstepd.scope/job_1"};
  EXPECT_EQ(groups->cpu_time, job);
  EXPECT_EQ(groups->memory, job);
  EXPECT_EQ(groups->io, job);
  EXPECT_EQ(groups->member_controller, "");
  EXPECT_TRUE(is_member(*groups, "0::/system.slice/slurmstepd.scope/job_1/step_batch/slurm\n"));
}

TEST(JobGroups, AreNowhereElse) {
  EXPECT_EQ(find_job_groups(TempRoot{{"proc/self/cgroup", "0::/user.slice\n"}}.open()),
            std::nullopt);
  EXPECT_EQ(find_job_groups(TempRoot{{"proc/self/cgroup", "\xff\n:::\n1:2\n"}}.open()),
            std::nullopt);
  EXPECT_EQ(find_job_groups(TempRoot{{"proc/stat", ""}}.open()), std::nullopt);
}

// ---- the container -------------------------------------------------------------------------

TEST(ContainerGroups, AreTheNearestOnesWithALimit) {
  // GIVEN version 2: a pod and a container with limits, and a group without in the container
  const TempRoot files{{"proc/self/cgroup", "0::/pod/container/inner\n"}};
  for (const char* folder : {"", "/pod", "/pod/container", "/pod/container/inner"})
    add_v2(files, folder);
  files.remove("sys/fs/cgroup/cgroup.events");
  files.write("sys/fs/cgroup/pod/memory.max", "5000\n");
  files.write("sys/fs/cgroup/pod/container/memory.max", "max\n");
  files.write("sys/fs/cgroup/pod/container/cpu.max", "150000 100000\n");
  files.write("sys/fs/cgroup/pod/container/inner/memory.max", "max\n");
  const kernfs::KernelRoot root = files.open();

  // WHEN
  const auto groups = find_container_groups(root);

  // THEN
  ASSERT_TRUE(groups);
  EXPECT_EQ(groups->memory, (LevelGroup{2, "fs/cgroup/pod/container"}));
  EXPECT_EQ(groups->cpu_time, groups->memory);
  EXPECT_TRUE(is_member(*groups, "0::/pod/container/other\n"));
  EXPECT_FALSE(is_member(*groups, "0::/pod/container2\n"));

  // THEN its memory ends where that of the pod does
  const GroupLimits limits = read_group_limits(root, *groups);
  EXPECT_EQ(limits.memory_bytes, 5000U);
  EXPECT_TRUE(limits.memory_where.ends_with("/fs/cgroup/pod/memory.max")) << limits.memory_where;
  EXPECT_EQ(limits.cpus, 1.5);
}

TEST(ContainerGroups, OfVersion1AreThoseWithTheSamePath) {
  // GIVEN a service of systemd, which made a group of it by memory only
  const TempRoot files{{"proc/self/cgroup",
                        "4:memory:/system.slice/notebook.service\n2:cpuacct:/system.slice\n"
                        "7:blkio:/system.slice/notebook.service\n0::/system.slice\n"}};
  add_v1(files, "memory", "/system.slice/notebook.service");
  add_v1(files, "blkio", "/system.slice/notebook.service");
  add_v1(files, "cpuacct", "/system.slice");
  files.write("sys/fs/cgroup/memory/system.slice/notebook.service/memory.limit_in_bytes",
              "1073741824\n");

  // WHEN
  const auto groups = find_container_groups(files.open());

  // THEN what all services used together is not taken for it
  ASSERT_TRUE(groups);
  EXPECT_EQ(groups->memory, (LevelGroup{1, "fs/cgroup/memory/system.slice/notebook.service"}));
  EXPECT_EQ(groups->io, (LevelGroup{1, "fs/cgroup/blkio/system.slice/notebook.service"}));
  EXPECT_EQ(groups->cpu_time, std::nullopt);
  EXPECT_EQ(groups->member_controller, "memory");
}

TEST(ContainerGroups, OfVersion1MayBeAllThatIsMounted) {
  // GIVEN a container that has the host's paths and sees its own groups only
  const TempRoot files{{"proc/self/cgroup", "4:memory:/docker/ab12\n2:cpuacct:/docker/ab12\n"}};
  for (const char* controller : {"memory", "cpuacct"})
    files.write(std::string("sys/fs/cgroup/") + controller + "/cgroup.procs", "");
  const auto groups = find_container_groups(files.open());
  ASSERT_TRUE(groups);
  EXPECT_EQ(groups->memory, (LevelGroup{1, "fs/cgroup/memory"}));
  EXPECT_EQ(groups->cpu_time, (LevelGroup{1, "fs/cgroup/cpuacct"}));
  EXPECT_TRUE(is_member(*groups, "4:memory:/docker/ab12\n"));
  EXPECT_FALSE(is_member(*groups, "4:memory:/docker/cd34\n"));
}

TEST(ContainerGroups, MayBeTheTopOfANamespace) {
  // GIVEN a namespace without limits: its top has a file that the whole machine's has not
  const TempRoot files{{"proc/self/cgroup", "0::/\n"}};
  add_v2(files, "");
  const auto groups = find_container_groups(files.open());
  ASSERT_TRUE(groups);
  EXPECT_EQ(groups->memory, (LevelGroup{2, "fs/cgroup"}));
  EXPECT_TRUE(is_member(*groups, "0::/service\n"));
  EXPECT_FALSE(is_member(*groups, "0::/../other\n"));
}

TEST(ContainerGroups, AreNotTheWholeMachine) {
  // GIVEN a user's session without any limit
  const TempRoot files{{"proc/self/cgroup", "0::/user.slice/session-1.scope\n"}};
  files.write("sys/fs/cgroup/cgroup.procs", "");
  add_v2(files, "/user.slice");
  add_v2(files, "/user.slice/session-1.scope");
  files.write("sys/fs/cgroup/user.slice/memory.max", "max\n");
  EXPECT_EQ(find_container_groups(files.open()), std::nullopt);

  // GIVEN version 1, where "no limit" is a number
  const TempRoot old{{"proc/self/cgroup", "4:memory:/a\n0::/\n"}};
  add_v1(old, "memory", "/a");
  for (const char* none : {"9223372036854771712\n", "", "max\n", "-1\n", "apples\n"}) {
    old.write("sys/fs/cgroup/memory/a/memory.limit_in_bytes", none);
    EXPECT_EQ(find_container_groups(old.open()), std::nullopt) << none;
  }
  EXPECT_EQ(find_container_groups(TempRoot{{"proc/self/cgroup", ""}}.open()), std::nullopt);
}

// ---- limits --------------------------------------------------------------------------------

TEST(GroupLimits, OfAJobAreTheLowestOnTheWayUp) {
  // GIVEN a job whose own limit is above that of its user's group
  const TempRoot files{{"proc/self/cgroup", kSlurmV1}};
  for (const char* controller : {"memory", "cpuset"})
    add_v1(files, controller, "/slurm_n1/uid_0/job_3/step_0/task_0");
  const std::string memory = "sys/fs/cgroup/memory/slurm_n1/uid_0";
  files.write(memory + "/memory.limit_in_bytes", "700\n");
  files.write(memory + "/job_3/memory.limit_in_bytes", "900\n");
  files.write("sys/fs/cgroup/cpuset/slurm_n1/uid_0/job_3/cpuset.cpus", "0-1,4\n");
  const kernfs::KernelRoot root = files.open();
  const auto limits = read_group_limits(root, *find_job_groups(root));
  EXPECT_EQ(limits.memory_bytes, 700U);
  EXPECT_EQ(limits.cpus, 3);
}

TEST(GroupLimits, ThatCannotBeReadAreAbsent) {
  const TempRoot files{{"proc/self/cgroup", kSlurmV1}};
  add_v1(files, "memory", "/slurm_n1/uid_0/job_3");
  const kernfs::KernelRoot root = files.open();
  EXPECT_EQ(read_group_limits(root, *find_job_groups(root)), GroupLimits{});
}

TEST(CountCpus, OfAList) {
  EXPECT_EQ(count_cpus("0"), 1U);
  EXPECT_EQ(count_cpus("0-3,7"), 5U);
  for (const char* wrong : {"", ",", "3-1", "a", "0-", "-3", "0,,1", "0-99999999"})
    EXPECT_EQ(count_cpus(wrong), std::nullopt) << wrong;
}

}  // namespace
}  // namespace jumper::cgroup
