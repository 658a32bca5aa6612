// SPDX-License-Identifier: BSD-3-Clause
// The process table on the live kernel, compared with what the kernel itself keeps (wait4). Bounds
// are on ratios to that truth, never on durations: the machine may be busy.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <string>
#include <thread>
#include <vector>

#include "jumper/sampler/process_table.h"

#include "testing/live_processes.h"
#include "testing/sanitizers.h"

namespace jumper::sampler {
namespace {

using jumper::testing::burn;
using jumper::testing::fork_child;
using jumper::testing::wait_for;

constexpr int64_t kMs = 1'000'000;
// Inherited time is told in ticks: user and system time of one parent are each up to 10 ms short.
constexpr int64_t kTicksNs = 20 * kMs;

int64_t own_cpu_ns() {
  timespec time{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return time.tv_sec * base::kNanosPerSecond + time.tv_nsec;
}

struct Board : jumper::testing::StageBoard {
  std::atomic<pid_t> pid = 0;
  std::atomic<int64_t> cpu_ns = 0;
  std::atomic<int64_t> forks = 0;
  std::atomic<int64_t> surplus_ns = 0;
};
using SharedBoard = jumper::testing::Shared<Board>;

// Follows the descendants of this process, or the tree of another one.
class LiveTree {
 public:
  LiveTree() : LiveTree(::getpid(), false) {}
  explicit LiveTree(pid_t root) : LiveTree(root, true) {}

  void update() {
    const GroupTotals before = totals();
    table_.update(buffer_, ProcessTable::Moment::kClocks);
    EXPECT_GE(totals().cpu_ns, before.cpu_ns);
    EXPECT_TRUE(totals().io.can_hold(before.io));
  }
  void update_until(const std::atomic<int>& stage, int wanted, useconds_t period_us = 5000) {
    while (stage.load() < wanted) {
      update();
      ::usleep(period_us);
    }
    update();
  }
  [[nodiscard]] const GroupTotals& totals() const { return table_.totals(Group::kTree); }

  // Nothing twice, and little missing.
  void expect_cpu(int64_t truth_ns, double missing_share = 0.02,
                  int64_t missing_ns = kTicksNs) const {
    const auto truth = static_cast<double>(truth_ns);
    EXPECT_LE(static_cast<double>(totals().cpu_ns), truth * 1.02 + static_cast<double>(kTicksNs));
    EXPECT_GE(static_cast<double>(totals().cpu_ns),
              truth * (1 - missing_share) - static_cast<double>(missing_ns));
  }

 private:
  LiveTree(pid_t root, bool root_counts)
      : kernel_root_(std::move(*kernfs::KernelRoot::open())),
        table_(kernel_root_, clock_, clocks_,
               {.root_pid = root,
                .root_counts = root_counts,
                .self_pid = ::getpid(),
                .user = {},
                .open_files = {}}) {
    update();
  }

  kernfs::KernelRoot kernel_root_;
  base::SystemClock clock_;
  base::SystemProcessClocks clocks_;
  kernfs::ReadBuffer buffer_;
  ProcessTable table_;
};

TEST(ProcessTableLive, CountsChildrenLikeTheKernel) {
  // GIVEN
  LiveTree tree;

  // WHEN children burn known CPU time
  std::vector<pid_t> pids;
  for (int i = 1; i <= 5; ++i) {
    pids.push_back(fork_child([i] { burn(i * 40 * kMs); }));
  }
  int64_t truth_ns = 0;
  for (const pid_t pid : pids) {
    tree.update();
    truth_ns += wait_for(pid);
    tree.update();
  }

  // THEN
  tree.expect_cpu(truth_ns);
  EXPECT_GE(truth_ns, 600 * kMs);
  EXPECT_EQ(tree.totals().processes, 0U);
}

TEST(ProcessTableLive, FindsFiveHundredShortChildren) {
  // GIVEN a parent that makes one child after the other
  const SharedBoard board;
  const pid_t parent = fork_child([&] {
    board->await(1);
    for (int i = 0; i < 500; ++i) wait_for(fork_child([] { burn(5 * kMs); }));
    board->stage = 2;
    board->await(3);
  });
  LiveTree tree(parent);

  // WHEN it is looked at every 100 ms
  board->stage = 1;
  tree.update_until(board->stage, 2, 100'000);
  const int64_t found_ns = tree.totals().cpu_ns;
  board->stage = 3;
  const int64_t truth_ns = wait_for(parent);

  // THEN at least 98 % is found
  tree.expect_cpu(truth_ns, 0.02, 0);
  RecordProperty("found_percent", std::to_string(100.0 * static_cast<double>(found_ns) /
                                                 static_cast<double>(truth_ns)));
}

// As a Jupyter kernel is: its own process is the root, founded a session, and a thread of its
// looks.
TEST(ProcessTableLive, CountsASessionOnce) {
  const SharedBoard board;
  const pid_t leader = fork_child([&] {
    ::setsid();
    LiveTree tree(::getpid());
    tree.update();
    const int64_t before_ns = tree.totals().cpu_ns;
    std::thread looker([&] { tree.update_until(board->stage, 1, 1000); });

    // WHEN it has children, and a child's child is left behind
    int64_t children_ns = 0;
    for (int i = 0; i < 5; ++i) children_ns += wait_for(fork_child([] { burn(30 * kMs); }));
    wait_for(fork_child([&] {
      fork_child([&] {
        ::usleep(20'000);
        burn(100 * kMs);
        board->cpu_ns = own_cpu_ns();
        board->pid = 1;
        board->await(2);
      });
    }));
    while (board->pid == 0) ::usleep(1000);
    board->stage = 1;
    looker.join();
    const int64_t found_ns = tree.totals().cpu_ns - before_ns;
    board->stage = 2;
    rusage own{};
    ::getrusage(RUSAGE_SELF, &own);
    board->surplus_ns = found_ns - children_ns - board->cpu_ns -
                        (own.ru_utime.tv_sec + own.ru_stime.tv_sec) * base::kNanosPerSecond -
                        (own.ru_utime.tv_usec + own.ru_stime.tv_usec) * 1000;
  });
  wait_for(leader);

  // THEN all of it is found, and nothing twice: what is left is the one that left its child behind
  EXPECT_GE(board->cpu_ns.load(), 100 * kMs);
  EXPECT_LE(board->surplus_ns.load(), 20 * kMs);
  EXPECT_GE(board->surplus_ns.load(), -60 * kMs);  // what the leader used before it looked
}

TEST(ProcessTableLive, KeepsOrphans) {
  for (const bool adopts : {false, true}) {
    // GIVEN a child of a child; orphans go to init, or to us
    ASSERT_EQ(::prctl(PR_SET_CHILD_SUBREAPER, adopts ? 1UL : 0UL, 0UL, 0UL, 0UL), 0);
    const SharedBoard board;
    LiveTree tree;
    const pid_t middle = fork_child([&] {
      board->pid = fork_child([&] {
        burn(50 * kMs);
        board->stage = 1;
        board->await(2);
        burn(150 * kMs);
        board->stage = 3;
        board->await(4);
        board->cpu_ns = own_cpu_ns();
      });
      board->await(1);
      burn(20 * kMs);
    });
    tree.update_until(board->stage, 1);

    // WHEN the middle one ends, the orphan works on, and ends
    int64_t truth_ns = wait_for(middle);
    tree.update();
    board->stage = 2;
    tree.update_until(board->stage, 3);
    board->stage = 4;
    const pid_t orphan = board->pid;
    if (adopts) {
      truth_ns += wait_for(orphan);
    } else {
      // It is waited for by init, or stays a zombie where init does not do that.
      for (int i = 0; i < 500 && ::kill(orphan, 0) == 0; ++i) ::usleep(1000);
      truth_ns += board->cpu_ns;
    }
    tree.update();

    // THEN
    tree.expect_cpu(truth_ns);
    EXPECT_GE(truth_ns, 220 * kMs);
  }
  ::prctl(PR_SET_CHILD_SUBREAPER, 0UL, 0UL, 0UL, 0UL);
}

TEST(ProcessTableLive, KeepsChildrenOfAParentThatDoesNotWantToKnow) {
  // GIVEN a parent that ignores SIGCHLD
  const SharedBoard board;
  const pid_t parent = fork_child([&] {
    ::signal(SIGCHLD, SIG_IGN);
    board->await(1);
    for (int i = 0; i < 8; ++i) {
      fork_child([&] {
        burn(40 * kMs);
        ++board->stage;
        board->await(100);
        board->cpu_ns += own_cpu_ns();
      });
    }
    board->await(200);
  });
  LiveTree tree(parent);
  board->stage = 1;
  tree.update_until(board->stage, 9);

  // WHEN they end, and nobody waits
  board->stage = 100;
  for (int i = 0; i < 2000 && tree.totals().processes > 1; ++i) {
    tree.update();
    ::usleep(1000);
  }
  EXPECT_EQ(tree.totals().processes, 1U);

  // THEN
  // A sanitizer works at the end of a process, after that has noted what it used.
  if (!jumper::testing::kIsSanitized) tree.expect_cpu(board->cpu_ns);
  board->stage = 200;
  wait_for(parent);
}

TEST(ProcessTableLive, FindsChildrenOfEveryThreadAndSession) {
  // GIVEN
  LiveTree tree;
  int64_t truth_ns = 0;

  // WHEN another thread makes a child, which leaves session and process group, and has children
  // itself
  std::thread([&] {
    truth_ns = wait_for(fork_child([] {
      ::setsid();
      for (int i = 0; i < 3; ++i) wait_for(fork_child([] { burn(30 * kMs); }));
      burn(60 * kMs);
    }));
  }).join();
  tree.update();

  // THEN
  tree.expect_cpu(truth_ns);
  EXPECT_GE(truth_ns, 150 * kMs);
}

TEST(ProcessTableLive, AThreadIsNoProcess) {
  // GIVEN
  LiveTree tree;
  std::atomic<bool> done = false;

  // WHEN threads come up, which have pids of their own
  std::vector<std::thread> threads;
  for (int i = 0; i < 5; ++i) {
    threads.emplace_back([&] {
      while (!done) ::usleep(1000);
    });
  }
  threads.emplace_back([&] { tree.update(); });  // and one of them looks
  threads.back().join();
  threads.pop_back();
  tree.update();
  done = true;
  for (std::thread& thread : threads) thread.join();

  // THEN
  EXPECT_EQ(tree.totals().processes, 0U);
}

TEST(ProcessTableLive, FollowsAChildThroughExec) {
  // GIVEN
  LiveTree tree;
  const SharedBoard board;
  const pid_t pid = fork_child([&] {
    burn(50 * kMs);
    board->stage = 1;
    ::execl("/bin/sh", "sh", "-c", "i=0; while [ $i -lt 60000 ]; do i=$((i+1)); done", nullptr);
    ::_exit(1);
  });

  // WHEN
  tree.update_until(board->stage, 1);
  for (int i = 0; i < 10; ++i) tree.update();
  const int64_t truth_ns = wait_for(pid);
  tree.update();

  // THEN
  tree.expect_cpu(truth_ns);
}

TEST(ProcessTableLive, BearsAStormOfForks) {
  // GIVEN a parent that forks as fast as it can, a few children at a time
  const SharedBoard board;
  const pid_t parent = fork_child([&] {
    board->await(1);
    const int64_t end_ns = base::SystemClock().monotonic_ns() + 2000 * kMs;
    while (base::SystemClock().monotonic_ns() < end_ns) {
      std::vector<pid_t> batch;
      for (int i = 0; i < 8; ++i) batch.push_back(fork_child([i] { burn(i % 4 == 0 ? kMs : 0); }));
      for (const pid_t pid : batch) wait_for(pid);
      board->forks += 8;
    }
    board->stage = 2;
    board->await(3);
  });
  LiveTree tree(parent);

  // WHEN
  board->stage = 1;
  tree.update_until(board->stage, 2, 2000);
  board->stage = 3;
  const int64_t truth_ns = wait_for(parent);

  // THEN
  tree.expect_cpu(truth_ns);
  RecordProperty("forks", std::to_string(board->forks.load()));
}

TEST(ProcessTableLive, CountsIoOfChildrenOnce) {
  constexpr size_t kBytes = 3 << 20;
  // GIVEN a child that writes to the disk, and waits
  if (!std::ifstream("/proc/self/io").good()) GTEST_SKIP() << "/proc/self/io cannot be read";
  const std::string path =
      (std::filesystem::temp_directory_path() / ("jumper-live-" + std::to_string(::getpid())))
          .string();
  const std::string block(kBytes, 'x');
  const SharedBoard board;
  LiveTree tree;
  const auto write_once = [&] {
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (::write(fd, block.data(), block.size()) != static_cast<ssize_t>(block.size())) ::_exit(2);
    ::fsync(fd);
    ::close(fd);
  };
  const pid_t child = fork_child([&] {
    write_once();
    wait_for(fork_child(write_once));  // one that is never seen
    board->stage = 1;
    board->await(2);
  });
  tree.update_until(board->stage, 1);
  const IoCounters seen = tree.totals().io;

  // WHEN it ends, and is waited for
  board->stage = 2;
  while (true) {
    siginfo_t info{};
    if (::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT) == 0 || errno != EINTR)
      break;
  }
  tree.update();
  wait_for(child);
  for (int i = 0; i < 3; ++i) tree.update();
  ::unlink(path.c_str());

  // THEN: write_bytes is 0 where /tmp is no disk
  const IoCounters io = tree.totals().io;
  EXPECT_GE(io.write_chars, 2 * kBytes);
  EXPECT_LE(io.write_chars, 2 * kBytes + 4096);
  EXPECT_EQ(io.write_chars, seen.write_chars);
  EXPECT_EQ(io.write_bytes, seen.write_bytes);
  if (io.write_bytes > 0) {
    EXPECT_GE(io.write_bytes, 2 * kBytes);
    EXPECT_LE(io.write_bytes, 2 * kBytes + 256 * 1024);
  }
}

// Makes the kernel give out `pid` next. False when that is not allowed.
bool set_next_pid(pid_t pid) {
  const int fd = ::open("/proc/sys/kernel/ns_last_pid", O_WRONLY | O_CLOEXEC);
  if (fd < 0) return false;
  const std::string text = std::to_string(pid - 1);
  const bool done = ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  ::close(fd);
  return done;
}

// The pid given out last. Setting the next one makes the machine give out pids again that it gave
// out a moment ago, so that other processes may bring it back to where it was: nothing seems to
// have forked then.
std::string last_pid() {
  std::ifstream file("/proc/loadavg");
  std::string word;
  while (file >> word) continue;
  return word;
}

TEST(ProcessTableLive, ARecycledPidIsAnotherProcess) {
  for (int attempt = 0; attempt < 10; ++attempt) {
    // GIVEN a child that worked a little and ended
    const SharedBoard board;
    LiveTree tree;
    const pid_t child = fork_child([&] {
      burn(30 * kMs);
      board->stage = 1;
      board->await(2);
    });
    int64_t truth_ns = wait_for(fork_child([] {}));  // so that the child's pid is not the last
    tree.update_until(board->stage, 1);
    const std::string last_pid_before = last_pid();
    board->stage = 2;
    truth_ns += wait_for(child);

    // WHEN a stranger, a child of init by now, has its pid and works far longer
    const pid_t middle = fork_child([&] {
      if (!set_next_pid(child)) ::_exit(0);
      board->pid = fork_child([&] {
        board->await(3);
        burn(200 * kMs);
        board->stage = 4;
        board->await(5);
      });
    });
    truth_ns += wait_for(middle);
    const pid_t stranger = board->pid;
    if (stranger == 0) GTEST_SKIP() << "the next pid cannot be set here";
    board->stage = 3;
    board->await(4);
    tree.update();
    const bool seems_unforked = last_pid() == last_pid_before;
    tree.update();
    board->stage = 5;

    // THEN nothing of it counts
    if (stranger != child || seems_unforked) continue;  // another process was faster
    tree.expect_cpu(truth_ns);
    EXPECT_EQ(tree.totals().processes, 0U);
    return;
  }
}

}  // namespace
}  // namespace jumper::sampler
