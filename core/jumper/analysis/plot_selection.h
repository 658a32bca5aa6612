// SPDX-License-Identifier: BSD-3-Clause
// Parts of a plot: certain panels, at one level, over the time of certain cells.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "jumper/analysis/plot_data.h"

namespace jumper::analysis {

struct PlotWindow {
  int64_t from_ns = 0;
  int64_t to_ns = 0;

  bool operator==(const PlotWindow&) const = default;
};

// The time that is seen first: that of the cells that were asked for, and where those are the
// first or the last ones, of what lies before or behind them too.
[[nodiscard]] PlotWindow first_window(const PlotData& data);

// What is seen first, and nothing else: the shown level and panels over that time.
[[nodiscard]] PlotData first_view(const PlotData& data);

// Nothing but these panels at the shown level, over the time of the cells that were asked for
// exactly. None: the panels shown.
[[nodiscard]] PlotData selected(const PlotData& data, const std::vector<size_t>& panels);

// With at most about so many points per level.
[[nodiscard]] PlotData thinned(PlotData data, size_t points);

}  // namespace jumper::analysis
