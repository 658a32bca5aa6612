// SPDX-License-Identifier: BSD-3-Clause
// A clock that stands still until a test moves it, and CPU clocks of processes that do not exist.
// May be moved while another thread reads them.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>

#include "jumper/base/clock.h"

namespace jumper::testing {

class FakeClock final : public base::Clock {
 public:
  // Unequal starts, so that a test finds a mix-up of the two clocks.
  explicit FakeClock(int64_t monotonic_ns = 1'000 * base::kNanosPerSecond,
                     int64_t wall_ns = 1'700'000'000 * base::kNanosPerSecond)
      : monotonic_ns_(monotonic_ns), wall_ns_(wall_ns) {}

  [[nodiscard]] int64_t monotonic_ns() const override { return monotonic_ns_; }
  [[nodiscard]] int64_t wall_ns() const override { return wall_ns_; }

  // Time passes: on both clocks.
  void advance_ns(int64_t nanos) {
    monotonic_ns_ += nanos;
    wall_ns_ += nanos;
  }
  // Somebody sets the wall clock: the other one does not move.
  void set_wall_ns(int64_t nanos) { wall_ns_ = nanos; }
  void set_monotonic_ns(int64_t nanos) { monotonic_ns_ = nanos; }

 private:
  std::atomic<int64_t> monotonic_ns_;
  std::atomic<int64_t> wall_ns_;
};

class FakeProcessClocks final : public base::ProcessClocks {
 public:
  [[nodiscard]] std::optional<int64_t> process_cpu_ns(pid_t pid) const override {
    const std::scoped_lock lock(mutex_);
    const auto found = process_cpu_ns_.find(pid);
    if (found == process_cpu_ns_.end()) return std::nullopt;
    return found->second;
  }
  [[nodiscard]] int64_t own_reaped_cpu_ns() const override { return own_reaped_cpu_ns_; }

  void set_process_cpu_ns(pid_t pid, int64_t nanos) {
    const std::scoped_lock lock(mutex_);
    process_cpu_ns_[pid] = nanos;
  }
  void end_process(pid_t pid) {
    const std::scoped_lock lock(mutex_);
    process_cpu_ns_.erase(pid);
  }
  void set_own_reaped_cpu_ns(int64_t nanos) { own_reaped_cpu_ns_ = nanos; }

 private:
  mutable std::mutex mutex_;
  std::map<pid_t, int64_t> process_cpu_ns_;  // guarded by mutex_
  std::atomic<int64_t> own_reaped_cpu_ns_ = 0;
};

}  // namespace jumper::testing
