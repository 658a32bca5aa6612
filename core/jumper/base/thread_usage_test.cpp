// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/base/thread_usage.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <thread>
#include <vector>

#include "jumper/base/clock.h"
#include "jumper/base/fd.h"
#include "testing/sanitizers.h"

namespace jumper::base {
namespace {

constexpr int64_t kMillisecond = 1'000'000;

int64_t cpu_ns(const ThreadUsage& usage) {
  return usage.user_ns + usage.system_ns;
}

// Until this much time has passed, whoever had the CPU meanwhile; reads no CPU clock.
void burn_wall(std::chrono::nanoseconds duration) {
  const auto end = std::chrono::steady_clock::now() + duration;
  while (std::chrono::steady_clock::now() < end) continue;
}

void burn_cpu(int64_t nanos) {
  const int64_t end_ns = thread_cpu_ns() + nanos;
  while (thread_cpu_ns() < end_ns) burn_wall(std::chrono::microseconds(200));
}

TEST(LiveThreadUsage, IsNoOlderThanTheThreadsClock) {
  // GIVEN a thread that has been running for less than the kernel's tick, at which it brings what
  // getrusage tells up to date
  std::vector<int64_t> behind_ns;
  for (int i = 0; i < 21; ++i) {
    burn_wall(std::chrono::milliseconds(3));

    // WHEN
    const ThreadUsage usage = thread_usage();
    behind_ns.push_back(thread_cpu_ns() - cpu_ns(usage));
  }

  // THEN it is as new as the clock: most times, as either may be interrupted
  std::ranges::sort(behind_ns);
  EXPECT_LT(behind_ns[10], kMillisecond / 5);
  EXPECT_GE(behind_ns[0], 0);
}

TEST(LiveThreadUsage, CpuTimeIsThatOfTheThreadsClock) {
  // GIVEN
  const ThreadUsage before = thread_usage();
  const int64_t clock_before_ns = thread_cpu_ns();

  // WHEN
  burn_cpu(60 * kMillisecond);

  // THEN
  const int64_t used_ns = cpu_ns(thread_usage()) - cpu_ns(before);
  EXPECT_NEAR(static_cast<double>(used_ns), static_cast<double>(thread_cpu_ns() - clock_before_ns),
              5.0 * kMillisecond);
}

// The kernel tells user from system time by what it finds the thread at when it ticks, so a share
// is rough, all the more on a busy machine.
TEST(LiveThreadUsage, TimeInTheKernelIsSystemTime) {
  // GIVEN
  const UniqueFd zero(::open("/dev/zero", O_RDONLY | O_CLOEXEC));
  ASSERT_TRUE(zero.valid());
  std::vector<char> bytes(1 << 20U);
  const ThreadUsage before = thread_usage();
  const int64_t end_ns = thread_cpu_ns() + 150 * kMillisecond;

  // WHEN the kernel clears memory, over many ticks
  while (thread_cpu_ns() < end_ns) {
    ASSERT_EQ(::read(zero.get(), bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
  }

  // THEN
  const ThreadUsage after = thread_usage();
  // A sanitizer looks at all that was read, in user time.
  const int64_t least_ns = jumper::testing::kIsSanitized ? kMillisecond : 10 * kMillisecond;
  EXPECT_GT(after.system_ns - before.system_ns, least_ns);
}

TEST(LiveThreadUsage, TimeInTheProgramIsUserTime) {
  const ThreadUsage before = thread_usage();
  burn_cpu(150 * kMillisecond);
  const ThreadUsage after = thread_usage();
  EXPECT_GT(after.user_ns - before.user_ns, 10 * kMillisecond);
}

TEST(LiveThreadUsage, OtherThreadsDoNotCount) {
  // GIVEN
  const ThreadUsage before = thread_usage();
  int64_t others_ns = 0;

  // WHEN
  std::thread([&others_ns] {
    burn_cpu(40 * kMillisecond);
    others_ns = cpu_ns(thread_usage());
  }).join();

  // THEN
  EXPECT_GE(others_ns, 39 * kMillisecond);
  EXPECT_LT(cpu_ns(thread_usage()) - cpu_ns(before), others_ns / 2);
}

TEST(LiveThreadUsage, AThreadThatSleepsSwitchesAndUsesLittle) {
  // GIVEN
  const ThreadUsage before = thread_usage();

  // WHEN
  for (int i = 0; i < 20; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(2));

  // THEN
  const ThreadUsage after = thread_usage();
  EXPECT_GE(after.voluntary_switches - before.voluntary_switches, 20U);
  EXPECT_LT(cpu_ns(after) - cpu_ns(before), 20 * kMillisecond);
}

TEST(LiveThreadUsage, AThreadThatIsBusyDoesNotSwitchOfItsOwn) {
  const ThreadUsage before = thread_usage();
  burn_wall(std::chrono::milliseconds(20));
  EXPECT_EQ(thread_usage().voluntary_switches, before.voluntary_switches);
}

}  // namespace
}  // namespace jumper::base
