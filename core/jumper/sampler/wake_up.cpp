// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/sampler/wake_up.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <ctime>

#include "jumper/base/clock.h"

namespace jumper::sampler {

static_assert(sizeof(std::atomic<uint32_t>) == sizeof(uint32_t), "the kernel waits on the number");

void WakeUp::wait_until(std::unique_lock<std::mutex>& lock, int64_t deadline_ns) {
  // Read with the lock held: who changes what the waiter looks at does so with the lock as well,
  // and calls afterwards. Such a call changes the number, with which the kernel does not sleep.
  const uint32_t calls = calls_.load(std::memory_order_acquire);
  const int64_t until_ns = std::max<int64_t>(deadline_ns, 0);
  timespec until{};
  until.tv_sec = static_cast<time_t>(until_ns / base::kNanosPerSecond);
  until.tv_nsec =
      static_cast<long>(until_ns % base::kNanosPerSecond);  // NOLINT(google-runtime-int)
  lock.unlock();
  // The deadline of this operation is absolute, and of CLOCK_MONOTONIC (futex(2)).
  ::syscall(SYS_futex, &calls_, FUTEX_WAIT_BITSET_PRIVATE, calls, &until, nullptr,
            FUTEX_BITSET_MATCH_ANY);
  lock.lock();
}

void WakeUp::notify() {
  calls_.fetch_add(1, std::memory_order_release);
  ::syscall(SYS_futex, &calls_, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
}

}  // namespace jumper::sampler
