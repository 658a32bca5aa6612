// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/plot/raster.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>
#include <variant>
#include <vector>

#include "jumper/base/text.h"
#include "jumper/plot/coverage.h"
#include "jumper/plot/stroke_text.h"

namespace jumper::plot {
namespace {

constexpr double kMostPixels = 64e6;
constexpr size_t kMostDashes = 100'000;

class Painter {
 public:
  Painter(Image& image, double scale) : scale_(scale), coverage_(image) {
    everything_ = {0, 0, image.width, image.height};
  }

  void operator()(const FillRect& item) {
    coverage_.add_rect(scaled(item.rect));
    coverage_.paint(item.colour);
  }

  void operator()(const Polyline& item) {
    const double width = item.width_px * scale_;
    for (size_t i = 1; i < item.points.size(); ++i) {
      if (item.dash_px > 0) continue;
      coverage_.add_segment(scaled(item.points[i - 1]), scaled(item.points[i]), width);
    }
    if (item.dash_px > 0) add_dashes(item);
    coverage_.paint(item.colour);
  }

  void operator()(const Polygon& item) {
    std::vector<Point> points;
    points.reserve(item.points.size());
    for (const Point& point : item.points) points.push_back(scaled(point));
    coverage_.add_polygon(points);
    coverage_.paint(item.colour);
  }

  void operator()(const Text& item) {
    const StrokeText text(item.text, item.size_px * scale_, item.is_bold);
    const double back = item.anchor == Anchor::kStart    ? 0
                        : item.anchor == Anchor::kMiddle ? text.width_px() / 2
                                                         : text.width_px();
    const Point at = scaled(item.at);
    const Point start = {std::round(at.x - (item.is_upward ? 0 : back)),
                         std::round(at.y + (item.is_upward ? back : 0))};
    const auto place = [&](Point point) {
      return item.is_upward ? Point{start.x - point.y, start.y - point.x}
                            : Point{start.x + point.x, start.y - point.y};
    };
    for (const std::vector<Point>& line : text.lines()) {
      for (size_t i = 1; i < line.size(); ++i) {
        coverage_.add_segment(place(line[i - 1]), place(line[i]), text.pen_px());
      }
    }
    coverage_.paint(item.colour);
  }

  void operator()(const BeginClip& item) {
    const Rect rect = scaled(item.rect);
    const auto pixel = [&](double place) {
      return static_cast<int>(std::clamp(std::round(place), -1e6, 1e6));
    };
    coverage_.set_clip(
        {pixel(rect.left), pixel(rect.top), pixel(rect.right()), pixel(rect.bottom())});
  }
  void operator()(const EndClip& /*item*/) { coverage_.set_clip(everything_); }

 private:
  [[nodiscard]] Point scaled(Point point) const { return {point.x * scale_, point.y * scale_}; }
  [[nodiscard]] Rect scaled(const Rect& rect) const {
    return {rect.left * scale_, rect.top * scale_, rect.width * scale_, rect.height * scale_};
  }

  void add_dashes(const Polyline& item) {
    const double period = 2 * item.dash_px;
    double walked = 0;
    size_t count = 0;
    for (size_t i = 1; i < item.points.size(); ++i) {
      const Point from = item.points[i - 1];
      const Point to = item.points[i];
      const double length = std::hypot(to.x - from.x, to.y - from.y);
      const auto at = [&](double along) {
        const double share = std::clamp((along - walked) / length, 0.0, 1.0);
        return Point{(from.x + (to.x - from.x) * share) * scale_,
                     (from.y + (to.y - from.y) * share) * scale_};
      };
      if (!(length > 0) || !std::isfinite(length)) continue;
      // Round ends are taken off, so that dashes and gaps look equally long.
      const double end = item.width_px / 2;
      double dash = std::floor(walked / period) * period;
      while (dash < walked + length && count < kMostDashes) {
        const double begin = std::max(dash + end, walked);
        const double stop = std::min(dash + item.dash_px - end, walked + length);
        if (begin <= stop) coverage_.add_segment(at(begin), at(stop), item.width_px * scale_);
        dash += period;
        ++count;
      }
      walked += length;
    }
  }

  double scale_;
  Coverage coverage_;
  PixelRect everything_;
};

}  // namespace

base::Result<Image> rasterise(const DisplayList& list, double scale) {
  const bool is_scale = scale >= 0.25 && scale <= 4;  // not so for NaN
  if (!is_scale) return base::bad_input("the scale of a picture is 0.25 to 4");
  const double width = std::round(list.width_px * scale);
  const double height = std::round(list.height_px * scale);
  if (width < 1 || height < 1 || width * height > kMostPixels) {
    return base::bad_input("a picture of " + base::fixed(width, 0) + " x " +
                           base::fixed(height, 0) + " pixels: at least 1, at most 64 million");
  }
  Image image;
  image.width = static_cast<int>(width);
  image.height = static_cast<int>(height);
  const size_t pixels = static_cast<size_t>(image.width) * static_cast<size_t>(image.height);
  image.rgb.reserve(3 * pixels);
  for (size_t i = 0; i < pixels; ++i) {
    image.rgb.insert(image.rgb.end(),
                     {list.background.red, list.background.green, list.background.blue});
  }
  Painter painter(image, scale);
  for (const Item& item : list.items) std::visit(painter, item);
  return image;
}

}  // namespace jumper::plot
