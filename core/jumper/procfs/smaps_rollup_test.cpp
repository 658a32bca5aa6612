// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/procfs/smaps_rollup.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "testing/parser_checks.h"
#include "testing/testdata.h"

namespace jumper::procfs {
namespace {

using jumper::testing::expect_parse_error;
using jumper::testing::read_testdata;

constexpr std::string_view kFile = "/proc/PID/smaps_rollup";
constexpr uint64_t kKilobyte = 1024;

TEST(SmapsRollup, ReadsACapturedProcess) {
  // GIVEN
  const std::string text = read_testdata("debian12-2cpu-busy/proc/6201/smaps_rollup");

  // WHEN
  const auto rollup = parse_smaps_rollup(text);

  // THEN
  ASSERT_TRUE(rollup.ok()) << rollup.error().message;
  EXPECT_EQ(*rollup, (SmapsRollup{.resident_bytes = 54484 * kKilobyte,
                                  .proportional_bytes = 36671 * kKilobyte,
                                  .proportional_dirty_bytes = 34576 * kKilobyte,
                                  .shared_clean_bytes = 6580 * kKilobyte,
                                  .shared_dirty_bytes = 26568 * kKilobyte,
                                  .private_clean_bytes = 44 * kKilobyte,
                                  .private_dirty_bytes = 21292 * kKilobyte,
                                  .swapped_bytes = 0,
                                  .swapped_proportional_bytes = 0,
                                  .anonymous_bytes = 39668 * kKilobyte,
                                  .proportional_anonymous_bytes = 26384 * kKilobyte,
                                  .proportional_file_bytes = 2095 * kKilobyte,
                                  .proportional_shmem_bytes = 8192 * kKilobyte}));
  EXPECT_EQ(rollup->unique_bytes(), (44 + 21292) * kKilobyte);
  EXPECT_EQ(rollup->shared_bytes(), (6580 + 26568) * kKilobyte);
}

TEST(SmapsRollup, ResidentMemoryIsWhatIsSharedAndWhatIsNot) {
  for (const char* path :
       {"debian12-2cpu-busy/proc/6201/smaps_rollup", "debian12-2cpu-busy/proc/6202/smaps_rollup",
        "made-kernel-4.14/proc/301/smaps_rollup"}) {
    const auto rollup = parse_smaps_rollup(read_testdata(path));
    ASSERT_TRUE(rollup.ok()) << path;
    EXPECT_EQ(rollup->unique_bytes() + rollup->shared_bytes(), rollup->resident_bytes) << path;
    EXPECT_GT(rollup->proportional_bytes, rollup->unique_bytes()) << path;
    EXPECT_LT(rollup->proportional_bytes, rollup->resident_bytes) << path;
  }
}

TEST(SmapsRollup, ReadsOldKernelsAndSwap) {
  // GIVEN the first kernel that has the file
  const auto rollup = parse_smaps_rollup(read_testdata("made-kernel-4.14/proc/301/smaps_rollup"));

  // THEN
  ASSERT_TRUE(rollup.ok()) << rollup.error().message;
  EXPECT_EQ(rollup->proportional_bytes, 65432 * kKilobyte);
  EXPECT_EQ(rollup->proportional_dirty_bytes, std::nullopt);
  EXPECT_EQ(rollup->swapped_bytes, 8192 * kKilobyte);
  EXPECT_EQ(rollup->swapped_proportional_bytes, 4097 * kKilobyte);
  EXPECT_EQ(rollup->anonymous_bytes, 99999 * kKilobyte);
  EXPECT_EQ(rollup->proportional_anonymous_bytes, std::nullopt);
}

// The six that must be there, in the order in which they are looked for.
constexpr std::string_view kMandatory =
    "Rss: 6 kB\nPss: 5 kB\nShared_Clean: 1 kB\nShared_Dirty: 1 kB\nPrivate_Clean: 2 kB\n"
    "Private_Dirty: 2 kB\n";

TEST(SmapsRollup, WhatTheKernelDoesNotSayIsAbsent) {
  const auto rollup = parse_smaps_rollup(kMandatory);
  ASSERT_TRUE(rollup.ok());
  EXPECT_EQ(rollup->proportional_dirty_bytes, std::nullopt);
  EXPECT_EQ(rollup->swapped_bytes, std::nullopt);
  EXPECT_EQ(rollup->swapped_proportional_bytes, std::nullopt);
  EXPECT_EQ(rollup->anonymous_bytes, std::nullopt);
  EXPECT_EQ(rollup->proportional_file_bytes, std::nullopt);
  EXPECT_EQ(rollup->proportional_shmem_bytes, std::nullopt);
}

TEST(SmapsRollup, RefusesAMissingKey) {
  for (const std::string_view key :
       {"Rss", "Pss", "Shared_Clean", "Shared_Dirty", "Private_Clean", "Private_Dirty"}) {
    // GIVEN the text with the key renamed
    std::string changed(kMandatory);
    changed[changed.find(std::string(key) + ':')] = 'X';

    // THEN
    expect_parse_error(parse_smaps_rollup(changed), kFile, key);
  }
  expect_parse_error(parse_smaps_rollup(""), kFile, "Rss");
}

TEST(SmapsRollup, RefusesAGarbledKey) {
  for (const std::string_view key :
       {"Rss", "Pss", "Pss_Dirty", "Shared_Clean", "Shared_Dirty", "Private_Clean", "Private_Dirty",
        "Swap", "SwapPss", "Anonymous", "Pss_Anon", "Pss_File", "Pss_Shmem"}) {
    for (const std::string_view value :
         {"", "x kB", "-1 kB", "1", "1 MB", "18446744073709551616 kB", "18014398509481984 kB"}) {
      const std::string line = std::string(key) + ": " + std::string(value) + "\n";
      expect_parse_error(parse_smaps_rollup(std::string(kMandatory) + line), kFile, key);
    }
  }
}

TEST(SmapsRollup, BearsEveryTruncation) {
  for (const char* path :
       {"debian12-2cpu-busy/proc/6202/smaps_rollup", "made-kernel-4.14/proc/301/smaps_rollup"}) {
    const std::string text = read_testdata(path);
    const size_t shortest =
        jumper::testing::expect_prefixes_bearable(text, kFile, parse_smaps_rollup);
    // Private_Dirty is the last that must be there.
    EXPECT_EQ(shortest, text.find('\n', text.find("\nPrivate_Dirty:") + 1)) << path;
  }
}

}  // namespace
}  // namespace jumper::procfs
