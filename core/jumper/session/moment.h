// SPDX-License-Identifier: BSD-3-Clause
// Times in files are seconds, within a range that nanoseconds can hold.
#pragma once

#include <cmath>
#include <cstdint>
#include <optional>

namespace jumper::session {

inline constexpr double kLatestSeconds = 9e9;  // the year 2255

[[nodiscard]] inline std::optional<int64_t> to_nanos(double seconds) {
  if (!(seconds >= 0 && seconds <= kLatestSeconds)) return std::nullopt;
  return std::llround(seconds * 1e9);
}

}  // namespace jumper::session
