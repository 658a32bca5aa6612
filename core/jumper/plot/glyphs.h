// SPDX-License-Identifier: BSD-3-Clause
// A font made of strokes: letters as lines on a grid, so that they fall on whole pixels at 11 and
// at 22 pixels and are drawn with a pen of any width.
//
// A stroke is a list of points "x,y"; strokes are separated by ';'. Points are middles of the
// grid's squares: 0,0 is the lowest and leftmost square of a letter, capitals are 8 squares high,
// small letters 6, and up to 3 squares lie below the line. "~" rounds the corner at a point, "z"
// joins the end to the beginning.
#pragma once

#include <string_view>

namespace jumper::plot {

inline constexpr double kGridPerSize = 11;  // squares in the size of the font

struct Glyph {
  int advance;  // squares to the next letter
  std::string_view strokes;
};

// Of a Latin-1 character; accents are left out, and what there is no letter for is a box.
[[nodiscard]] Glyph glyph_of(unsigned char latin1);

}  // namespace jumper::plot
