// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/procfs/pressure.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "testing/parser_checks.h"
#include "testing/testdata.h"

namespace jumper::procfs {
namespace {

using jumper::testing::expect_parse_error;
using jumper::testing::read_testdata;

constexpr std::string_view kFile = "/proc/pressure";
constexpr std::string_view kSome = "some avg10=0.00 avg60=0.00 avg300=0.00 total=5\n";

Pressure parse_testdata(std::string_view path) {
  const auto pressure = parse_pressure(read_testdata(path));
  EXPECT_TRUE(pressure.ok()) << path;
  return pressure ? *pressure : Pressure{};
}

TEST(Pressure, ReadsACapturedMachine) {
  EXPECT_EQ(parse_testdata("debian12-2cpu-busy/proc/pressure/cpu"),
            (Pressure{.some = {37.83, 955816311}, .full = Stall{0, 0}}));
  EXPECT_EQ(parse_testdata("debian12-2cpu-busy/proc/pressure/memory"),
            (Pressure{.some = {0, 0}, .full = Stall{0, 0}}));
  EXPECT_EQ(parse_testdata("debian12-2cpu-busy/proc/pressure/io"),
            (Pressure{.some = {5.86, 74261241}, .full = Stall{0.40, 32837126}}));
}

TEST(Pressure, FullIsAbsentForTheCpuOfOldKernels) {
  EXPECT_EQ(parse_testdata("made-kernel-4.20/proc/pressure/cpu"),
            (Pressure{.some = {1.53, 45678901}, .full = std::nullopt}));
  EXPECT_EQ(parse_testdata("made-kernel-4.20/proc/pressure/io"),
            (Pressure{.some = {99.00, 123456789012}, .full = Stall{90.17, 98765432109}}));
}

TEST(Pressure, TakesLinesAndNumbersInAnyOrderAndIgnoresNewOnes) {
  // GIVEN
  const std::string_view text =
      "most avg10=x total=x\n\nfull total=7 avg10=1.25 avg1=x new =\nsome new=1 total=8 avg10=2\n";

  // WHEN
  const auto pressure = parse_pressure(text);

  // THEN
  ASSERT_TRUE(pressure.ok()) << pressure.error().message;
  EXPECT_EQ(*pressure, (Pressure{.some = {2, 8}, .full = Stall{1.25, 7}}));
}

TEST(Pressure, RefusesAMissingLine) {
  expect_parse_error(parse_pressure(""), kFile, "some");
  expect_parse_error(parse_pressure("full avg10=0.00 total=5\n"), kFile, "some");
  expect_parse_error(parse_pressure("something avg10=0.00 total=5\n"), kFile, "some");
}

TEST(Pressure, RefusesGarbledLines) {
  for (const std::string_view numbers :
       {"", "avg10=0.00", "total=5", "avg10= total=5", "avg10=x total=5", "avg10=nan total=5",
        "avg10=inf total=5", "avg10=-0.01 total=5", "avg10=1e999 total=5",
        "avg10=0.00 total=", "avg10=0.00 total=-5", "avg10=0.00 total=5.0",
        "avg10=0.00 total=18446744073709551616", "avg10 =0.00 total=5", "avg10=0.00 TOTAL=5"}) {
    expect_parse_error(parse_pressure(std::string("some ").append(numbers)), kFile, "some");
    expect_parse_error(parse_pressure(std::string(kSome).append("full ").append(numbers)), kFile,
                       "full");
  }
}

TEST(Pressure, BearsEveryTruncation) {
  const std::string text = read_testdata("debian12-2cpu-busy/proc/pressure/io");
  const size_t shortest = jumper::testing::expect_prefixes_bearable(text, kFile, parse_pressure);
  EXPECT_EQ(shortest, text.find("total=") + std::string_view("total=7").size());
}

}  // namespace
}  // namespace jumper::procfs
