// SPDX-License-Identifier: BSD-3-Clause
// How often to sample inside a cell: often while it is young, ever less as it ages, so that a cell
// of half a second shows its course as well as one of an hour. Pure.
#pragma once

#include <algorithm>
#include <cstdint>

namespace jumper::sampler {

inline constexpr int64_t kShortestCurvePeriodNs = 5'000'000;
// A cell of any length gets about fifty samples for each time its age grows by e.
inline constexpr int64_t kCurveSamplesPerAge = 50;

// The time to the next sample in a cell of this age. Never longer than the interval asked for.
[[nodiscard]] constexpr int64_t curve_period_ns(int64_t cell_age_ns, int64_t interval_ns) {
  return std::min(interval_ns, std::max(kShortestCurvePeriodNs, cell_age_ns / kCurveSamplesPerAge));
}

}  // namespace jumper::sampler
