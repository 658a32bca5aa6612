// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/source/system_memory.h"

#include <gtest/gtest.h>

#include <array>
#include <string_view>
#include <vector>

#include "testing/temp_root.h"
#include "testing/testdata.h"

namespace jumper::source {
namespace {

using jumper::testing::TempRoot;

constexpr std::string_view kMeminfo =
    "MemTotal:       8000 kB\nMemFree:        1000 kB\nMemAvailable:   3000 kB\n"
    "Buffers:         100 kB\nCached:         2000 kB\n";

double read(SystemMemory& source) {
  kernfs::ReadBuffer buffer;
  std::array<double, 1> values = {-1};
  source.read(buffer, values);
  return values[0];
}

TEST(SystemMemory, IsWhatIsNotAvailable) {
  // GIVEN
  const TempRoot files{{"proc/meminfo", kMeminfo}};
  const kernfs::KernelRoot root = files.open();
  SystemMemory source(root);

  // THEN
  EXPECT_EQ(source.series(),
            (std::vector<metric::SeriesKey>{
                {metric::Metric::kMemory, metric::Scope::kSystem, metric::kWhole}}));
  EXPECT_EQ(read(source), 5000.0 * 1024);
}

TEST(SystemMemory, ReadsAnewEachTime) {
  const TempRoot files{{"proc/meminfo", kMeminfo}};
  const kernfs::KernelRoot root = files.open();
  SystemMemory source(root);
  ASSERT_EQ(read(source), 5000.0 * 1024);
  files.write(
      "proc/meminfo",
      "MemTotal: 8000 kB\nMemFree: 1 kB\nMemAvailable: 8000 kB\nBuffers: 0 kB\nCached: 0 kB\n");
  EXPECT_EQ(read(source), 0);
}

TEST(SystemMemory, OfAnOldKernelIsEstimated) {
  const kernfs::KernelRoot root = jumper::testing::open_testdata("made-kernel-2.6.32");
  SystemMemory source(root);
  EXPECT_GT(read(source), 0);
}

TEST(SystemMemory, NonsenseIsAbsent) {
  const TempRoot files{{"proc/meminfo", kMeminfo}};
  const kernfs::KernelRoot root = files.open();
  SystemMemory source(root);
  for (const std::string_view text :
       {"", "garbage\n",
        "MemTotal: 8000 kB\nMemFree: 1 kB\nMemAvailable: 8001 kB\nBuffers: 0 kB\nCached: 0 kB\n"}) {
    files.write("proc/meminfo", text);
    EXPECT_TRUE(metric::is_absent(read(source))) << text;
  }
}

TEST(SystemMemory, WithoutItsFileIsAbsent) {
  const TempRoot files;
  const kernfs::KernelRoot root = files.open();
  SystemMemory source(root);
  EXPECT_TRUE(metric::is_absent(read(source)));
}

}  // namespace
}  // namespace jumper::source
