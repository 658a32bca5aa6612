// SPDX-License-Identifier: BSD-3-Clause
// How evenly several were used, each to a share that is known within bounds: what is not so within
// all bounds is not claimed.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace jumper::analysis {

// Idle is who used less than this share of what the median used; where the median itself was nearly
// idle, of what the busiest used. Where that one was nearly idle too, nobody stands out.
inline constexpr double kIdleShareOfMedian = 0.25;
inline constexpr double kNearlyIdleShare = 0.05;

// What is likely, and between what it must lie.
struct Bounded {
  double low = 0;
  double likely = 0;
  double high = 0;
};

// The largest share over the mean of all, less 1. Of one or more.
[[nodiscard]] Bounded imbalance_of(std::span<const Bounded> shares);

// By their places among the shares.
struct IdleShares {
  std::vector<size_t> places;
  bool all_nearly_idle = false;
};
[[nodiscard]] IdleShares idle_among(std::span<const Bounded> shares);  // one or more

// Who is above, and who is below all others for certain.
struct Extremes {
  std::optional<size_t> highest;
  std::optional<size_t> lowest;
};
[[nodiscard]] Extremes extremes_of(std::span<const Bounded> shares);

}  // namespace jumper::analysis
