// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/analysis/repeats.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <vector>

namespace jumper::analysis {
namespace {

// The 99.5 % quantile of Student's t: from tables, and for many degrees of freedom from its
// expansion around the normal distribution, which is right to a half per cent from 11 on.
double student_t(size_t freedom) {
  constexpr std::array kFirst = {63.657, 9.925, 5.841, 4.604, 4.032,
                                 3.707,  3.499, 3.355, 3.250, 3.169};
  if (freedom <= kFirst.size()) return kFirst[freedom - 1];
  constexpr double kNormal = 2.5758;
  constexpr double kFirstOrder = 4.9166;   // (z^3 + z) / 4
  constexpr double kSecondOrder = 8.8346;  // (5 z^5 + 16 z^3 + 3 z) / 96
  const auto n = static_cast<double>(freedom);
  return kNormal + kFirstOrder / n + kSecondOrder / (n * n);
}

double sum_of_squares(std::span<const double> values) {
  if (values.empty()) return 0;
  const double mean =
      std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
  double sum = 0;
  for (const double value : values) sum += (value - mean) * (value - mean);
  return sum;
}

// The variance of a median of so many, in units of that of one value.
double median_variance(size_t count) {
  constexpr double kHalfPi = 1.5708;
  return (count > 2 ? kHalfPi : 1) / static_cast<double>(count);
}

size_t beyond_first(std::span<const double> values) {
  return values.empty() ? 0 : values.size() - 1;
}

}  // namespace

std::optional<double> chance_difference(std::span<const double> a_repeats, size_t a_count,
                                        std::span<const double> b_repeats, size_t b_count) {
  const size_t freedom = beyond_first(a_repeats) + beyond_first(b_repeats);
  if (freedom == 0 || a_count == 0 || b_count == 0) return std::nullopt;
  const double variance =
      (sum_of_squares(a_repeats) + sum_of_squares(b_repeats)) / static_cast<double>(freedom);
  return student_t(freedom) *
         std::sqrt(variance * (median_variance(a_count) + median_variance(b_count)));
}

std::optional<double> median(std::span<const double> values) {
  if (values.empty()) return std::nullopt;
  std::vector<double> sorted(values.begin(), values.end());
  std::ranges::sort(sorted);
  const size_t middle = sorted.size() / 2;
  if (sorted.size() % 2 == 1) return sorted[middle];
  return std::midpoint(sorted[middle - 1], sorted[middle]);
}

}  // namespace jumper::analysis
