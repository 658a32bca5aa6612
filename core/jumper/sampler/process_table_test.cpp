// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/sampler/process_table.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "testing/fake_kernel.h"

namespace jumper::sampler {
namespace {

using jumper::testing::FakeKernel;

constexpr int64_t kMs = 1'000'000;
constexpr int64_t kCall = FakeKernel::kCallNs;
constexpr int kFamily = 1;

// A process table on a fake kernel, following the tree below `root`, which has no past.
class FakeTree {
 public:
  struct Setup {
    bool root_is_self = false;
    bool root_counts = true;
    bool with_user = false;  // all fake processes belong to the user who runs the test
    size_t open_files = 0;   // a fake file that is held open outlives its process
    pid_t pid_max = 32768;
  };

  FakeTree() : FakeTree(Setup{}) {}
  explicit FakeTree(const Setup& setup)
      : kernel(setup.pid_max), root(kernel.fork(FakeKernel::kInit)), setup_(setup) {
    kernel.at(root).family = kFamily;
    if (setup.root_is_self) kernel.set_self(root);
  }

  // Starts following. Everything so far is the past.
  void follow() {
    ProcessTable::Options options;
    options.root_pid = root;
    options.root_counts = setup_.root_counts;
    options.self_pid = setup_.root_is_self ? root : 0;
    options.open_files = setup_.open_files;
    if (setup_.with_user) options.user = ::geteuid();
    table_.emplace(kernel_root_, kernel, kernel, options);
    update();
  }
  // One update; checks that no counter went down.
  void update(ProcessTable::Reach reach = ProcessTable::Reach::kAll) {
    const GroupTotals tree_before = tree();
    const GroupTotals user_before = user();
    table_->update(buffer_, ProcessTable::Moment::kClocks, reach);
    expect_grown(tree_before, tree(), "tree");
    expect_grown(user_before, user(), "user");
  }
  [[nodiscard]] const GroupTotals& tree() const { return table_->totals(Group::kTree); }
  [[nodiscard]] const GroupTotals& user() const { return table_->totals(Group::kUser); }

  FakeKernel kernel;
  pid_t root;

 private:
  static void expect_grown(const GroupTotals& before, const GroupTotals& after, const char* group) {
    EXPECT_GE(after.cpu_ns, before.cpu_ns) << group;
    EXPECT_TRUE(after.io.can_hold(before.io)) << group;
  }

