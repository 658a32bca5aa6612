// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/plot/coverage.h"

#include <algorithm>
#include <cmath>

namespace jumper::plot {
namespace {

// Shares come in 16 shades: no eye sees more at the edge of a line, and a file is half as long.
constexpr int kShadeStep = 17;

int floor_within(double value, int least, int most) {
  return static_cast<int>(
      std::clamp(std::floor(value), static_cast<double>(least), static_cast<double>(most)));
}
int ceil_within(double value, int least, int most) {
  return static_cast<int>(
      std::clamp(std::ceil(value), static_cast<double>(least), static_cast<double>(most)));
}

// Whether a point is near enough to the picture for sums of its coordinates to be exact.
bool is_near(Point point) {
  constexpr double kFarthest = 1e7;
  return std::abs(point.x) <= kFarthest && std::abs(point.y) <= kFarthest;
}

// Distance of a point from a segment.
double distance(Point point, Point from, Point to) {
  const double dx = to.x - from.x;
  const double dy = to.y - from.y;
  const double length2 = dx * dx + dy * dy;
  const double along =
      length2 > 0
          ? std::clamp(((point.x - from.x) * dx + (point.y - from.y) * dy) / length2, 0.0, 1.0)
          : 0.0;
  return std::hypot(point.x - from.x - along * dx, point.y - from.y - along * dy);
}

uint8_t blend(uint8_t under, uint8_t over, unsigned share) {
  return static_cast<uint8_t>((under * (255U - share) + over * share + 127U) / 255U);
}

}  // namespace

Coverage::Coverage(Image& image)
    : image_(image),
      clip_{0, 0, image.width, image.height},
      shares_(static_cast<size_t>(image.width) * static_cast<size_t>(image.height)),
      dirty_{image.width, image.height, 0, 0} {}

void Coverage::set_clip(PixelRect clip) {
  clip_ = {std::clamp(clip.left, 0, image_.width), std::clamp(clip.top, 0, image_.height),
           std::clamp(clip.right, 0, image_.width), std::clamp(clip.bottom, 0, image_.height)};
}

size_t Coverage::index(int x, int y) const {
  return static_cast<size_t>(y) * static_cast<size_t>(image_.width) + static_cast<size_t>(x);
}

void Coverage::cover(int x, int y, double share) {
  const auto byte = static_cast<uint8_t>(
      kShadeStep * std::lround(std::clamp(share, 0.0, 1.0) * 255 / kShadeStep));
  if (byte == 0) return;
  uint8_t& there = shares_[index(x, y)];
  there = std::max(there, byte);
  dirty_ = {std::min(dirty_.left, x), std::min(dirty_.top, y), std::max(dirty_.right, x + 1),
            std::max(dirty_.bottom, y + 1)};
}

void Coverage::add_segment(Point from, Point to, double width_px) {
  if (!is_near(from) || !is_near(to) || clip_.is_empty()) return;
  const double half = width_px / 2;
  const double reach = half + 0.5;  // up to where a pixel's middle may lie
  const int top = floor_within(std::min(from.y, to.y) - reach, clip_.top, clip_.bottom);
  const int bottom = ceil_within(std::max(from.y, to.y) + reach, clip_.top, clip_.bottom);
  const double dy = to.y - from.y;
  for (int y = top; y < bottom; ++y) {
    // The part of the segment that is near this row.
    double begin = 0;
    double end = 1;
    if (std::abs(dy) > 1e-9) {
      const double a = (y + 0.5 - reach - from.y) / dy;
      const double b = (y + 0.5 + reach - from.y) / dy;
      begin = std::clamp(std::min(a, b), 0.0, 1.0);
      end = std::clamp(std::max(a, b), 0.0, 1.0);
    }
    const double x1 = from.x + begin * (to.x - from.x);
    const double x2 = from.x + end * (to.x - from.x);
    const int left = floor_within(std::min(x1, x2) - reach, clip_.left, clip_.right);
    const int right = ceil_within(std::max(x1, x2) + reach, clip_.left, clip_.right);
    for (int x = left; x < right; ++x) {
      cover(x, y, half + 0.5 - distance({x + 0.5, y + 0.5}, from, to));
    }
  }
}

// Adds what the edge takes away from the pixels to its right: `areas` holds, for each pixel, by
// how much more of it is inside than of its left neighbour.
void Coverage::add_edge(Point from, Point to, const PixelRect& box,
                        std::vector<double>& areas) const {
  const double sign = from.y < to.y ? 1 : -1;
  if (from.y > to.y) std::swap(from, to);
  const double slope = (to.x - from.x) / (to.y - from.y);
  const auto stride = static_cast<size_t>(box.right - box.left) + 2;
  const int top = floor_within(from.y, box.top, box.bottom);
  const int bottom = ceil_within(to.y, box.top, box.bottom);
  for (int y = top; y < bottom; ++y) {
    const double y1 = std::max(from.y, static_cast<double>(y));
    const double y2 = std::min(to.y, static_cast<double>(y + 1));
    if (!(y2 > y1)) continue;
    double* row = areas.data() + static_cast<size_t>(y - box.top) * stride;
    const auto limit = [&](double x) {
      return std::clamp(x, static_cast<double>(box.left), static_cast<double>(box.right)) -
             box.left;
    };
    double x1 = limit(from.x + (y1 - from.y) * slope);
    double x2 = limit(from.x + (y2 - from.y) * slope);
    if (x1 > x2) std::swap(x1, x2);
    const double height = sign * (y2 - y1);
    const auto first = static_cast<size_t>(x1);
    const auto last = static_cast<size_t>(x2);
    if (first == last) {
      const double beyond = (x1 + x2) / 2 - static_cast<double>(first);
      row[first] += height * (1 - beyond);
      row[first + 1] += height * beyond;
      continue;
    }
    const double per_px = height / (x2 - x1);
    for (size_t x = first; x <= last; ++x) {
      const double begin = std::max(x1, static_cast<double>(x));
      const double end = std::min(x2, static_cast<double>(x + 1));
      const double part = per_px * (end - begin);
      const double beyond = (begin + end) / 2 - static_cast<double>(x);
      row[x] += part * (1 - beyond);
      row[x + 1] += part * beyond;
    }
  }
}

void Coverage::add_polygon(std::span<const Point> points) {
  if (points.size() < 3 || clip_.is_empty() || !std::ranges::all_of(points, is_near)) return;
  const auto [left, right] = std::ranges::minmax(points, {}, &Point::x);
  const auto [top, bottom] = std::ranges::minmax(points, {}, &Point::y);
  const PixelRect box{floor_within(left.x, clip_.left, clip_.right),
                      floor_within(top.y, clip_.top, clip_.bottom),
                      ceil_within(right.x, clip_.left, clip_.right),
                      ceil_within(bottom.y, clip_.top, clip_.bottom)};
  if (box.is_empty()) return;
  const auto stride = static_cast<size_t>(box.right - box.left) + 2;
  std::vector<double> areas(stride * static_cast<size_t>(box.bottom - box.top));
  for (size_t i = 0; i < points.size(); ++i) {
    const Point& next = points[(i + 1) % points.size()];
    if (points[i].y != next.y) add_edge(points[i], next, box, areas);
  }
  for (int y = box.top; y < box.bottom; ++y) {
    const double* row = areas.data() + static_cast<size_t>(y - box.top) * stride;
    double inside = 0;
    for (int x = box.left; x < box.right; ++x) {
      inside += row[x - box.left];
      cover(x, y, std::abs(inside));
    }
  }
}

void Coverage::add_rect(const Rect& rect) {
  const std::vector<Point> corners = {{rect.left, rect.top},
                                      {rect.right(), rect.top},
                                      {rect.right(), rect.bottom()},
                                      {rect.left, rect.bottom()}};
  add_polygon(corners);
}

void Coverage::paint(Colour colour) {
  for (int y = dirty_.top; y < dirty_.bottom; ++y) {
    for (int x = dirty_.left; x < dirty_.right; ++x) {
      uint8_t& share = shares_[index(x, y)];
      if (share == 0) continue;
      const unsigned opacity = (share * static_cast<unsigned>(colour.alpha) + 127U) / 255U;
      uint8_t* pixel = image_.rgb.data() + 3 * index(x, y);
      pixel[0] = blend(pixel[0], colour.red, opacity);
      pixel[1] = blend(pixel[1], colour.green, opacity);
      pixel[2] = blend(pixel[2], colour.blue, opacity);
      share = 0;
    }
  }
  dirty_ = {image_.width, image_.height, 0, 0};
}

}  // namespace jumper::plot
