// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/procfs/diskstats.h"

#include <gtest/gtest.h>

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

constexpr std::string_view kFile = "/proc/diskstats";

// All lines, each of which must parse. The names are views into `text`.
std::vector<DiskLine> parse_all(std::string_view text) {
  std::vector<DiskLine> disks;
  while (!text.empty()) {
    const auto disk = parse_disk_line(base::next_line(text));
    EXPECT_TRUE(disk.ok());
    if (disk) disks.push_back(*disk);
  }
  return disks;
}

std::vector<std::string_view> names(const std::vector<DiskLine>& disks) {
  std::vector<std::string_view> result;
  result.reserve(disks.size());
  for (const DiskLine& disk : disks) result.push_back(disk.name);
  return result;
}

void expect_nvme(const DiskLine& disk) {
  EXPECT_EQ(disk.name, "nvme0n1");
  EXPECT_EQ(disk.reads, 120345U);
  EXPECT_EQ(disk.read_sectors, 9876543U);
  EXPECT_EQ(disk.writes, 456789U);
  EXPECT_EQ(disk.write_sectors, 45678901U);
  EXPECT_EQ(disk.in_flight, 3U);
  EXPECT_EQ(disk.busy_ms, 123456U);
}

TEST(Diskstats, ReadsACapturedMachine) {
  // GIVEN
  const std::string text = read_testdata("debian12-2cpu/proc/diskstats");

  // WHEN
  const std::vector<DiskLine> disks = parse_all(text);

  // THEN
  ASSERT_EQ(disks.size(), 10U);
  EXPECT_EQ(disks[0].name, "loop0");
  EXPECT_EQ(disks[8].name, "vda");
  EXPECT_EQ(disks[8].reads, 39753U);
  EXPECT_EQ(disks[8].read_sectors, 4242698U);
  EXPECT_EQ(disks[8].writes, 13191U);
  EXPECT_EQ(disks[8].write_sectors, 4935680U);
  EXPECT_EQ(disks[8].in_flight, 0U);
  EXPECT_EQ(disks[8].busy_ms, 19256U);
}

TEST(Diskstats, TakesEveryFieldFromItsColumn) {
  const auto disk = parse_disk_line("8 0 sda 1 2 3 4 5 6 7 8 9 10 11");
  ASSERT_TRUE(disk.ok());
  EXPECT_EQ(disk->reads, 1U);
  EXPECT_EQ(disk->read_sectors, 3U);
  EXPECT_EQ(disk->writes, 5U);
  EXPECT_EQ(disk->write_sectors, 7U);
  EXPECT_EQ(disk->in_flight, 9U);
  EXPECT_EQ(disk->busy_ms, 10U);
}

TEST(Diskstats, ReadsOldKernelsWith14Columns) {
  const std::string text = read_testdata("made-kernel-2.6.32/proc/diskstats");
  const std::vector<DiskLine> disks = parse_all(text);
  EXPECT_EQ(names(disks),
            (std::vector<std::string_view>{"ram0", "loop0", "sda", "sda1", "sda2", "dm-0", "md0"}));
  EXPECT_EQ(disks.at(2).write_sectors, 7654321U);
  EXPECT_EQ(disks.at(2).in_flight, 2U);
}

TEST(Diskstats, ReadsKernelsWith18Columns) {
  const std::string text = read_testdata("made-kernel-4.18/proc/diskstats");
  const std::vector<DiskLine> disks = parse_all(text);
  EXPECT_EQ(names(disks),
            (std::vector<std::string_view>{"nvme0n1", "nvme0n1p1", "nvme0n1p2", "dm-0", "loop0"}));
  expect_nvme(disks.at(0));
}

TEST(Diskstats, ReadsKernelsWith20Columns) {
  const std::string text = read_testdata("made-kernel-5.5/proc/diskstats");
  const std::vector<DiskLine> disks = parse_all(text);
  EXPECT_EQ(names(disks),
            (std::vector<std::string_view>{"loop0", "sda", "sda1", "nvme0n1", "nvme0n1p1", "dm-0",
                                           "dm-12", "md127", "zram0"}));
  expect_nvme(disks.at(3));
}

TEST(Diskstats, TheNameIsAViewIntoTheText) {
  const std::string text = "8 0 sda 1 2 3 4 5 6 7 8 9 10 11";
  EXPECT_EQ(parse_disk_line(text)->name.data(), text.data() + 4);
}

TEST(Diskstats, IgnoresColumnsOfNewerKernels) {
  EXPECT_TRUE(parse_disk_line("8 0 sda 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 new").ok());
}

TEST(Diskstats, RefusesWhatIsNotADevice) {
  for (const std::string_view line : {"", " ", "8", "8 0", "x 0 sda 1 2 3 4 5 6 7 8 9 10 11",
                                      "8 -1 sda 1 2 3 4 5 6 7 8 9 10 11"}) {
    expect_parse_error(parse_disk_line(line), kFile, "device");
  }
}

TEST(Diskstats, RefusesMissingAndGarbledColumns) {
  for (int column = 1; column <= 11; ++column) {
    for (const std::string_view word : {"", "x", "-1", "18446744073709551616"}) {
      // GIVEN a line with one wrong column
      std::string line = "8 0 sda";
      for (int at = 1; at <= 11; ++at) line.append(" ").append(at == column ? word : "1");

      // THEN
      expect_parse_error(parse_disk_line(line), kFile, "column");
    }
  }
}

TEST(Diskstats, BearsEveryTruncation) {
  std::string text = read_testdata("made-kernel-5.5/proc/diskstats");
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::string_view line = base::next_line(rest);
    const size_t shortest = jumper::testing::expect_prefixes_bearable(line, kFile, parse_disk_line);
    EXPECT_LT(shortest, line.size());
  }
}

TEST(BlockStat, TakesEveryFieldFromItsColumn) {
  const auto disk =
      parse_block_stat("       1        2        3 4 5 6 7 8 9 10 11 12 13 14 15 16 17\n");
  ASSERT_TRUE(disk.ok());
  EXPECT_EQ(disk->reads, 1U);
  EXPECT_EQ(disk->read_sectors, 3U);
  EXPECT_EQ(disk->writes, 5U);
  EXPECT_EQ(disk->write_sectors, 7U);
  EXPECT_EQ(disk->in_flight, 9U);
  EXPECT_EQ(disk->busy_ms, 10U);
}

TEST(BlockStat, RefusesMissingAndGarbledColumns) {
  for (const std::string_view text : {"", "1 2 3", "1 2 3 4 5 6 7 8 9 10", "1 2 3 4 x 6 7 8 9 1 1"})
    expect_parse_error(parse_block_stat(text), "/sys/block/*/stat", "column");
}

}  // namespace
}  // namespace jumper::procfs
