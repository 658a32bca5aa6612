// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/sampler/membership.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <string>

#include "jumper/sampler/process_table.h"
#include "testing/fake_kernel.h"

namespace jumper::sampler {
namespace {

using jumper::testing::FakeKernel;

constexpr int64_t kMs = 1'000'000;
constexpr std::string_view kJobGroup = "6:freezer:/slurm/uid_0/job_3/step_0\n";

source::GroupLevel job_by_group() {
  source::GroupLevel level;
  level.scope = metric::Scope::kSlurm;
  level.groups.emplace();
  level.groups->member_controller = "freezer";
  level.groups->member_path = "/slurm/uid_0/job_3";
  return level;
}

source::GroupLevel job_by_environment() {
  source::GroupLevel level;
  level.scope = metric::Scope::kSlurm;
  level.job_id = "3";
  level.node_name = "n1";
  return level;
}

TEST(HasEntry, LooksForWholeEntries) {
  const std::string block("A=1\0SLURM_JOB_ID=3\0B=2\0", 23);
  EXPECT_TRUE(has_entry(block, "SLURM_JOB_ID=3"));
  EXPECT_TRUE(has_entry("SLURM_JOB_ID=3", "SLURM_JOB_ID=3"));
  EXPECT_FALSE(has_entry(block, "SLURM_JOB_ID="));
  EXPECT_FALSE(has_entry(block, "B=22"));
  EXPECT_FALSE(has_entry("", "A=1"));
}

// A job on a fake kernel: a daemon of Slurm's with a task, the root, and somebody else.
class FakeJob {
 public:
  explicit FakeJob(const source::GroupLevel& level) : members_(level) {
    daemon = kernel.fork(FakeKernel::kInit);
    kernel.at(daemon).name = "slurmstepd";
    root = kernel.fork(daemon);
    other = kernel.fork(FakeKernel::kInit);
  }
  void describe(pid_t pid, const char* name, std::string_view text, std::string_view comm) const {
    const std::string folder = "proc/" + std::to_string(pid) + "/";
    kernel.files().write(folder + name, text);
    kernel.files().write(folder + "comm", std::string(comm) + "\n");
  }
  void follow(bool with_user = false) {
    ProcessTable::Options options;
    options.root_pid = root;
    options.open_files = 0;
    options.job = &members_;
    if (with_user) options.user = ::geteuid();
    table_.emplace(kernel_root_, kernel, kernel, options);
    update();
  }
  void update(ProcessTable::Reach reach = ProcessTable::Reach::kAll) {
    table_->update(buffer_, ProcessTable::Moment::kClocks, reach);
  }
  [[nodiscard]] const GroupTotals& job() const { return table_->totals(Group::kJob); }
  [[nodiscard]] const GroupTotals& tree() const { return table_->totals(Group::kTree); }

  FakeKernel kernel;
  pid_t daemon = 0;
  pid_t root = 0;
  pid_t other = 0;

