// SPDX-License-Identifier: BSD-3-Clause
// A comparison of two cells or two sessions as text (100 columns at most), HTML and JSON.
#pragma once

#include <string>

#include "jumper/analysis/compare.h"

namespace jumper::report {

// So many cells are shown, the ones that changed most; JSON has all.
inline constexpr size_t kMostComparedCells = 500;

// Of sessions: durations of all cells, and what else differs notably. Of two cells: all numbers.
[[nodiscard]] std::string compare_text(const analysis::Comparison& comparison);
// A fragment with its own style and no script; all text in it is escaped.
[[nodiscard]] std::string compare_html(const analysis::Comparison& comparison);
[[nodiscard]] std::string compare_json(const analysis::Comparison& comparison);

}  // namespace jumper::report
