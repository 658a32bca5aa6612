// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/procfs/pid_stat.h"

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

constexpr std::string_view kFile = "/proc/PID/stat";

// A line with the given name and, from column 3 on, the numbers of their columns.
std::string line_with(std::string_view name, int columns = 52) {
  std::string line = "7 (";
  line.append(name).append(") S");
  for (int column = 4; column <= columns; ++column) line.append(" ").append(std::to_string(column));
  return line + '\n';
}

// `line` with the word at `column` (4 and up) replaced; an empty word removes it and all after it.
std::string with_column(int column, std::string_view word) {
  std::string line = "7 (x) S";
  for (int at = 4; at <= 52; ++at) {
    if (at == column && word.empty()) return line;
    line += ' ';
    line += at == column ? std::string(word) : std::to_string(at);
  }
  return line;
}

TEST(PidStat, ReadsACapturedProcess) {
  // GIVEN a Python process with four threads that has waited for a child
  const std::string text = read_testdata("debian12-2cpu/proc/6110/stat");

  // WHEN
  const auto stat = parse_pid_stat(text);

  // THEN
  ASSERT_TRUE(stat.ok()) << stat.error().message;
  EXPECT_EQ(stat->pid, 6110);
  EXPECT_EQ(stat->command, "python3");
  EXPECT_EQ(stat->state, 'S');
  EXPECT_EQ(stat->parent_pid, 6069);
  EXPECT_EQ(stat->minor_faults, 16128U);
  EXPECT_EQ(stat->major_faults, 0U);
  EXPECT_EQ(stat->user_ticks, 16U);
  EXPECT_EQ(stat->system_ticks, 23U);
  EXPECT_EQ(stat->reaped_user_ticks, 33U);
  EXPECT_EQ(stat->reaped_system_ticks, 1U);
  EXPECT_EQ(stat->thread_count, 4);
  EXPECT_EQ(stat->start_ticks, 117274U);
  EXPECT_EQ(stat->virtual_bytes, 245280768U);
  EXPECT_EQ(stat->resident_pages, 2963U);
  EXPECT_EQ(stat->ignored_signals, 16781312U);
  EXPECT_EQ(stat->block_io_delay_ticks, 0U);
}

TEST(PidStat, TakesEveryFieldFromItsColumn) {
  // GIVEN a line whose numbers are those of their columns
  const std::string text = line_with("x");

  // WHEN
  const auto stat = parse_pid_stat(text);

  // THEN
  ASSERT_TRUE(stat.ok()) << stat.error().message;
  EXPECT_EQ(stat->parent_pid, 4);
  EXPECT_EQ(stat->minor_faults, 10U);
  EXPECT_EQ(stat->major_faults, 12U);
  EXPECT_EQ(stat->user_ticks, 14U);
  EXPECT_EQ(stat->system_ticks, 15U);
  EXPECT_EQ(stat->reaped_user_ticks, 16U);
  EXPECT_EQ(stat->reaped_system_ticks, 17U);
  EXPECT_EQ(stat->thread_count, 20);
  EXPECT_EQ(stat->start_ticks, 22U);
  EXPECT_EQ(stat->virtual_bytes, 23U);
  EXPECT_EQ(stat->resident_pages, 24U);
  EXPECT_EQ(stat->ignored_signals, 33U);
  EXPECT_EQ(stat->block_io_delay_ticks, 42U);
}

TEST(PidStat, ReadsAKernelThreadAndAZombie) {
  const std::string thread_text = read_testdata("debian12-2cpu/proc/2/stat");
  const std::string zombie_text = read_testdata("debian12-2cpu/proc/6116/stat");

  const auto thread = parse_pid_stat(thread_text);
  const auto zombie = parse_pid_stat(zombie_text);

  ASSERT_TRUE(thread.ok());
  EXPECT_EQ(thread->command, "kthreadd");
  EXPECT_EQ(thread->parent_pid, 0);
  EXPECT_EQ(thread->resident_pages, 0U);
  ASSERT_TRUE(zombie.ok());
  EXPECT_EQ(zombie->state, 'Z');
  EXPECT_EQ(zombie->virtual_bytes, 0U);
}

TEST(PidStat, KnowsWhoIgnoresTheEndOfChildren) {
  const std::string ignoring = read_testdata("debian12-2cpu/proc/6115/stat");
  const std::string waiting = read_testdata("debian12-2cpu/proc/6110/stat");

  EXPECT_TRUE(parse_pid_stat(ignoring)->ignores_child_exit());
  EXPECT_FALSE(parse_pid_stat(waiting)->ignores_child_exit());
}

TEST(PidStat, TellsWhoRunsTheParentsProgramStill) {
  EXPECT_TRUE(parse_pid_stat(with_column(9, "4194368"))->forked_without_exec());
  EXPECT_FALSE(parse_pid_stat(with_column(9, "4194304"))->forked_without_exec());
}

