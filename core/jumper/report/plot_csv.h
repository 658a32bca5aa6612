// SPDX-License-Identifier: BSD-3-Clause
// The curves of a plot as a table.
#pragma once

#include <string>

#include "jumper/analysis/plot_data.h"

namespace jumper::report {

// A row per point of the shown level: `seconds` since monitoring started, `timestamp` since the
// epoch, `cell_index`, and per curve of the shown panels a column that names its unit; where points
// stand for several samples, their extremes too. What was not measured is empty.
[[nodiscard]] std::string plot_csv(const analysis::PlotData& data);

}  // namespace jumper::report
