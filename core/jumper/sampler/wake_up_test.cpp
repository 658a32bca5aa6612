// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/sampler/wake_up.h"

#include <gtest/gtest.h>

#include <limits>
#include <thread>

#include "jumper/base/clock.h"

namespace jumper::sampler {
namespace {

constexpr int64_t kNever = std::numeric_limits<int64_t>::max();

TEST(WakeUp, SleepsUntilTheDeadlineAndHoldsTheLockAgain) {
  // GIVEN
  std::mutex mutex;
  std::unique_lock lock(mutex);
  const base::SystemClock clock;
  const int64_t deadline_ns = clock.monotonic_ns() + 5'000'000;
  WakeUp wake;

  // WHEN
  while (clock.monotonic_ns() < deadline_ns) wake.wait_until(lock, deadline_ns);

  // THEN
  EXPECT_TRUE(lock.owns_lock());
}

TEST(WakeUp, ADeadlineThatIsOverIsNotWaitedFor) {
  std::mutex mutex;
  std::unique_lock lock(mutex);
  WakeUp wake;
  wake.wait_until(lock, -1);
  wake.wait_until(lock, 0);
  EXPECT_TRUE(lock.owns_lock());
}

TEST(WakeUp, ACallEndsTheWaitAndGivesTheLockMeanwhile) {
  // GIVEN a thread that waits for a value, without end
  std::mutex mutex;
  WakeUp wake;
  int asked = 0;
  int answered = 0;
  std::thread thread([&] {
    std::unique_lock lock(mutex);
    while (answered < 1000) {
      while (asked == answered) wake.wait_until(lock, kNever);
      ++answered;
    }
  });

  // WHEN it is called each time it has something to see
  for (int count = 1; count <= 1000; ++count) {
    {
      const std::scoped_lock lock(mutex);
      ++asked;
    }
    wake.notify();
  }

  // THEN no call was missed
  thread.join();
  EXPECT_EQ(answered, asked);
}

}  // namespace
}  // namespace jumper::sampler
