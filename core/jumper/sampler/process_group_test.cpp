// SPDX-License-Identifier: BSD-3-Clause
// The process table with a control group around the tree, on a fake kernel.
#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "jumper/sampler/process_table.h"

#include "testing/fake_kernel.h"

namespace jumper::sampler {
namespace {

using jumper::testing::FakeKernel;

constexpr int64_t kMs = 1'000'000;
constexpr int64_t kCall = FakeKernel::kCallNs;
constexpr int kFamily = 1;
constexpr int kStrangers = 2;

// A group as the kernel keeps it, in version 2: a family is in it, and who is put there.
class FakeGroup {
 public:
  explicit FakeGroup(FakeKernel& kernel) : kernel_(kernel) {}

  std::string folder = "sys/fs/cgroup/job";
  std::string usage_file = "cpu.stat";
  std::string proc_cgroup = "0::/job\n";
  std::set<pid_t> below;  // in a group below it
  std::set<pid_t> left;   // of the family, and in another group now

  // Shows what the kernel knows now; what a stranger used before it was put there is not counted.
  void show() {
    std::string procs;
    std::string procs_below;
    for (const auto& [pid, process] : kernel_.processes()) {
      const bool is_in = is_member(pid, process.family);
      if (!shown_.contains({pid, process.family})) {
        const std::string path = "proc/" + std::to_string(pid) + "/cgroup";
        kernel_.put(path, is_in ? proc_cgroup : "3:cpuacct:/\n0::/elsewhere\n");
        shown_.insert({pid, process.family});
      }
      if (is_in && process.state == 'S')
        (below.contains(pid) ? procs_below : procs) += std::to_string(pid) + "\n";
    }
    kernel_.put(folder + "/cgroup.procs", procs);
    if (!below.empty()) kernel_.put(folder + "/below/cgroup.procs", procs_below);
    const int64_t used_ns = this->used_ns();
    const std::string nanos = std::to_string(used_ns) + "\n";
    const std::string micros = "usage_usec " + std::to_string(used_ns / 1000) + "\nuser_usec 1\n";
    kernel_.put(folder + "/" + usage_file, usage_file == "cpu.stat" ? micros : nanos);
  }
  [[nodiscard]] int64_t used_ns() const {
    return past_ns + kernel_.used_by_family(kFamily).cpu_ns +
           kernel_.used_by_family(kStrangers).cpu_ns - elsewhere_ns;
  }

  int64_t past_ns = 77'000 * kMs;
  int64_t elsewhere_ns = 0;  // used by the family outside of it

 private:
  [[nodiscard]] bool is_member(pid_t pid, int family) const {
    return (family == kFamily || family == kStrangers) && !left.contains(pid);
  }

  FakeKernel& kernel_;
  std::set<std::pair<pid_t, int>> shown_;  // whose group was shown, by pid and family
};

struct Layout {
  bool root_is_self = false;
  bool root_counts = true;
  int version = 2;
};

class OwnGroup : public ::testing::Test {
 protected:
  explicit OwnGroup(const Layout& layout = {}) : layout_(layout) {
    kernel.at(root).family = kFamily;
    if (layout.root_is_self) kernel.set_self(root);
    if (layout.version == 2) {
      kernel.files().write("sys/fs/cgroup/job/cgroup.events", "populated 1\n");
      return;
    }
    group.folder = "sys/fs/cgroup/cpuacct/job";
    group.usage_file = "cpuacct.usage";
    group.proc_cgroup = "3:cpuacct:/job\n0::/\n";
    kernel.files().link("proc/" + std::to_string(root) + "/ns/pid", "pid:[4026531836]");
  }

