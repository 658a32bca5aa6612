// SPDX-License-Identifier: BSD-3-Clause
// Memory that has a limit is read at every tick while much of it is in use and it grows, and ticks
// come the faster the nearer the limit is: a forecast needs them. Pure: values are passed in.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

namespace jumper::sampler {

class MemoryWatch {
 public:
  // What was read: so much of `limit`, while the process tree had `tree_bytes`.
  void was_read(int64_t now_ns, double used, double limit, double tree_bytes) {
    if (read_ns_ != 0 && now_ns > read_ns_)
      bytes_per_ns_ = (used - used_) / static_cast<double>(now_ns - read_ns_);
    read_ns_ = now_ns;
    used_ = used;
    headroom_ = std::max(limit - used, 0.0);
    is_high_ = used >= kWatchedShare * limit;
    tree_bytes_ = tree_bytes;
  }

  // Whether it is to be read again, now that the tree has `tree_bytes`.
  [[nodiscard]] bool wants(double tree_bytes) const {
    return is_high_ && tree_bytes - tree_bytes_ > headroom_ / kStepsToLimit;
  }

  // The longest time to the next tick; absent where there is no hurry.
  [[nodiscard]] std::optional<int64_t> period_ns() const {
    if (!is_high_ || bytes_per_ns_ <= 0) return std::nullopt;
    const double left_ns = headroom_ / bytes_per_ns_;
    if (left_ns > kHurryNs) return std::nullopt;
    return std::max(kShortestNs, static_cast<int64_t>(left_ns / kTicksToLimit));
  }

 private:
  static constexpr double kWatchedShare = 0.5;
  static constexpr double kStepsToLimit = 1024;
  static constexpr double kTicksToLimit = 16;
  static constexpr double kHurryNs = 60e9;
  static constexpr int64_t kShortestNs = 5'000'000;

  int64_t read_ns_ = 0;
  double used_ = 0;
  double headroom_ = 0;
  double tree_bytes_ = 0;
  double bytes_per_ns_ = 0;
  bool is_high_ = false;
};

}  // namespace jumper::sampler
