// SPDX-License-Identifier: BSD-3-Clause
// A series as steps on a grid of pixels: coarser than series_points.h, for pictures that have to be
// small. Edges lie on whole pixels of a picture drawn at twice its size.
#pragma once

#include <vector>

#include "jumper/plot/chart.h"
#include "jumper/plot/display_list.h"
#include "jumper/plot/time_axis.h"
#include "jumper/plot/value_axis.h"

namespace jumper::plot {

struct SteppedShape {
  std::vector<Rect> line;                 // the means
  std::vector<std::vector<Point>> bands;  // from the lowest to the highest
};

// A step for every `column_px`, or where points are further apart, from one to the next.
[[nodiscard]] SteppedShape stepped_shape(const Series& series, const TimeAxis& time,
                                         const ValueAxis& values, double column_px);

}  // namespace jumper::plot
