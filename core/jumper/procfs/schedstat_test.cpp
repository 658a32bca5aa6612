// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/procfs/schedstat.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "testing/parser_checks.h"
#include "testing/testdata.h"

namespace jumper::procfs {
namespace {

using jumper::testing::expect_parse_error;
using jumper::testing::read_testdata;

constexpr std::string_view kFile = "/proc/PID/task/TID/schedstat";

TEST(Schedstat, ReadsACapturedThread) {
  // GIVEN
  const std::string text = read_testdata("debian12-2cpu/proc/6110/task/6112/schedstat");

  // WHEN
  const auto schedstat = parse_schedstat(text);

  // THEN
  ASSERT_TRUE(schedstat.ok()) << schedstat.error().message;
  EXPECT_EQ(*schedstat, (Schedstat{.cpu_ns = 203652, .run_delay_ns = 188741, .timeslices = 6}));
}

TEST(Schedstat, IgnoresFurtherColumns) {
  EXPECT_EQ(*parse_schedstat("1 2 3 4 new\n"), (Schedstat{1, 2, 3}));
}

TEST(Schedstat, RefusesMissingAndGarbledColumns) {
  for (const std::string_view text :
       {"", "\n", "1 2", "x 2 3", "1 -2 3", "1 2 3x", "18446744073709551616 2 3"}) {
    expect_parse_error(parse_schedstat(text), kFile, "column");
  }
}

TEST(Schedstat, BearsEveryTruncation) {
  const std::string text = read_testdata("debian12-2cpu/proc/6110/task/6110/schedstat");
  const size_t shortest = jumper::testing::expect_prefixes_bearable(text, kFile, parse_schedstat);
  EXPECT_EQ(shortest, std::string_view("394017841 4241372 2").size());
}

}  // namespace
}  // namespace jumper::procfs
