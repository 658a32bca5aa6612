// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/session/io_totals.h"

#include <cmath>

#include "jumper/metric/sample.h"

namespace jumper::session {
namespace {

constexpr double kLargest = 9007199254740992.0;  // 2^53: beyond it not all whole numbers are there

bool are_totals(std::span<const double> values) {
  double before = 0;
  for (const double value : values) {
    if (metric::is_absent(value)) continue;
    if (value < before || value > kLargest || value != std::floor(value)) return false;
    before = value;
  }
  return true;
}

// The product as a whole number where it is one but for rounding, else absent.
double whole_product(double value, double gap) {
  // A division and a multiplication, each right to half a unit in the last place.
  constexpr double kRounding = 4 * 2.3e-16;
  const double product = value * gap;
  const double tolerance = kRounding * product;
  // Where whole numbers lie closer than rounding errors reach, any number would seem whole.
  const bool is_whole = product >= 0 && tolerance < 0.1 &&
                        std::abs(product - std::round(product)) <= tolerance + 1e-9;
  return is_whole ? std::round(product) : metric::kAbsent;
}

// The first row's gap reaches back to the clock's own zero.
double gap_before(std::span<const double> times, size_t row) {
  return row == 0 ? times[0] : times[row] - times[row - 1];
}

}  // namespace

IoKind kind_of(IoColumns columns, std::span<const double> times) {
  bool all_totals = true;
  bool starts_at_zero = true;
  size_t whole = 0;
  size_t all = 0;
  for (const std::vector<double>* values : columns) {
    all_totals = all_totals && are_totals(*values);
    starts_at_zero = starts_at_zero && (values->empty() || values->front() == 0);
    for (size_t i = 0; i < values->size(); ++i) {
      const double value = (*values)[i];
      if (metric::is_absent(value) || value == 0) continue;  // 0 is whole in any case
      ++all;
      if (!metric::is_absent(whole_product(value, gap_before(times, i)))) ++whole;
    }
  }
  if (all_totals) return IoKind::kTotals;
  return 2 * whole < all && starts_at_zero ? IoKind::kRates : IoKind::kDivided;
}

size_t make_totals(std::vector<double>& values, std::span<const double> times, IoKind kind) {
  if (kind == IoKind::kTotals) return 0;
  size_t lost = 0;
  double total = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    if (metric::is_absent(values[i])) continue;
    const double gap = gap_before(times, i);
    if (kind == IoKind::kDivided) {
      values[i] = whole_product(values[i], gap);
    } else {
      if (i > 0 && values[i] > 0) total += values[i] * gap;
      values[i] = std::round(total);
    }
    if (metric::is_absent(values[i])) ++lost;
  }
  return lost;
}

}  // namespace jumper::session
