// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/procfs/net_dev.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "jumper/base/parse.h"
#include "testing/parser_checks.h"
#include "testing/testdata.h"

namespace jumper::procfs {
namespace {

using jumper::testing::expect_parse_error;
using jumper::testing::read_testdata;

constexpr std::string_view kFile = "/proc/net/dev";

// All interfaces, each of which must parse. The names are views into `text`.
std::vector<NetLine> parse_all(std::string_view text) {
  std::vector<NetLine> interfaces;
  std::string_view lines = net_lines(text);
  while (!lines.empty()) {
    const auto net = parse_net_line(base::next_line(lines));
    EXPECT_TRUE(net.ok());
    if (net) interfaces.push_back(*net);
  }
  return interfaces;
}

std::vector<std::string_view> names(const std::vector<NetLine>& interfaces) {
  std::vector<std::string_view> result;
  result.reserve(interfaces.size());
  for (const NetLine& net : interfaces) result.push_back(net.name);
  return result;
}

void expect_counts(const NetLine& net, const std::vector<uint64_t>& counts) {
  EXPECT_EQ(
      (std::vector{net.received_bytes, net.received_packets, net.sent_bytes, net.sent_packets}),
      counts)
      << net.name;
}

TEST(NetDev, ReadsACapturedMachine) {
  // GIVEN
  const std::string text = read_testdata("debian12-2cpu-busy/proc/net/dev");

  // WHEN
  const std::vector<NetLine> interfaces = parse_all(text);

  // THEN
  ASSERT_EQ(names(interfaces), (std::vector<std::string_view>{"lo", "ifb0", "ifb1", "eth0"}));
  expect_counts(interfaces[0], {35944288, 79964, 35944288, 79964});
  expect_counts(interfaces[1], {0, 0, 0, 0});
  expect_counts(interfaces[3], {2827609886, 69204, 4028094, 38753});
}

TEST(NetDev, ReadsOldKernelsWithoutASpaceBeforeLongNumbers) {
  // GIVEN
  const std::string text = read_testdata("made-kernel-2.6.32/proc/net/dev");
  ASSERT_NE(text.find("eth0:12345678901 "), std::string::npos);

  // WHEN
  const std::vector<NetLine> interfaces = parse_all(text);

  // THEN
  ASSERT_EQ(names(interfaces), (std::vector<std::string_view>{"lo", "eth0", "bond0"}));
  expect_counts(interfaces[1], {12345678901, 23456789, 9876543210, 8765432});
}

TEST(NetDev, BearsHostileNames) {
  // GIVEN
  const std::string text = read_testdata("made-hostile-names/proc/net/dev");

  // WHEN
  const std::vector<NetLine> interfaces = parse_all(text);

  // THEN
  ASSERT_EQ(names(interfaces),
            (std::vector<std::string_view>{"Inter-|", "face", "a:1", "5", "eth0:7:", "(\x1B[31m|",
                                           "\xFF\xFE\x80", "%s%n", "-f", "..lo", "max"}));
  for (size_t i = 0; i < 10; ++i) expect_counts(interfaces[i], {100 + i, 10 + i, 200 + i, 20 + i});
  constexpr uint64_t kMax = std::numeric_limits<uint64_t>::max();
  expect_counts(interfaces[10], {kMax, kMax, kMax, kMax});
}

TEST(NetDev, TakesEveryFieldFromItsColumn) {
  const auto net = parse_net_line("eth0:1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16");
  ASSERT_TRUE(net.ok());
  expect_counts(*net, {1, 2, 9, 10});
}

TEST(NetDev, TheNameIsAViewIntoTheText) {
  const std::string text = "  eth0: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16";
  EXPECT_EQ(parse_net_line(text)->name.data(), text.data() + 2);
}

TEST(NetDev, IgnoresColumnsOfNewerKernels) {
  EXPECT_TRUE(parse_net_line("eth0: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 new").ok());
}

TEST(NetDev, WithoutItsHeadingsNothingIsLeft) {
  EXPECT_EQ(net_lines(""), "");
  EXPECT_EQ(net_lines("one"), "");
  EXPECT_EQ(net_lines("one\ntwo"), "");
  EXPECT_EQ(net_lines("one\ntwo\nthree\nfour\n"), "three\nfour\n");
}

TEST(NetDev, RefusesWhatIsNotAnInterface) {
  for (const std::string_view line :
       {"", " ", "eth0", ": 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16",
        "  : 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16", " face |bytes    packets errs drop"}) {
    expect_parse_error(parse_net_line(line), kFile, "interface");
  }
}

TEST(NetDev, RefusesMissingAndGarbledColumns) {
  for (int column = 1; column <= 16; ++column) {
    for (const std::string_view word : {"", "x", "-1", "18446744073709551616"}) {
      // GIVEN a line with one wrong column
      std::string line = "eth0:";
      for (int at = 1; at <= 16; ++at) line.append(" ").append(at == column ? word : "1");

      // THEN
      expect_parse_error(parse_net_line(line), kFile, "column");
    }
  }
}

TEST(NetDev, BearsEveryTruncation) {
  for (const char* path : {"debian12-2cpu-busy/proc/net/dev", "made-hostile-names/proc/net/dev"}) {
    const std::string text = read_testdata(path);
    std::string_view lines = net_lines(text);
    while (!lines.empty()) {
      const std::string_view line = base::next_line(lines);
      const size_t shortest =
          jumper::testing::expect_prefixes_bearable(line, kFile, parse_net_line);
      // The last column is a single digit, or the largest number.
      EXPECT_EQ(shortest, line.rfind(' ') + 2) << path;
    }
  }
}

}  // namespace
}  // namespace jumper::procfs
