// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/source/system_activity.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <string_view>
#include <vector>

#include "testing/temp_root.h"
#include "testing/testdata.h"

namespace jumper::source {
namespace {

using jumper::testing::open_testdata;
using jumper::testing::TempRoot;
using metric::Metric;

std::vector<double> read_values(SystemActivity& source) {
  std::vector<double> values(source.series().size(), -1);
  kernfs::ReadBuffer buffer;
  source.read(buffer, values);
  return values;
}

double page_bytes() {
  return static_cast<double>(::sysconf(_SC_PAGESIZE));
}

TEST(SystemActivity, HasItsSeriesOfTheWholeMachine) {
  const TempRoot files;
  const kernfs::KernelRoot root = files.open();
  const SystemActivity source(root);
  const auto key = [](Metric metric) {
    return metric::SeriesKey{metric, metric::Scope::kSystem, metric::kWhole};
  };
  EXPECT_EQ(source.series(), (std::vector{key(Metric::kSwapInBytes), key(Metric::kSwapOutBytes),
                                          key(Metric::kMajorFaults), key(Metric::kOomKills)}));
}

TEST(SystemActivity, SwapIsInBytesAndFaultsAreCounted) {
  // GIVEN
  const kernfs::KernelRoot root = open_testdata("made-kernel-2.6.32");
  SystemActivity source(root);

  // THEN
  const std::vector<double> values = read_values(source);
  EXPECT_EQ(std::vector(values.begin(), values.begin() + 3),
            (std::vector<double>{4321 * page_bytes(), 87654 * page_bytes(), 765432}));
  EXPECT_TRUE(metric::is_absent(values[3]));  // so old a kernel does not count them
}

TEST(SystemActivity, WithoutSwapInTheKernelThatIsAbsentAndTheRestIsNot) {
  // GIVEN
  const TempRoot files{{"proc/vmstat", "pgmajfault 7\n"}};
  const kernfs::KernelRoot root = files.open();
  SystemActivity source(root);

  // WHEN
  const std::vector<double> values = read_values(source);

  // THEN
  EXPECT_TRUE(metric::is_absent(values[0]));
  EXPECT_TRUE(metric::is_absent(values[1]));
  EXPECT_EQ(values[2], 7);
}

TEST(SystemActivity, WhatCannotBeReadIsAbsent) {
  // GIVEN no file, and a garbled one
  const TempRoot none;
  const TempRoot garbled{{"proc/vmstat", "pswpin 1\npswpout 2\npgmajfault x\n"}};
  for (const TempRoot* files : {&none, &garbled}) {
    const kernfs::KernelRoot root = files->open();
    SystemActivity source(root);

    // THEN
    for (const double value : read_values(source)) EXPECT_TRUE(metric::is_absent(value));
  }
}

TEST(SystemActivity, ReadsAnewEveryTime) {
  // GIVEN
  const TempRoot files{{"proc/vmstat", "pswpin 1\npswpout 2\npgmajfault 3\noom_kill 4\n"}};
  const kernfs::KernelRoot root = files.open();
  SystemActivity source(root);
  EXPECT_EQ(read_values(source), (std::vector<double>{page_bytes(), 2 * page_bytes(), 3, 4}));

  // WHEN
  files.write("proc/vmstat", "pswpin 4\npswpout 5\npgmajfault 6\noom_kill 8\n");

  // THEN
  EXPECT_EQ(read_values(source), (std::vector<double>{4 * page_bytes(), 5 * page_bytes(), 6, 8}));
}

}  // namespace
}  // namespace jumper::source
