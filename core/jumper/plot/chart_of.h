// SPDX-License-Identifier: BSD-3-Clause
// The chart of a session's plot data: what %perfmonitor_plot draws into a file.
#pragma once

#include <string>

#include "jumper/analysis/plot_data.h"
#include "jumper/plot/chart.h"

namespace jumper::plot {

struct ChartOptions {
  std::string title;
  bool is_dark = false;
  bool squeezes_idle = false;  // only the cells take room
};

// The shown panels at the shown level, over all the time of the data.
[[nodiscard]] Chart chart_of(const analysis::PlotData& data, const ChartOptions& options);

}  // namespace jumper::plot
