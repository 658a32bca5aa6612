// SPDX-License-Identifier: BSD-3-Clause
// Memory of processes that share pages, on the live kernel.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <new>
#include <vector>

#include "jumper/sampler/process_table.h"
#include "testing/sanitizers.h"

// The sanitizers keep notes of their own about each access, which would be memory, too.
#define JUMPER_UNWATCHED __attribute__((no_sanitize("address", "thread", "undefined"), noinline))

namespace jumper::sampler {
namespace {

// Of 200 MB. What the program itself maps, which its parent outside the tree maps as well, counts
// in part: a sanitizer makes that large.
constexpr double kToleranceMegabytes = (testing::kIsSanitized ? 0.15 : 0.05) * 200;
constexpr size_t kMegabyte = 1 << 20;
constexpr size_t kBytes = 200 * kMegabyte;
constexpr size_t kHalf = 100 * kMegabyte;
constexpr int kWorkers = 4;
constexpr size_t kPage = 4096;

JUMPER_UNWATCHED void write_all(std::byte* memory, size_t bytes) {
  volatile std::byte* at = memory;
  for (size_t i = 0; i < bytes; i += kPage) at[i] = std::byte{1};
}

JUMPER_UNWATCHED void read_all(const std::byte* memory, size_t bytes) {
  const volatile std::byte* at = memory;
  for (size_t i = 0; i < bytes; i += kPage) (void)at[i];
}

// What parent, workers and test tell each other.
struct Board {
  std::atomic<int> stage = 0;
  std::atomic<int> done = 0;

  void await(int wanted) const {
    while (stage.load() < wanted) ::usleep(1000);
  }
  void await_done(int wanted) const {
    while (done.load() < wanted) ::usleep(1000);
  }
};

std::byte* map(size_t bytes, int flags) {
  void* memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_ANONYMOUS | flags, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  return static_cast<std::byte*>(memory);
}

// A process with memory of the given kind, of which four workers read everything, and one writes
// the first half when told so.
class Family {
 public:
  explicit Family(int kind) : board_(new (map(sizeof(Board), MAP_SHARED)) Board) {
    parent_ = ::fork();
    if (parent_ == 0) be_parent(kind);
  }
  ~Family() {
    board_->stage = 100;
    while (::waitpid(parent_, nullptr, 0) < 0 && errno == EINTR) {
    }
    ::munmap(board_, sizeof(Board));
  }
  Family(const Family&) = delete;
  Family& operator=(const Family&) = delete;

  // Each returns when it is done.
  void fill() { step(1, 1); }
  void fork_workers() { step(2, 1 + kWorkers); }
  void write_half() { step(3, 2 + kWorkers); }
  [[nodiscard]] pid_t parent() const { return parent_; }

 private:
  void step(int stage, int done) {
    board_->stage = stage;
    board_->await_done(done);
  }
  [[noreturn]] void be_parent(int kind) {
    board_->await(1);
    std::byte* memory = map(kBytes, kind);
    write_all(memory, kBytes);
    ++board_->done;
    board_->await(2);
    for (int i = 0; i < kWorkers; ++i) {
      if (::fork() == 0) be_worker(memory, i == 0);
    }
    board_->await(100);
    for (int i = 0; i < kWorkers; ++i) ::wait(nullptr);
    ::_exit(0);
  }
  [[noreturn]] void be_worker(std::byte* memory, bool writes) {
    read_all(memory, kBytes);
    ++board_->done;
    board_->await(3);
    if (writes) {
      write_all(memory, kHalf);
      ++board_->done;
    }
    board_->await(100);
    ::_exit(0);
  }

  Board* board_;
  pid_t parent_;
};

class Follower {
 public:
  explicit Follower(pid_t root)
      : table_(kernel_root_, clock_, clocks_,
               {.root_pid = root,
                .root_counts = true,
                .self_pid = ::getpid(),
                .user = {},
                .open_files = {},
                .longest_walk_ns = 100 * base::kNanosPerSecond}) {
    update();
  }
  void update() { table_.update(buffer_, ProcessTable::Moment::kClocks); }
  // A whole round, as if time had passed.
  int walk() {
    now_ns_ += 60 * base::kNanosPerSecond;
    (void)table_.next_walk(now_ns_, Budget(0));
    int walks = 0;
    while (const auto walk = table_.next_walk(now_ns_, Budget(0))) {
      table_.put_walk(*walk, walk_pages(kernel_root_, *walk, buffer_), now_ns_);
      ++walks;
    }
    update();
    return walks;
  }
  [[nodiscard]] double megabytes() const {
    return static_cast<double>(totals().memory_bytes) / kMegabyte;
  }
  [[nodiscard]] double resident_megabytes() const {
    return static_cast<double>(totals().resident_bytes) / kMegabyte;
  }

 private:
  [[nodiscard]] const GroupTotals& totals() const { return table_.totals(Group::kTree); }

  kernfs::KernelRoot kernel_root_ = std::move(*kernfs::KernelRoot::open());
  base::SystemClock clock_;
  base::SystemProcessClocks clocks_;
  kernfs::ReadBuffer buffer_;
  ProcessTable table_;
  int64_t now_ns_ = 0;
};

TEST(ProcessMemoryLive, ForkedWorkersThatReadCostNothing) {
  // GIVEN a process with 200 MB
  Family family(MAP_PRIVATE);
  Follower tree(family.parent());
  family.fill();
  tree.update();
  const double alone = tree.megabytes();
  EXPECT_GE(alone, 200);
  EXPECT_DOUBLE_EQ(alone, tree.resident_megabytes());

  // WHEN it forks four workers, which read all of it
  family.fork_workers();
  tree.update();

  // THEN it is one memory, before anybody has looked at page tables and after
  EXPECT_GE(tree.resident_megabytes(), 4.9 * 200);
  EXPECT_NEAR(tree.megabytes(), alone, kToleranceMegabytes);
  if (tree.walk() == 0) GTEST_SKIP() << "smaps_rollup cannot be read here";
  EXPECT_NEAR(tree.megabytes(), alone, kToleranceMegabytes);
  const double before = tree.megabytes();

  // WHEN one of them writes to a half of it, of which its resident memory says nothing
  family.write_half();
  tree.update();
  EXPECT_EQ(tree.walk(), 1 + kWorkers);

  // THEN
  EXPECT_NEAR(tree.megabytes(), before + 100, kToleranceMegabytes);
}

TEST(ProcessMemoryLive, SharedMemoryIsOneMemory) {
  // GIVEN a process with 200 MB that can be shared, and workers that use them
  Family family(MAP_SHARED);
  Follower tree(family.parent());
  family.fill();
  tree.update();
  const double alone = tree.megabytes();
  family.fork_workers();
  tree.update();

  // WHEN
  if (tree.walk() == 0) GTEST_SKIP() << "smaps_rollup cannot be read here";

  // THEN
  EXPECT_GE(tree.resident_megabytes(), 4.9 * 200);
  EXPECT_NEAR(tree.megabytes(), alone, kToleranceMegabytes);

  // WHEN one writes: it is shared still
  family.write_half();
  tree.update();
  tree.walk();

  // THEN
  EXPECT_NEAR(tree.megabytes(), alone, kToleranceMegabytes);
}

}  // namespace
}  // namespace jumper::sampler
