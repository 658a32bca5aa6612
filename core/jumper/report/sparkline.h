// SPDX-License-Identifier: BSD-3-Clause
// A plot as a few lines of text, for a terminal.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "jumper/analysis/plot_data.h"

namespace jumper::report {

// One character per value, from `lowest` to `highest`; absent values are blank.
[[nodiscard]] std::string sparkline(std::span<const double> values, double lowest, double highest);

// What is seen first: the shown panels at the shown level, each curve `width` characters wide
// beside its mean, lowest and highest value, and the cells under them.
[[nodiscard]] std::string plot_text(const analysis::PlotData& all, size_t width = 60);

}  // namespace jumper::report
