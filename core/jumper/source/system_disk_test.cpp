// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/source/system_disk.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "testing/temp_root.h"

namespace jumper::source {
namespace {

using jumper::testing::TempRoot;
using Values = std::array<double, 4>;  // reads, writes, bytes read, bytes written

// Every device has done the same, so that a sum tells how many were counted.
std::string diskstats(const std::vector<std::string_view>& names) {
  std::string text;
  for (const std::string_view name : names) {
    text += " 8 0 " + std::string(name) + " 10 1 200 5 20 2 400 7 0 9 12\n";
  }
  return text;
}

Values read(SystemDisk& source) {
  kernfs::ReadBuffer buffer;
  Values values{-1, -1, -1, -1};
  source.read(buffer, values);
  return values;
}

constexpr Values times(double devices) {
  return {10 * devices, 20 * devices, 200 * 512 * devices, 400 * 512 * devices};
}

void expect_absent(const Values& values) {
  for (const double value : values) EXPECT_TRUE(metric::is_absent(value));
}

TEST(SystemDisk, AddsUpWholeDisks) {
  // GIVEN
  const TempRoot files{{"proc/diskstats", diskstats({"sda", "sdb"})}};
  files.make_folder("sys/block/sda/slaves");
  files.make_folder("sys/block/sdb");
  const kernfs::KernelRoot root = files.open();
  SystemDisk source(root);

  // THEN
  EXPECT_EQ(source.devices(), (std::vector<std::string>{"sda", "sdb"}));
  EXPECT_EQ(source.series().size(), 4U);
  EXPECT_EQ(source.series()[2].metric, metric::Metric::kIoReadBytes);
  EXPECT_EQ(read(source), times(2));
}

TEST(SystemDisk, ReadsTheFilesOfAFewDisks) {
  // GIVEN two disks with files of their own, which /proc/diskstats knows nothing of
  const TempRoot files{{"proc/diskstats", diskstats({"sdc"})},
                       {"sys/block/sda/stat", "10 1 200 5 20 2 400 7 0 9 12\n"},
                       {"sys/block/sdb/stat", "10 1 200 5 20 2 400 7 0 9 12 0 0 0 0 0 0\n"}};
  const kernfs::KernelRoot root = files.open();
  SystemDisk source(root);

  // THEN
  EXPECT_EQ(read(source), times(2));
}

TEST(SystemDisk, IsAbsentWhereTheFilesOfDisksAreGarbled) {
  const TempRoot files{{"sys/block/sda/stat", "10 1 200 x 20 2 400 7 0 9 12\n"}};
  const kernfs::KernelRoot root = files.open();
  SystemDisk source(root);
  expect_absent(read(source));
}

TEST(SystemDisk, CountsNoByteTwice) {
  // GIVEN two disks with partitions, a mirror over the partitions, volumes over the mirror, and
  // what is made of files and of memory
  const TempRoot files{
      {"proc/diskstats", diskstats({"sda", "sda1", "sda2", "nvme0n1", "nvme0n1p1", "md0", "dm-0",
                                    "dm-1", "loop0", "ram0", "zram0", "sr0"})}};
  for (const char* whole :
       {"sda", "nvme0n1", "md0", "dm-0", "dm-1", "loop0", "ram0", "zram0", "sr0"}) {
    files.make_folder("sys/block/" + std::string(whole) + "/slaves");
  }
  files.make_folder("sys/block/sda/sda1");
  files.make_folder("sys/block/md0/slaves/sda2");
  files.make_folder("sys/block/md0/slaves/nvme0n1p1");
  files.make_folder("sys/block/dm-0/slaves/md0");
  files.make_folder("sys/block/dm-1/slaves/dm-0");
  const kernfs::KernelRoot root = files.open();
  SystemDisk source(root);

  // THEN
  EXPECT_EQ(source.devices(), (std::vector<std::string>{"nvme0n1", "sda", "sr0"}));
  EXPECT_EQ(read(source), times(3));
}

TEST(SystemDisk, FollowsLinksAsSysHasThem) {
  // GIVEN /sys/block as the kernel makes it: links into /sys/devices
  const TempRoot files{{"proc/diskstats", diskstats({"vda", "vda1", "dm-0"})}};
  files.make_folder("sys/devices/virtio/block/vda/slaves");
  files.make_folder("sys/devices/virtual/block/dm-0/slaves");
  files.link("sys/block/vda", "../devices/virtio/block/vda");
  files.link("sys/block/dm-0", "../devices/virtual/block/dm-0");
  files.link("sys/devices/virtual/block/dm-0/slaves/vda", "../../../../virtio/block/vda");
  const kernfs::KernelRoot root = files.open();
  SystemDisk source(root);

  // THEN
  EXPECT_EQ(source.devices(), std::vector<std::string>{"vda"});
  EXPECT_EQ(read(source), times(1));
}

TEST(SystemDisk, ADiskThatIsTakenOutIsNotCountedAnyMore) {
  const TempRoot files{{"proc/diskstats", diskstats({"sda", "sdb"})}};
  files.make_folder("sys/block/sda");
  files.make_folder("sys/block/sdb");
  const kernfs::KernelRoot root = files.open();
  SystemDisk source(root);
  files.write("proc/diskstats", diskstats({"sda"}));
  EXPECT_EQ(read(source), times(1));
  files.write("proc/diskstats", "");
  expect_absent(read(source));
}

TEST(SystemDisk, SkipsLinesThatAreNone) {
  const TempRoot files{{"proc/diskstats", "garbage\n\n" + diskstats({"sda"}) + " 8 0 sdb 10\n"}};
  files.make_folder("sys/block/sda");
  files.make_folder("sys/block/sdb");
  const kernfs::KernelRoot root = files.open();
  SystemDisk source(root);
  EXPECT_EQ(read(source), times(1));
}

TEST(SystemDisk, WithoutSysIsAbsent) {
  // GIVEN a container that hides /sys: whole disks cannot be told from partitions
  const TempRoot files{{"proc/diskstats", diskstats({"sda", "sda1"})}};
  const auto root =
      kernfs::KernelRoot::open((files.path() / "proc").string(), (files.path() / "none").string());
  ASSERT_TRUE(root.ok());
  SystemDisk source(*root);

  // THEN
  EXPECT_TRUE(source.devices().empty());
  expect_absent(read(source));
}

TEST(SystemDisk, WithoutDisksIsAbsent) {
  const TempRoot files{{"proc/diskstats", diskstats({"loop0"})}};
  files.make_folder("sys/block/loop0");
  const kernfs::KernelRoot root = files.open();
  SystemDisk source(root);
  expect_absent(read(source));
}

TEST(SystemDisk, WithoutDiskstatsIsAbsent) {
  const TempRoot files;
  files.make_folder("sys/block/sda");
  const kernfs::KernelRoot root = files.open();
  SystemDisk source(root);
  expect_absent(read(source));
}

}  // namespace
}  // namespace jumper::source
