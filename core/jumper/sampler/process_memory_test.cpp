// SPDX-License-Identifier: BSD-3-Clause
// The process table's memory, on a fake kernel. One page is what the machine's page is.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "jumper/sampler/process_table.h"
#include "testing/fake_kernel.h"

namespace jumper::sampler {
namespace {

using jumper::testing::FakeKernel;
using Outcome = PageWalkResult::Outcome;

constexpr int64_t kSecond = base::kNanosPerSecond;
constexpr int64_t kMs = 1'000'000;

// A root of 1,000 anonymous pages and 100 mapped ones.
class ProcessMemory : public ::testing::Test {
 protected:
  ProcessMemory() { set_pages(root_, 1000, 100); }

  void follow(bool with_user = false) {
    ProcessTable::Options options;
    options.root_pid = root_;
    options.open_files = 0;
    if (with_user) options.user = ::geteuid();
    table_.emplace(kernel_root_, kernel_, kernel_, options);
    update();
  }
  void update() { table_->update(buffer_, ProcessTable::Moment::kClocks); }
  void set_pages(pid_t pid, uint64_t anonymous, uint64_t mapped) {
    kernel_.at(pid).anonymous_pages = anonymous;
    kernel_.at(pid).mapped_pages = mapped;
    kernel_.work(pid, kMs);  // or nobody looks
  }
  // A child with its parent's memory.
  pid_t fork(pid_t parent) {
    const pid_t pid = kernel_.fork(parent);
    set_pages(pid, kernel_.at(parent).anonymous_pages, kernel_.at(parent).mapped_pages);
    return pid;
  }
  [[nodiscard]] std::optional<PageWalk> next() { return table_->next_walk(now_ns_, Budget(0)); }
  // What a walk of the process finds: how many of its pages are surplus.
  void put(const PageWalk& walk, uint64_t anonymous, uint64_t mapped,
           Outcome outcome = Outcome::kRead) {
    PageWalkResult result;
    result.outcome = outcome;
    result.surplus = {anonymous * page_, mapped * page_};
    result.resident_bytes = walk.resident_bytes;
    table_->put_walk(walk, result, now_ns_);
  }
  // All walks that are due; every process has that many surplus pages.
  std::vector<pid_t> walk_all(uint64_t anonymous, uint64_t mapped,
                              Outcome outcome = Outcome::kRead) {
    std::vector<pid_t> walked;
    while (const auto walk = next()) {
      walked.push_back(walk->pid);
      put(*walk, anonymous, mapped, outcome);
    }
    return walked;
  }
  [[nodiscard]] uint64_t pages(Group group = Group::kTree) const {
    return table_->totals(group).memory_bytes / page_;
  }
  [[nodiscard]] uint64_t resident_pages() const {
    return table_->totals(Group::kTree).resident_bytes / page_;
  }

