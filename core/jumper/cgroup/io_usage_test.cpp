// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/cgroup/io_usage.h"

#include <gtest/gtest.h>

namespace jumper::cgroup {
namespace {

TEST(IoStat, HasALineForEachDevice) {
  EXPECT_EQ(parse_io_stat_line(
                "254:0 rbytes=1049600 wbytes=4096 rios=33 wios=1 dbytes=0 dios=0 cost.usage=7"),
            (DeviceIo{{254, 0}, 1049600, 4096, 33, 1}));
  EXPECT_EQ(parse_io_stat_line("8:16"), (DeviceIo{{8, 16}, 0, 0, 0, 0}));
}

TEST(IoStat, OfNonsenseIsAbsent) {
  for (const char* wrong : {"", "x:y rbytes=1", "8 rbytes=1", "8:0 rbytes=-1", "8:0 wios=1e3",
                            "8:0 rbytes=99999999999999999999"})
    EXPECT_EQ(parse_io_stat_line(wrong), std::nullopt) << wrong;
}

TEST(Blkio, HasALineForEachKind) {
  EXPECT_EQ(parse_blkio_line("8:0 Read 4096"), (DeviceCount{{8, 0}, false, 4096}));
  EXPECT_EQ(parse_blkio_line("8:0 Write 12"), (DeviceCount{{8, 0}, true, 12}));
  for (const char* other :
       {"8:0 Sync 1", "8:0 Total 5", "Total 4096", "", "8:0 Read", "8:0 Read x"})
    EXPECT_EQ(parse_blkio_line(other), std::nullopt) << other;
}

}  // namespace
}  // namespace jumper::cgroup
