// SPDX-License-Identifier: BSD-3-Clause
// When memory that grows will reach its limit. Pure: readings are passed in.
//
// The last 1/4, 1, 4, 16 and 64 seconds are looked at, each at sixteen points. Of those in which
// memory grew steadily the shortest counts, and it is believed for no longer ahead than four times
// its own length. Steadily means: no single rise made more than half of the growth, either half of
// the time has at least a quarter of it, falls took back less than half of the rises, and the last
// rise is no longer ago than twice the longest pause between rises. So one jump, a plateau after
// growth and a sawtooth below the limit say nothing, whatever their slope; growth in steps is
// growth when it was seen several times. Nothing is said while less than half of the limit is in
// use. docs/forecast.md has how often that is wrong.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace jumper::analysis {

struct MemoryPoint {
  int64_t time_ns = 0;
  double used_bytes = 0;
};

struct Forecast {
  double seconds_left = 0;
  double used_bytes = 0;
  double limit_bytes = 0;
  double bytes_per_second = 0;
};

// Takes readings in the order of time, as many as there are, and keeps few.
class MemoryTrend {
 public:
  MemoryTrend();

  void add(const MemoryPoint& point);
  void clear();
  // Absent where memory does not grow steadily, or the limit is far.
  [[nodiscard]] std::optional<Forecast> forecast(double limit_bytes) const;

 private:
  // One length of time: of each sixteenth the last reading.
  struct Window {
    int64_t length_ns = 0;
    std::vector<MemoryPoint> points;
  };

  std::array<Window, 5> windows_;
};

[[nodiscard]] std::optional<Forecast> forecast(std::span<const MemoryPoint> points,
                                               double limit_bytes);

}  // namespace jumper::analysis
