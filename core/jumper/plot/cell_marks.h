// SPDX-License-Identifier: BSD-3-Clause
// The cells behind a panel's curves: alternate shades, and above them index and duration.
#pragma once

#include <string>
#include <vector>

#include "jumper/plot/chart.h"
#include "jumper/plot/display_list.h"
#include "jumper/plot/time_axis.h"

namespace jumper::plot {

inline constexpr int kCellLabelHeightPx = 14;

struct CellArea {
  Rect plot;
  bool has_labels = false;  // in the line above the plot
};

// "450 us", "12 ms", "2.3 s", "2:05 min", "1:02 h".
[[nodiscard]] std::string short_duration(double seconds);

void draw_cells(DisplayList& list, const std::vector<CellMark>& cells, const TimeAxis& time,
                const CellArea& area, const Theme& theme);

}  // namespace jumper::plot