  FakeKernel kernel_;
  pid_t root_ = kernel_.fork(FakeKernel::kInit);
  kernfs::KernelRoot kernel_root_ = kernel_.root();
  kernfs::ReadBuffer buffer_;
  const uint64_t page_ = static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
  int64_t now_ns_ = 10 * kSecond;
  std::optional<ProcessTable> table_;
};

TEST_F(ProcessMemory, OneProcessIsNeverWalked) {
  follow();
  EXPECT_EQ(pages(), 1100U);
  EXPECT_FALSE(next());
}

TEST_F(ProcessMemory, AForkedChildIsItsParentAtFirst) {
  // GIVEN
  follow();

  // WHEN
  const pid_t child = fork(root_);
  update();

  // THEN nothing is more than before
  EXPECT_EQ(resident_pages(), 2200U);
  EXPECT_EQ(pages(), 1100U);

  // WHEN it gets memory of its own
  set_pages(child, 1250, 100);
  update();

  // THEN
  EXPECT_EQ(pages(), 1350U);
}

TEST_F(ProcessMemory, TellsTheLargestWithoutWhatTheyShare) {
  // GIVEN a child that made little of its parent's pages its own, and one that is small
  follow();
  const pid_t child = fork(root_);
  const pid_t small = fork(root_);
  update();
  set_pages(child, 1250, 100);
  set_pages(small, 10, 10);
  update();

  // THEN
  using Found = std::vector<LargeProcess>;
  const Found expected = {{root_, 1100 * page_}, {child, 250 * page_}, {small, 0}};
  EXPECT_EQ(table_->largest(3), expected);
  EXPECT_EQ(table_->largest(2), (Found{expected[0], expected[1]}));
  EXPECT_EQ(table_->largest(9), expected);
  EXPECT_TRUE(table_->largest(0).empty());

  // WHEN one ends
  kernel_.end(child);
  kernel_.reap(child);
  update();
  EXPECT_EQ(table_->largest(9), (Found{expected[0], expected[2]}));
}

TEST_F(ProcessMemory, AChildThatRunsAnotherProgramCounts) {
  // GIVEN
  follow();

  // WHEN
  const pid_t child = kernel_.fork(root_);
  kernel_.at(child).is_forked = false;
  set_pages(child, 300, 80);
  update();

  // THEN
  EXPECT_EQ(pages(), 1480U);
}

TEST_F(ProcessMemory, AChildThatStartsAnotherProgramLaterCounts) {
  // GIVEN
  follow();
  const pid_t child = fork(root_);
  update();
  EXPECT_EQ(pages(), 1100U);

  // WHEN
  kernel_.at(child).is_forked = false;
  set_pages(child, 10, 5);
  update();
  set_pages(child, 500, 5);
  update();

  // THEN all but the ten that it may have had
  EXPECT_EQ(pages(), 1590U);
}

TEST_F(ProcessMemory, AGrandchildSeenTogetherWithItsParentIsPresumedToo) {
  follow();
  fork(fork(root_));
  update();
  EXPECT_EQ(resident_pages(), 3300U);
  EXPECT_EQ(pages(), 1100U);
}

TEST_F(ProcessMemory, WalksShowWhatIsShared) {
  // GIVEN two processes that were there before, so that nothing is known of them
  const pid_t child = fork(root_);
  follow();
  EXPECT_EQ(pages(), 2200U);

  // WHEN only one is walked
  auto walk = next();
  ASSERT_TRUE(walk);
  EXPECT_GT(walk->expected_ns, 0);
  put(*walk, 400, 50);
  update();

  // THEN nothing changes before the other one was
  EXPECT_EQ(pages(), 2200U);
  EXPECT_NE(next()->pid, walk->pid);

  // WHEN
  walk = next();
  ASSERT_TRUE(walk);
  put(*walk, 400, 50);
  update();

  // THEN
  EXPECT_EQ(pages(), 2 * 600U + 100);
  EXPECT_EQ(resident_pages(), 2200U);
  EXPECT_FALSE(next());

  // WHEN one grows
  set_pages(child, 1100, 100);
  update();

  // THEN
  EXPECT_EQ(pages(), 2 * 600U + 100 + 100);
}

TEST_F(ProcessMemory, NoProcessIsWalkedMoreThanOnceASecond) {
  // GIVEN
  const pid_t child = fork(root_);
  follow();
  EXPECT_EQ(walk_all(100, 0).size(), 2U);

  // WHEN both change at once
  set_pages(child, 2000, 100);
  set_pages(root_, 2000, 100);
  update();
  now_ns_ += kSecond - 1;

  // THEN
  EXPECT_TRUE(walk_all(100, 0).empty());
  now_ns_ += 1;
  (void)next();  // the user's others have their turn
  EXPECT_EQ(walk_all(100, 0).size(), 2U);
}

TEST_F(ProcessMemory, WhatDoesNothingIsLeftInPeace) {
  // GIVEN
  fork(root_);
  follow();
  walk_all(100, 0);
  (void)next();
  now_ns_ += 5 * kSecond;
  update();

  // THEN
  EXPECT_FALSE(next());

  // WHEN it has worked: it may have made pages its own, which its resident memory does not tell
  kernel_.work(root_, 10 * kMs);
  update();

  // THEN
  EXPECT_EQ(walk_all(100, 0).size(), 2U);
}

TEST_F(ProcessMemory, AProcessTooLargeCountsInFullAndIsNamed) {
  // GIVEN 4 GB, which would take 60 ms
  const uint64_t large = (4ULL << 30) / page_;
  set_pages(root_, large, 100);
  follow();
  EXPECT_EQ(table_->totals(Group::kTree).shared_in_full, 0U);  // with whom should it share?

  // WHEN
  fork(root_);
  update();

  // THEN
  EXPECT_EQ(pages(), 2 * large + 100 + 100);
  EXPECT_EQ(table_->totals(Group::kTree).shared_in_full, 2U);
  EXPECT_TRUE(walk_all(100, 0).empty());
}

TEST_F(ProcessMemory, ALargeProcessThatStartsAnotherProgramSharesLittle) {
  set_pages(root_, (4ULL << 30) / page_, 100);
  follow();
  const pid_t child = kernel_.fork(root_);
  kernel_.at(child).is_forked = false;
  kernel_.show(child);
  update();
  EXPECT_EQ(table_->totals(Group::kTree).shared_in_full, 0U);
}

TEST_F(ProcessMemory, OneThatMayNotBeReadCountsInFullAndIsNamed) {
  // GIVEN
  follow();
  fork(root_);
  update();
  EXPECT_EQ(pages(), 1100U);

  // WHEN
  EXPECT_EQ(walk_all(0, 0, Outcome::kUnreadable).size(), 2U);
  update();
  EXPECT_EQ(table_->totals(Group::kTree).shared_in_full, 0U);  // once says nothing
  (void)next();
  now_ns_ += kSecond;
  kernel_.work(root_, 10 * kMs);
  update();
  EXPECT_EQ(walk_all(0, 0, Outcome::kUnreadable).size(), 2U);
  update();

  // THEN
  EXPECT_EQ(pages(), 2200U);
  EXPECT_EQ(table_->totals(Group::kTree).shared_in_full, 2U);
  (void)next();
  now_ns_ += kSecond;
  EXPECT_TRUE(walk_all(0, 0).empty());
}

TEST_F(ProcessMemory, OneThatEndedIsNotWalked) {
  // GIVEN a round of three
  const pid_t child = fork(root_);
  fork(root_);
  follow();
  ASSERT_TRUE(next());

  // WHEN
  kernel_.end(child);
  kernel_.reap(child);
  update();

  // THEN
  const std::vector<pid_t> walked = walk_all(500, 50);
  EXPECT_EQ(walked.size(), 2U);
  EXPECT_TRUE(std::ranges::find(walked, child) == walked.end());
  update();
  EXPECT_EQ(pages(), 1100U);
}

TEST_F(ProcessMemory, TheBudgetIsKept) {
  // GIVEN two processes whose walks cost 1.6 ms each, and a budget that has 2.5 ms at first
  const uint64_t much = (100ULL << 20) / page_;
  set_pages(root_, much, 0);
  fork(root_);
  follow();
  Budget budget(0.0005);
  budget.earn(now_ns_);

  // THEN a round is not begun that cannot be ended
  EXPECT_FALSE(table_->next_walk(now_ns_, budget));
  budget.earn(now_ns_ + 20 * kSecond);
  EXPECT_TRUE(table_->next_walk(now_ns_, budget));
}

TEST_F(ProcessMemory, TheUsersOthersHaveTheirTurn) {
  // GIVEN two processes outside the tree with memory in common
  for (int i = 0; i < 2; ++i) set_pages(kernel_.fork(FakeKernel::kInit), 2000, 0);
  fork(root_);
  follow(true);
  // The first process of all is the user's, too.
  EXPECT_EQ(pages(Group::kUser), 4000U + 2200U + 100U);

  // WHEN the tree is walked, then they are
  EXPECT_EQ(walk_all(500, 50).size(), 2U + 2U);
  update();

  // THEN
  EXPECT_EQ(pages(Group::kTree), 1100U);
  EXPECT_EQ(pages(Group::kUser), 2 * 1500U + 2 * 500U + 50U + 3 * 50U);
}

}  // namespace
}  // namespace jumper::sampler