TEST(PidStat, SurvivesCapturedHostileNames) {
  const std::vector<std::pair<pid_t, std::string_view>> names = {
      {6117, "a b  c"},
      {6118, ") R 1 ("},
      {6119, "a\nUid:\t0"},
      {6120, "(((("},
      {6121, "))))"},
      {6122,
       "\xFF\xFE\x80"
       "bad\xC3"},
      {6123, ""},
      {6124, "back\\slash"},
      {6125, " ) S 0 0 (x)"},
      {6126, "\r\t\x1B[31m"},
  };
  for (const auto& [pid, name] : names) {
    // GIVEN a process that gave itself the name
    const std::string text = read_testdata("debian12-2cpu/proc/" + std::to_string(pid) + "/stat");

    // WHEN
    const auto stat = parse_pid_stat(text);

    // THEN it changes nothing but the name
    ASSERT_TRUE(stat.ok()) << pid;
    EXPECT_EQ(stat->command, name);
    EXPECT_EQ(stat->pid, pid);
    EXPECT_EQ(stat->state, 'S') << pid;
    EXPECT_EQ(stat->parent_pid, 6069) << pid;
    EXPECT_EQ(stat->thread_count, 1) << pid;
  }
}

TEST(PidStat, SurvivesMadeHostileNames) {
  const std::vector<std::pair<pid_t, std::string_view>> names = {
      {201, "two words"},          {202, ") R 1 ("}, {203, "a\nb"},
      {204, "a (b) c) R 9 9"},     {205, "(((("},    {206, "))))"},
      {207, "\xFF\xFE\xC3("},      {208, ""},        {209, "\n"},
      {210, "1) Z 0 0 0 0\n2 (x"},
  };
  for (const auto& [pid, name] : names) {
    const std::string text =
        read_testdata("made-hostile-names/proc/" + std::to_string(pid) + "/stat");

    const auto stat = parse_pid_stat(text);

    ASSERT_TRUE(stat.ok()) << pid;
    EXPECT_EQ(stat->command, name);
    EXPECT_EQ(stat->pid, pid);
    EXPECT_EQ(stat->parent_pid, 1) << pid;
    EXPECT_EQ(stat->start_ticks, 987654U) << pid;
    EXPECT_EQ(stat->block_io_delay_ticks, 77U) << pid;
    EXPECT_TRUE(stat->ignores_child_exit()) << pid;
  }
}

TEST(PidStat, TheNameMayHoldZeroBytes) {
  using namespace std::string_literals;
  const std::string name = "a\0b"s;
  const std::string text = line_with(name);
  EXPECT_EQ(parse_pid_stat(text)->command, name);
}

TEST(PidStat, IgnoresColumnsOfNewerKernels) {
  const std::string text = line_with("x", 70);
  EXPECT_TRUE(parse_pid_stat(text).ok());
}

TEST(PidStat, RefusesWhatIsNotAStatLine) {
  expect_parse_error(parse_pid_stat(""), kFile, "name");
  expect_parse_error(parse_pid_stat("1 x S 1"), kFile, "name");
  expect_parse_error(parse_pid_stat(")("), kFile, "name");
  expect_parse_error(parse_pid_stat("(x) S 1"), kFile, "pid");
  expect_parse_error(parse_pid_stat("-1 (x) S 1"), kFile, "pid");
  expect_parse_error(parse_pid_stat("1 2 (x) S 1"), kFile, "pid");
  expect_parse_error(parse_pid_stat("99999999999 (x) S 1"), kFile, "pid");
  expect_parse_error(parse_pid_stat("1 (x)"), kFile, "state");
  expect_parse_error(parse_pid_stat("1 (x) SS 1"), kFile, "state");
}

TEST(PidStat, RefusesAMissingOrGarbledColumn) {
  for (const int column : {4, 10, 12, 14, 15, 16, 17, 20, 22, 23, 24, 33, 42}) {
    for (const std::string_view word : {"", "x", "1x", "0x10", "18446744073709551616"}) {
      expect_parse_error(parse_pid_stat(with_column(column, word)), kFile, "column");
    }
  }
  expect_parse_error(parse_pid_stat(with_column(4, "-1")), kFile, "column");
  expect_parse_error(parse_pid_stat(with_column(4, "2147483648")), kFile, "column");
  expect_parse_error(parse_pid_stat(with_column(14, "-1")), kFile, "column");
}

TEST(PidStat, ReadsTheLargestNumbers) {
  const std::string text = with_column(23, "18446744073709551615");
  EXPECT_EQ(parse_pid_stat(text)->virtual_bytes, 18446744073709551615U);
}

TEST(PidStat, BearsEveryTruncation) {
  for (const char* path : {"debian12-2cpu/proc/6110/stat", "made-hostile-names/proc/210/stat"}) {
    const std::string text = read_testdata(path);
    const size_t shortest = jumper::testing::expect_prefixes_bearable(text, kFile, parse_pid_stat);
    // Nothing short of column 42 will do.
    EXPECT_GT(shortest, text.size() / 2) << path;
    EXPECT_LT(shortest, text.size()) << path;
  }
}

}  // namespace
}  // namespace jumper::procfs
