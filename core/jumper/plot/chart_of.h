// SPDX-License-Identifier: BSD-3-Clause
// The chart of a session's plot data: what %perfmonitor_plot draws into a file.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "jumper/analysis/plot_data.h"
#include "jumper/plot/chart.h"

namespace jumper::plot {

struct ChartOptions {
  std::string title;
  bool is_dark = false;
  bool squeezes_idle = false;       // only the cells take room
  std::vector<size_t> panels = {};  // places in analysis::plot_panels(); none: those shown at first
};

// At the level that the data are to be shown at.
[[nodiscard]] Chart chart_of(const analysis::PlotData& data, const ChartOptions& options);

}  // namespace jumper::plot
