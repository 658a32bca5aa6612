// SPDX-License-Identifier: BSD-3-Clause
// When the next tick is due. Deadlines are absolute (start + k * period), so that a late tick does
// not push the later ones; an overrun skips ticks and counts them. Pure: no clock, no thread.
#pragma once

#include <cstdint>

namespace jumper::sampler {

class Schedule {
 public:
  Schedule(int64_t start_ns, int64_t period_ns)
      : period_ns_(period_ns), deadline_ns_(start_ns + period_ns) {}

  [[nodiscard]] int64_t deadline_ns() const { return deadline_ns_; }
  [[nodiscard]] uint64_t missed() const { return missed_; }

  // A tick was taken for the current deadline and done at `now_ns`: on to the first deadline
  // that is still ahead.
  void advance(int64_t now_ns) {
    deadline_ns_ += period_ns_;
    if (now_ns < deadline_ns_) return;
    const int64_t behind = (now_ns - deadline_ns_) / period_ns_ + 1;
    missed_ += static_cast<uint64_t>(behind);
    deadline_ns_ += behind * period_ns_;
  }

  // Lets the deadlines before `time_ns` pass; how many those are.
  uint64_t skip_until(int64_t time_ns) {
    if (time_ns <= deadline_ns_) return 0;
    const int64_t count = (time_ns - deadline_ns_ - 1) / period_ns_ + 1;
    deadline_ns_ += count * period_ns_;
    return static_cast<uint64_t>(count);
  }

 private:
  int64_t period_ns_;
  int64_t deadline_ns_;
  uint64_t missed_ = 0;
};

}  // namespace jumper::sampler
