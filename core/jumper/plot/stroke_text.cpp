// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/plot/stroke_text.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <utility>

#include "jumper/plot/glyphs.h"
#include "jumper/plot/text_metrics.h"

namespace jumper::plot {
namespace {

constexpr double kBoldPen = 1.6;       // of the regular one
constexpr double kMostRounding = 2.2;  // squares

struct Corner {
  Point at;
  bool is_round = false;
};

double read_number(std::string_view text) {
  double number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

Corner read_corner(std::string_view word) {
  Corner corner;
  corner.is_round = word.starts_with('~');
  if (corner.is_round) word.remove_prefix(1);
  const size_t comma = word.find(',');
  if (comma == std::string_view::npos) return corner;
  corner.at = {read_number(word.substr(0, comma)), read_number(word.substr(comma + 1))};
  return corner;
}

template <typename Take>
void split(std::string_view text, char separator, Take take) {
  while (!text.empty()) {
    const size_t end = std::min(text.find(separator), text.size());
    if (end > 0) take(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

Point towards(Point from, Point to, double length) {
  const double all = std::hypot(to.x - from.x, to.y - from.y);
  if (all <= 0) return from;
  const double share = length / all;
  return {from.x + (to.x - from.x) * share, from.y + (to.y - from.y) * share};
}

// A corner's curve: it leaves the lines to the neighbours at `radius`, or at their middle.
void round_corner(std::vector<Point>& line, Point before, Point corner, Point after,
                  double radius) {
  const auto cut = [&](Point neighbour) {
    const double length = std::hypot(neighbour.x - corner.x, neighbour.y - corner.y);
    return towards(corner, neighbour, std::min(radius, length / 2));
  };
  const Point from = cut(before);
  const Point to = cut(after);
  constexpr int kSteps = 6;
  for (int i = 0; i <= kSteps; ++i) {
    const double t = static_cast<double>(i) / kSteps;
    const double a = (1 - t) * (1 - t);
    const double b = 2 * t * (1 - t);
    const double c = t * t;
    line.push_back({a * from.x + b * corner.x + c * to.x, a * from.y + b * corner.y + c * to.y});
  }
}

}  // namespace

StrokeText::StrokeText(std::string_view utf8, double size_px, bool is_bold)
    : scale_(size_px / kGridPerSize),
      pen_px_(std::max(1.0, std::round(scale_ * (is_bold ? kBoldPen : 1)))) {
  for (const char character : to_latin1(utf8)) {
    const Glyph glyph = glyph_of(static_cast<unsigned char>(character));
    split(glyph.strokes, ';', [&](std::string_view stroke) { add_stroke(stroke, width_px_); });
    width_px_ += std::round(glyph.advance * scale_ + (is_bold ? pen_px_ - scale_ : 0));
  }
}

// Whole squares begin on whole pixels; a slant's ends may lie between.
double StrokeText::place(double squares) const {
  const double edge = squares * scale_;
  return (squares == std::floor(squares) ? std::round(edge) : edge) + pen_px_ / 2;
}

void StrokeText::add_stroke(std::string_view stroke, double left_px) {
  std::vector<Corner> corners;
  bool is_closed = false;
  split(stroke, ' ', [&](std::string_view word) {
    if (word == "z") {
      is_closed = true;
      return;
    }
    Corner corner = read_corner(word);
    corner.at = {left_px + place(corner.at.x), place(corner.at.y)};
    corners.push_back(corner);
  });
  if (corners.empty()) return;
  const double radius = kMostRounding * scale_;
  std::vector<Point> line;
  const size_t count = corners.size();
  for (size_t i = 0; i < count; ++i) {
    const bool is_end = !is_closed && (i == 0 || i + 1 == count);
    if (!corners[i].is_round || is_end) {
      line.push_back(corners[i].at);
      continue;
    }
    round_corner(line, corners[(i + count - 1) % count].at, corners[i].at,
                 corners[(i + 1) % count].at, radius);
  }
  const Point first = line.front();
  if (is_closed) line.push_back(first);
  if (line.size() == 1) line.push_back(first);
  lines_.push_back(std::move(line));
}

}  // namespace jumper::plot
