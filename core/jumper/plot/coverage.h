// SPDX-License-Identifier: BSD-3-Clause
// How much of each pixel a shape covers: the shape is added piece by piece, then painted once, so
// that pieces that overlap do not show.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "jumper/plot/display_list.h"
#include "jumper/plot/image.h"

namespace jumper::plot {

// Whole pixels; right and bottom are beyond it.
struct PixelRect {
  int left = 0;
  int top = 0;
  int right = 0;
  int bottom = 0;

  [[nodiscard]] bool is_empty() const { return left >= right || top >= bottom; }
  bool operator==(const PixelRect&) const = default;
};

class Coverage {
 public:
  explicit Coverage(Image& image);

  // Nothing is drawn outside.
  void set_clip(PixelRect clip);
  // A line with round ends.
  void add_segment(Point from, Point to, double width_px);
  void add_polygon(std::span<const Point> points);
  void add_rect(const Rect& rect);
  // Blends the colour where something was added, and forgets it.
  void paint(Colour colour);

 private:
  void cover(int x, int y, double share);
  void add_edge(Point from, Point to, const PixelRect& box, std::vector<double>& areas) const;
  [[nodiscard]] size_t index(int x, int y) const;

  Image& image_;
  PixelRect clip_;
  std::vector<uint8_t> shares_;  // 255: all of the pixel
  PixelRect dirty_;              // where shares_ is not 0
};

}  // namespace jumper::plot
