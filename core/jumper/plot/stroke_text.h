// SPDX-License-Identifier: BSD-3-Clause
// Text as lines for a pen, on whole pixels.
#pragma once

#include <string_view>
#include <vector>

#include "jumper/plot/display_list.h"

namespace jumper::plot {

// Of the letters of glyphs.h at a size in pixels of the picture.
class StrokeText {
 public:
  StrokeText(std::string_view utf8, double size_px, bool is_bold);

  [[nodiscard]] double width_px() const { return width_px_; }
  [[nodiscard]] double pen_px() const { return pen_px_; }
  // From the beginning of the baseline, y upwards. A line of two equal points is a dot.
  [[nodiscard]] const std::vector<std::vector<Point>>& lines() const { return lines_; }

 private:
  [[nodiscard]] double place(double squares) const;
  void add_stroke(std::string_view stroke, double left_px);

  double scale_;
  double pen_px_;
  double width_px_ = 0;
  std::vector<std::vector<Point>> lines_;
};

}  // namespace jumper::plot
