// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/sampler/shared_pages.h"

#include <gtest/gtest.h>

#include <string>

#include "testing/temp_root.h"
#include "testing/testdata.h"

namespace jumper::sampler {
namespace {

using jumper::testing::read_testdata;
using jumper::testing::TempRoot;

constexpr uint64_t kKilobyte = 1024;
constexpr uint64_t kMegabyte = 1 << 20;
constexpr int64_t kMs = 1'000'000;

std::string stat_with_start(uint64_t start_ticks) {
  return "7 (x) S 1 1 1 0 -1 64 0 0 0 0 0 0 0 0 20 0 1 0 " + std::to_string(start_ticks) +
         " 8192000 100 0 0 0 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0\n";
}

TEST(GroupMemory, OfOneProcessIsItsResidentMemory) {
  // GIVEN a process that shares much with others outside the group
  GroupMemory memory;

  // WHEN
  memory.add({.anonymous_bytes = 1000, .mapped_bytes = 300},
             {.anonymous_bytes = 700, .mapped_bytes = 200});

  // THEN
  EXPECT_EQ(memory.bytes(), 1300U);
}

TEST(GroupMemory, CountsWhatAllShareOnce) {
  // GIVEN four processes with 800 in common; 100 of a file each, which others outside map as well;
  // and one has 50 of its own besides
  GroupMemory memory;
  for (int i = 0; i < 4; ++i) memory.add({800, 100}, {600, 95});
  memory.add({50, 0}, {});

  // THEN the file counts in full, as one of them has it
  EXPECT_EQ(memory.bytes(), 800U + 50U + 100U);
}

TEST(GroupMemory, ASurplusIsNeverMoreThanThereIs) {
  GroupMemory memory;
  memory.add({100, 10}, {5000, 5000});
  memory.add({40, 30}, {5000, 5000});
  EXPECT_EQ(memory.bytes(), 100U + 30U);
}

TEST(SurplusOf, IsToldKindByKind) {
  const auto rollup =
      procfs::parse_smaps_rollup(read_testdata("debian12-2cpu-busy/proc/6201/smaps_rollup"));
  const auto surplus = surplus_of(*rollup);
  ASSERT_TRUE(surplus);
  EXPECT_EQ(surplus->anonymous_bytes, (39668U - 26384U) * kKilobyte);
  EXPECT_EQ(surplus->mapped_bytes, (54484U - 39668U - (36671U - 26384U)) * kKilobyte);
  EXPECT_EQ(surplus->total(), (54484U - 36671U) * kKilobyte);
}

TEST(SurplusOf, IsDividedLikeTheSharedPagesOnOldKernels) {
  const auto rollup =
      procfs::parse_smaps_rollup(read_testdata("made-kernel-4.14/proc/301/smaps_rollup"));
  const auto surplus = surplus_of(*rollup);
  ASSERT_TRUE(surplus);
  // A third of its shared pages is clean, and 23457 kB of it are mapped.
  const uint64_t all = (123456U - 65432U) * kKilobyte;
  EXPECT_NEAR(static_cast<double>(surplus->anonymous_bytes), static_cast<double>(all) * 2 / 3, 2);
  EXPECT_NEAR(static_cast<double>(surplus->mapped_bytes), static_cast<double>(all) / 3, 2);
}

TEST(SurplusOf, IsAbsentWithoutTheKinds) {
  procfs::SmapsRollup rollup;
  rollup.resident_bytes = 100;
  rollup.proportional_bytes = 50;
  EXPECT_FALSE(surplus_of(rollup));
}

TEST(PageWalk, TellsTheSurplus) {
  // GIVEN
  const std::string text = read_testdata("debian12-2cpu-busy/proc/6201/smaps_rollup");
  const TempRoot files{{"proc/7/smaps_rollup", text}, {"proc/7/stat", stat_with_start(5)}};
  const kernfs::KernelRoot root = files.open();
  kernfs::ReadBuffer buffer;

  // WHEN
  const PageWalkResult result = walk_pages(root, {.pid = 7, .start_ticks = 5}, buffer);

  // THEN
  EXPECT_EQ(result.outcome, PageWalkResult::Outcome::kRead);
  EXPECT_EQ(result.resident_bytes, 54484 * kKilobyte);
  EXPECT_EQ(result.surplus.total(), (54484U - 36671U) * kKilobyte);
  EXPECT_GE(buffer.read_calls(), 2U);
}

TEST(PageWalk, SaysWhenItIsAnotherProcessByNow) {
  const std::string text = read_testdata("debian12-2cpu-busy/proc/6201/smaps_rollup");
  const TempRoot files{{"proc/7/smaps_rollup", text}, {"proc/7/stat", stat_with_start(6)}};
  const kernfs::KernelRoot root = files.open();
  kernfs::ReadBuffer buffer;
  EXPECT_EQ(walk_pages(root, {.pid = 7, .start_ticks = 5}, buffer).outcome,
            PageWalkResult::Outcome::kGone);
  EXPECT_EQ(walk_pages(root, {.pid = 8, .start_ticks = 5}, buffer).outcome,
            PageWalkResult::Outcome::kGone);
}

TEST(PageWalk, SaysWhenItMayNotBeRead) {
  const TempRoot files{{"proc/7/stat", stat_with_start(5)}};
  const kernfs::KernelRoot root = files.open();
  kernfs::ReadBuffer buffer;
  EXPECT_EQ(walk_pages(root, {.pid = 7, .start_ticks = 5}, buffer).outcome,
            PageWalkResult::Outcome::kUnreadable);
  files.write("proc/7/smaps_rollup", "Rss: 1 kB\n");
  EXPECT_EQ(walk_pages(root, {.pid = 7, .start_ticks = 5}, buffer).outcome,
            PageWalkResult::Outcome::kUnreadable);
}

TEST(WalkCost, FollowsWhatWalksTook) {
  // GIVEN
  WalkCost cost(5 * kMs);
  EXPECT_FALSE(cost.is_too_dear(300 * kMegabyte));
  EXPECT_TRUE(cost.is_too_dear(340 * kMegabyte));

  // WHEN pages are twice as dear
  for (int i = 0; i < 30; ++i) cost.learn(100 * kMegabyte, 3 * kMs);

  // THEN
  EXPECT_FALSE(cost.is_too_dear(160 * kMegabyte));
  EXPECT_TRUE(cost.is_too_dear(172 * kMegabyte));

  // WHEN they are cheap: large ones
  for (int i = 0; i < 60; ++i) cost.learn(100 * kMegabyte, kMs / 10);

  // THEN
  EXPECT_FALSE(cost.is_too_dear(4000 * kMegabyte));
}

TEST(WalkCost, IsNotThrownByOneWalk) {
  WalkCost cost(5 * kMs);
  cost.learn(kMegabyte, 1000 * kMs);  // too little to tell
  EXPECT_FALSE(cost.is_too_dear(300 * kMegabyte));
  cost.learn(100 * kMegabyte, 1000 * kMs);
  EXPECT_FALSE(cost.is_too_dear(150 * kMegabyte));
}

}  // namespace
}  // namespace jumper::sampler
