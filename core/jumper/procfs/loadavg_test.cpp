// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/procfs/loadavg.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "testing/parser_checks.h"
#include "testing/testdata.h"

namespace jumper::procfs {
namespace {

using jumper::testing::expect_parse_error;
using jumper::testing::read_testdata;

constexpr std::string_view kFile = "/proc/loadavg";

TEST(Loadavg, ReadsACapturedMachine) {
  // GIVEN
  const std::string text = read_testdata("debian12-2cpu/proc/loadavg");

  // WHEN
  const auto loadavg = parse_loadavg(text);

  // THEN
  ASSERT_TRUE(loadavg.ok()) << loadavg.error().message;
  EXPECT_EQ(*loadavg, (Loadavg{.load_1min = 0.27,
                               .load_5min = 0.28,
                               .load_15min = 0.15,
                               .runnable = 1,
                               .entities = 84,
                               .last_pid = 6109}));
}

TEST(Loadavg, IgnoresFurtherColumns) {
  EXPECT_EQ(parse_loadavg("1.00 2.50 300.25 4/5 6 new")->last_pid, 6);
  EXPECT_EQ(parse_loadavg("1.00 2.50 300.25 4/5 6")->load_15min, 300.25);
}

TEST(Loadavg, RefusesWhatIsNoLoad) {
  for (const std::string_view load :
       {"x", "nan", "inf", "-inf", "-1.0", "-0.00", "1e999", "0,27"}) {
    const std::string text = std::string(load) + " 0.28 0.15 1/84 6109";
    expect_parse_error(parse_loadavg(text), kFile, "load");
  }
  expect_parse_error(parse_loadavg(""), kFile, "load");
  expect_parse_error(parse_loadavg("0.27 0.28"), kFile, "load");
}

TEST(Loadavg, RefusesGarbledEntitiesAndPids) {
  for (const std::string_view word : {"", "1", "/", "1/", "/84", "-1/84", "1/84/2", "1/x"}) {
    const std::string text = "0.27 0.28 0.15 " + std::string(word);
    expect_parse_error(parse_loadavg(text), kFile, "runnable/entities");
  }
  for (const std::string_view word : {"", "x", "-1", "2147483648", "6109x"}) {
    const std::string text = "0.27 0.28 0.15 1/84 " + std::string(word);
    expect_parse_error(parse_loadavg(text), kFile, "last pid");
  }
}

TEST(Loadavg, BearsEveryTruncation) {
  const std::string text = read_testdata("debian12-2cpu/proc/loadavg");
  const size_t shortest = jumper::testing::expect_prefixes_bearable(text, kFile, parse_loadavg);
  EXPECT_EQ(shortest, std::string_view("0.27 0.28 0.15 1/84 6").size());
}

}  // namespace
}  // namespace jumper::procfs
