// SPDX-License-Identifier: BSD-3-Clause
// A picture as the few things it is made of, in the order in which they are painted. Every format
// is written from this. Pixels, y downwards; a line of one pixel is crisp on half coordinates.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "jumper/plot/chart.h"

namespace jumper::plot {

struct Point {
  double x = 0;
  double y = 0;

  bool operator==(const Point&) const = default;
};

struct Rect {
  double left = 0;
  double top = 0;
  double width = 0;
  double height = 0;

  [[nodiscard]] double right() const { return left + width; }
  [[nodiscard]] double bottom() const { return top + height; }
  bool operator==(const Rect&) const = default;
};

struct FillRect {
  Rect rect;
  Colour colour;
};

struct Polyline {
  std::vector<Point> points;
  Colour colour;
  double width_px = 1;
  double dash_px = 0;  // dashes and gaps of this length; 0: solid
};

// A filled polygon that does not cross itself.
struct Polygon {
  std::vector<Point> points;
  Colour colour;
};

enum class Anchor : uint8_t { kStart, kMiddle, kEnd };

struct Text {
  Point at;  // on the baseline
  std::string text;
  double size_px = 11;
  Anchor anchor = Anchor::kStart;
  Colour colour;
  bool is_bold = false;
  bool is_upward = false;  // reads from the bottom to the top
};

// What follows is drawn within the rectangle only, up to the next EndClip. They do not nest.
struct BeginClip {
  Rect rect;
};
struct EndClip {};

using Item = std::variant<FillRect, Polyline, Polygon, Text, BeginClip, EndClip>;

struct DisplayList {
  int width_px = 0;
  int height_px = 0;
  std::string title;
  std::string description;
  Colour background;
  std::vector<Item> items;
};

}  // namespace jumper::plot
