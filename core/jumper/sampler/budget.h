// SPDX-License-Identifier: BSD-3-Clause
// How much CPU the monitor may use, as a share of one core. Time earns credit at that rate, ticks
// spend it. Credit can be saved up, so that a short cell gets a fine curve after a quiet while;
// debt makes the next ticks rarer. Pure: times are passed in.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

namespace jumper::sampler {

class Budget {
 public:
  // `share` of one core, 0.005 for half a percent; 0 or less: no limit.
  explicit Budget(double share) : share_(share) {}

  [[nodiscard]] bool is_limited() const { return share_ > 0; }
  [[nodiscard]] double share() const { return share_; }

  // Called with the time of each tick before anything is asked.
  void earn(int64_t now_ns) {
    if (last_ns_ == 0) {
      credit_ns_ = cap_ns() / 10;  // so that the first cells after a start have a curve, too
    } else {
      credit_ns_ = std::min(cap_ns(), credit_ns_ + static_cast<double>(now_ns - last_ns_) * share_);
    }
    last_ns_ = now_ns;
  }
  void spend(int64_t cpu_ns) { credit_ns_ -= static_cast<double>(cpu_ns); }

  // What can be spent now without going into debt.
  [[nodiscard]] int64_t available_ns() const {
    if (!is_limited()) return std::numeric_limits<int64_t>::max();
    return std::max<int64_t>(static_cast<int64_t>(credit_ns_), 0);
  }
  // Whether something that costs this much can be had now without going into debt.
  [[nodiscard]] bool affords(int64_t cpu_ns) const {
    return !is_limited() || credit_ns_ >= static_cast<double>(cpu_ns);
  }
  // How long it takes until that is so; of what is dearer than all that can be saved, until that
  // is.
  [[nodiscard]] int64_t wait_ns(int64_t cpu_ns) const {
    if (!is_limited()) return 0;
    const double missing_ns = std::min(static_cast<double>(cpu_ns), cap_ns()) - credit_ns_;
    return missing_ns > 0 ? static_cast<int64_t>(missing_ns / share_) + 1 : 0;
  }
  // Whether it can be had, or as much as can be saved at all: for what is dearer than that.
  [[nodiscard]] bool affords_or_is_full(int64_t cpu_ns) const {
    return affords(std::min(cpu_ns, static_cast<int64_t>(cap_ns())));
  }

 private:
  // What can be saved: the earnings of twenty seconds.
  [[nodiscard]] double cap_ns() const { return share_ * 20e9; }

  double share_;
  double credit_ns_ = 0;
  int64_t last_ns_ = 0;
};

// The typical cost of something measured again and again: follows what it costs lately, and is
// not thrown by one reading that was interrupted.
class CostEstimate {
 public:
  void add(int64_t cost_ns) {
    const auto cost = static_cast<double>(cost_ns);
    mean_ns_ = mean_ns_ == 0 ? cost : mean_ns_ + (std::min(cost, 4 * mean_ns_) - mean_ns_) / 8;
  }
  // It was not measured for a while because it seemed too dear: it may have become cheaper.
  void fade() { mean_ns_ -= mean_ns_ / 32; }
  [[nodiscard]] int64_t ns() const { return static_cast<int64_t>(mean_ns_); }

 private:
  double mean_ns_ = 0;
};

}  // namespace jumper::sampler