 private:
  Membership members_;
  kernfs::KernelRoot kernel_root_ = kernel.root();
  kernfs::ReadBuffer buffer_;
  std::optional<ProcessTable> table_;
};

TEST(JobMembers, AreThoseInItsGroupWithoutSlurmsOwn) {
  // GIVEN a job with a second task, which the root's tree does not hold
  FakeJob fake(job_by_group());
  const pid_t task = fake.kernel.fork(fake.daemon);
  fake.describe(fake.daemon, "cgroup", kJobGroup, "slurmstepd");
  fake.describe(fake.root, "cgroup", kJobGroup, "python3");
  fake.describe(task, "cgroup", "6:freezer:/slurm/uid_0/job_3/step_1\n", "app");
  fake.describe(fake.other, "cgroup", "6:freezer:/slurm/uid_0/job_4/step_0\n", "app");

  // WHEN
  fake.follow();
  for (const pid_t pid : {fake.daemon, fake.root, task, fake.other})
    fake.kernel.work(pid, 10 * kMs);
  fake.kernel.write(task, 5000);
  fake.update();

  // THEN
  EXPECT_EQ(fake.job().processes, 2U);
  EXPECT_EQ(fake.job().cpu_ns, 20 * kMs + FakeKernel::kCallNs);
  EXPECT_EQ(fake.job().io.write_bytes, 5000U);
  EXPECT_EQ(fake.tree().processes, 1U);

  // WHEN the task ends and Slurm's daemon waits for it, THEN what it did stays the job's
  fake.kernel.end(task);
  fake.kernel.reap(task);
  fake.update();
  EXPECT_EQ(fake.job().processes, 1U);
  EXPECT_EQ(fake.job().io.write_bytes, 5000U);
  EXPECT_GE(fake.job().cpu_ns, 20 * kMs + FakeKernel::kCallNs);
}

TEST(JobMembers, ChildrenCountWithoutBeingAsked) {
  // GIVEN
  FakeJob fake(job_by_group());
  fake.describe(fake.root, "cgroup", kJobGroup, "python3");
  fake.follow();

  // WHEN a child of the root is found: nothing says where it is
  const pid_t child = fake.kernel.fork(fake.root);
  fake.kernel.work(child, 30 * kMs);
  fake.update();

  // THEN
  EXPECT_EQ(fake.job().processes, 2U);
  EXPECT_EQ(fake.job().cpu_ns, 30 * kMs + FakeKernel::kCallNs);
}

TEST(JobMembers, ATaskJustForkedIsFoundWhenItsProgramStarts) {
  // GIVEN a copy of the daemon
  FakeJob fake(job_by_group());
  fake.describe(fake.root, "cgroup", kJobGroup, "python3");
  fake.describe(fake.daemon, "cgroup", kJobGroup, "slurmstepd");
  fake.follow();
  const pid_t task = fake.kernel.fork(fake.daemon);
  fake.describe(task, "cgroup", kJobGroup, "slurmstepd");
  fake.update();
  EXPECT_EQ(fake.job().processes, 1U);

  // WHEN
  fake.describe(task, "cgroup", kJobGroup, "app");
  fake.kernel.work(task, 40 * kMs);
  fake.update();

  // THEN it is of the job, and was from the start
  EXPECT_EQ(fake.job().processes, 2U);
  EXPECT_GE(fake.job().cpu_ns, 40 * kMs);
}

TEST(JobMembers, ByEnvironmentAreTheUsersOfThatJobOnThatNode) {
  // GIVEN the shell of salloc, and a node beside ours on the same machine
  FakeJob fake(job_by_environment());
  const pid_t shell = fake.kernel.fork(FakeKernel::kInit);
  const pid_t elsewhere = fake.kernel.fork(FakeKernel::kInit);
  const pid_t task = fake.kernel.fork(fake.daemon);
  const auto block = [](const char* node) {
    return std::string("PATH=/bin") + '\0' + "SLURM_JOB_ID=3" + '\0' + node + '\0';
  };
  fake.describe(fake.daemon, "environ", block("SLURMD_NODENAME=n1"), "slurmstepd");
  fake.describe(fake.root, "environ", block("SLURMD_NODENAME=n1"), "python3");
  fake.describe(task, "environ", block("SLURMD_NODENAME=n1"), "app");
  fake.describe(elsewhere, "environ", block("SLURMD_NODENAME=n2"), "app");
  fake.describe(shell, "environ", block("SLURM_NNODES=1"), "bash");

  fake.describe(fake.other, "environ", "PATH=/bin", "slurmstepd");  // forked just now

  // WHEN
  fake.follow(true);
  EXPECT_EQ(fake.job().processes, 2U);
  fake.describe(fake.other, "environ", block("SLURMD_NODENAME=n1"), "app");
  const pid_t child = fake.kernel.fork(task);  // of "env -i": with an empty environment
  fake.kernel.work(child, 50 * kMs);
  fake.update();

  // THEN
  EXPECT_EQ(fake.job().processes, 4U);
  EXPECT_EQ(fake.job().cpu_ns, 50 * kMs + FakeKernel::kCallNs);
}

TEST(JobMembers, AreAsTheyWereInAnUpdateOfTheTreeAlone) {
  FakeJob fake(job_by_group());
  fake.describe(fake.root, "cgroup", kJobGroup, "python3");
  fake.follow();
  fake.kernel.work(fake.root, 10 * kMs);
  fake.update(ProcessTable::Reach::kTree);
  EXPECT_EQ(fake.tree().cpu_ns, 10 * kMs);
  EXPECT_EQ(fake.job().cpu_ns, 0);
  fake.update();
  EXPECT_EQ(fake.job().cpu_ns, 10 * kMs);
}

}  // namespace
}  // namespace jumper::sampler
