// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/base/clock.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <atomic>
#include <thread>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <optional>

#include "testing/fake_clock.h"

namespace jumper::base {
namespace {

// Uses CPU until `clock` has moved by a millisecond; returns how far it moved.
template <typename ReadClock>
int64_t work_until_moved(ReadClock clock) {
  const int64_t start = clock();
  int64_t moved = 0;
  while (moved < 1'000'000) moved = clock() - start;
  return moved;
}

TEST(Seconds, AreNanosecondsDivided) {
  EXPECT_EQ(seconds(1'500'000'000), 1.5);
  EXPECT_EQ(seconds(-250'000'000), -0.25);
}

TEST(SystemClock, MonotonicIsTheSteadyClock) {
  // GIVEN the library's clock, which is CLOCK_MONOTONIC as well
  const auto steady_ns = [] {
    return std::chrono::nanoseconds(std::chrono::steady_clock::now().time_since_epoch()).count();
  };
  const SystemClock clock;

  // WHEN
  const int64_t before = steady_ns();
  const int64_t now = clock.monotonic_ns();
  const int64_t after = steady_ns();

  // THEN
  EXPECT_LE(before, now);
  EXPECT_LE(now, after);
}

TEST(SystemClock, WallCountsFromTheEpoch) {
  using std::chrono::system_clock;
  const int64_t now = SystemClock().wall_ns();
  const int64_t after = std::chrono::nanoseconds(system_clock::now().time_since_epoch()).count();
  // A minute for somebody setting the clock in between.
  EXPECT_NEAR(static_cast<double>(now), static_cast<double>(after), 60e9);
}

TEST(ThreadCpu, GrowsWithWorkAndNoFasterThanTime) {
  // GIVEN
  const SystemClock clock;
  const int64_t start_ns = clock.monotonic_ns();

  // WHEN
  const int64_t used_ns = work_until_moved(thread_cpu_ns);

  // THEN
  EXPECT_LE(used_ns, clock.monotonic_ns() - start_ns + 1'000'000);
}

TEST(ProcessCpu, HoldsTheTimeOfItsThreads) {
  // GIVEN
  const pid_t self = ::getpid();
  const auto before = SystemProcessClocks().process_cpu_ns(self);
  ASSERT_TRUE(before.has_value());

  // WHEN
  const int64_t used_ns = work_until_moved(thread_cpu_ns);

  // THEN
  EXPECT_GE(*SystemProcessClocks().process_cpu_ns(self), *before + used_ns - 1'000'000);
  EXPECT_GE(*SystemProcessClocks().process_cpu_ns(self), thread_cpu_ns());
}

TEST(ProcessCpu, IsAbsentWithoutTheProcess) {
  // GIVEN a process that ended and was waited for
  const pid_t child = ::fork();
  if (child == 0) ::_exit(0);
  ASSERT_GT(child, 0);
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);

  // THEN
  EXPECT_FALSE(SystemProcessClocks().process_cpu_ns(child).has_value());
}

TEST(ProcessCpu, IsAbsentForAnotherThread) {
  // GIVEN
  std::atomic<pid_t> number = 0;
  std::atomic<bool> done = false;
  std::thread thread([&] {
    number = ::gettid();
    while (!done) std::this_thread::yield();
  });
  while (number == 0) std::this_thread::yield();

  // THEN
  EXPECT_FALSE(SystemProcessClocks().process_cpu_ns(number).has_value());
  done = true;
  thread.join();
}

TEST(ProcessCpu, IsAbsentForWhatIsNoPid) {
  // glibc would take 0 and -1 for this process.
  for (const pid_t pid : {0, -1, -2, -1000})
    EXPECT_FALSE(SystemProcessClocks().process_cpu_ns(pid)) << pid;
}

TEST(ReapedCpu, GrowsByWhatAChildUsedOnceItIsWaitedFor) {
  // GIVEN
  const SystemProcessClocks clocks;
  const int64_t before_ns = clocks.own_reaped_cpu_ns();

  // WHEN a child works for a millisecond and ends
  const pid_t child = ::fork();
  if (child == 0) {
    (void)work_until_moved(thread_cpu_ns);
    ::_exit(0);
  }
  ASSERT_GT(child, 0);
  rusage used{};
  ASSERT_EQ(::wait4(child, nullptr, 0, &used), child);

  // THEN the time is there, which ticks of 10 ms would not show, but for parts of microseconds
  const int64_t grown_us = (clocks.own_reaped_cpu_ns() - before_ns) / 1000;
  const int64_t used_us = (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1'000'000 +
                          used.ru_utime.tv_usec + used.ru_stime.tv_usec;
  EXPECT_GE(used_us, 999);
  EXPECT_LE(std::abs(grown_us - used_us), 3);
}

TEST(FakeClock, StandsStillUntilMoved) {
  // GIVEN
  testing::FakeClock fake(10, 20);
  const Clock& clock = fake;
  EXPECT_EQ(clock.monotonic_ns(), 10);
  EXPECT_EQ(clock.wall_ns(), 20);

  // WHEN time passes, THEN both move
  fake.advance_ns(5);
  EXPECT_EQ(clock.monotonic_ns(), 15);
  EXPECT_EQ(clock.wall_ns(), 25);

  // WHEN the wall clock is set, THEN only it moves
  fake.set_wall_ns(3);
  EXPECT_EQ(clock.monotonic_ns(), 15);
  EXPECT_EQ(clock.wall_ns(), 3);
}

TEST(FakeProcessClocks, KnowsOnlyWhatItWasTold) {
  // GIVEN
  testing::FakeProcessClocks fake;
  const ProcessClocks& clocks = fake;
  fake.set_process_cpu_ns(7, 70);
  fake.set_own_reaped_cpu_ns(5);

  // THEN
  EXPECT_EQ(clocks.process_cpu_ns(7), 70);
  EXPECT_EQ(clocks.process_cpu_ns(8), std::nullopt);
  EXPECT_EQ(clocks.own_reaped_cpu_ns(), 5);

  // WHEN the process ends
  fake.end_process(7);

  // THEN
  EXPECT_EQ(clocks.process_cpu_ns(7), std::nullopt);
}

}  // namespace
}  // namespace jumper::base
