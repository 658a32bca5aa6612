// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/journal/vitals_watcher.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include "jumper/journal/reader.h"
#include "testing/fake_clock.h"
#include "testing/temp_folder.h"
#include "testing/temp_root.h"

namespace jumper::journal {
namespace {

using testing::FakeClock;
using testing::TempFolder;
using testing::TempRoot;

constexpr uint64_t kMb = uint64_t{1} << 20U;
constexpr int64_t kSecondNs = base::kNanosPerSecond;

class VitalsWatcherTest : public ::testing::Test {
 protected:
  VitalsWatcherTest()
      : root_(files_.open()),
        writer_(base::UniqueFd(::open(path_.c_str(), O_RDWR | O_CREAT | O_APPEND, 0600)), path_, {},
                clock_),
        watcher_(root_, writer_) {
    writer_.begin(std::make_shared<const metric::Schema>(
        std::vector<metric::SeriesKey>{{metric::Metric::kMemory, metric::Scope::kProcess}}));
  }

  FakeClock clock_;
  TempRoot files_{{"proc/self/cgroup", "0::/job\n"},
                  {"proc/vmstat", "pgmajfault 1\noom_kill 9\n"},
                  {"proc/40/comm", "python3\n"},
                  {"sys/fs/cgroup/job/memory.events", "oom_kill 4\n"}};
  kernfs::KernelRoot root_;
  TempFolder folder_;
  std::string path_ = folder_.file("journal");
  Writer writer_;
  VitalsWatcher watcher_;
};

TEST_F(VitalsWatcherTest, AsksEveryTenSeconds) {
  EXPECT_TRUE(watcher_.wants_processes(100 * kSecondNs, 500 * kMb));
  EXPECT_FALSE(watcher_.wants_processes(105 * kSecondNs, 500 * kMb));
  EXPECT_FALSE(watcher_.wants_processes(110 * kSecondNs - 1, 500 * kMb));
  EXPECT_TRUE(watcher_.wants_processes(110 * kSecondNs, 500 * kMb));
}

TEST_F(VitalsWatcherTest, AsksWhenMemoryHasGrownByMuch) {
  EXPECT_TRUE(watcher_.wants_processes(100 * kSecondNs, 100 * kMb));
  // Not more than once a second.
  EXPECT_FALSE(watcher_.wants_processes(100 * kSecondNs + 1, 200 * kMb));
  EXPECT_FALSE(watcher_.wants_processes(102 * kSecondNs, 163 * kMb));
  EXPECT_TRUE(watcher_.wants_processes(102 * kSecondNs, 164 * kMb));
  // Of a large process an eighth is much.
  EXPECT_TRUE(watcher_.wants_processes(112 * kSecondNs, 8000 * kMb));
  EXPECT_FALSE(watcher_.wants_processes(114 * kSecondNs, 8999 * kMb));
  EXPECT_TRUE(watcher_.wants_processes(114 * kSecondNs, 9000 * kMb));
}

TEST_F(VitalsWatcherTest, WritesWhatThereIsIntoTheJournal) {
  kernfs::ReadBuffer buffer;
  watcher_.take_processes({7 * kSecondNs, 5, {{40, 300 * kMb}, {41, 20 * kMb}}}, buffer);
  const auto journal = read_journal_file(path_);
  ASSERT_TRUE(journal) << journal.error().message;
  ASSERT_TRUE(journal->ending.vitals);
  Vitals vitals = *journal->ending.vitals;
  EXPECT_GT(vitals.oom_kills.group_inode, 0U);
  vitals.oom_kills.group_inode = 0;
  const Vitals expected{7 * kSecondNs,
                        5,
                        {{40, "python3", 300 * kMb}, {41, "", 20 * kMb}},
                        {"fs/cgroup/job/memory.events", 0, 4, 9}};
  EXPECT_EQ(vitals, expected);
  // What was read for it is counted, for it is not the user's.
  EXPECT_GE(buffer.read_calls(), 4U);
}

}  // namespace
}  // namespace jumper::journal
