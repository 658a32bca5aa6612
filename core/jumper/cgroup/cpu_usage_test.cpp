// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/cgroup/cpu_usage.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "testing/parser_checks.h"
#include "testing/temp_root.h"

namespace jumper::cgroup {
namespace {

using jumper::testing::ExactBytes;
using jumper::testing::TempRoot;
using Pids = std::vector<pid_t>;

constexpr std::string_view kCpuStat =
    "usage_usec 81207\nuser_usec 60000\nsystem_usec 21207\nnice_usec 0\n";

TEST(ParseGroupUsage, IsInNanoseconds) {
  EXPECT_EQ(parse_usage_ns(kCpuStat, 2), 81'207'000);
  EXPECT_EQ(parse_usage_ns("user_usec 1\nusage_usec 7\n", 2), 7'000);
  EXPECT_EQ(parse_usage_ns("123456789\n", 1), 123'456'789);
  EXPECT_EQ(parse_usage_ns("0\n", 1), 0);  // counted, and none
}

TEST(ParseGroupUsage, IsAbsentWhereItIsNotSaid) {
  for (const std::string_view text : {"", "\n", "usage_usec\n", "usage_usec x\n", "usage_usec -1\n",
                                      "usage_use 5\n", "usage_usec_ 5\n", "user_usec 5\n", "5\n"}) {
    EXPECT_EQ(parse_usage_ns(text, 2), std::nullopt) << text;
  }
  for (const std::string_view text : {"", "\n", "x\n", "-1\n", "1 2\n", "9223372036854775808\n"}) {
    EXPECT_EQ(parse_usage_ns(text, 1), std::nullopt) << text;
  }
}

TEST(ParseGroupUsage, WhatDoesNotFitIsAbsent) {
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  const auto usec = [](int64_t count) { return "usage_usec " + std::to_string(count) + "\n"; };
  EXPECT_EQ(parse_usage_ns(usec(kMax / 1000), 2), kMax / 1000 * 1000);
  EXPECT_EQ(parse_usage_ns(usec(kMax / 1000 + 1), 2), std::nullopt);
  EXPECT_EQ(parse_usage_ns(std::to_string(kMax), 1), kMax);
}

TEST(ParseGroupUsage, BearsEveryTruncation) {
  for (size_t length = 0; length <= kCpuStat.size(); ++length) {
    const ExactBytes prefix(kCpuStat.substr(0, length));
    const auto usage_ns = parse_usage_ns(prefix.view(), 2);
    EXPECT_EQ(usage_ns.has_value(), length >= kCpuStat.find("81207") + 1) << length;
  }
}

TEST(ParseProcs, AreTheLines) {
  Pids pids{5};
  EXPECT_TRUE(parse_procs("17\n0\n4194303\n", pids));
  EXPECT_EQ(pids, (Pids{5, 17, 0, 4194303}));
  EXPECT_TRUE(parse_procs("", pids));
  EXPECT_EQ(pids.size(), 4U);
}

TEST(ParseProcs, RefusesWhatIsNoPid) {
  for (const std::string_view text : {"\n", "x\n", "1 2\n", "-1\n", "1\n\n2\n", "99999999999\n"}) {
    Pids pids;
    EXPECT_FALSE(parse_procs(text, pids)) << text;
  }
}

TEST(IsWithin, GoesByWholeNames) {
  EXPECT_TRUE(is_within("/job/step", "/job/step"));
  EXPECT_TRUE(is_within("/job/step/task", "/job/step"));
  EXPECT_FALSE(is_within("/job/step2", "/job/step"));
  EXPECT_FALSE(is_within("/job", "/job/step"));
  EXPECT_TRUE(is_within("/", "/"));
  EXPECT_TRUE(is_within("/job", "/"));
  // Outside of our namespace.
  EXPECT_FALSE(is_within("/..", "/"));
  EXPECT_FALSE(is_within("/../job", "/"));
}

// ---- finding ---------------------------------------------------------------------------------

// What a reader finds, in one expression.
struct Found {
  std::optional<int64_t> usage_ns;
  std::optional<Pids> pids;
  bool operator==(const Found&) const = default;
};
std::optional<Found> find_in(const TempRoot& files, pid_t pid = 42) {
  const kernfs::KernelRoot root = files.open();
  const auto group = CpuGroup::find(root, pid);
  if (!group) return std::nullopt;
  kernfs::ReadBuffer buffer;
  Found found{group->usage_ns(buffer), group->processes(buffer)};
  if (found.pids) std::ranges::sort(*found.pids);
  return found;
}

TEST(FindCpuGroup, OfVersion2) {
  EXPECT_EQ(find_in(TempRoot{{"proc/42/cgroup", "0::/job/step\n"},
                             {"sys/fs/cgroup/job/step/cgroup.events", "populated 1\n"},
                             {"sys/fs/cgroup/job/step/cgroup.procs", "42\n43\n"},
                             {"sys/fs/cgroup/job/step/cpu.stat", kCpuStat}}),
            (Found{81'207'000, Pids{42, 43}}));
}

TEST(FindCpuGroup, OfVersion1IsThatOfTheCounter) {
  const TempRoot files{{"proc/42/cgroup", "7:memory:/other\n3:cpu,cpuacct:/job\n"},
                       {"sys/fs/cgroup/cpuacct/job/cgroup.procs", "42\n"},
                       {"sys/fs/cgroup/cpuacct/job/cpuacct.usage", "777\n"}};
  files.link("proc/42/ns/pid", "pid:[4026531836]");
  EXPECT_EQ(find_in(files), (Found{777, Pids{42}}));
}

TEST(FindCpuGroup, OfVersion1NeedsToSeeEverybody) {
  // GIVEN a pid namespace of its own: who is outside is left out of cgroup.procs
  const TempRoot files{{"proc/42/cgroup", "3:cpuacct:/job\n"},
                       {"sys/fs/cgroup/cpuacct/job/cgroup.procs", "42\n"},
                       {"sys/fs/cgroup/cpuacct/job/cpuacct.usage", "777\n"}};
  EXPECT_EQ(find_in(files), std::nullopt);
  files.link("proc/42/ns/pid", "pid:[4026532201]");
  EXPECT_EQ(find_in(files), std::nullopt);
}

TEST(FindCpuGroup, OfAHybridSystemIsVersion2WhereThatIsNotTheTop) {
  // GIVEN
  const TempRoot files{{"proc/42/cgroup", "3:cpuacct:/job\n0::/scope\n"},
                       {"sys/fs/cgroup/cpuacct/job/cgroup.procs", "42\n"},
                       {"sys/fs/cgroup/cpuacct/job/cpuacct.usage", "777\n"},
                       {"sys/fs/cgroup/unified/scope/cgroup.events", ""},
                       {"sys/fs/cgroup/unified/scope/cgroup.procs", "42\n"},
                       {"sys/fs/cgroup/unified/scope/cpu.stat", "usage_usec 5\n"}};
  files.link("proc/42/ns/pid", "pid:[4026531836]");
  EXPECT_EQ(find_in(files), (Found{5'000, Pids{42}}));

  // WHEN the unified hierarchy has but its top
  files.write("proc/42/cgroup", "3:cpuacct:/job\n0::/\n");
  files.write("sys/fs/cgroup/unified/cgroup.procs", "1\n42\n");
  files.write("sys/fs/cgroup/unified/cpu.stat", "usage_usec 9\n");

  // THEN
  EXPECT_EQ(find_in(files), (Found{777, Pids{42}}));
}

TEST(FindCpuGroup, InAContainerIsWhatIsSeenAsTheTop) {
  // With a cgroup namespace, and without one.
  for (const std::string_view path : {"/", "/docker/0123abcd", "/../0123abcd", "/.."}) {
    const std::string cgroup = "0::" + std::string(path) + "\n";
    EXPECT_EQ(find_in(TempRoot{{"proc/42/cgroup", cgroup},
                               {"sys/fs/cgroup/cgroup.events", "populated 1\n"},
                               {"sys/fs/cgroup/cgroup.procs", "1\n42\n"},
                               {"sys/fs/cgroup/cpu.stat", "usage_usec 3\n"}}),
              (Found{3'000, Pids{1, 42}}));
  }
  // A group below the one that is mounted.
  EXPECT_EQ(find_in(TempRoot{{"proc/42/cgroup", "0::/docker/0123abcd/kernel\n"},
                             {"sys/fs/cgroup/cgroup.events", ""},
                             {"sys/fs/cgroup/cgroup.procs", "1\n"},
                             {"sys/fs/cgroup/cpu.stat", "usage_usec 3\n"},
                             {"sys/fs/cgroup/kernel/cgroup.events", ""},
                             {"sys/fs/cgroup/kernel/cgroup.procs", "42\n"},
                             {"sys/fs/cgroup/kernel/cpu.stat", "usage_usec 4\n"}}),
            (Found{4'000, Pids{42}}));
}

TEST(FindCpuGroup, TheWholeMachineIsNone) {
  EXPECT_EQ(find_in(TempRoot{{"proc/42/cgroup", "0::/\n"},
                             {"sys/fs/cgroup/cgroup.procs", "42\n"},
                             {"sys/fs/cgroup/cpu.stat", kCpuStat}}),
            std::nullopt);
  const TempRoot files{{"proc/42/cgroup", "2:cpuacct:/\n"},
                       {"sys/fs/cgroup/cpuacct/release_agent", "\n"},
                       {"sys/fs/cgroup/cpuacct/cgroup.procs", "42\n"},
                       {"sys/fs/cgroup/cpuacct/cpuacct.usage", "777\n"}};
  files.link("proc/42/ns/pid", "pid:[4026531836]");
  EXPECT_EQ(find_in(files), std::nullopt);
}

TEST(FindCpuGroup, IsAbsentWhereFilesAreMissingOrGarbled) {
  const auto with = [](std::string_view procs, std::string_view stat) {
    return find_in(TempRoot{{"proc/42/cgroup", "0::/job\n"},
                            {"sys/fs/cgroup/job/cgroup.events", ""},
                            {"sys/fs/cgroup/job/cgroup.procs", procs},
                            {"sys/fs/cgroup/job/cpu.stat", stat}});
  };
  EXPECT_TRUE(with("42\n", kCpuStat));
  EXPECT_FALSE(with("42\n", "garbage\n"));
  EXPECT_FALSE(with("garbage\n", kCpuStat));
  EXPECT_FALSE(with("43\n", kCpuStat));  // another group of that name
  EXPECT_FALSE(with("", kCpuStat));
  EXPECT_FALSE(find_in(TempRoot{}));
  EXPECT_FALSE(find_in(TempRoot{{"proc/42/cgroup", "0::/job\n"}}));
  EXPECT_FALSE(find_in(TempRoot{{"proc/42/cgroup", "garbage\n"}}));
  EXPECT_FALSE(find_in(TempRoot{{"proc/42/cgroup", "0::/job\n"},
                                {"sys/fs/cgroup/job/cgroup.events", ""},
                                {"sys/fs/cgroup/job/cgroup.procs", "42\n"}}));
}

TEST(CpuGroup, ProcessesAreThoseOfTheGroupsBelow) {
  // GIVEN
  const TempRoot files{{"proc/42/cgroup", "0::/job\n"},
                       {"sys/fs/cgroup/job/cgroup.events", ""},
                       {"sys/fs/cgroup/job/cgroup.procs", "42\n"},
                       {"sys/fs/cgroup/job/cpu.stat", kCpuStat},
                       {"sys/fs/cgroup/job/a/cgroup.procs", "50\n"},
                       {"sys/fs/cgroup/job/b/cgroup.procs", ""},
                       {"sys/fs/cgroup/job/b/c/cgroup.procs", "51\n52\n"},
                       {"sys/fs/cgroup/jobs/cgroup.procs", "60\n"}};
  EXPECT_EQ(find_in(files)->pids, (Pids{42, 50, 51, 52}));

  // WHEN one of them cannot be told, as of a threaded group THEN nothing can
  files.write("sys/fs/cgroup/job/b/c/cgroup.procs", "x\n");
  EXPECT_EQ(find_in(files)->pids, std::nullopt);
  files.remove("sys/fs/cgroup/job/b/c/cgroup.procs");
  EXPECT_EQ(find_in(files)->pids, std::nullopt);
}

TEST(CpuGroup, ManyGroupsBelowAreNotLookedAt) {
  const TempRoot files{{"proc/42/cgroup", "0::/job\n"},
                       {"sys/fs/cgroup/job/cgroup.events", ""},
                       {"sys/fs/cgroup/job/cgroup.procs", "42\n"},
                       {"sys/fs/cgroup/job/cpu.stat", kCpuStat}};
  for (int i = 0; i < 64; ++i)
    files.write("sys/fs/cgroup/job/" + std::to_string(i) + "/cgroup.procs", "");
  EXPECT_EQ(find_in(files)->pids, Pids{42});
  files.write("sys/fs/cgroup/job/64/cgroup.procs", "");
  EXPECT_EQ(find_in(files)->pids, std::nullopt);
}

TEST(CpuGroup, HoldsWhoIsInItOrBelow) {
  // GIVEN
  const TempRoot files{{"proc/42/cgroup", "3:cpuacct:/x\n0::/job\n"},
                       {"sys/fs/cgroup/job/cgroup.events", ""},
                       {"sys/fs/cgroup/job/cgroup.procs", "42\n"},
                       {"sys/fs/cgroup/job/cpu.stat", kCpuStat}};
  const kernfs::KernelRoot root = files.open();
  const auto group = CpuGroup::find(root, 42);
  ASSERT_TRUE(group);

  // THEN
  EXPECT_TRUE(group->holds("3:cpuacct:/y\n0::/job\n"));
  EXPECT_TRUE(group->holds("0::/job/below\n"));
  EXPECT_FALSE(group->holds("3:cpuacct:/job\n0::/\n"));
  EXPECT_FALSE(group->holds("0::/jobs\n"));
  EXPECT_FALSE(group->holds(""));
}

}  // namespace
}  // namespace jumper::cgroup
