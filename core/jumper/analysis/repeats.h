// SPDX-License-Identifier: BSD-3-Clause
// Whether two measured numbers differ by more than chance, told from few repeats of one or both.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

namespace jumper::analysis {

// How large a difference between the medians of `a_count` and `b_count` measurements comes about by
// chance in one of a hundred comparisons, when nothing has changed.
//
// The rule is Student's, for few repeats: the scatter of single measurements is estimated from the
// repeats of both sides together (their pooled standard deviation), so one side may have just one.
// The difference of the medians then has that, times sqrt(1/a_count + 1/b_count), as its own
// scatter; a median of three or more scatters up to 1.2533 times as much as a mean. Times the
// two-sided 99 % point of Student's t with as many degrees of freedom as there are repeats beyond
// the first of each side. A run that happens to be slow makes the scatter large, so from three and
// three runs on it hides a difference rather than making one up; with fewer, such a run cannot be
// told from a change.
//
// Absent where neither side has repeats.
[[nodiscard]] std::optional<double> chance_difference(std::span<const double> a_repeats,
                                                      size_t a_count,
                                                      std::span<const double> b_repeats,
                                                      size_t b_count);

// Absent of nothing.
[[nodiscard]] std::optional<double> median(std::span<const double> values);

}  // namespace jumper::analysis