  Setup setup_;
  kernfs::KernelRoot kernel_root_ = kernel.root();
  kernfs::ReadBuffer buffer_;
  std::optional<ProcessTable> table_;
};

TEST(ProcessTable, CountsWhatTheTreeUsesFromTheFirstUpdateOn) {
  // GIVEN a root that has already worked, with a child and a stranger beside it
  FakeTree tree;
  tree.kernel.work(tree.root, 500 * kMs);
  tree.kernel.write(tree.root, 4096);
  const pid_t child = tree.kernel.fork(tree.root);
  const pid_t stranger = tree.kernel.fork(FakeKernel::kInit);
  tree.kernel.work(child, 300 * kMs);

  // WHEN
  tree.follow();

  // THEN
  EXPECT_EQ(tree.tree().cpu_ns, 0);
  EXPECT_EQ(tree.tree().io, IoCounters{});
  EXPECT_EQ(tree.tree().processes, 2U);
  EXPECT_EQ(tree.tree().resident_bytes, 2U * 100 * static_cast<uint64_t>(::sysconf(_SC_PAGESIZE)));

  // WHEN all three work
  tree.kernel.work(tree.root, 1 * kMs);
  tree.kernel.work(child, 20 * kMs);
  tree.kernel.write(child, 1000);
  tree.kernel.work(stranger, 300 * kMs);
  tree.update();

  // THEN
  EXPECT_EQ(tree.tree().cpu_ns, 21 * kMs + kCall);
  EXPECT_EQ(tree.tree().io,
            (IoCounters{.write_calls = 1, .write_bytes = 1000, .write_chars = 1000}));
}

TEST(ProcessTable, CountsAChildThatItsParentWaitedForOnce) {
  // GIVEN
  FakeTree tree;
  tree.follow();
  const pid_t child = tree.kernel.fork(tree.root);
  tree.kernel.work(child, 70 * kMs);
  tree.kernel.write(child, 5000);
  tree.update();
  EXPECT_EQ(tree.tree().cpu_ns, 70 * kMs + 2 * kCall);

  // WHEN
  tree.kernel.end(child);
  tree.update();  // a zombie
  EXPECT_EQ(tree.tree().cpu_ns, 70 * kMs + 3 * kCall);
  EXPECT_EQ(tree.tree().processes, 2U);
  tree.kernel.reap(child);
  tree.update();

  // THEN
  EXPECT_EQ(tree.tree().cpu_ns, 70 * kMs + 4 * kCall);
  EXPECT_EQ(tree.tree().io.write_bytes, 5000U);
  EXPECT_EQ(tree.tree().processes, 1U);
}

TEST(ProcessTable, CountsChildrenItNeverSaw) {
  // GIVEN
  FakeTree tree;
  tree.follow();

  // WHEN three generations come and go between two updates
  const pid_t child = tree.kernel.fork(tree.root);
  const pid_t grandchild = tree.kernel.fork(child);
  tree.kernel.work(grandchild, 50 * kMs);
  tree.kernel.write(grandchild, 700);
  tree.kernel.end(grandchild);
  tree.kernel.reap(grandchild);
  tree.kernel.end(child);
  tree.kernel.reap(child);
  tree.update();

  // THEN
  EXPECT_EQ(tree.tree().cpu_ns, tree.kernel.used_by_family(kFamily).cpu_ns);
  EXPECT_EQ(tree.tree().io.write_bytes, 700U);
}

TEST(ProcessTable, DoesNotCountThePastOfAChildWhenItsParentInheritsIt) {
  for (const bool root_is_self : {false, true}) {
    // GIVEN a child and a grandchild with a past
    FakeTree tree({.root_is_self = root_is_self});
    const pid_t child = tree.kernel.fork(tree.root);
    const pid_t grandchild = tree.kernel.fork(child);
    tree.kernel.work(child, 3000 * kMs);
    tree.kernel.work(grandchild, 5000 * kMs);
    tree.kernel.write(grandchild, 9000);
    tree.follow();
    const int64_t past_ns = tree.kernel.used_by_family(kFamily).cpu_ns;

    // WHEN they work on, end, and pass on everything
    tree.kernel.work(grandchild, 40 * kMs);
    tree.kernel.write(grandchild, 10);
    tree.kernel.end(grandchild);
    tree.kernel.reap(grandchild);
    tree.update();
    EXPECT_EQ(tree.tree().cpu_ns, 40 * kMs + 3 * kCall);
    tree.kernel.end(child);
    tree.kernel.reap(child);
    tree.update();

    // THEN only what came after counts
    EXPECT_EQ(tree.tree().cpu_ns, tree.kernel.used_by_family(kFamily).cpu_ns - past_ns);
    EXPECT_EQ(tree.tree().io.write_bytes, 10U);
  }
}

TEST(ProcessTable, KeepsWhatAnOrphanUsed) {
  // GIVEN a child of a child
  FakeTree tree;
  tree.follow();
  const pid_t middle = tree.kernel.fork(tree.root);
  const pid_t orphan = tree.kernel.fork(middle);
  tree.update();

  // WHEN the middle one ends, and the orphan, now a child of init, works on
  tree.kernel.end(middle);
  tree.kernel.reap(middle);
  tree.update();
  tree.kernel.work(orphan, 400 * kMs);
  tree.kernel.write(orphan, 123);
  tree.update();
  const int64_t before_ns = tree.tree().cpu_ns;
  EXPECT_EQ(before_ns, tree.kernel.used_by_family(kFamily).cpu_ns);
  tree.kernel.end(orphan);
  tree.update();

  // THEN all of it stays, but for what its very end cost
  EXPECT_EQ(tree.tree().cpu_ns, before_ns);
  EXPECT_EQ(tree.tree().io.write_bytes, 123U);
  EXPECT_EQ(tree.tree().processes, 1U);
}

TEST(ProcessTable, KeepsAnOrphanThatEndedTogetherWithItsParent) {
  // GIVEN
  FakeTree tree;
  tree.follow();
  const pid_t middle = tree.kernel.fork(tree.root);
  const pid_t worker = tree.kernel.fork(middle);
  tree.kernel.work(worker, 900 * kMs);
  tree.kernel.write(worker, 321);
  tree.update();

  // WHEN between two updates the parent ends first, so that nobody of ours waits for the worker
  tree.kernel.end(middle);
  tree.kernel.end(worker);
  tree.kernel.reap(middle);
  tree.update();

  // THEN what it was last seen to have used is kept, less what the parent's own end hides of it
  const int64_t truth_ns = tree.kernel.used_by_family(kFamily).cpu_ns;
  EXPECT_LE(tree.tree().cpu_ns, truth_ns - kCall);
  EXPECT_GE(tree.tree().cpu_ns, truth_ns - 2 * kCall);
  EXPECT_EQ(tree.tree().io.write_bytes, 321U);
}

TEST(ProcessTable, CountsAnOrphanOnceThatAnAncestorAdopted) {
  for (const bool middle_is_reaped_first : {false, true}) {
    // GIVEN a root that adopts orphans, and a parent that is slow to wait
    FakeTree tree;
    tree.kernel.at(tree.root).adopts_orphans = true;
    tree.follow();
    const pid_t shell = tree.kernel.fork(tree.root);
    const pid_t middle = tree.kernel.fork(shell);
    const pid_t worker = tree.kernel.fork(middle);
    tree.kernel.work(worker, 600 * kMs);
    tree.update();

    // WHEN
    tree.kernel.end(middle);
    if (middle_is_reaped_first) tree.kernel.reap(middle);
    tree.kernel.end(worker);
    tree.kernel.reap(worker);
    tree.update();
    if (!middle_is_reaped_first) tree.kernel.reap(middle);
    tree.update();

    // THEN
    EXPECT_EQ(tree.tree().cpu_ns, tree.kernel.used_by_family(kFamily).cpu_ns);
    EXPECT_EQ(tree.tree().processes, 2U);
  }
}

TEST(ProcessTable, FollowsAChildOfAZombieToItsNewParent) {
  // GIVEN
  FakeTree tree;
  tree.kernel.at(tree.root).adopts_orphans = true;
  tree.follow();
  const pid_t shell = tree.kernel.fork(tree.root);
  const pid_t middle = tree.kernel.fork(shell);
  const pid_t worker = tree.kernel.fork(middle);
  tree.update();
  tree.kernel.end(middle);  // and the shell does not wait
  tree.update();
  tree.kernel.work(worker, 200 * kMs);
  tree.update();

  // WHEN the new parent inherits from it
  tree.kernel.end(worker);
  tree.kernel.reap(worker);
  tree.update();

  // THEN
  EXPECT_EQ(tree.tree().cpu_ns, tree.kernel.used_by_family(kFamily).cpu_ns);
}

TEST(ProcessTable, KeepsChildrenOfAParentThatDoesNotWantToKnow) {
  for (const bool root_is_self : {false, true}) {
    // GIVEN a root that ignores SIGCHLD, and children too short for a tick
    FakeTree tree({.root_is_self = root_is_self});
    tree.kernel.at(tree.root).ignores_child_exit = true;
    tree.kernel.show(tree.root);
    tree.follow();
    int64_t worked_ns = 0;
    for (int i = 1; i <= 50; ++i) {
      const pid_t child = tree.kernel.fork(tree.root);
      tree.kernel.work(child, i * kMs / 4);
      tree.kernel.write(child, 10);
      worked_ns += i * kMs / 4 + 2 * kCall;
      tree.update();

      // WHEN it vanishes without being inherited
      tree.kernel.end(child);
      tree.update();

      // THEN it is kept, but for what its end cost
      EXPECT_EQ(tree.tree().cpu_ns, worked_ns);
    }
    EXPECT_EQ(tree.tree().io.write_bytes, 500U);
  }
}

TEST(ProcessTable, ASignalIgnoredNoLongerDoesNotCountTwice) {
  for (const bool root_is_self : {false, true}) {
    // GIVEN a root that was started with SIGCHLD ignored, and waits for its children all the same
    FakeTree tree({.root_is_self = root_is_self});
    tree.kernel.at(tree.root).ignores_child_exit = true;
    tree.kernel.show(tree.root);
    tree.follow();
    tree.kernel.at(tree.root).ignores_child_exit = false;
    tree.kernel.show(tree.root);
    const pid_t child = tree.kernel.fork(tree.root);
    tree.kernel.work(child, 250 * kMs);
    tree.update();

    // WHEN
    tree.kernel.end(child);
    tree.kernel.reap(child);
    tree.update();

    // THEN
    EXPECT_EQ(tree.tree().cpu_ns, tree.kernel.used_by_family(kFamily).cpu_ns);
  }
}

TEST(ProcessTable, CountsAChildOnceWhenItIsWaitedForInTheMiddleOfAnUpdate) {
  // Whichever clock is being read when the parent waits.
  for (int reading = 0; reading < 12; ++reading) {
    // GIVEN a zombie child that did and wrote a lot
    FakeTree tree;
    tree.follow();
    const pid_t child = tree.kernel.fork(tree.root);
    tree.kernel.work(child, 5000 * kMs);
    tree.kernel.write(child, 1'000'000);
    tree.update();
    tree.kernel.end(child);
    tree.kernel.work(tree.root, kMs);  // so that everything of the root is read

    // WHEN
    int readings = 0;
    tree.kernel.on_clock_reading([&] {
      if (readings++ == reading && tree.kernel.has(child)) tree.kernel.reap(child);
    });
    tree.update();

    // THEN
    const int64_t truth_ns = tree.kernel.used_by_family(kFamily).cpu_ns;
    EXPECT_LE(tree.tree().cpu_ns, truth_ns) << reading;
    EXPECT_GE(tree.tree().cpu_ns, truth_ns - 2 * kCall) << reading;
    EXPECT_EQ(tree.tree().io.write_bytes, 1'000'000U) << reading;
    if (tree.kernel.has(child)) tree.kernel.reap(child);
    tree.update();
    EXPECT_EQ(tree.tree().cpu_ns, tree.kernel.used_by_family(kFamily).cpu_ns) << reading;
    EXPECT_EQ(tree.tree().io.write_bytes, 1'000'000U) << reading;
  }
}

TEST(ProcessTable, CountsAChildOnceWhileItsParentIsInheriting) {
  // GIVEN a child whose clock goes on answering after its parent has inherited from it
  FakeTree tree;
  tree.follow();
  const pid_t child = tree.kernel.fork(tree.root);
  const pid_t sibling = tree.kernel.fork(tree.root);
  tree.kernel.work(child, 800 * kMs);
  tree.kernel.work(sibling, 900 * kMs);
  tree.update();
  tree.kernel.end(child);
  tree.kernel.end(sibling);
  tree.update();
  tree.kernel.reap(sibling);

  // WHEN it is seen before and after that
  tree.kernel.begin_dying(child);
  tree.kernel.work(tree.root, kCall);
  tree.update();
  EXPECT_LE(tree.tree().cpu_ns, tree.kernel.used_by_family(kFamily).cpu_ns);
  tree.kernel.begin_reap(child);
  tree.update();
  EXPECT_EQ(tree.tree().cpu_ns, tree.kernel.used_by_family(kFamily).cpu_ns);
  tree.kernel.fork(tree.root);  // so that the list of processes is read, where it still stands
  tree.update();
  EXPECT_EQ(tree.tree().cpu_ns, tree.kernel.used_by_family(kFamily).cpu_ns);
  tree.kernel.vanish(child);
  tree.update();

  // THEN
  EXPECT_EQ(tree.tree().cpu_ns, tree.kernel.used_by_family(kFamily).cpu_ns);
}

TEST(ProcessTable, AParentThatEndsAfterItsChildInOneUpdateCountsOnce) {
  // Whichever clocks are being read when the child and then the parent go.
  for (int reading = 0; reading < 8; ++reading) {
    for (int later = 1; later < 8; ++later) {
      // GIVEN
      FakeTree tree;
      tree.follow();
      const pid_t parent = tree.kernel.fork(tree.root);
      const pid_t child = tree.kernel.fork(parent);
      tree.kernel.work(child, 3000 * kMs);
      tree.kernel.write(child, 4000);
      tree.update();

      // WHEN
      int readings = 0;
      tree.kernel.on_clock_reading([&] {
        const int now = readings++;
        if (now == reading) {
          tree.kernel.end(child);
          tree.kernel.reap(child);
        } else if (now == reading + later) {
          tree.kernel.end(parent);
          tree.kernel.reap(parent);
        }
      });
      tree.update();
      tree.kernel.on_clock_reading(nullptr);
      EXPECT_EQ(tree.tree().io.write_bytes, 4000U);
      tree.update();

      // THEN
      EXPECT_EQ(tree.tree().cpu_ns, tree.kernel.used_by_family(kFamily).cpu_ns)
          << reading << " " << later;
      EXPECT_EQ(tree.tree().io.write_bytes, 4000U) << reading << " " << later;
    }
  }
}

TEST(ProcessTable, ARecycledPidIsANewProcess) {
  // GIVEN a child whose pid will be given out again
  for (const bool wrap_is_seen : {true, false}) {
    FakeTree tree;
    tree.follow();
    const pid_t child = tree.kernel.fork(tree.root);
    tree.kernel.fork(FakeKernel::kInit);
    tree.kernel.work(child, 100 * kMs);
    tree.update();
    tree.kernel.end(child);
    tree.kernel.reap(child);

    // WHEN a stranger gets it, and has worked far longer
    tree.kernel.set_last_pid(child - 1);
    EXPECT_EQ(tree.kernel.fork(FakeKernel::kInit), child);
    if (!wrap_is_seen) tree.kernel.set_last_pid(child + 1000);  // as after more than a whole round
    tree.kernel.work(child, 90'000 * kMs);
    tree.update();
    tree.update();

    // THEN nothing of it is ours
    EXPECT_EQ(tree.tree().cpu_ns, tree.kernel.used_by_family(kFamily).cpu_ns) << wrap_is_seen;
    EXPECT_EQ(tree.tree().processes, 1U);
  }
}

TEST(ProcessTable, ARecycledPidCanBeOursAgain) {
  for (const bool round_is_seen : {true, false}) {
    // GIVEN a stranger and a child
    FakeTree tree;
    const pid_t stranger = tree.kernel.fork(FakeKernel::kInit);
    tree.follow();
    const pid_t child = tree.kernel.fork(tree.root);
    tree.kernel.work(child, 100 * kMs);
    tree.update();

    // WHEN both end, and new children get their pids
    tree.kernel.end(stranger);
    tree.kernel.end(child);
    tree.kernel.reap(child);
    tree.kernel.set_last_pid(child - 1);
    EXPECT_EQ(tree.kernel.fork(tree.root), child);
    tree.kernel.work(child, 7000 * kMs);
    if (round_is_seen) {
      tree.update();
      tree.kernel.set_last_pid(stranger - 1);
      EXPECT_EQ(tree.kernel.fork(tree.root), stranger);
      tree.kernel.work(stranger, 11 * kMs);
    } else {
      tree.kernel.set_last_pid(child + 1000);
    }
    tree.update();
    tree.update();

    // THEN
    EXPECT_EQ(tree.tree().cpu_ns, tree.kernel.used_by_family(kFamily).cpu_ns);
    EXPECT_EQ(tree.tree().processes, round_is_seen ? 3U : 2U);
  }
}

TEST(ProcessTable, ALowerClockIsAnotherProcess) {
  // GIVEN
  FakeTree tree;
  tree.follow();
  const pid_t child = tree.kernel.fork(tree.root);
  tree.kernel.work(child, 1000 * kMs);
  tree.update();

  // WHEN in the middle of an update, behind the back of the fork detector, its pid gets a new
  // bearer
  bool done = false;
  tree.kernel.on_clock_reading([&] {
    if (std::exchange(done, true)) return;
    tree.kernel.end(child);
    tree.kernel.reap(child);
    tree.kernel.set_last_pid(child - 1);
    tree.kernel.fork(FakeKernel::kInit);
    tree.kernel.work(child, 3 * kMs);
  });
  tree.update();
  tree.kernel.on_clock_reading(nullptr);
  tree.update();

  // THEN
  EXPECT_EQ(tree.tree().cpu_ns, tree.kernel.used_by_family(kFamily).cpu_ns);
  EXPECT_EQ(tree.tree().processes, 1U);
}

TEST(ProcessTable, TheRootsPidCanBeRecycled) {
  // GIVEN a tree whose root ended, with a member left
  FakeTree tree;
  tree.follow();
  const pid_t child = tree.kernel.fork(tree.root);
  tree.update();
  tree.kernel.end(tree.root);
  tree.update();

  // WHEN a stranger gets the root's pid
  tree.kernel.set_last_pid(tree.root - 1);
  EXPECT_EQ(tree.kernel.fork(FakeKernel::kInit), tree.root);
  const pid_t strange_child = tree.kernel.fork(tree.root);
  tree.kernel.work(strange_child, 5000 * kMs);
  tree.kernel.work(child, 30 * kMs);
  tree.update();

  // THEN neither it nor its children are the tree
  EXPECT_EQ(tree.tree().cpu_ns, tree.kernel.used_by_family(kFamily).cpu_ns - kCall);
  EXPECT_EQ(tree.tree().processes, 1U);
}

TEST(ProcessTable, FindsAProcessThatShowsUpAfterItsPid) {
  // GIVEN a child whose pid is given out, but which cannot be seen yet
  FakeTree tree;
  tree.follow();
  const pid_t child = tree.kernel.fork(tree.root);
  const FakeKernel::Process process = tree.kernel.at(child);
  tree.kernel.vanish(child);
  tree.update();
  EXPECT_EQ(tree.tree().processes, 1U);

  // WHEN it can be, and nothing forks any more
  tree.kernel.appear(child, process);
  tree.kernel.work(child, 70 * kMs);
  tree.update();

  // THEN
  EXPECT_EQ(tree.tree().processes, 2U);
  EXPECT_EQ(tree.tree().cpu_ns, 70 * kMs + kCall);
}

TEST(ProcessTable, LooksOnlyAtPidsThatAreNew) {
  // GIVEN many processes
  FakeTree tree({.with_user = true});
  for (int i = 0; i < 300; ++i) tree.kernel.fork(FakeKernel::kInit);
  tree.follow();
  // One with a pid of its own choice, as a restored process may have.
  FakeKernel::Process restored = tree.kernel.at(tree.kernel.fork(tree.root));
  tree.update();
  EXPECT_EQ(tree.tree().processes, 2U);
  tree.kernel.appear(20'000, restored);

  // WHEN some fork
  const pid_t child = tree.kernel.fork(tree.root);
  tree.update();

  // THEN only those are found: nothing was listed
  EXPECT_EQ(tree.tree().processes, 3U);
  EXPECT_TRUE(tree.kernel.has(child));

  // WHEN a while has passed
  tree.kernel.advance_ns(11'000 * kMs);
  tree.kernel.fork(tree.root);
  tree.update();

  // THEN everything is
  EXPECT_EQ(tree.tree().processes, 5U);
}

TEST(ProcessTable, FindsChildrenOfOneTickAfterAWrapAround) {
  // GIVEN a chain of processes that started within one tick, the pids starting anew in between
  FakeTree tree({.pid_max = 310});
  tree.kernel.set_last_pid(307);
  tree.follow();
  tree.kernel.let_time_pass(false);
  pid_t last = tree.root;
  for (int i = 0; i < 5; ++i) last = tree.kernel.fork(last);
  EXPECT_LT(last, 307);
  tree.kernel.work(last, 60 * kMs);

  // WHEN
  tree.update();

  // THEN
  EXPECT_EQ(tree.tree().processes, 6U);
  EXPECT_EQ(tree.tree().cpu_ns, tree.kernel.used_by_family(kFamily).cpu_ns);
}

TEST(ProcessTable, AnExcludedRootPassesOnWhatItInherits) {
  // GIVEN the monitor's own process as root, which is not measured itself
  FakeTree tree({.root_is_self = true, .root_counts = false});
  const pid_t old_child = tree.kernel.fork(tree.root);
  tree.kernel.work(old_child, 2000 * kMs);
  tree.follow();
  const auto root_own_ns = [&] { return tree.kernel.at(tree.root).own.cpu_ns; };
  const int64_t past_ns = tree.kernel.used_by_family(kFamily).cpu_ns - root_own_ns();
  EXPECT_EQ(tree.tree().processes, 1U);

  // WHEN it works and writes, and children do
  tree.kernel.work(tree.root, 700 * kMs);
  tree.kernel.write(tree.root, 1'000'000);
  const pid_t child = tree.kernel.fork(tree.root);
  tree.kernel.work(child, 120 * kMs);
  tree.kernel.write(child, 42);
  tree.update();
  EXPECT_EQ(tree.tree().cpu_ns, 120 * kMs + kCall);
  for (const pid_t pid : {child, old_child}) {
    tree.kernel.end(pid);
    tree.kernel.reap(pid);
    tree.update();
  }
  const pid_t unseen = tree.kernel.fork(tree.root);
  tree.kernel.work(unseen, 50 * kMs);
  tree.kernel.write(unseen, 8);
  tree.kernel.end(unseen);
  tree.kernel.reap(unseen);
  tree.update();

  // THEN its children count, and nothing else
  EXPECT_EQ(tree.tree().cpu_ns,
            tree.kernel.used_by_family(kFamily).cpu_ns - root_own_ns() - past_ns);
  EXPECT_EQ(tree.tree().io.write_bytes, 50U);
  EXPECT_EQ(tree.tree().processes, 0U);
}

TEST(ProcessTable, UnreadableIoIsAbsentAndItsPastIsNotCountedLater) {
  // GIVEN a child whose I/O is garbage at first
  FakeTree tree;
  const pid_t child = tree.kernel.fork(tree.root);
  tree.kernel.write(child, 1'000'000);
  const std::string path = "proc/" + std::to_string(child) + "/io";
  tree.kernel.files().write(path, "rchar: many\n");
  tree.follow();

  // WHEN it can be read later
  tree.kernel.write(child, 10);
  tree.kernel.work(child, kMs);
  tree.update();
  EXPECT_EQ(tree.tree().io.write_bytes, 0U);
  tree.kernel.write(child, 20);
  tree.kernel.work(child, kMs);
  tree.update();

  // THEN
  EXPECT_EQ(tree.tree().io.write_bytes, 20U);
}

TEST(ProcessTable, APastThatCouldNotBeReadIsNotInherited) {
  // GIVEN a child without readable I/O
  FakeTree tree;
  const pid_t child = tree.kernel.fork(tree.root);
  tree.kernel.write(child, 1'000'000);
  const std::string path = "proc/" + std::to_string(child) + "/io";
  tree.kernel.files().remove(path);
  tree.kernel.files().make_folder(path);
  tree.follow();

  // WHEN its parent inherits from it
  tree.kernel.files().remove(path);
  tree.kernel.end(child);
  tree.kernel.reap(child);
  tree.update();
  tree.kernel.write(tree.root, 7);
  tree.kernel.work(tree.root, kMs);
  tree.update();

  // THEN
  EXPECT_EQ(tree.tree().io.write_bytes, 7U);
}

TEST(ProcessTable, HostileNamesChangeNothing) {
  // GIVEN children that call themselves what a careless reader stumbles over
  FakeTree tree;
  tree.follow();
  int64_t worked_ns = 0;
  for (const char* name : {"a b", ") R 1 (", "x) Z 1 1 1 1 1 1 1 1 1 1 1 1 99999999 99999999", "((",
                           "))", "", "\n1 (", "\xff\xfe"}) {
    const pid_t child = tree.kernel.fork(tree.root);
    tree.kernel.at(child).name = name;
    tree.kernel.work(child, 30 * kMs);
    tree.kernel.at(tree.root).name = name;
    worked_ns += 30 * kMs + kCall;
  }
  tree.kernel.show(tree.root);

  // WHEN
  tree.update();

  // THEN
  EXPECT_EQ(tree.tree().cpu_ns, worked_ns);
  EXPECT_EQ(tree.tree().processes, 9U);
}

TEST(ProcessTable, AProcessWhoseStatIsGarbageIsLeftOut) {
  // GIVEN
  FakeTree tree;
  tree.follow();
  const pid_t child = tree.kernel.fork(tree.root);
  const std::string path = "proc/" + std::to_string(child) + "/stat";
  for (const char* garbage :
       {"", "\n", "7 (x", "7 (x) S", "7 (x) S 1 2 3", "no number (x) S 1 1 1 1"}) {
    tree.kernel.files().write(path, garbage);

    // WHEN
    tree.update();

    // THEN
    EXPECT_EQ(tree.tree().processes, 1U);
  }

  // WHEN it can be read and something forks
  tree.kernel.work(child, 50 * kMs);
  const pid_t other = tree.kernel.fork(tree.root);
  tree.update();

  // THEN it counts from its start, which was under observation
  EXPECT_EQ(tree.tree().processes, 3U);
  EXPECT_EQ(tree.tree().cpu_ns, 50 * kMs + 2 * kCall);

  // WHEN the stat of one we know turns to garbage, it lives on, until it ends
  tree.kernel.files().write(path, "garbage");
  tree.kernel.end(other);
  tree.kernel.reap(other);
  tree.update();
  EXPECT_EQ(tree.tree().processes, 2U);
  EXPECT_EQ(tree.tree().cpu_ns, 50 * kMs + 4 * kCall);
}

TEST(ProcessTable, OneThatCouldNotBeReadAtFirstHasAPast) {
  // GIVEN a child that cannot be examined when following begins
  FakeTree tree;
  const pid_t child = tree.kernel.fork(tree.root);
  tree.kernel.fork(tree.root);
  tree.kernel.work(child, 60'000 * kMs);
  tree.kernel.files().write("proc/" + std::to_string(child) + "/stat", "");
  tree.follow();
  EXPECT_EQ(tree.tree().processes, 2U);

  // WHEN it can be later
  tree.kernel.show(child);
  tree.kernel.fork(tree.root);
  tree.update();
  EXPECT_EQ(tree.tree().processes, 4U);
  EXPECT_EQ(tree.tree().cpu_ns, kCall);
  tree.kernel.work(child, 5 * kMs);
  tree.update();

  // THEN
  EXPECT_EQ(tree.tree().cpu_ns, kCall + 5 * kMs);
}

TEST(ProcessTable, KernelThreadsHaveNoMemory) {
  // GIVEN what only a user group can have: the threads of the kernel
  FakeTree tree({.with_user = true});
  tree.kernel.set_last_pid(1);
  // (the fake kernel gives out numbers from 2 here, as at boot)
  const pid_t kthreadd = tree.kernel.fork(FakeKernel::kInit);
  ASSERT_EQ(kthreadd, 2);
  const pid_t worker = tree.kernel.fork(kthreadd);
  for (const pid_t pid : {kthreadd, worker}) {
    tree.kernel.at(pid).is_kernel_thread = true;
    tree.kernel.show(pid);
    tree.kernel.files().write("proc/" + std::to_string(pid) + "/statm", "9 9 9 9 9 9 9");
  }

  // WHEN
  tree.follow();
  tree.kernel.work(worker, 30 * kMs);
  tree.update();

  // THEN
  EXPECT_EQ(tree.user().processes, 4U);  // with init and the root of the tree
  EXPECT_EQ(tree.user().resident_bytes, 2U * 100 * static_cast<uint64_t>(::sysconf(_SC_PAGESIZE)));
  EXPECT_EQ(tree.user().cpu_ns, 30 * kMs);
}

TEST(ProcessTable, AnOrphanOfTheTreeStaysTheUsersOnce) {
  // GIVEN tree and user, who is init's, too: it inherits what the tree does not
  FakeTree tree({.with_user = true});
  tree.kernel.at(FakeKernel::kInit).ignores_child_exit = false;
  tree.kernel.show(FakeKernel::kInit);
  tree.follow();
  const pid_t middle = tree.kernel.fork(tree.root);
  const pid_t orphan = tree.kernel.fork(middle);
  tree.update();
  tree.kernel.end(middle);
  tree.kernel.reap(middle);
  tree.update();
  tree.kernel.work(orphan, 500 * kMs);
  tree.update();

  // WHEN
  tree.kernel.end(orphan);
  tree.kernel.reap(orphan);
  tree.update();

  // THEN
  EXPECT_EQ(tree.tree().cpu_ns, tree.kernel.used_by_family(kFamily).cpu_ns - kCall);
  const int64_t by_init_ns =
      tree.kernel.at(FakeKernel::kInit).own.cpu_ns - kCall;  // one call was before
  EXPECT_EQ(tree.user().cpu_ns, tree.kernel.used_by_family(kFamily).cpu_ns + by_init_ns);
}

TEST(ProcessTable, AnUpdateOfTheTreeAloneCatchesUpLater) {
  // GIVEN a tree below a shell of the user, and another process of the user
  FakeTree tree({.with_user = true});
  const pid_t shell = tree.kernel.fork(FakeKernel::kInit);
  tree.kernel.at(tree.root).parent = shell;
  tree.kernel.at(shell).start_ticks = tree.kernel.at(tree.root).start_ticks;
  tree.kernel.show(tree.root);
  tree.kernel.show(shell);
  tree.follow();
  const int64_t init_before_ns = tree.kernel.at(FakeKernel::kInit).own.cpu_ns;

  // WHEN everybody works, forks, and the root ends and is inherited by the shell
  const pid_t other = tree.kernel.fork(shell);
  const pid_t child = tree.kernel.fork(tree.root);
  tree.kernel.work(shell, 100 * kMs);
  tree.kernel.work(other, 300 * kMs);
  tree.kernel.work(tree.root, 1000 * kMs);
  int readings = 0;
  tree.kernel.on_clock_reading([&] { ++readings; });
  tree.update(ProcessTable::Reach::kTree);
  tree.kernel.on_clock_reading(nullptr);
  const int readings_of_tree = readings;

  // THEN
  EXPECT_EQ(tree.tree().cpu_ns, tree.kernel.used_by_family(kFamily).cpu_ns);
  // The time, three times; ourselves; whether the two new pids are there; root and child.
  EXPECT_LE(readings_of_tree, 8);

  // WHEN
  tree.kernel.end(child);
  tree.kernel.reap(child);
  tree.update(ProcessTable::Reach::kTree);
  tree.kernel.end(tree.root);
  tree.kernel.reap(tree.root);
  tree.update(ProcessTable::Reach::kTree);
  EXPECT_EQ(tree.tree().cpu_ns, tree.kernel.used_by_family(kFamily).cpu_ns - kCall);
  tree.kernel.end(other);
  tree.kernel.reap(other);
  tree.update(ProcessTable::Reach::kTree);
  tree.update();

  // THEN: the shell with three calls, the other with one, the tree
  const int64_t by_init_ns = tree.kernel.at(FakeKernel::kInit).own.cpu_ns - init_before_ns;
  EXPECT_EQ(tree.user().cpu_ns, by_init_ns + 100 * kMs + 3 * kCall + 300 * kMs + kCall +
                                    tree.kernel.used_by_family(kFamily).cpu_ns);
}

TEST(ProcessTable, WithoutAForkDetectorItLooksEveryTime) {
  // GIVEN
  FakeTree tree;
  tree.kernel.files().write("proc/loadavg", "garbage");
  tree.follow();

  // WHEN
  const pid_t child = tree.kernel.fork(tree.root);
  tree.kernel.files().write("proc/loadavg", "garbage");
  tree.kernel.work(child, 80 * kMs);
  tree.update();
  tree.kernel.end(child);
  tree.kernel.reap(child);
  tree.update();

  // THEN
  EXPECT_EQ(tree.tree().cpu_ns, tree.kernel.used_by_family(kFamily).cpu_ns);
}

// ---- other owners --------------------------------------------------------------------------

// Folders of /proc show whose a process is; only root can give folders away.
class ProcessTableOwners : public ::testing::Test {
 protected:
  static constexpr uid_t kOther = 54321;

  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root, to make files of another user";
  }
  void give(pid_t pid, uid_t owner) {
    const std::string path = (tree_.kernel.files().path() / "proc" / std::to_string(pid)).string();
    ASSERT_EQ(::chown(path.c_str(), owner, static_cast<gid_t>(-1)), 0);
  }

  FakeTree tree_{{.with_user = true}};  // of root's processes
};

TEST_F(ProcessTableOwners, WhatAnotherUsersChildUsedBeforeIsNotInherited) {
  // GIVEN a shell of ours with a child of another user, which has a past
  FakeKernel& kernel = tree_.kernel;
  const pid_t shell = kernel.fork(FakeKernel::kInit);
  const pid_t other = kernel.fork(shell);
  give(other, kOther);
  kernel.work(other, 50'000 * kMs);
  tree_.follow();
  EXPECT_EQ(tree_.user().processes, 3U);  // init, the root, the shell

  // WHEN our shell inherits from it
  kernel.work(other, 20 * kMs);
  kernel.end(other);
  kernel.reap(other);
  tree_.update();

  // THEN only what came after counts
  EXPECT_EQ(tree_.user().cpu_ns, 20 * kMs + 2 * kCall);
}

TEST_F(ProcessTableOwners, AChildBehindAnotherUsersProcessCountsOnce) {
  // GIVEN our shell, a process of another user (sudo), and below that one of ours
  FakeKernel& kernel = tree_.kernel;
  tree_.follow();
  const int64_t init_before_ns = kernel.at(FakeKernel::kInit).own.cpu_ns;
  const pid_t shell = kernel.fork(FakeKernel::kInit);
  const pid_t sudo = kernel.fork(shell);
  give(sudo, kOther);
  const pid_t ours = kernel.fork(sudo);
  tree_.update();
  kernel.work(ours, 3000 * kMs);
  kernel.write(ours, 100);
  tree_.update();
  const int64_t by_init_ns = kernel.at(FakeKernel::kInit).own.cpu_ns - init_before_ns;
  EXPECT_EQ(tree_.user().cpu_ns, by_init_ns + 3000 * kMs + 2 * kCall);

  // WHEN each is inherited by the one before
  kernel.end(ours);
  kernel.reap(ours);
  tree_.update();
  EXPECT_EQ(tree_.user().cpu_ns, by_init_ns + 3000 * kMs + 2 * kCall);
  kernel.end(sudo);
  kernel.reap(sudo);
  tree_.update();

  // THEN: shell and our process, sudo with its three calls, all of them once
  EXPECT_EQ(tree_.user().cpu_ns, by_init_ns + 3000 * kMs + 7 * kCall);
  EXPECT_EQ(tree_.user().io.write_bytes, 100U);
}

TEST_F(ProcessTableOwners, AProcessThatBecomesOursCountsFromThen) {
  // GIVEN processes of another user, one of them in the tree, one nobody's
  FakeKernel& kernel = tree_.kernel;
  give(FakeKernel::kInit, kOther);
  const pid_t server = kernel.fork(FakeKernel::kInit);
  give(server, kOther);
  tree_.follow();
  const pid_t member = kernel.fork(tree_.root);
  give(member, kOther);
  kernel.work(server, 800 * kMs);
  kernel.work(member, 900 * kMs);
  tree_.update();
  EXPECT_EQ(tree_.user().processes, 1U);
  EXPECT_EQ(tree_.tree().processes, 2U);

  // WHEN they become ours, and some seconds pass
  give(server, 0);
  give(member, 0);
  tree_.kernel.advance_ns(3 * base::kNanosPerSecond);
  tree_.update();
  EXPECT_EQ(tree_.user().processes, 3U);
  EXPECT_EQ(tree_.user().cpu_ns, kCall);
  kernel.work(server, 5 * kMs);
  kernel.work(member, 6 * kMs);
  tree_.update();

  // THEN
  EXPECT_EQ(tree_.user().cpu_ns, kCall + 11 * kMs);
  EXPECT_EQ(tree_.tree().cpu_ns, kCall + 906 * kMs);
}

// ---- any order of things -------------------------------------------------------------------

// Lets the processes of a tree do anything, in an order given by a seed.
class Story {
 public:
  struct Rules {
    bool parents_wait = false;      // nobody ends before his children, and nobody ignores them
    bool orphans_are_seen = false;  // nobody ends before an update has seen his children
  };

  Story(FakeTree& tree, unsigned seed, Rules rules) : tree_(tree), random_(seed), rules_(rules) {
    members_.push_back(tree.root);
  }

  void step() {
    const pid_t pid = members_[pick(members_.size())];
    if (!tree_.kernel.has(pid)) {
      std::erase(members_, pid);
      return;
    }
    switch (pick(6)) {
      case 0:
      case 1:
        if (members_.size() < 12) fork(pid);
        break;
      case 2:
        act(pid, &FakeKernel::work, static_cast<int64_t>(10 * pick(30)) * kMs);
        break;
      case 3:
        act(pid, &FakeKernel::write, uint64_t{100} * pick(50));
        break;
      case 4:
        end(pid);
        break;
      default:
        reap(pid);
        break;
    }
  }
  // Everybody but the root ends and is waited for, where there is somebody to wait.
  void finish() {
    for (int i = 0; i < 1000 && members_.size() > 1; ++i) {
      const pid_t pid = members_[1 + pick(members_.size() - 1)];
      if (!tree_.kernel.has(pid)) {
        std::erase(members_, pid);
        continue;
      }
      end(pid);
      reap(pid);
    }
  }
  [[nodiscard]] bool chance(unsigned one_in) { return pick(one_in) == 0; }

  // An update that sees at least what there is now. What a process uses later, and nobody
  // inherits, cannot be known.
  void update() {
    std::map<pid_t, FakeKernel::Usage> seen;
    for (const auto& [pid, process] : tree_.kernel.processes()) seen[pid] = all_of(process);
    tree_.update();
    seen_ = std::move(seen);
  }
  // That, so far.
  [[nodiscard]] const FakeKernel::Usage& unseen() const { return unseen_; }

 private:
  size_t pick(size_t count) { return std::uniform_int_distribution<size_t>(0, count - 1)(random_); }

  void fork(pid_t pid) {
    if (tree_.kernel.at(pid).state != 'S') return;
    const pid_t child = tree_.kernel.fork(pid);
    members_.push_back(child);
    if (rules_.parents_wait) return;
    if (chance(6)) tree_.kernel.at(child).adopts_orphans = true;
    if (chance(4)) tree_.kernel.at(child).ignores_child_exit = true;
    tree_.kernel.show(child);
  }
  template <typename Amount>
  void act(pid_t pid, void (FakeKernel::*what)(pid_t, Amount), Amount amount) {
    if (tree_.kernel.at(pid).state == 'S') (tree_.kernel.*what)(pid, amount);
  }
  void end(pid_t pid) {
    FakeKernel& kernel = tree_.kernel;
    if (pid == tree_.root || kernel.at(pid).state != 'S') return;
    if (rules_.parents_wait && has_children(pid)) return;
    if (rules_.orphans_are_seen && has_unseen_children(pid)) return;
    std::map<pid_t, FakeKernel::Process> before = kernel.processes();
    before[pid].own.cpu_ns += kCall;
    kernel.end(pid);
    for (const auto& [gone, process] : before) {
      if (!kernel.has(gone)) add_unseen(gone, all_of(process));
    }
  }
  void reap(pid_t pid) {
    FakeKernel& kernel = tree_.kernel;
    if (!kernel.has(pid) || kernel.at(pid).state != 'Z' ||
        kernel.at(pid).parent == FakeKernel::kInit)
      return;
    if (kernel.at(kernel.at(pid).parent).state == 'S') kernel.reap(pid);
  }
  [[nodiscard]] bool has_children(pid_t pid) const {
    return std::ranges::any_of(tree_.kernel.processes(),
                               [&](const auto& entry) { return entry.second.parent == pid; });
  }
  [[nodiscard]] bool has_unseen_children(pid_t pid) const {
    return std::ranges::any_of(tree_.kernel.processes(), [&](const auto& entry) {
      return entry.second.parent == pid && !seen_.contains(entry.first);
    });
  }
  static FakeKernel::Usage all_of(const FakeKernel::Process& process) {
    FakeKernel::Usage all = process.own;
    return all += process.reaped;
  }
  void add_unseen(pid_t pid, const FakeKernel::Usage& used) {
    const FakeKernel::Usage& seen = seen_[pid];
    unseen_ += {used.cpu_ns - seen.cpu_ns, used.written_bytes - seen.written_bytes,
                used.write_calls - seen.write_calls};
  }

  FakeTree& tree_;
  std::mt19937 random_;
  Rules rules_;
  std::vector<pid_t> members_;
  std::map<pid_t, FakeKernel::Usage> seen_;
  FakeKernel::Usage unseen_;
};

class ProcessTableStories : public ::testing::TestWithParam<unsigned> {};

TEST_P(ProcessTableStories, WhatParentsWaitForIsExact) {
  // With few pids, so that they are used again and again; and with files that are held open.
  for (const FakeTree::Setup& setup :
       {FakeTree::Setup{.pid_max = 330}, FakeTree::Setup{.root_is_self = true, .pid_max = 330},
        FakeTree::Setup{.with_user = true, .pid_max = 330}, FakeTree::Setup{.open_files = 100}}) {
    // GIVEN
    FakeTree tree(setup);
    Story story(tree, GetParam(), {.parents_wait = true});
    for (int i = 0; i < 30; ++i) story.step();
    tree.follow();
    const FakeKernel::Usage past = tree.kernel.used_by_family(kFamily);
    const auto truth_ns = [&] { return tree.kernel.used_by_family(kFamily).cpu_ns - past.cpu_ns; };
    const auto truth_bytes = [&] {
      return tree.kernel.used_by_family(kFamily).written_bytes - past.written_bytes;
    };

    // WHEN things happen between updates, and in the middle of them
    tree.kernel.on_clock_reading([&] {
      if (story.chance(5)) story.step();
    });
    for (int i = 0; i < 60; ++i) {
      for (int step = 0; step < 4; ++step) story.step();
      tree.update(story.chance(3) ? ProcessTable::Reach::kAll : ProcessTable::Reach::kTree);
      // THEN nothing counts twice
      ASSERT_LE(tree.tree().cpu_ns, truth_ns()) << "update " << i;
      ASSERT_LE(tree.tree().io.write_bytes, truth_bytes()) << "update " << i;
      ASSERT_LE(tree.user().cpu_ns, truth_ns()) << "update " << i;
    }

    // WHEN all is quiet THEN nothing is missing
    tree.kernel.on_clock_reading(nullptr);
    tree.update();
    EXPECT_EQ(tree.tree().cpu_ns, truth_ns());
    story.finish();
    tree.update();
    EXPECT_EQ(tree.tree().cpu_ns, truth_ns());
    tree.kernel.work(tree.root, kCall);
    tree.update();
    EXPECT_EQ(tree.tree().cpu_ns, truth_ns());
    EXPECT_EQ(tree.tree().io.write_bytes, truth_bytes());
    EXPECT_EQ(tree.tree().processes, 1U);
    if (!setup.with_user) continue;
    EXPECT_EQ(tree.user().cpu_ns, truth_ns());
    EXPECT_EQ(tree.user().io.write_bytes, truth_bytes());
  }
}

TEST_P(ProcessTableStories, WhatIsSeenStepByStepIsExact) {
  // GIVEN orphans, adoption, children nobody waits for
  FakeTree tree({.pid_max = 330});
  Story story(tree, GetParam(), {});
  tree.follow();
  story.update();
  for (int i = 0; i < 300; ++i) {
    // WHEN
    story.step();
    story.update();

    // THEN
    const FakeKernel::Usage& used = tree.kernel.used_by_family(kFamily);
    ASSERT_EQ(tree.tree().cpu_ns, used.cpu_ns - story.unseen().cpu_ns) << "step " << i;
    ASSERT_EQ(tree.tree().io.write_bytes, used.written_bytes - story.unseen().written_bytes)
        << "step " << i;
  }
}

TEST_P(ProcessTableStories, WhateverHappensNothingCountsTwiceAndLittleIsMissed) {
  // GIVEN
  FakeTree tree({.pid_max = 330});
  Story story(tree, GetParam(), {.orphans_are_seen = true});
  tree.follow();
  story.update();
  tree.kernel.on_clock_reading([&] {
    if (story.chance(8)) story.step();
  });
  const FakeKernel::Usage& used = tree.kernel.used_by_family(kFamily);
  for (int i = 0; i < 60; ++i) {
    // WHEN
    for (int step = 0; step < 5; ++step) story.step();
    story.update();

    // THEN
    ASSERT_LE(tree.tree().cpu_ns, used.cpu_ns) << "update " << i;
    ASSERT_LE(tree.tree().io.write_bytes, used.written_bytes) << "update " << i;
  }
  // What an ended process used after the last update is hidden in what its siblings passed on.
  const double missed = 1 - static_cast<double>(tree.tree().cpu_ns + story.unseen().cpu_ns) /
                                static_cast<double>(used.cpu_ns);
  EXPECT_LT(missed, 0.05);
}

INSTANTIATE_TEST_SUITE_P(Seeds, ProcessTableStories, ::testing::Range(1U, 16U));

}  // namespace
}  // namespace jumper::sampler
