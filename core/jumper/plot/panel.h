// SPDX-License-Identifier: BSD-3-Clause
// One panel of a chart, as items of a picture.
#pragma once

#include "jumper/plot/chart.h"
#include "jumper/plot/display_list.h"
#include "jumper/plot/value_axis.h"

namespace jumper::plot {

inline constexpr double kLabelSizePx = 11;

struct PanelFrame {
  const Chart& chart;
  const Panel& panel;
  Rect place;  // all of it but the labels of time
  double label_width_px = 0;
  Span range;
  bool has_cell_labels = false;
  bool has_time_labels = false;
};

// What the labels of the values need.
[[nodiscard]] double value_label_width(const Panel& panel, double height_px);

void draw_panel(DisplayList& list, const PanelFrame& frame);

}  // namespace jumper::plot
