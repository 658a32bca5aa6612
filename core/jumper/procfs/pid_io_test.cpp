// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/procfs/pid_io.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>

#include "testing/parser_checks.h"
#include "testing/testdata.h"

namespace jumper::procfs {
namespace {

using jumper::testing::expect_parse_error;
using jumper::testing::read_testdata;

constexpr std::string_view kFile = "/proc/PID/io";
constexpr std::array<std::string_view, 7> kKeys = {
    "rchar", "wchar", "syscr", "syscw", "read_bytes", "write_bytes", "cancelled_write_bytes"};

// The seven lines, valued 1 to 7; the line of `changed` has `value` instead, or is not there.
std::string io_with(std::string_view changed, std::string_view value) {
  std::string text;
  for (size_t at = 0; at < kKeys.size(); ++at) {
    if (kKeys[at] == changed && value.empty()) continue;
    text += kKeys[at];
    text += ": ";
    text += kKeys[at] == changed ? std::string(value) : std::to_string(at + 1);
    text += '\n';
  }
  return text;
}

TEST(PidIo, ReadsACapturedProcess) {
  // GIVEN a process that wrote 61 MiB, then cut off 1 MiB that was not yet on the disk
  const std::string text = read_testdata("debian12-2cpu/proc/6110/io");

  // WHEN
  const auto io = parse_pid_io(text);

  // THEN
  ASSERT_TRUE(io.ok()) << io.error().message;
  EXPECT_EQ(io->read_chars, 1353168U);
  EXPECT_EQ(io->write_chars, 63963137U);
  EXPECT_EQ(io->read_calls, 136U);
  EXPECT_EQ(io->write_calls, 3U);
  EXPECT_EQ(io->read_bytes, 4096U);
  EXPECT_EQ(io->write_bytes, 63979520U);
  EXPECT_EQ(io->cancelled_write_bytes, 1048576U);
}

TEST(PidIo, AZombieHasItAsWell) {
  EXPECT_EQ(*parse_pid_io(read_testdata("debian12-2cpu/proc/6116/io")), PidIo{});
}

TEST(PidIo, TakesEveryFieldFromItsKey) {
  EXPECT_EQ(*parse_pid_io(io_with("", "")), (PidIo{1, 2, 3, 4, 5, 6, 7}));
}

TEST(PidIo, IgnoresUnknownKeysAndColumns) {
  // GIVEN
  const std::string text = "new_key: many words\nno colon\n\n: 3\n" + io_with("rchar", "10 new");

  // WHEN
  const auto io = parse_pid_io(text);

  // THEN
  ASSERT_TRUE(io.ok()) << io.error().message;
  EXPECT_EQ(io->read_chars, 10U);
}

TEST(PidIo, RefusesAMissingOrGarbledKey) {
  for (const std::string_view key : kKeys) {
    for (const std::string_view value : {"", " ", "x", "-1", "1x", "18446744073709551616"}) {
      expect_parse_error(parse_pid_io(io_with(key, value)), kFile, key);
    }
  }
  expect_parse_error(parse_pid_io(""), kFile, "rchar");
}

TEST(PidIo, ReadsTheLargestNumber) {
  EXPECT_EQ(parse_pid_io(io_with("wchar", "18446744073709551615"))->write_chars,
            18446744073709551615U);
}

TEST(PidIo, BearsEveryTruncation) {
  const std::string text = read_testdata("debian12-2cpu/proc/6110/io");
  const size_t shortest = jumper::testing::expect_prefixes_bearable(text, kFile, parse_pid_io);
  // The last key, which a truncation hits first, is mandatory.
  EXPECT_EQ(shortest, text.find("cancelled_write_bytes: 1") + 24);
}

}  // namespace
}  // namespace jumper::procfs
