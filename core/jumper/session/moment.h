// SPDX-License-Identifier: BSD-3-Clause
// Times in files are seconds, within a range that nanoseconds can hold.
#pragma once

#include <cmath>
#include <cstdint>
#include <optional>

namespace jumper::session {

inline constexpr double kLatestSeconds = 9e9;  // the year 2255

[[nodiscard]] inline std::optional<int64_t> to_nanos(double seconds) {
  const bool is_sensible = seconds >= 0 && seconds <= kLatestSeconds;  // NaN is not
  return is_sensible ? std::optional<int64_t>(std::llround(seconds * 1e9)) : std::nullopt;
}

}  // namespace jumper::session
