// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/procfs/pid_status.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "testing/parser_checks.h"
#include "testing/testdata.h"

namespace jumper::procfs {
namespace {

using jumper::testing::expect_parse_error;
using jumper::testing::read_testdata;

constexpr std::string_view kFile = "/proc/PID/status";
constexpr uint64_t kKilobyte = 1024;

TEST(PidStatus, ReadsACapturedProcess) {
  // GIVEN a process whose real user is not its effective user, and that was larger once
  const std::string text = read_testdata("debian12-2cpu/proc/6110/status");

  // WHEN
  const auto status = parse_pid_status(text);

  // THEN
  ASSERT_TRUE(status.ok()) << status.error().message;
  EXPECT_EQ(status->name, "python3");
  EXPECT_EQ(status->real_uid, 65534U);
  EXPECT_EQ(status->effective_uid, 1234U);
  EXPECT_EQ(status->thread_count, 4U);
  EXPECT_EQ(status->peak_resident_bytes, 74320 * kKilobyte);
  EXPECT_EQ(status->resident_bytes, 11956 * kKilobyte);
  EXPECT_EQ(status->swap_bytes, 0U);
}

TEST(PidStatus, KernelThreadsAndZombiesHaveNoMemory) {
  for (const char* path : {"debian12-2cpu/proc/2/status", "debian12-2cpu/proc/6116/status"}) {
    const auto status = parse_pid_status(read_testdata(path));
    ASSERT_TRUE(status.ok()) << path;
    EXPECT_EQ(status->thread_count, 1U);
    EXPECT_FALSE(status->peak_resident_bytes.has_value());
    EXPECT_FALSE(status->resident_bytes.has_value());
    EXPECT_FALSE(status->swap_bytes.has_value());
  }
}

TEST(PidStatus, ANameCannotMakeALine) {
  const std::vector<std::pair<std::string, std::string_view>> names = {
      {"6117", "a b  c"},
      {"6118", ") R 1 ("},
      {"6119", "a\\nUid:\t0"},
      {"6122",
       "\xFF\xFE\x80"
       "bad\xC3"},
      {"6123", ""},
      {"6124", "back\\\\slash"},
      {"6125", " ) S 0 0 (x)"},
      {"6126", "\r\t\x1B[31m"},
  };
  for (const auto& [pid, name] : names) {
    // GIVEN a process that gave itself the name, as the kernel writes it
    const std::string text = read_testdata("debian12-2cpu/proc/" + pid + "/status");

    // WHEN
    const auto status = parse_pid_status(text);

    // THEN
    ASSERT_TRUE(status.ok()) << pid;
    EXPECT_EQ(status->name, name);
    EXPECT_EQ(status->thread_count, 1U);
  }
}

TEST(PidStatus, AnEscapedNameDoesNotSetTheUser) {
  // GIVEN
  const std::string text = read_testdata("made-hostile-names/proc/203/status");

  // WHEN
  const auto status = parse_pid_status(text);

  // THEN
  ASSERT_TRUE(status.ok()) << status.error().message;
  EXPECT_EQ(status->name, "a\\nUid:\\t0");
  EXPECT_EQ(status->real_uid, 1000U);
  EXPECT_EQ(status->effective_uid, 1000U);
}

TEST(PidStatus, EvenATrueLineBreakInTheNameDoesNotSetTheUser) {
  const auto status =
      parse_pid_status("Name:\ta\nUid:\t0 0\nUid:\t1000\t1000\t1000\t1000\nThreads:\t2\n");
  ASSERT_TRUE(status.ok());
  EXPECT_EQ(status->real_uid, 1000U);
}

TEST(PidStatus, IgnoresUnknownKeysAndColumns) {
  // GIVEN
  const std::string_view text =
      "Name:\tx\nNewKey:\t?? ??\nno colon\n\nUid:\t1\t2\t3\t4\t5\nThreads:\t2 new\nVmRSS:\t 3 kB "
      "new\nVmRSSNew:\tx\n";

  // WHEN
  const auto status = parse_pid_status(text);

  // THEN
  ASSERT_TRUE(status.ok()) << status.error().message;
  EXPECT_EQ(status->effective_uid, 2U);
  EXPECT_EQ(status->resident_bytes, 3 * kKilobyte);
}

TEST(PidStatus, RefusesAMissingKey) {
  expect_parse_error(parse_pid_status(""), kFile, "Name");
  expect_parse_error(parse_pid_status("Uid:\t1\t2\nThreads:\t1\n"), kFile, "Name");
  expect_parse_error(parse_pid_status("Name:\tx\nThreads:\t1\n"), kFile, "Uid");
  expect_parse_error(parse_pid_status("Name:\tx\nUid:\t1\t2\n"), kFile, "Threads");
}

TEST(PidStatus, RefusesAGarbledKey) {
  const std::string good = "Name:\tx\nUid:\t1\t2\t3\t4\nThreads:\t1\n";
  ASSERT_TRUE(parse_pid_status(good).ok());
  for (const auto& [line, key] : std::vector<std::pair<std::string, std::string_view>>{
           {"Name:", "Name"},
           {"Name:x", "Name"},
           {"Uid:\t1", "Uid"},
           {"Uid:\tx\t1", "Uid"},
           {"Uid:\t-1\t1", "Uid"},
           {"Uid:\t4294967296\t1", "Uid"},
           {"Threads:\t", "Threads"},
           {"Threads:\t-1", "Threads"},
           {"VmHWM:\t1", "VmHWM"},
           {"VmHWM:\t1 MB", "VmHWM"},
           {"VmRSS:\t-1 kB", "VmRSS"},
           {"VmSwap:\t18014398509481984 kB", "VmSwap"},  // 2^64 bytes
       }) {
    expect_parse_error(parse_pid_status(good + line + "\n"), kFile, key);
  }
}

TEST(PidStatus, ReadsTheLargestMemoryThatFits) {
  const auto status = parse_pid_status(
      "Name:\tx\nUid:\t4294967295\t2\nThreads:\t1\nVmHWM:\t18014398509481983 kB\n");
  ASSERT_TRUE(status.ok());
  EXPECT_EQ(status->real_uid, 4294967295U);
  EXPECT_EQ(status->peak_resident_bytes, 18014398509481983U * kKilobyte);
}

TEST(PidStatus, BearsEveryTruncation) {
  const std::string text = read_testdata("debian12-2cpu/proc/6110/status");
  const size_t shortest = jumper::testing::expect_prefixes_bearable(text, kFile, parse_pid_status);
  EXPECT_EQ(shortest, text.find("Threads:\t4") + std::string_view("Threads:\t4").size());
}

}  // namespace
}  // namespace jumper::procfs