  void follow() {
    ProcessTable::Options options;
    options.root_pid = root;
    options.root_counts = layout_.root_counts;
    options.self_pid = layout_.root_is_self ? root : 0;
    options.open_files = 0;
    table_.emplace(kernel_root_, kernel, kernel, options);
    group.show();
    table_->update(buffer_, ProcessTable::Moment::kLast);
    past_ = kernel.used_by_family(kFamily).cpu_ns;
  }
  // One update, at a time at which the group is looked at; checks that no counter went down.
  void update(int64_t later_ns = base::kNanosPerSecond) {
    kernel.advance_ns(later_ns);
    group.show();
    update_now();
  }
  void update_now() {
    const GroupTotals before = tree();
    table_->update(buffer_, ProcessTable::Moment::kClocks);
    EXPECT_GE(tree().cpu_ns, before.cpu_ns);
  }
  [[nodiscard]] const GroupTotals& tree() const { return table_->totals(Group::kTree); }
  [[nodiscard]] int64_t truth_ns() { return kernel.used_by_family(kFamily).cpu_ns - past_; }

  // What nobody sees and nobody inherits: it comes and goes between two updates.
  void daemon(pid_t parent, int64_t cpu_ns) {
    const pid_t middle = kernel.fork(parent);
    const pid_t orphan = kernel.fork(middle);
    kernel.end(middle);
    if (kernel.has(middle)) kernel.reap(middle);
    kernel.work(orphan, cpu_ns);
    kernel.end(orphan);
  }
  // Puts a process into the group that somebody from outside started: `docker exec`.
  pid_t enter(pid_t parent = 0) {
    const pid_t pid = kernel.fork(FakeKernel::kInit);
    kernel.at(pid).parent = parent;
    kernel.at(pid).family = kStrangers;
    kernel.show(pid);
    return pid;
  }

  FakeKernel kernel;
  pid_t root = kernel.fork(FakeKernel::kInit);
  FakeGroup group{kernel};

