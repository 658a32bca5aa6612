// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/source/wall_meter.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <string_view>
#include <thread>

#include "jumper/base/clock.h"
#include "testing/temp_root.h"

namespace jumper::source {
namespace {

using jumper::testing::TempRoot;

constexpr int64_t kMillisecond = 1'000'000;

WallTimes read_once(WallMeter& meter) {
  kernfs::ReadBuffer buffer;
  return meter.read(buffer);
}

int64_t cpu_ns(const WallTimes& times) {
  return times.user_ns + times.system_ns;
}

void burn_cpu(int64_t nanos) {
  const int64_t end_ns = base::thread_cpu_ns() + nanos;
  while (base::thread_cpu_ns() < end_ns) continue;
}

WallTimes times_of(pid_t thread_id) {
  WallTimes times;
  times.thread_id = thread_id;
  return times;
}

TEST(WallTimes, BetweenAreTheDifferences) {
  // GIVEN
  const WallTimes from = {.thread_id = 7,
                          .user_ns = 100,
                          .system_ns = 200,
                          .run_delay_ns = 300,
                          .disk_wait_ns = 400,
                          .throttled_ns = 500,
                          .major_faults = 6,
                          .voluntary_switches = 7,
                          .involuntary_switches = 8};
  const WallTimes to = {.thread_id = 7,
                        .user_ns = 101,
                        .system_ns = 202,
                        .run_delay_ns = 303,
                        .disk_wait_ns = 404,
                        .throttled_ns = 505,
                        .major_faults = 12,
                        .voluntary_switches = 14,
                        .involuntary_switches = 16};

  // THEN
  EXPECT_EQ(between(from, to), (WallTimes{.thread_id = 7,
                                          .user_ns = 1,
                                          .system_ns = 2,
                                          .run_delay_ns = 3,
                                          .disk_wait_ns = 4,
                                          .throttled_ns = 5,
                                          .major_faults = 6,
                                          .voluntary_switches = 7,
                                          .involuntary_switches = 8}));
}

TEST(WallTimes, BetweenTwoThreadsThereIsNothing) {
  EXPECT_EQ(between(times_of(7), times_of(8)), std::nullopt);
}

TEST(WallTimes, WhatEitherReadingLacksOrThatWentDownIsAbsent) {
  // GIVEN readings of which one lacks what the other has, and one that is lower than before
  WallTimes from = times_of(7);
  WallTimes to = times_of(7);
  from.run_delay_ns = 5;
  to.disk_wait_ns = 5;
  from.throttled_ns = 5;
  to.throttled_ns = 4;

  // WHEN
  const auto times = between(from, to);

  // THEN
  ASSERT_TRUE(times);
  EXPECT_EQ(times->run_delay_ns, std::nullopt);
  EXPECT_EQ(times->disk_wait_ns, std::nullopt);
  EXPECT_EQ(times->throttled_ns, std::nullopt);
}

// The folder of the calling thread.
std::string own_file(std::string_view name) {
  return "proc/self/task/" + std::to_string(::gettid()) + "/" + std::string(name);
}

// A line of stat in which the thread has waited so long for block devices (column 42).
std::string stat_line(int block_ticks) {
  std::string line = "7 (a) R 1";
  for (int column = 5; column <= 52; ++column) {
    line += " " + std::to_string(column == 42 ? block_ticks : 0);
  }
  return line + "\n";
}

int64_t tick_ns() {
  return base::kNanosPerSecond / ::sysconf(_SC_CLK_TCK);
}

TEST(WallMeter, ReadsWhatTheThreadWaitedFor) {
  // GIVEN
  const TempRoot files{{"proc/sys/kernel/task_delayacct", "1\n"},
                       {own_file("schedstat"), "123 456 7\n"},
                       {own_file("stat"), stat_line(89)},
                       {"proc/self/cgroup", "0::/job\n"},
                       {"sys/fs/cgroup/job/cpu.max", "100000 100000\n"},
                       {"sys/fs/cgroup/job/cpu.stat", "usage_usec 9\nthrottled_usec 55\n"}};
  const kernfs::KernelRoot root = files.open();
  WallMeter meter(root);

  // WHEN
  const WallTimes first = read_once(meter);

  // THEN
  EXPECT_EQ(first.thread_id, ::gettid());
  EXPECT_EQ(first.run_delay_ns, 456);
  EXPECT_EQ(first.disk_wait_ns, 89 * tick_ns());
  EXPECT_EQ(first.throttled_ns, 55'000);

  // WHEN all has grown
  files.write(own_file("schedstat"), "1230 4560 70\n");
  files.write(own_file("stat"), stat_line(90));
  files.write("sys/fs/cgroup/job/cpu.stat", "usage_usec 10\nthrottled_usec 56\n");
  const auto times = between(first, read_once(meter));

  // THEN
  ASSERT_TRUE(times);
  EXPECT_EQ(times->run_delay_ns, 4560 - 456);
  EXPECT_EQ(times->disk_wait_ns, tick_ns());
  EXPECT_EQ(times->throttled_ns, 1000);
}

TEST(WallMeter, AnOuterGroupsQuotaHoldsBackAsWell) {
  // GIVEN a pod with a quota, in it a container with a lower one, and in that a group without
  const TempRoot files{{"proc/self/cgroup", "0::/pod/box/job\n"},
                       {"sys/fs/cgroup/pod/cpu.max", "200000 100000\n"},
                       {"sys/fs/cgroup/pod/cpu.stat", "throttled_usec 500\n"},
                       {"sys/fs/cgroup/pod/box/cpu.max", "100000 100000\n"},
                       {"sys/fs/cgroup/pod/box/cpu.stat", "throttled_usec 30\n"},
                       {"sys/fs/cgroup/pod/box/job/cpu.max", "max 100000\n"},
                       {"sys/fs/cgroup/pod/box/job/cpu.stat", "throttled_usec 7\n"}};
  const kernfs::KernelRoot root = files.open();
  WallMeter meter(root);
  const WallTimes first = read_once(meter);

  // WHEN the pod's is used up
  files.write("sys/fs/cgroup/pod/cpu.stat", "throttled_usec 800\n");

  // THEN
  EXPECT_EQ(first.throttled_ns, 530'000);
  EXPECT_EQ(between(first, read_once(meter))->throttled_ns, 300'000);
}

TEST(WallMeter, WhatTheKernelDoesNotCountIsAbsent) {
  // GIVEN delay accounting off, or not known of; no quota; scheduler statistics switched off, for
  // which the kernel writes zeros
  for (const std::string_view path : {"proc/sys/kernel/task_delayacct", "proc/unrelated"}) {
    const TempRoot files{{path, "0\n"},
                         {own_file("schedstat"), "0 0 0\n"},
                         {own_file("stat"), stat_line(0)},
                         {"proc/self/cgroup", "0::/job\n"},
                         {"sys/fs/cgroup/job/cpu.max", "max 100000\n"},
                         {"sys/fs/cgroup/job/cpu.stat", "throttled_usec 0\n"}};
    const kernfs::KernelRoot root = files.open();
    WallMeter meter(root);

    // WHEN
    const WallTimes times = read_once(meter);

    // THEN
    EXPECT_EQ(times.run_delay_ns, std::nullopt);
    EXPECT_EQ(times.disk_wait_ns, std::nullopt);
    EXPECT_EQ(times.throttled_ns, std::nullopt);
  }
}

TEST(WallMeter, AMeasuredZeroIsZero) {
  // GIVEN a thread that has never waited
  const TempRoot files{{"proc/sys/kernel/task_delayacct", "1\n"},
                       {own_file("schedstat"), "123 0 7\n"},
                       {own_file("stat"), stat_line(0)}};
  const kernfs::KernelRoot root = files.open();
  WallMeter meter(root);

  // THEN
  EXPECT_EQ(read_once(meter).run_delay_ns, 0);
  EXPECT_EQ(read_once(meter).disk_wait_ns, 0);
}

TEST(WallMeter, WhatIsHiddenOrGarbledIsAbsent) {
  // GIVEN
  const TempRoot none;
  const TempRoot garbled{{"proc/sys/kernel/task_delayacct", "1\n"},
                         {own_file("schedstat"), "x\n"},
                         {own_file("stat"), "7 (a\n"},
                         {"proc/self/cgroup", "0::/job\n"},
                         {"sys/fs/cgroup/job/cpu.max", "100000 100000\n"},
                         {"sys/fs/cgroup/job/cpu.stat", "throttled_usec x\n"}};
  for (const TempRoot* files : {&none, &garbled}) {
    const kernfs::KernelRoot root = files->open();
    WallMeter meter(root);

    // WHEN
    const WallTimes times = read_once(meter);

    // THEN
    EXPECT_EQ(times.run_delay_ns, std::nullopt);
    EXPECT_EQ(times.disk_wait_ns, std::nullopt);
    EXPECT_EQ(times.throttled_ns, std::nullopt);
  }
}

TEST(WallMeter, EveryThreadIsToldOfItself) {
  // GIVEN a meter that this thread has used
  const TempRoot files{{own_file("schedstat"), "1 11 1\n"}};
  const kernfs::KernelRoot root = files.open();
  WallMeter meter(root);
  const WallTimes first = read_once(meter);
  EXPECT_EQ(first.run_delay_ns, 11);

  // WHEN another uses it
  WallTimes other;
  std::thread([&] {
    files.write(own_file("schedstat"), "1 22 1\n");
    other = read_once(meter);
  }).join();

  // THEN
  EXPECT_EQ(other.run_delay_ns, 22);
  EXPECT_EQ(between(first, other), std::nullopt);
  EXPECT_EQ(read_once(meter).run_delay_ns, 11);
}

class LiveWallMeter : public ::testing::Test {
 protected:
  LiveWallMeter() : root_(kernfs::KernelRoot::open()), meter_(*root_) {}

  base::Result<kernfs::KernelRoot> root_;
  WallMeter meter_;
};

TEST_F(LiveWallMeter, AThreadThatBurnsCpuIsOnTheCpu) {
  // GIVEN
  const WallTimes from = read_once(meter_);
  const int64_t start_ns = base::SystemClock().monotonic_ns();
  const int64_t cpu_start_ns = base::thread_cpu_ns();

  // WHEN
  burn_cpu(60 * kMillisecond);
  const int64_t burnt_ns = base::thread_cpu_ns() - cpu_start_ns;
  const WallTimes to = read_once(meter_);
  const int64_t wall_ns = base::SystemClock().monotonic_ns() - start_ns;

  // THEN
  const auto times = between(from, to);
  ASSERT_TRUE(times);
  EXPECT_NEAR(static_cast<double>(cpu_ns(*times)), static_cast<double>(burnt_ns),
              5.0 * kMillisecond);
  EXPECT_LE(cpu_ns(*times) + times->run_delay_ns.value_or(0), wall_ns + 5 * kMillisecond);
}

TEST_F(LiveWallMeter, AThreadThatSleepsIsNot) {
  // GIVEN
  const WallTimes from = read_once(meter_);

  // WHEN
  for (int i = 0; i < 10; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(5));

  // THEN
  const auto times = between(from, read_once(meter_));
  ASSERT_TRUE(times);
  EXPECT_LT(cpu_ns(*times), 25 * kMillisecond);
  EXPECT_GE(times->voluntary_switches, 10U);
}

TEST_F(LiveWallMeter, AReadingOfAnotherThreadIsNotTakenForThisOnes) {
  // GIVEN
  const WallTimes own = read_once(meter_);

  // WHEN
  WallTimes other;
  std::thread([&] {
    burn_cpu(5 * kMillisecond);
    other = read_once(meter_);
  }).join();

  // THEN
  EXPECT_NE(own.thread_id, other.thread_id);
  EXPECT_GE(cpu_ns(other), 4 * kMillisecond);
  EXPECT_EQ(between(own, other), std::nullopt);
  EXPECT_TRUE(between(own, read_once(meter_)));
}

}  // namespace
}  // namespace jumper::source
