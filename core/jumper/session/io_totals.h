// SPDX-License-Identifier: BSD-3-Clause
// The I/O columns of sessions, which should be totals. The Python JUmPER wrote each total divided
// by the time since the row before, the first one by the clock itself; from 0.4 on it writes rates.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace jumper::session {

using IoColumns = std::span<std::vector<double>* const>;

enum class IoKind : uint8_t {
  kTotals,   // whole numbers that only grow
  kDivided,  // most become whole numbers when multiplied by the time between rows
  kRates,    // none of that, and the first row is 0
};
// What the columns of one file are. `times` are in seconds, just as the file has them, and as many
// as each column has values; absent values say nothing.
[[nodiscard]] IoKind kind_of(IoColumns columns, std::span<const double> times);

// Makes totals of a column of one of the other kinds; returns of how many values none could be
// made, which then are absent. A total that shrank, because one of many processes ended, is one.
[[nodiscard]] size_t make_totals(std::vector<double>& values, std::span<const double> times,
                                 IoKind kind);

}  // namespace jumper::session
