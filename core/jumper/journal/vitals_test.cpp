// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/journal/vitals.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "testing/temp_root.h"

namespace jumper::journal {
namespace {

using testing::TempRoot;

TEST(Vitals, ComeBackAsTheyWere) {
  const Vitals vitals{5'000'000'000,
                      12,
                      {{100, "python", uint64_t{3} << 30U}, {101, "\xff(b a)d\n", 7}},
                      {"fs/cgroup/memory/job/memory.oom_control", 1234, 2, std::nullopt}};
  const std::string payload = encode_vitals(vitals);
  EXPECT_EQ(decode_vitals(payload), vitals);
  EXPECT_EQ(decode_vitals(encode_vitals({})), Vitals{});
  for (size_t size = 0; size < payload.size(); ++size)
    EXPECT_FALSE(decode_vitals(std::string_view(payload).substr(0, size))) << size;
}

TEST(Vitals, ThatClaimTooMuchAreNotBelieved) {
  std::string payload = encode_vitals({});
  payload.back() = 100;  // so many processes
  EXPECT_FALSE(decode_vitals(payload));
}

TEST(OomKills, OfBothVersionsOfControlGroups) {
  EXPECT_EQ(parse_group_oom_kills("oom_kill_disable 0\nunder_oom 0\noom_kill 3\n"), 3U);
  EXPECT_EQ(parse_group_oom_kills("low 0\nhigh 0\nmax 7\noom 2\noom_kill 1\noom_group_kill 0\n"),
            1U);
  EXPECT_EQ(parse_group_oom_kills("oom_kill_disable 0\nunder_oom 0\n"), std::nullopt);
  EXPECT_EQ(parse_group_oom_kills("oom_kill x\n"), std::nullopt);
  EXPECT_EQ(parse_group_oom_kills(""), std::nullopt);
}

TEST(OomKills, AreReadWhereTheProcessIs) {
  // GIVEN a process in a group of version 1
  const TempRoot files{{"proc/self/cgroup", "4:memory:/job/step\n0::/\n"},
                       {"proc/vmstat", "pgmajfault 1\noom_kill 9\n"},
                       {"sys/fs/cgroup/memory/job/step/memory.oom_control", "oom_kill 4\n"},
                       {"sys/fs/cgroup/memory/memory.oom_control", "oom_kill 8\n"}};
  const kernfs::KernelRoot root = files.open();
  kernfs::ReadBuffer buffer;
  const OomKills kills = read_oom_kills(root, buffer);
  const std::string file = "fs/cgroup/memory/job/step/memory.oom_control";
  EXPECT_GT(kills.group_inode, 0U);
  EXPECT_EQ(kills, (OomKills{file, kills.group_inode, 4, 9}));
  // THEN they are found again by the file
  files.write("sys/fs/cgroup/memory/job/step/memory.oom_control", "oom_kill 5\n");
  EXPECT_EQ(read_again(root, kills), (OomKills{file, kills.group_inode, 5, 9}));
  // AND no longer, when another group has come in its place, or none
  OomKills of_another = kills;
  ++of_another.group_inode;
  EXPECT_EQ(read_again(root, of_another).group, std::nullopt);
  files.remove("sys/fs/cgroup/memory/job");
  EXPECT_EQ(read_again(root, kills), (OomKills{file, 0, std::nullopt, 9}));
}

TEST(OomKills, OfAContainerAreThoseOfTheTopThatIsSeen) {
  const TempRoot files{{"proc/self/cgroup", "0::/kubepods/pod7/c1\n"},
                       {"proc/vmstat", "pgmajfault 1\n"},
                       {"sys/fs/cgroup/memory.events", "oom 1\noom_kill 2\n"}};
  const kernfs::KernelRoot root = files.open();
  kernfs::ReadBuffer buffer;
  const OomKills kills = read_oom_kills(root, buffer);
  EXPECT_EQ(kills.group_file, "fs/cgroup/memory.events");
  EXPECT_EQ(kills.group, 2U);
  EXPECT_EQ(kills.machine, std::nullopt);
}

TEST(OomKills, AreReadFromNoOtherFile) {
  const TempRoot files{{"proc/vmstat", "pgmajfault 1\n"},
                       {"sys/secret", "oom_kill 5\n"},
                       {"sys/fs/cgroup/x", "oom_kill 5\n"},
                       {"proc/memory.events", "oom_kill 5\n"}};
  const kernfs::KernelRoot root = files.open();
  for (const char* file : {"secret", "../proc/memory.events", "fs/cgroup/x", "", "/etc/passwd",
                           "fs/cgroup/../../../proc/memory.events"}) {
    struct stat found{};
    ::fstatat(root.sys_fd(), file, &found, 0);
    EXPECT_EQ(read_again(root, {file, found.st_ino, 0, 0}).group, std::nullopt) << file;
  }
}

}  // namespace
}  // namespace jumper::journal
