// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/cgroup/groups.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace jumper::cgroup {
namespace {

using Folders = std::vector<std::string>;

// As Debian 12 with version 1 writes it, and as a machine with both does.
constexpr std::string_view kVersion1 =
    "9:name=systemd:/\n"
    "7:cpu,cpuacct:/slurm/uid_1000/job_7\n"
    "4:memory:/process\n"
    "3:cpuset:/only/cpuset\n"
    "0::/\n";

TEST(Groups, AControllerIsFoundAmongOthersAndByItsWholeName) {
  EXPECT_EQ(parse_group(kVersion1, "cpu"), (Group{1, "/slurm/uid_1000/job_7"}));
  EXPECT_EQ(parse_group(kVersion1, "cpuacct"), (Group{1, "/slurm/uid_1000/job_7"}));
  EXPECT_EQ(parse_group(kVersion1, "cpuset"), (Group{1, "/only/cpuset"}));
  EXPECT_EQ(parse_group("7:cpuacct,cpu:/x\n", "cpu"), (Group{1, "/x"}));
}

TEST(Groups, AControllerThatVersion1DoesNotNameIsInVersion2) {
  EXPECT_EQ(parse_group(kVersion1, "io"), (Group{2, "/"}));
  EXPECT_EQ(parse_group("0::/user.slice/app.scope\n", "cpu"), (Group{2, "/user.slice/app.scope"}));
}

TEST(Groups, WithoutVersion2AnUnnamedControllerIsNowhere) {
  EXPECT_EQ(parse_group("4:memory:/x\n9:name=cpu:/y\n", "cpu"), std::nullopt);
  EXPECT_EQ(parse_group("", "cpu"), std::nullopt);
}

TEST(Groups, OrderDoesNotMatter) {
  EXPECT_EQ(parse_group("0::/two\n7:cpu:/one\n", "cpu"), (Group{1, "/one"}));
  EXPECT_EQ(parse_group("7:cpu:/one\n0::/two\n", "cpu"), (Group{1, "/one"}));
}

TEST(Groups, FoldersGoFromTheGroupToTheTop) {
  EXPECT_EQ(group_folders({2, "/a/b"}, "cpu"),
            (Folders{"fs/cgroup/a/b", "fs/cgroup/a", "fs/cgroup"}));
  EXPECT_EQ(group_folders({1, "/a"}, "cpu"), (Folders{"fs/cgroup/cpu/a", "fs/cgroup/cpu"}));
}

TEST(Groups, AtTheTopThereIsOneFolder) {
  EXPECT_EQ(group_folders({2, "/"}, "memory"), Folders{"fs/cgroup"});
  EXPECT_EQ(group_folders({1, "/"}, "memory"), Folders{"fs/cgroup/memory"});
}

TEST(Groups, DotsWithinANameAreNoWayUp) {
  EXPECT_EQ(group_folders({2, "/..a/b.."}, "cpu"),
            (Folders{"fs/cgroup/..a/b..", "fs/cgroup/..a", "fs/cgroup"}));
}

TEST(Groups, NoFolderLeavesTheHierarchy) {
  // GIVEN groups that are outside of the process's namespace
  for (const char* path : {"/..", "/../..", "/../x", "/../../x/y"}) {
    for (const int version : {1, 2}) {
      for (const std::string& folder : group_folders({version, path}, "cpu")) {
        EXPECT_EQ(folder.find(".."), std::string::npos) << path;
      }
    }
  }
}

}  // namespace
}  // namespace jumper::cgroup
