// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/procfs/vmstat.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "testing/parser_checks.h"
#include "testing/testdata.h"

namespace jumper::procfs {
namespace {

using jumper::testing::expect_parse_error;
using jumper::testing::read_testdata;

constexpr std::string_view kFile = "/proc/vmstat";

TEST(Vmstat, ReadsACapturedMachine) {
  // GIVEN
  const std::string text = read_testdata("debian12-2cpu-busy/proc/vmstat");

  // WHEN
  const auto vmstat = parse_vmstat(text);

  // THEN
  ASSERT_TRUE(vmstat.ok()) << vmstat.error().message;
  EXPECT_EQ(
      *vmstat,
      (Vmstat{
          .major_faults = 11605, .swapped_in_pages = 0, .swapped_out_pages = 0, .oom_kills = 0}));
}

TEST(Vmstat, WhatAnOldKernelDoesNotCountIsAbsent) {
  // GIVEN a kernel without oom_kill
  const std::string text = read_testdata("made-kernel-2.6.32/proc/vmstat");

  // WHEN
  const auto vmstat = parse_vmstat(text);

  // THEN
  ASSERT_TRUE(vmstat.ok()) << vmstat.error().message;
  EXPECT_EQ(*vmstat, (Vmstat{.major_faults = 765432,
                             .swapped_in_pages = 4321,
                             .swapped_out_pages = 87654,
                             .oom_kills = std::nullopt}));
}

TEST(Vmstat, WhatAKernelWithoutSwapDoesNotCountIsAbsent) {
  EXPECT_EQ(
      *parse_vmstat("pgfault 9\npgmajfault 3\noom_kill 1\n"),
      (Vmstat{.major_faults = 3, .swapped_in_pages = {}, .swapped_out_pages = {}, .oom_kills = 1}));
}

TEST(Vmstat, KeysAreWholeWords) {
  EXPECT_EQ(
      *parse_vmstat("pgmajfault_a 1\npswpin_b 2\npswp 3\noom_kill\n\npgmajfault 4 new\nnew\n"),
      (Vmstat{
          .major_faults = 4, .swapped_in_pages = {}, .swapped_out_pages = {}, .oom_kills = {}}));
}

TEST(Vmstat, OfTwoLinesTheFirstCounts) {
  const auto vmstat = parse_vmstat("pgmajfault 4\npgmajfault 5\npgmajfault x\n");
  ASSERT_TRUE(vmstat.ok()) << vmstat.error().message;
  EXPECT_EQ(vmstat->major_faults, 4U);
}

TEST(Vmstat, StopsWhereAllIsFound) {
  // GIVEN all four, and garbage behind
  const auto vmstat =
      parse_vmstat("oom_kill 1\npswpout 2\npswpin 3\npgmajfault 4\npgmajfault x\npswpin -1\n");

  // THEN
  ASSERT_TRUE(vmstat.ok()) << vmstat.error().message;
  EXPECT_EQ(*vmstat, (Vmstat{4, 3, 2, 1}));
}

TEST(Vmstat, RefusesWithoutMajorFaults) {
  expect_parse_error(parse_vmstat(""), kFile, "pgmajfault");
  expect_parse_error(parse_vmstat("pswpin 1\npswpout 2\noom_kill 3\n"), kFile, "pgmajfault");
}

TEST(Vmstat, RefusesGarbledNumbers) {
  for (const std::string_view key : {"pgmajfault", "pswpin", "pswpout", "oom_kill"}) {
    for (const std::string_view value : {" ", " x", " -1", " 1x", " 18446744073709551616"}) {
      // GIVEN
      const std::string line = std::string(key).append(value).append("\n");

      // THEN
      expect_parse_error(parse_vmstat(line + "pgmajfault 1\n"), kFile, key);
    }
  }
}

TEST(Vmstat, BearsEveryTruncation) {
  for (const char* path : {"debian12-2cpu-busy/proc/vmstat", "made-kernel-2.6.32/proc/vmstat"}) {
    const std::string text = read_testdata(path);
    const size_t shortest = jumper::testing::expect_prefixes_bearable(text, kFile, parse_vmstat);
    EXPECT_EQ(shortest, text.find("\npgmajfault ") + std::string_view("\npgmajfault 1").size())
        << path;
  }
}

}  // namespace
}  // namespace jumper::procfs
