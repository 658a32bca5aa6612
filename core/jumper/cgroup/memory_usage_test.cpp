// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/cgroup/memory_usage.h"

#include <gtest/gtest.h>

#include <optional>
#include <string_view>

namespace jumper::cgroup {
namespace {

TEST(FilePages, OfVersion2AreBothLists) {
  EXPECT_EQ(parse_file_pages("anon 5\ninactive_anon 7\ninactive_file 30\nactive_file 12\n", 2),
            42U);
}

TEST(FilePages, OfVersion1CountTheGroupsBelow) {
  EXPECT_EQ(parse_file_pages("inactive_file 1\nactive_file 2\ntotal_inactive_file 300\n"
                             "total_active_file 40\n",
                             1),
            340U);
}

TEST(FilePages, AreAbsentWhereTheyAreNotTold) {
  for (const std::string_view text :
       {"", "inactive_file 1\n", "active_file 1\n", "inactive_file x\nactive_file 1\n",
        "inactive_file\nactive_file 1\n", "inactive_file -1\nactive_file 1\n",
        "inactive_file 18446744073709551615\nactive_file 1\n", "inactive_files 1\nactive_file 2"}) {
    EXPECT_EQ(parse_file_pages(text, 2), std::nullopt) << text;
  }
}

TEST(OomKills, AreReadFromBothVersionsFiles) {
  EXPECT_EQ(parse_oom_kills("low 0\nhigh 0\nmax 12\noom 3\noom_kill 2\noom_group_kill 1\n"), 2U);
  EXPECT_EQ(parse_oom_kills("oom_kill_disable 0\nunder_oom 0\noom_kill 7\n"), 7U);
  EXPECT_EQ(parse_oom_kills("oom_kill_disable 0\nunder_oom 0\n"), std::nullopt);
  EXPECT_EQ(parse_oom_kills("oom_kill many\n"), std::nullopt);
}

TEST(MemoryEvents, AreFoundByTheirWholeNames) {
  EXPECT_EQ(parse_memory_events("low 0\nhigh 4\nmax 6\noom 2\noom_kill 1\noom_group_kill 9\n"),
            (MemoryEvents{6, 4, 1}));
  EXPECT_EQ(parse_memory_events("oom_kill_disable 0\nunder_oom 0\noom_kill 3\n"),
            (MemoryEvents{std::nullopt, std::nullopt, 3}));
  EXPECT_EQ(parse_memory_events("max\nhigh x\n"), MemoryEvents{});
}

}  // namespace
}  // namespace jumper::cgroup