 private:
  Layout layout_;
  kernfs::KernelRoot kernel_root_ = kernel.root();
  kernfs::ReadBuffer buffer_;
  std::optional<ProcessTable> table_;
  int64_t past_ = 0;
};

// ---- what is found ---------------------------------------------------------------------------

TEST_F(OwnGroup, FindsOrphansThatNobodySaw) {
  // GIVEN
  follow();
  EXPECT_EQ(tree().cpu_ns, 0);

  // WHEN
  for (int i = 1; i <= 5; ++i) {
    daemon(root, i * 70 * kMs);
    update();
    // THEN
    EXPECT_EQ(tree().cpu_ns, truth_ns());
  }
  EXPECT_GT(truth_ns(), 1000 * kMs);
}

TEST_F(OwnGroup, FindsChildrenOfAParentThatDoesNotWantToKnow) {
  // GIVEN
  kernel.at(root).ignores_child_exit = true;
  kernel.show(root);
  follow();

  // WHEN
  for (int i = 0; i < 5; ++i) {
    const pid_t child = kernel.fork(root);
    kernel.work(child, 33 * kMs);
    kernel.end(child);
    update();
    // THEN
    EXPECT_EQ(tree().cpu_ns, truth_ns());
  }
}

TEST_F(OwnGroup, ChangesNothingWhereFollowingFindsAll) {
  follow();
  for (int i = 0; i < 5; ++i) {
    const pid_t child = kernel.fork(root);
    kernel.work(child, 33 * kMs);
    update();
    EXPECT_EQ(tree().cpu_ns, truth_ns());
    kernel.work(child, 20 * kMs);
    kernel.end(child);
    if (i % 2 == 0) update();
    kernel.reap(child);
    update();
    EXPECT_EQ(tree().cpu_ns, truth_ns());
  }
}

TEST_F(OwnGroup, CountsOnceWhatAppearsInTheParentLater) {
  // GIVEN a child that ended and was waited for while its parent could not be read
  follow();
  const pid_t shell = kernel.fork(root);
  update();
  const std::string stat = "proc/" + std::to_string(shell) + "/stat";
  const pid_t child = kernel.fork(shell);
  kernel.work(child, 500 * kMs);
  kernel.end(child);
  kernel.reap(child);
  kernel.files().write(stat, "garbage");
  update();
  EXPECT_EQ(tree().cpu_ns, truth_ns());  // the group has it

  // WHEN the parent shows it
  kernel.show(shell);
  const pid_t another = kernel.fork(shell);
  update();
  kernel.work(another, 50 * kMs);
  update();

  // THEN
  EXPECT_EQ(tree().cpu_ns, truth_ns());
}

TEST_F(OwnGroup, AnOrphanThatLivesIsAMemberOfTheTree) {
  // GIVEN
  follow();
  update();

  // WHEN an orphan is seen that nobody saw before; in the tree's session or in none that we know
  for (const bool has_session : {false, true}) {
    const pid_t middle = kernel.fork(root);
    if (has_session) kernel.found_session(middle);
    const pid_t orphan = kernel.fork(middle);
    kernel.work(orphan, 400 * kMs);
    kernel.write(orphan, 1234);
    kernel.end(middle);
    kernel.reap(middle);
    update();
    EXPECT_EQ(tree().processes, 2U);
    EXPECT_EQ(tree().cpu_ns, truth_ns());
    kernel.work(kernel.fork(orphan), 100 * kMs);
    update();
    // THEN so are its children, and the group stays the tree's
    EXPECT_EQ(tree().processes, 3U);
    EXPECT_EQ(tree().cpu_ns, truth_ns());
    for (const auto& [pid, process] : std::map(kernel.processes())) {
      if (pid != root && process.family == kFamily) kernel.end(pid);
    }
    update();
    EXPECT_EQ(tree().cpu_ns, truth_ns());
  }
  EXPECT_EQ(tree().io.write_bytes, 2U * 1234);
  EXPECT_EQ(tree().processes, 1U);
}

TEST_F(OwnGroup, BetweenLooksTheTotalGoesOn) {
  // GIVEN something that was found twice
  follow();
  daemon(root, 5000 * kMs);
  update();
  update();
  const int64_t before_ns = tree().cpu_ns;
  EXPECT_EQ(before_ns, truth_ns());

  // WHEN the root works on, and it is too early to look again
  kernel.work(root, 300 * kMs);
  kernel.advance_ns(1 * kMs);
  update_now();

  // THEN nothing is counted twice, and what is missing are ticks
  EXPECT_LE(tree().cpu_ns, truth_ns());
  EXPECT_GE(tree().cpu_ns, truth_ns() - 2 * kCall);
}

TEST_F(OwnGroup, ACounterThatLagsTakesNothingAway) {
  // GIVEN
  follow();
  // WHEN the group's counter stands still for a while
  kernel.work(root, 100 * kMs);
  kernel.advance_ns(base::kNanosPerSecond);
  update_now();
  EXPECT_EQ(tree().cpu_ns, truth_ns());
  daemon(root, 300 * kMs);
  kernel.advance_ns(base::kNanosPerSecond);
  update_now();
  EXPECT_EQ(tree().cpu_ns, truth_ns() - 300 * kMs - kCall);

  // WHEN it comes
  update();

  // THEN
  EXPECT_EQ(tree().cpu_ns, truth_ns());
}

TEST_F(OwnGroup, GroupsBelowBelongToIt) {
  follow();
  const pid_t child = kernel.fork(root);
  group.below.insert(child);
  update();
  daemon(child, 250 * kMs);
  update();
  EXPECT_EQ(tree().cpu_ns, truth_ns());
}

// ---- what is not the tree's ------------------------------------------------------------------

TEST_F(OwnGroup, AGroupWithOthersIsNotTheTrees) {
  // GIVEN a server beside the root
  const pid_t server = enter(FakeKernel::kInit);
  follow();

  // WHEN
  kernel.work(server, 900 * kMs);
  daemon(root, 50 * kMs);
  update();
  update();

  // THEN nothing of it, and nothing of what cannot be told from it
  EXPECT_LE(tree().cpu_ns, truth_ns());
}

TEST_F(OwnGroup, WhatStrangersUseIsNeverCounted) {
  // Without a parent that we see; with a parent elsewhere; as the leader of a session.
  for (const int kind : {0, 1, 2}) {
    // GIVEN something found, and then one who comes later
    follow();
    daemon(root, 500 * kMs);
    update();
    update();
    EXPECT_EQ(tree().cpu_ns, truth_ns());
    const pid_t shell = kernel.fork(FakeKernel::kInit);
    const pid_t stranger = enter(kind == 0 ? 0 : kind == 1 ? shell : FakeKernel::kInit);
    if (kind == 2) kernel.found_session(stranger);

    // WHEN it works, and so does the tree
    for (int i = 0; i < 4; ++i) {
      kernel.work(stranger, 700 * kMs);
      daemon(root, 50 * kMs);
      const int64_t before_ns = tree().cpu_ns;
      kernel.work(root, 100 * kMs);
      update();
      // THEN the tree's own goes on
      EXPECT_LE(tree().cpu_ns, truth_ns());
      EXPECT_GE(tree().cpu_ns, before_ns + 100 * kMs);
    }
    EXPECT_EQ(tree().processes, 1U);

    // WHEN it has gone
    kernel.vanish(stranger);
    for (int i = 0; i < 8; ++i) update(8 * base::kNanosPerSecond);
    const int64_t before_ns = tree().cpu_ns;
    daemon(root, 600 * kMs);
    update();

    // THEN orphans are found again
    EXPECT_GE(tree().cpu_ns, before_ns + 600 * kMs);
    EXPECT_LE(tree().cpu_ns, truth_ns());
  }
}

TEST_F(OwnGroup, WhoIsPutThereAfterALifeElsewhereIsAStranger) {
  // GIVEN a daemon, a child of init as orphans are
  const pid_t old = kernel.fork(FakeKernel::kInit);
  follow();
  update();

  // WHEN it is moved into the group
  kernel.at(old).family = kStrangers;
  kernel.work(old, 800 * kMs);
  update();

  // THEN
  EXPECT_EQ(tree().processes, 1U);
  EXPECT_EQ(tree().cpu_ns, truth_ns());
}

TEST_F(OwnGroup, AnOrphanElsewhereIsNone) {
  // GIVEN
  follow();
  update();
  // WHEN init starts something outside of the group
  const pid_t other = kernel.fork(FakeKernel::kInit);
  kernel.work(other, 800 * kMs);
  update();
  update();
  // THEN
  EXPECT_EQ(tree().processes, 1U);
  EXPECT_EQ(tree().cpu_ns, 0);
}

TEST_F(OwnGroup, MembersThatLeaveItCountAsBefore) {
  // GIVEN a child
  follow();
  const pid_t child = kernel.fork(root);
  kernel.work(child, 50 * kMs);
  update();
  EXPECT_EQ(tree().cpu_ns, truth_ns());

  // WHEN a batch system moves it, and it works there
  group.left.insert(child);
  kernel.work(child, 400 * kMs);
  group.elsewhere_ns = 400 * kMs;
  update();
  EXPECT_EQ(tree().cpu_ns, truth_ns());

  // THEN nothing that is missing now is made up for by something else
  daemon(root, 100 * kMs);
  update();
  EXPECT_LE(tree().cpu_ns, truth_ns());
  EXPECT_GE(tree().cpu_ns, truth_ns() - 100 * kMs - 2 * kCall);
}

TEST_F(OwnGroup, AGroupThatIsRemovedOrGarbledIsNoneAnyMore) {
  for (const std::string file : {"cgroup.procs", "cpu.stat"}) {
    // GIVEN
    follow();
    daemon(root, 500 * kMs);
    update();
    update();
    EXPECT_EQ(tree().cpu_ns, truth_ns());

    // WHEN
    kernel.files().write("sys/fs/cgroup/job/" + file, "garbage");
    const int64_t before_ns = tree().cpu_ns;
    kernel.work(root, 100 * kMs);
    kernel.advance_ns(base::kNanosPerSecond);
    update_now();
    update();

    // THEN what was found stays, but for what may have been ticks not told yet
    EXPECT_LE(tree().cpu_ns, before_ns + 100 * kMs);
    EXPECT_GE(tree().cpu_ns, before_ns + 100 * kMs - 2 * kCall);
  }
}

TEST_F(OwnGroup, ACounterThatGoesBackwardsCountsNothing) {
  // GIVEN
  follow();
  daemon(root, 500 * kMs);
  update();
  update();
  const int64_t before_ns = tree().cpu_ns;

  // WHEN
  group.past_ns = 0;
  kernel.work(root, 120 * kMs);
  update();
  EXPECT_LE(tree().cpu_ns, truth_ns());
  EXPECT_GE(tree().cpu_ns, before_ns + 120 * kMs - 2 * kCall);

  // THEN it begins anew
  update(10 * base::kNanosPerSecond);
  daemon(root, 80 * kMs);
  update();
  EXPECT_LE(tree().cpu_ns, truth_ns());
  EXPECT_GE(tree().cpu_ns, truth_ns() - 2 * kCall);
}

// ---- any order of things -----------------------------------------------------------------------

class OwnGroupStories : public OwnGroup, public ::testing::WithParamInterface<unsigned> {
 protected:
  // One thing that happens to the tree.
  void step() {
    const pid_t pid = any_of_ours();
    if (kernel.at(pid).state != 'S') {
      if (kernel.at(kernel.at(pid).parent).family == kFamily) kernel.reap(pid);
      return;
    }
    switch (pick(6)) {
      case 0: {
        const pid_t child = kernel.fork(pid);
        kernel.at(child).ignores_child_exit = pick(4) == 0;
        kernel.show(child);
        return;
      }
      case 1:
        return daemon(pid, static_cast<int64_t>(pick(20)) * 10 * kMs);
      case 2:
        if (pid != root) kernel.end(pid);
        return;
      default:
        return kernel.work(pid, static_cast<int64_t>(pick(30)) * 10 * kMs);
    }
  }
  unsigned pick(size_t count) {
    return static_cast<unsigned>(std::uniform_int_distribution<size_t>(0, count - 1)(random_));
  }

