// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/cgroup/cpu_quota.h"

#include <gtest/gtest.h>

#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "testing/parser_checks.h"
#include "testing/temp_root.h"

namespace jumper::cgroup {
namespace {

using jumper::testing::ExactBytes;
using jumper::testing::TempRoot;

void expect_quota(const TempRoot& files, double cpus, std::string_view file,
                  const std::string& stat_path) {
  const auto quota = find_cpu_quota(files.open());
  ASSERT_TRUE(quota);
  EXPECT_DOUBLE_EQ(quota->cpus, cpus);
  EXPECT_EQ(quota->where, (files.path() / "sys/fs/cgroup" / file).string());
  EXPECT_EQ(quota->stat_path, stat_path);
}

void expect_none(const TempRoot& files) {
  EXPECT_EQ(find_cpu_quota(files.open()), std::nullopt);
}

TEST(ParseCpuMax, IsQuotaByPeriod) {
  EXPECT_EQ(parse_cpu_max("200000 100000\n"), 2.0);
  EXPECT_EQ(parse_cpu_max("50000 100000"), 0.5);
  EXPECT_EQ(parse_cpu_max("1000 1000000\n"), 0.001);
}

TEST(ParseCpuMax, IsAbsentWithoutAQuota) {
  for (const std::string_view text :
       {"max 100000\n", "max\n", "", "\n", "100000\n", "0 100000\n", "-1 100000\n", "100000 0\n",
        "100000 -5\n", "x 100000\n", "100000 x\n", "99999999999999999999 100000\n", "1.5 1\n"}) {
    EXPECT_EQ(parse_cpu_max(text), std::nullopt) << text;
  }
}

constexpr std::string_view kCpuStat2 =
    "usage_usec 81207\nuser_usec 60000\nsystem_usec 21207\nnr_periods 12\nnr_throttled 3\n"
    "throttled_usec 45678\nnr_bursts 0\nburst_usec 0\n";
constexpr std::string_view kCpuStat1 = "nr_periods 12\nnr_throttled 3\nthrottled_time 45678\n";

TEST(ParseThrottled, IsInNanoseconds) {
  EXPECT_EQ(parse_throttled_ns(kCpuStat2), 45'678'000);
  EXPECT_EQ(parse_throttled_ns(kCpuStat1), 45'678);
  EXPECT_EQ(parse_throttled_ns("throttled_usec 0\n"), 0);  // measured, and none
}

TEST(ParseThrottled, IsAbsentWhereItIsNotSaid) {
  // The group at the top, and one without the controller, count CPU time only.
  EXPECT_EQ(parse_throttled_ns("usage_usec 1\nuser_usec 1\nsystem_usec 0\n"), std::nullopt);
  for (const std::string_view text :
       {"", "\n", "throttled_usec\n", "throttled_usec x\n", "throttled_usec -1\n",
        "throttled_usec_ 5\n", "xthrottled_usec 5\n", "throttled_time 9223372036854775808\n"}) {
    EXPECT_EQ(parse_throttled_ns(text), std::nullopt) << text;
  }
}

TEST(ParseThrottled, WhatDoesNotFitIsAbsent) {
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  const auto usec = [](int64_t count) { return "throttled_usec " + std::to_string(count) + "\n"; };
  EXPECT_EQ(parse_throttled_ns(usec(kMax / 1000)), kMax / 1000 * 1000);
  EXPECT_EQ(parse_throttled_ns(usec(kMax / 1000 + 1)), std::nullopt);
  EXPECT_EQ(parse_throttled_ns(usec(kMax)), std::nullopt);
}

TEST(ParseThrottled, BearsEveryTruncation) {
  for (const std::string_view text : {kCpuStat1, kCpuStat2}) {
    for (size_t length = 0; length <= text.size(); ++length) {
      const ExactBytes prefix(text.substr(0, length));
      const auto throttled_ns = parse_throttled_ns(prefix.view());
      EXPECT_EQ(throttled_ns.has_value(), length >= text.find("45678") + 1) << length;
    }
  }
}

TEST(FindCpuQuota, OfVersion2IsTheGroupsOwn) {
  expect_quota(TempRoot{{"proc/self/cgroup", "0::/job/step\n"},
                        {"sys/fs/cgroup/job/step/cpu.max", "150000 100000\n"}},
               1.5, "job/step/cpu.max", "fs/cgroup/job/step/cpu.stat");
}

TEST(FindCpuQuota, OfVersion1IsQuotaByPeriod) {
  expect_quota(TempRoot{{"proc/self/cgroup", "7:cpu,cpuacct:/job\n0::/other\n"},
                        {"sys/fs/cgroup/cpu/job/cpu.cfs_quota_us", "400000\n"},
                        {"sys/fs/cgroup/cpu/job/cpu.cfs_period_us", "100000\n"},
                        {"sys/fs/cgroup/other/cpu.max", "1000 100000\n"}},
               4, "cpu/job/cpu.cfs_quota_us", "fs/cgroup/cpu/job/cpu.stat");
}

TEST(FindCpuQuota, IsTheLowestOnTheWayUpWhateverItsPeriod) {
  expect_quota(TempRoot{{"proc/self/cgroup", "0::/a/b/c\n"},
                        {"sys/fs/cgroup/a/b/c/cpu.max", "300000 100000\n"},
                        {"sys/fs/cgroup/a/b/cpu.max", "max 100000\n"},
                        {"sys/fs/cgroup/a/cpu.max", "500000 1000000\n"},
                        {"sys/fs/cgroup/cpu.max", "200000 100000\n"}},
               0.5, "a/cpu.max", "fs/cgroup/a/cpu.stat");
}

TEST(FindCpuQuota, OfEqualOnesNamesTheInnermost) {
  expect_quota(TempRoot{{"proc/self/cgroup", "0::/a/b\n"},
                        {"sys/fs/cgroup/a/b/cpu.max", "100000 100000\n"},
                        {"sys/fs/cgroup/a/cpu.max", "50000 50000\n"}},
               1, "a/b/cpu.max", "fs/cgroup/a/b/cpu.stat");
}

TEST(FindCpuQuota, InAContainerIsThatOfTheTop) {
  // GIVEN the host's path, of which nothing is mounted but the end
  expect_quota(TempRoot{{"proc/self/cgroup", "7:cpu:/docker/0123abcd\n"},
                        {"sys/fs/cgroup/cpu/cpu.cfs_quota_us", "50000\n"},
                        {"sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n"}},
               0.5, "cpu/cpu.cfs_quota_us", "fs/cgroup/cpu/cpu.stat");
  expect_quota(
      TempRoot{{"proc/self/cgroup", "0::/\n"}, {"sys/fs/cgroup/cpu.max", "50000 100000\n"}}, 0.5,
      "cpu.max", "fs/cgroup/cpu.stat");
}

TEST(FindCpuQuota, IsAbsentWithoutAny) {
  expect_none(
      TempRoot{{"proc/self/cgroup", "0::/a\n"}, {"sys/fs/cgroup/a/cpu.max", "max 100000\n"}});
  expect_none(TempRoot{{"proc/self/cgroup", "7:cpu:/a\n"},
                       {"sys/fs/cgroup/cpu/a/cpu.cfs_quota_us", "-1\n"},
                       {"sys/fs/cgroup/cpu/a/cpu.cfs_period_us", "100000\n"}});
}

TEST(FindCpuQuota, IsAbsentWhereFilesAreMissingOrGarbled) {
  expect_none(TempRoot{});
  expect_none(TempRoot{{"proc/self/cgroup", "0::/a\n"}});
  expect_none(TempRoot{{"proc/self/cgroup", "4:memory:/a\n"}, {"sys/fs/cgroup/cpu.max", "1 1\n"}});
  expect_none(TempRoot{{"proc/self/cgroup", "0::/a\n"}, {"sys/fs/cgroup/a/cpu.max", "\n"}});
  expect_none(TempRoot{{"proc/self/cgroup", "7:cpu:/a\n"},
                       {"sys/fs/cgroup/cpu/a/cpu.cfs_quota_us", "50000\n"}});
  expect_none(TempRoot{{"proc/self/cgroup", "7:cpu:/a\n"},
                       {"sys/fs/cgroup/cpu/a/cpu.cfs_quota_us", "50000\n"},
                       {"sys/fs/cgroup/cpu/a/cpu.cfs_period_us", "0\n"}});

  // GIVEN no /sys at all
  const TempRoot files{{"proc/self/cgroup", "0::/a\n"}};
  const auto root =
      kernfs::KernelRoot::open((files.path() / "proc").string(), (files.path() / "none").string());
  ASSERT_TRUE(root.ok());
  EXPECT_EQ(find_cpu_quota(*root), std::nullopt);
}

TEST(FindCpuQuota, BearsTheLiveMachine) {
  const auto root = kernfs::KernelRoot::open();
  ASSERT_TRUE(root.ok());
  const auto quota = find_cpu_quota(*root);
  if (!quota) GTEST_SKIP() << "no quota is set here";
  EXPECT_GT(quota->cpus, 0);
}

}  // namespace
}  // namespace jumper::cgroup
