// SPDX-License-Identifier: BSD-3-Clause
// The process table with a real control group around the tree, where this machine lets us make one.
// The truth is the kernel's: the group's own counter from above, what processes were told of
// themselves as their last act from below.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <string>

#include "jumper/sampler/process_table.h"

#include "testing/live_group.h"
#include "testing/live_processes.h"

namespace jumper::sampler {
namespace {

using jumper::testing::fork_child;
using jumper::testing::LiveGroup;
using jumper::testing::wait_for;

constexpr int64_t kMs = 1'000'000;
constexpr int kProcesses = 60;
constexpr int64_t kEachNs = 10 * kMs;

int64_t own_cpu_ns() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return jumper::testing::cpu_ns_of(usage);
}

struct Board : jumper::testing::StageBoard {
  std::atomic<int> ended = 0;
  std::atomic<bool> is_refused = false;
  std::atomic<int64_t> told_ns = 0;
};

// What is to be found: burns, tells what it used, ends.
void work(Board& board) {
  jumper::testing::burn(kEachNs);
  board.told_ns += own_cpu_ns();
  ++board.ended;
}

void run_orphans(Board& board) {
  for (int i = 0; i < kProcesses; ++i) {
    wait_for(fork_child([&] { fork_child([&] { work(board); }); }));
    while (board.ended <= i) ::usleep(500);
  }
}

void run_ignored(Board& board) {
  ::signal(SIGCHLD, SIG_IGN);
  for (int i = 0; i < kProcesses; ++i) {
    fork_child([&] { work(board); });
    while (board.ended <= i) ::usleep(500);
  }
}

class OwnGroupLive : public ::testing::TestWithParam<int> {
 protected:
  void SetUp() override {
    if (!group_.is_made())
      GTEST_SKIP() << "cannot make a control group of version " << GetParam() << " here";
  }

  // Runs a workload in the group, follows it, and compares.
  void compare(void (*workload)(Board&)) {
    const pid_t root = fork_child([&] {
      board_->is_refused = !group_.enter();
      board_->stage = 1;
      if (board_->is_refused) ::_exit(0);
      board_->await(2);
      workload(*board_);
      board_->stage = 3;
      board_->await(4);
    });
    board_->await(1);
    if (board_->is_refused) {
      wait_for(root);
      GTEST_SKIP() << "we may make a control group here, but put nobody into it";
    }
    const int64_t before_ns = group_.usage_ns().value_or(0);
    ProcessTable table(root_, clock_, clocks_,
                       {.root_pid = root, .self_pid = ::getpid(), .user = {}, .open_files = {}});
    table.update(buffer_, ProcessTable::Moment::kLast);
    board_->stage = 2;
    while (board_->stage.load() < 3) {
      ::usleep(100'000);
      update(table);
    }
    ::usleep(20'000);  // until the last of them is gone
    update(table);
    const int64_t found_ns = table.totals(Group::kTree).cpu_ns;
    const int64_t group_ns = group_.usage_ns().value_or(0) - before_ns;
    board_->stage = 4;
    const int64_t truth_ns = wait_for(root) + board_->told_ns;

    EXPECT_LE(found_ns, group_ns);
    EXPECT_GE(found_ns, truth_ns * 98 / 100);
    EXPECT_GE(truth_ns, kProcesses * kEachNs);
  }

 private:
  void update(ProcessTable& table) {
    const int64_t before_ns = table.totals(Group::kTree).cpu_ns;
    table.update(buffer_, ProcessTable::Moment::kClocks);
    EXPECT_GE(table.totals(Group::kTree).cpu_ns, before_ns);
  }

  LiveGroup group_{GetParam()};
  const jumper::testing::Shared<Board> board_;
  kernfs::KernelRoot root_ = std::move(*kernfs::KernelRoot::open());
  base::SystemClock clock_;
  base::SystemProcessClocks clocks_;
  kernfs::ReadBuffer buffer_;
};

TEST_P(OwnGroupLive, FindsOrphansThatNobodySaw) {
  compare(run_orphans);
}

TEST_P(OwnGroupLive, FindsChildrenOfAParentThatIgnoresTheirEnd) {
  compare(run_ignored);
}

INSTANTIATE_TEST_SUITE_P(Version, OwnGroupLive, ::testing::Values(1, 2));

}  // namespace
}  // namespace jumper::sampler