 private:
  pid_t any_of_ours() {
    std::vector<pid_t> ours;
    for (const auto& [pid, process] : kernel.processes()) {
      if (process.family == kFamily) ours.push_back(pid);
    }
    return ours[pick(ours.size())];
  }

  std::mt19937 random_{GetParam()};
};

TEST_P(OwnGroupStories, AloneEverythingIsFound) {
  follow();
  for (int i = 0; i < 60; ++i) {
    for (int step_count = 0; step_count < 3; ++step_count) step();
    update();
    ASSERT_EQ(tree().cpu_ns, truth_ns()) << "update " << i;
  }
}

TEST_P(OwnGroupStories, WhateverHappensNothingCountsTwiceAndNoStrangerDoes) {
  // GIVEN things that happen in the middle of an update, too
  follow();
  kernel.on_clock_reading([&] {
    if (pick(10) == 0) step();
  });
  pid_t stranger = 0;  // none
  for (int i = 0; i < 60; ++i) {
    for (int step_count = 0; step_count < 3; ++step_count) step();
    // WHEN somebody comes now and then, works while an update passes, and goes
    if (stranger != 0) {
      kernel.work(stranger, 400 * kMs);
      if (pick(3) == 0) kernel.vanish(std::exchange(stranger, 0));
    } else if (pick(8) == 0) {
      stranger = enter();
      update(static_cast<int64_t>(pick(3)) * base::kNanosPerSecond + 10 * kMs);
    }
    update(static_cast<int64_t>(pick(3)) * base::kNanosPerSecond + 10 * kMs);
    // THEN
    ASSERT_LE(tree().cpu_ns, truth_ns()) << "update " << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, OwnGroupStories, ::testing::Range(1U, 7U));

// ---- the same in other places ----------------------------------------------------------------

class OwnGroupOfVersion1 : public OwnGroup {
 protected:
  OwnGroupOfVersion1() : OwnGroup({.version = 1}) {}
};

TEST_F(OwnGroupOfVersion1, FindsWhatNobodySaw) {
  follow();
  daemon(root, 70 * kMs);
  update();
  EXPECT_EQ(tree().cpu_ns, truth_ns());
  const pid_t stranger = enter();
  kernel.work(stranger, 500 * kMs);
  update();
  EXPECT_EQ(tree().cpu_ns, truth_ns());
}

// As with `jumper run`, whose own process is the root and does not count.
class OwnGroupOfChildren : public OwnGroup {
 protected:
  OwnGroupOfChildren() : OwnGroup({.root_is_self = true, .root_counts = false}) {}
};

TEST_F(OwnGroupOfChildren, LeavesTheRootOut) {
  // GIVEN
  follow();
  const int64_t past_ns = kernel.at(root).own.cpu_ns;
  const pid_t child = kernel.fork(root);
  update();

  // WHEN
  for (int i = 0; i < 3; ++i) {
    kernel.work(root, 1000 * kMs);
    kernel.work(child, 10 * kMs);
    daemon(child, 90 * kMs);
    update();
    // THEN
    EXPECT_EQ(tree().cpu_ns, truth_ns() - (kernel.at(root).own.cpu_ns - past_ns));
  }
}

// The clocks of a monitor that samples on a thread of the process it monitors.
class ClocksWithout final : public base::ProcessClocks {
 public:
  ClocksWithout(const base::ProcessClocks& clocks, pid_t self) : clocks_(clocks), self_(self) {}
  [[nodiscard]] std::optional<int64_t> process_cpu_ns(pid_t pid) const override {
    const auto cpu_ns = clocks_.process_cpu_ns(pid);
    return cpu_ns && pid == self_ ? *cpu_ns - sampler_ns : cpu_ns;
  }
  [[nodiscard]] int64_t own_reaped_cpu_ns() const override { return clocks_.own_reaped_cpu_ns(); }
  [[nodiscard]] int64_t left_out_ns() const override { return sampler_ns; }

  int64_t sampler_ns = 0;

 private:
  const base::ProcessClocks& clocks_;
  pid_t self_;
};

class OwnGroupOfAKernel : public OwnGroup {
 protected:
  OwnGroupOfAKernel() : OwnGroup({.root_is_self = true}) {}
};

TEST_F(OwnGroupOfAKernel, LeavesTheSamplingThreadOut) {
  // GIVEN
  const kernfs::KernelRoot files = kernel.root();
  kernfs::ReadBuffer buffer;
  ClocksWithout clocks(kernel, root);
  ProcessTable table(files, kernel, clocks,
                     {.root_pid = root, .self_pid = root, .user = {}, .open_files = 0});
  group.show();
  table.update(buffer, ProcessTable::Moment::kLast);

  // WHEN the sampling thread uses some of what the process does
  for (int i = 1; i <= 3; ++i) {
    kernel.work(root, 100 * kMs);
    clocks.sampler_ns += 30 * kMs;
    kernel.advance_ns(base::kNanosPerSecond);
    group.show();
    table.update(buffer, ProcessTable::Moment::kClocks);
    // THEN
    EXPECT_EQ(table.totals(Group::kTree).cpu_ns, i * 70 * kMs);
  }
}

}  // namespace
}  // namespace jumper::sampler
