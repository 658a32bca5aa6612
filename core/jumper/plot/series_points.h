// SPDX-License-Identifier: BSD-3-Clause
// A series as lines in pixels: no more points than can be seen, interrupted where nothing was
// measured or time is squeezed. A rate is a step back to the point before.
#pragma once

#include <vector>

#include "jumper/plot/chart.h"
#include "jumper/plot/display_list.h"
#include "jumper/plot/time_axis.h"
#include "jumper/plot/value_axis.h"

namespace jumper::plot {

struct SeriesShape {
  std::vector<std::vector<Point>> lines;  // a point on its own is a short line
  std::vector<std::vector<Point>> bands;  // closed
};

[[nodiscard]] SeriesShape series_shape(const Series& series, const TimeAxis& time,
                                       const ValueAxis& values);

}  // namespace jumper::plot
