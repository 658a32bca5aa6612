// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/procfs/pid_statm.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "testing/parser_checks.h"
#include "testing/testdata.h"

namespace jumper::procfs {
namespace {

using jumper::testing::expect_parse_error;
using jumper::testing::read_testdata;

constexpr std::string_view kFile = "/proc/PID/statm";

TEST(PidStatm, ReadsACapturedProcess) {
  // GIVEN
  const std::string text = read_testdata("debian12-2cpu/proc/6110/statm");

  // WHEN
  const auto statm = parse_pid_statm(text);

  // THEN
  ASSERT_TRUE(statm.ok()) << statm.error().message;
  EXPECT_EQ(*statm,
            (PidStatm{.virtual_pages = 59883, .resident_pages = 2989, .shared_pages = 1011}));
}

TEST(PidStatm, AProcessWithoutMemoryHasZeroPages) {
  EXPECT_EQ(*parse_pid_statm(read_testdata("debian12-2cpu/proc/6116/statm")), PidStatm{});
}

TEST(PidStatm, IgnoresColumnsBehindTheThird) {
  EXPECT_EQ(*parse_pid_statm("1 2 3 4 5 6 7 8 9 new\n"), (PidStatm{1, 2, 3}));
  EXPECT_EQ(*parse_pid_statm("1 2 3"), (PidStatm{1, 2, 3}));
}

TEST(PidStatm, RefusesMissingAndGarbledColumns) {
  for (const std::string_view text :
       {"", "\n", "1 2", "x 2 3", "1 -2 3", "1 2 3x", "1 2 18446744073709551616", "1.5 2 3"}) {
    expect_parse_error(parse_pid_statm(text), kFile, "column");
  }
}

TEST(PidStatm, BearsEveryTruncation) {
  const std::string text = read_testdata("debian12-2cpu/proc/6110/statm");
  const size_t shortest = jumper::testing::expect_prefixes_bearable(text, kFile, parse_pid_statm);
  EXPECT_EQ(shortest, std::string_view("59883 2989 1").size());
}

}  // namespace
}  // namespace jumper::procfs
