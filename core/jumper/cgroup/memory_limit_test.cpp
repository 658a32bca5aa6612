// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/cgroup/memory_limit.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>

#include "jumper/cgroup/groups.h"
#include "testing/parser_checks.h"
#include "testing/temp_root.h"

namespace jumper::cgroup {
namespace {

using jumper::testing::TempRoot;

// What version 1 writes for "no limit": 2^63 less a page.
constexpr std::string_view kNoLimit = "9223372036854771712\n";

constexpr std::string_view kHybrid =
    "9:name=systemd:/user.slice\n"
    "5:cpu,cpuacct:/other\n"
    "4:memory:/job/step\n"
    "1:cpuset:/\n"
    "0::/user.slice/unified\n";

void expect_limit(const TempRoot& files, uint64_t bytes, std::string_view where) {
  const auto limit = find_memory_limit(files.open());
  ASSERT_TRUE(limit);
  EXPECT_EQ(limit->bytes, bytes);
  EXPECT_EQ(limit->where, (files.path() / "sys/fs/cgroup" / where).string());
}

TEST(ParseGroup, TakesTheUnifiedHierarchy) {
  EXPECT_EQ(parse_group("0::/user.slice/a b\n", "memory"), (Group{2, "/user.slice/a b"}));
  EXPECT_EQ(parse_group("0::/\n", "memory"), (Group{2, "/"}));
  EXPECT_EQ(parse_group("0::/without/end/of/line", "memory"), (Group{2, "/without/end/of/line"}));
}

TEST(ParseGroup, TakesTheHierarchyThatNamesTheController) {
  EXPECT_EQ(parse_group(kHybrid, "memory"), (Group{1, "/job/step"}));
  EXPECT_EQ(parse_group(kHybrid, "cpu"), (Group{1, "/other"}));
  EXPECT_EQ(parse_group(kHybrid, "pids"), (Group{2, "/user.slice/unified"}));
  EXPECT_EQ(parse_group("0::/x\n3:cpu,memory,blkio:/m\n", "memory"), (Group{1, "/m"}));
}

TEST(ParseGroup, IsNotFooledByNames) {
  EXPECT_EQ(parse_group("7:memory2,xmemory:/a\n6:name=memory:/b\n", "memory"), std::nullopt);
  EXPECT_EQ(parse_group("7:pids:/:memory:/x\n0::/real\n", "memory"), (Group{2, "/real"}));
  // A colon is part of the path.
  EXPECT_EQ(parse_group("0::/a:b:c\n", "memory"), (Group{2, "/a:b:c"}));
}

TEST(ParseGroup, BearsWhatIsNoSuchFile) {
  for (const std::string_view text :
       {"", "\n", "0", "0:", "0::", "0::relative\n", "::::\n", "garbage\n\n"}) {
    EXPECT_EQ(parse_group(text, "memory"), std::nullopt) << text;
  }
  for (size_t length = 0; length <= kHybrid.size(); ++length) {
    const jumper::testing::ExactBytes prefix(kHybrid.substr(0, length));
    static_cast<void>(parse_group(prefix.view(), "memory"));
  }
}

TEST(FindMemoryLimit, OfVersion2IsTheGroupsOwn) {
  const TempRoot files{{"proc/self/cgroup", "0::/job/step\n"},
                       {"sys/fs/cgroup/job/step/memory.max", "1073741824\n"}};
  expect_limit(files, 1U << 30U, "job/step/memory.max");
}

TEST(FindMemoryLimit, OfVersion1IsTheGroupsOwn) {
  const TempRoot files{{"proc/self/cgroup", kHybrid},
                       {"sys/fs/cgroup/memory/job/step/memory.limit_in_bytes", "2147483648\n"},
                       {"sys/fs/cgroup/user.slice/unified/memory.max", "5\n"}};
  expect_limit(files, 1U << 31U, "memory/job/step/memory.limit_in_bytes");
}

TEST(FindMemoryLimit, IsTheLowestOnTheWayUp) {
  const TempRoot files{{"proc/self/cgroup", "0::/a/b/c\n"},
                       {"sys/fs/cgroup/a/b/c/memory.max", "3000\n"},
                       {"sys/fs/cgroup/a/b/memory.max", "max\n"},
                       {"sys/fs/cgroup/a/memory.max", "1000\n"},
                       {"sys/fs/cgroup/memory.max", "2000\n"}};
  expect_limit(files, 1000, "a/memory.max");
}

TEST(FindMemoryLimit, OfEqualOnesNamesTheInnermost) {
  const TempRoot files{{"proc/self/cgroup", "0::/a/b\n"},
                       {"sys/fs/cgroup/a/b/memory.max", "1000\n"},
                       {"sys/fs/cgroup/a/memory.max", "1000\n"}};
  expect_limit(files, 1000, "a/b/memory.max");
}

TEST(FindMemoryLimit, OfVersion1LooksAtTheGroupsAroundIt) {
  const TempRoot files{
      {"proc/self/cgroup", "4:memory:/slurm/uid_1/job_2/step_0\n"},
      {"sys/fs/cgroup/memory/slurm/uid_1/job_2/step_0/memory.limit_in_bytes", kNoLimit},
      {"sys/fs/cgroup/memory/slurm/uid_1/job_2/memory.limit_in_bytes", "500\n"},
      {"sys/fs/cgroup/memory/memory.limit_in_bytes", kNoLimit}};
  expect_limit(files, 500, "memory/slurm/uid_1/job_2/memory.limit_in_bytes");
}

TEST(FindMemoryLimit, IsAbsentWithoutAny) {
  EXPECT_EQ(find_memory_limit(TempRoot{{"proc/self/cgroup", "0::/a\n"},
                                       {"sys/fs/cgroup/a/memory.max", "max\n"},
                                       {"sys/fs/cgroup/memory.max", "max\n"}}
                                  .open()),
            std::nullopt);
  EXPECT_EQ(find_memory_limit(TempRoot{
                {"proc/self/cgroup", "4:memory:/a\n"},
                {"sys/fs/cgroup/memory/a/memory.limit_in_bytes",
                 kNoLimit}}.open()),
            std::nullopt);
}

TEST(FindMemoryLimit, TakesWhatIsNoNumberForNone) {
  for (const std::string_view text :
       {"", "\n", "-1\n", "1 2\n", "12k\n", "99999999999999999999\n", "0x10\n"}) {
    EXPECT_EQ(
        find_memory_limit(
            TempRoot{{"proc/self/cgroup", "0::/a\n"}, {"sys/fs/cgroup/a/memory.max", text}}.open()),
        std::nullopt)
        << text;
  }
}

TEST(FindMemoryLimit, SeesTheTopWhereTheHostsPathIsHidden) {
  // A container shows the host's path, and of the hierarchy only its own part, as the top.
  const TempRoot v1{{"proc/self/cgroup", "4:memory:/docker/0123abcd\n"},
                    {"sys/fs/cgroup/memory/memory.limit_in_bytes", "700\n"}};
  expect_limit(v1, 700, "memory/memory.limit_in_bytes");
  const TempRoot v2{{"proc/self/cgroup", "0::/../../kubepods/pod1\n"},
                    {"sys/fs/cgroup/memory.max", "800\n"}};
  expect_limit(v2, 800, "memory.max");
}

TEST(FindMemoryLimit, DoesNotLeaveTheHierarchy) {
  // GIVEN a group outside our namespace, shown with "..", and a file where that path would lead
  const TempRoot files{{"proc/self/cgroup", "0::/../..\n"},
                       {"sys/memory.max", "1\n"},
                       {"sys/fs/memory.max", "2\n"},
                       {"sys/fs/cgroup/memory.max", "800\n"}};

  // THEN
  expect_limit(files, 800, "memory.max");
}

TEST(FindMemoryLimit, InTheRootGroupLooksOnce) {
  const TempRoot files{{"proc/self/cgroup", "0::/\n"}, {"sys/fs/cgroup/memory.max", "900\n"}};
  expect_limit(files, 900, "memory.max");
}

TEST(FindMemoryLimit, IsAbsentWhereFilesAreHidden) {
  EXPECT_EQ(find_memory_limit(TempRoot{{"proc/stat", ""}}.open()), std::nullopt);
  EXPECT_EQ(find_memory_limit(TempRoot{{"proc/self/cgroup", "0::/a\n"}}.open()), std::nullopt);
  EXPECT_EQ(find_memory_limit(TempRoot{{"proc/self/cgroup", "5:cpu:/\n"}}.open()), std::nullopt);

  // GIVEN no /sys at all
  const TempRoot files{{"proc/self/cgroup", "0::/a\n"}};
  const auto root =
      kernfs::KernelRoot::open((files.path() / "proc").string(), (files.path() / "none").string());
  ASSERT_TRUE(root.ok());
  EXPECT_EQ(find_memory_limit(*root), std::nullopt);
}

TEST(FindMemoryLimit, BearsTheLiveMachine) {
  const auto root = kernfs::KernelRoot::open();
  ASSERT_TRUE(root.ok());
  const auto limit = find_memory_limit(*root);
  if (!limit) GTEST_SKIP() << "no limit is set here";
  EXPECT_GT(limit->bytes, 0U);
}

}  // namespace
}  // namespace jumper::cgroup
