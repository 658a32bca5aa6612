// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/source/limit_memory.h"

#include <gtest/gtest.h>

#include <array>

#include "testing/temp_root.h"

namespace jumper::source {
namespace {

using jumper::testing::TempRoot;

double read(Source& source) {
  kernfs::ReadBuffer buffer;
  std::array<double, 1> values = {-1};
  source.read(buffer, values);
  return values[0];
}

TEST(LimitMemory, OfVersion2IsTheGroupsWithoutItsFiles) {
  // GIVEN
  const TempRoot files{{"proc/self/cgroup", "0::/outer/inner\n"},
                       {"sys/fs/cgroup/outer/memory.max", "1000\n"},
                       {"sys/fs/cgroup/outer/memory.current", "700\n"},
                       {"sys/fs/cgroup/outer/memory.stat", "inactive_file 100\nactive_file 50\n"},
                       {"sys/fs/cgroup/outer/memory.events", "oom 2\noom_kill 1\n"},
                       {"sys/fs/cgroup/outer/inner/memory.max", "max\n"}};
  const kernfs::KernelRoot root = files.open();
  const auto group = cgroup::find_limited_group(root);
  LimitMemory memory(root, group);
  GroupOomKills kills(root, group);

  // THEN
  EXPECT_EQ(group, (cgroup::LimitedGroup{2, "fs/cgroup/outer", 1000}));
  EXPECT_EQ(memory.limit(), 1000);
  EXPECT_EQ(read(memory), 550);
  EXPECT_EQ(read(kills), 1);

  // WHEN
  files.write("sys/fs/cgroup/outer/memory.current", "900\n");

  // THEN
  EXPECT_EQ(read(memory), 750);
}

TEST(LimitMemory, OfVersion1CountsTheGroupsBelow) {
  const TempRoot files{
      {"proc/self/cgroup", "4:memory:/job\n0::/\n"},
      {"sys/fs/cgroup/memory/job/memory.limit_in_bytes", "1000\n"},
      {"sys/fs/cgroup/memory/job/memory.usage_in_bytes", "700\n"},
      {"sys/fs/cgroup/memory/job/memory.stat", "total_inactive_file 60\ntotal_active_file 40\n"},
      {"sys/fs/cgroup/memory/job/memory.oom_control", "under_oom 0\noom_kill 3\n"}};
  const kernfs::KernelRoot root = files.open();
  LimitMemory memory(root, cgroup::find_limited_group(root));
  GroupOomKills kills(root, cgroup::find_limited_group(root));
  EXPECT_EQ(read(memory), 600);
  EXPECT_EQ(read(kills), 3);
}

TEST(LimitMemory, WithoutALimitIsAbsent) {
  const TempRoot files{{"proc/self/cgroup", "0::/x\n"},
                       {"sys/fs/cgroup/x/memory.max", "max\n"},
                       {"sys/fs/cgroup/x/memory.current", "700\n"}};
  const kernfs::KernelRoot root = files.open();
  LimitMemory memory(root, cgroup::find_limited_group(root));
  GroupOomKills kills(root, cgroup::find_limited_group(root));
  EXPECT_EQ(memory.limit(), std::nullopt);
  EXPECT_TRUE(metric::is_absent(read(memory)));
  EXPECT_TRUE(metric::is_absent(read(kills)));
}

TEST(LimitMemory, NonsenseIsAbsentAndNeverNegative) {
  const TempRoot files{{"proc/self/cgroup", "0::/x\n"},
                       {"sys/fs/cgroup/x/memory.max", "1000\n"},
                       {"sys/fs/cgroup/x/memory.current", "7 apples\n"},
                       {"sys/fs/cgroup/x/memory.stat", "inactive_file 100\nactive_file 50\n"}};
  const kernfs::KernelRoot root = files.open();
  LimitMemory memory(root, cgroup::find_limited_group(root));
  GroupOomKills kills(root, cgroup::find_limited_group(root));
  EXPECT_TRUE(metric::is_absent(read(memory)));
  EXPECT_TRUE(metric::is_absent(read(kills)));
  files.write("sys/fs/cgroup/x/memory.current", "140\n");
  EXPECT_EQ(read(memory), 0);
  files.write("sys/fs/cgroup/x/memory.stat", "anon 1\n");
  EXPECT_TRUE(metric::is_absent(read(memory)));
}

}  // namespace
}  // namespace jumper::source
