// SPDX-License-Identifier: BSD-3-Clause
// The steps from samples to the points of a curve: rates out of counters, and fewer points.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "jumper/metric/sample.h"

namespace jumper::analysis {

// The rows of one level, and where its counters begin anew.
struct PlotRows {
  std::vector<int64_t> times_ns;
  std::vector<metric::TickKind> kinds;  // kStart: no rate reaches back to the row before
};

// Rates per nanosecond, each for the time from the row before on. Rows that lie closer together
// than `shortest_ns` share one rate, but a cell's own samples never share with what is outside.
[[nodiscard]] std::vector<double> rates_of(const PlotRows& rows, std::span<const double> counter,
                                           int64_t shortest_ns);

// CPU time is booked late, never early: when a process has ended, or at the kernel's next tick.
// What is above the highest rate there can be moves to the time before; what finds no room is left
// out.
void carry_back(const PlotRows& rows, std::span<double> rates, double highest_rate);

// Neighbouring rows that make one point.
struct PointGroup {
  size_t begin = 0;
  size_t end = 0;
};

// At most about `points` groups of equally many rows. A row where monitoring began anew is a group
// of its own: nothing reaches over it.
[[nodiscard]] std::vector<PointGroup> group_rows(const std::vector<bool>& is_start, size_t points);

// The mean over a group, each value counting for the time from the row before on. Absent where all
// are.
[[nodiscard]] double mean_of(std::span<const int64_t> times_ns, std::span<const double> values,
                             PointGroup group);
[[nodiscard]] double lowest_of(std::span<const double> values, PointGroup group);
[[nodiscard]] double highest_of(std::span<const double> values, PointGroup group);

}  // namespace jumper::analysis
