// SPDX-License-Identifier: BSD-3-Clause
// Waiting for a deadline from which another thread may call one away: what the sampling thread does
// between ticks. A condition variable would do, at several times the cost: the kernel is entered
// once to sleep here, and neither to look at the clock nor to give the lock back.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>

namespace jumper::sampler {

class WakeUp {
 public:
  // Gives up `lock` until CLOCK_MONOTONIC reaches `deadline_ns` or notify() is called, and takes it
  // again. A call made since the lock was taken counts. May return earlier: look what happened.
  void wait_until(std::unique_lock<std::mutex>& lock, int64_t deadline_ns);

  // Ends the wait of one thread, with the lock held or without.
  void notify();

 private:
  std::atomic<uint32_t> calls_{0};
};

}  // namespace jumper::sampler
