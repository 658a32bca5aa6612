// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/cgroup/mounts.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "testing/parser_checks.h"
#include "testing/temp_root.h"

namespace jumper::cgroup {
namespace {

using jumper::testing::ExactBytes;
using jumper::testing::TempRoot;

constexpr std::string_view kHybrid =
    "22 27 0:21 / /proc rw,relatime - proc proc rw\n"
    "31 23 0:28 / /sys/fs/cgroup rw,relatime shared:9 master:2 - tmpfs tmpfs rw,mode=755\n"
    "32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:10 - cgroup cgroup rw,cpu,cpuacct\n"
    "35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n"
    "41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n";

using Folders = std::vector<std::string>;

TEST(ParseMounts, KnowsBothVersions) {
  const std::vector<Mount> mounts = parse_mounts(kHybrid);
  ASSERT_EQ(mounts.size(), 3U);
  EXPECT_EQ(mounts[0], (Mount{1, "/", "fs/cgroup/cpu,cpuacct", "rw,cpu,cpuacct"}));
  EXPECT_EQ(mounts[2], (Mount{2, "/", "fs/cgroup/unified", "rw"}));
}

TEST(ParseMounts, ReadsEscapesAndBearsGarbage) {
  const auto mounts =
      parse_mounts("1 2 0:3 /a\\040b\\134c /sys/fs/cgroup/x\\011y rw - cgroup2 cgroup2 rw\n");
  ASSERT_EQ(mounts.size(), 1U);
  EXPECT_EQ(mounts[0].root, "/a b\\c");
  EXPECT_EQ(mounts[0].folder, "fs/cgroup/x\ty");
  for (const std::string_view text :
       {"", "\n", "-\n", "1 2 3 4 5 6 7\n", "1 2 0:3 / /cgroup rw - cgroup cgroup rw,cpu\n",
        "1 2 0:3 / /sys/fs/cgroup rw - cgroup3 x rw\n", "1 2 0:3 / /sys/\\0"}) {
    EXPECT_TRUE(parse_mounts(text).empty()) << text;
  }
  for (size_t length = 0; length <= kHybrid.size(); ++length) {
    const ExactBytes prefix(kHybrid.substr(0, length));
    static_cast<void>(parse_mounts(prefix.view()));
  }
}

TEST(MountedFolders, GoFromTheGroupToTheTop) {
  const std::vector<Mount> mounts = parse_mounts(kHybrid);
  EXPECT_EQ(mounted_folders({1, "/a/b"}, "memory", mounts),
            (Folders{"fs/cgroup/memory/a/b", "fs/cgroup/memory/a", "fs/cgroup/memory"}));
  EXPECT_EQ(mounted_folders({1, "/"}, "cpu", mounts), (Folders{"fs/cgroup/cpu,cpuacct"}));
  // On a hybrid system version 2 is not at the top.
  EXPECT_EQ(mounted_folders({2, "/a"}, "hugetlb", mounts),
            (Folders{"fs/cgroup/unified/a", "fs/cgroup/unified"}));
  EXPECT_EQ(mounted_folders({1, "/a"}, "cpuset", mounts), std::nullopt);
  EXPECT_EQ(mounted_folders({1, "/a"}, "memor", mounts), std::nullopt);
}

TEST(MountedFolders, OfAContainerAreBelowItsOwnGroup) {
  // GIVEN the host's path, and a mount that shows but the container's group
  const auto mounts = parse_mounts(
      "1 2 0:3 /docker/0123 /sys/fs/cgroup/memory ro,nosuid - cgroup cgroup rw,memory\n");

  // THEN
  EXPECT_EQ(mounted_folders({1, "/docker/0123/child"}, "memory", mounts),
            (Folders{"fs/cgroup/memory/child", "fs/cgroup/memory"}));
  EXPECT_EQ(mounted_folders({1, "/docker/0123"}, "memory", mounts), (Folders{"fs/cgroup/memory"}));
  // A name that only begins alike is another group: of ours the top is all there is to see.
  EXPECT_EQ(mounted_folders({1, "/docker/01234/x"}, "memory", mounts),
            (Folders{"fs/cgroup/memory"}));
}

TEST(MountedFolders, NeverLeaveTheMount) {
  const auto mounts = parse_mounts("1 2 0:3 /.. /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
  for (const char* path : {"/", "/..", "/../..", "/../../x"}) {
    EXPECT_EQ(mounted_folders({2, path}, "memory", mounts), (Folders{"fs/cgroup"})) << path;
  }
}

TEST(FindOwnFolders, WithoutMountinfoAreWhereTheyUsuallyAre) {
  const TempRoot files{{"proc/self/cgroup", "0::/job\n"}};
  const auto own = find_own_folders(files.open(), "memory");
  ASSERT_TRUE(own);
  EXPECT_EQ(own->version, 2);
  EXPECT_EQ(own->folders, (Folders{"fs/cgroup/job", "fs/cgroup"}));
}

TEST(FindOwnFolders, AreAbsentWhereTheControllerIsNowhere) {
  EXPECT_FALSE(find_own_folders(TempRoot{}.open(), "memory"));
  EXPECT_FALSE(
      find_own_folders(TempRoot{{"proc/self/cgroup", "5:cpu:/\n"}}.open(), "memory").has_value());
}

TEST(FindOwnFolders, AreFoundOnTheLiveMachine) {
  const auto root = kernfs::KernelRoot::open();
  ASSERT_TRUE(root.ok());
  const auto own = find_own_folders(*root, "memory");
  if (!own) GTEST_SKIP() << "no control group has memory here";
  EXPECT_EQ(own->folders.back().substr(0, 9), "fs/cgroup");
}

}  // namespace
}  // namespace jumper::cgroup
