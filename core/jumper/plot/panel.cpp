// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/plot/panel.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <ranges>
#include <utility>

#include "jumper/plot/cell_marks.h"
#include "jumper/plot/series_points.h"
#include "jumper/plot/stepped_series.h"
#include "jumper/plot/text_metrics.h"
#include "jumper/plot/time_axis.h"

namespace jumper::plot {
namespace {

constexpr double kTitleHeightPx = 18;
constexpr double kLabelGapPx = 6;  // between a label and its axis
constexpr double kTimeTickRoomPx = 64;
constexpr double kLineWidthPx = 1.5;
constexpr uint8_t kBandAlpha = 56;

ValueRange range_of(const Panel& panel) {
  ValueRange range;
  for (const Series& series : panel.series) {
    const size_t count = std::min(series.x_seconds.size(), series.mean.size());
    for (size_t i = 0; i < count; ++i) {
      if (!(std::abs(series.x_seconds[i]) <= kLargestSeconds)) continue;
      if (!is_value(series.mean[i])) continue;
      range.include(series.mean[i]);
      if (series.low.size() >= count && series.high.size() >= count) {
        range.include(series.low[i]);
        range.include(series.high[i]);
      }
    }
  }
  return range;
}

// A limit far above the values would press them flat: the legend alone tells it then.
bool is_limit_near(const Panel& panel, const ValueRange& values) {
  return panel.limit && is_value(panel.limit->value) && !values.is_empty() &&
         panel.limit->value <= 3 * values.highest;
}

ValueAxis axis_of(const Panel& panel, double top_px, double bottom_px) {
  ValueRange range = range_of(panel);
  if (is_limit_near(panel, range)) range.include(panel.limit->value);
  return {range, panel.unit, top_px, bottom_px};
}

class PanelDrawing {
 public:
  PanelDrawing(DisplayList& list, const PanelFrame& frame)
      : list_(list),
        frame_(frame),
        theme_(frame.chart.theme),
        plot_(plot_rect(frame)),
        time_(frame.range, frame.chart.idle, plot_.left, plot_.right()),
        is_empty_(range_of(frame.panel).is_empty()),
        shows_limit_(is_limit_near(frame.panel, range_of(frame.panel))),
        values_(axis_of(frame.panel, plot_.top, plot_.bottom())) {}

  void draw() {
    title();
    cells();
    value_axis();
    outline();
    curves();
    time_axis();
  }

 private:
  static Rect plot_rect(const PanelFrame& frame) {
    const double left = frame.place.left + frame.label_width_px + kLabelGapPx;
    // Every panel of a row has its plot at the same height.
    const double top =
        frame.place.top + kTitleHeightPx + (frame.has_cell_labels ? kCellLabelHeightPx : 0);
    return {left, top, std::max(10.0, frame.place.right() - left),
            std::max(10.0, frame.place.bottom() - top)};
  }

  void text(Point at, std::string text, Anchor anchor, Colour colour, bool is_bold = false) {
    list_.items.emplace_back(Text{at, std::move(text), kLabelSizePx, anchor, colour, is_bold});
  }

  void line(std::vector<Point> points, Colour colour, double width_px, double dash_px = 0) {
    list_.items.emplace_back(Polyline{std::move(points), colour, width_px, dash_px});
  }

  // The panel's title at the left, the legend at the right of the same line.
  void title() {
    const double baseline = frame_.place.top + 12;
    const double left_end = legend(baseline);
    std::string title = frame_.panel.title;
    if (!is_empty_ && !values_.unit().empty()) title += " (" + values_.unit() + ")";
    const double room = left_end - kLabelGapPx - plot_.left;
    text({plot_.left, baseline}, fitted(title, kLabelSizePx * 1.08, room), Anchor::kStart,
         theme_.ink, true);
  }

  // From the right to the left, as far as there is room; gives where it begins.
  double legend(double baseline) {
    constexpr double kSamplePx = 14;
    constexpr double kEntryGapPx = 14;
    double right = plot_.right();
    const double room_end = plot_.left + plot_.width * 0.3;
    const auto entry = [&](const std::string& label, Colour colour, double dash_px,
                           bool has_sample) {
      const std::string shown = fitted(label, kLabelSizePx, plot_.width * 0.3);
      const double width =
          std::ceil(text_width(shown, kLabelSizePx)) + (has_sample ? kSamplePx + 5 : 0);
      if (shown.empty() || right - width < room_end) return;
      const double text_left = right - width + (has_sample ? kSamplePx + 5 : 0);
      text({text_left, baseline}, shown, Anchor::kStart, theme_.quiet);
      if (has_sample) {
        const double y = baseline - 3.5;
        line({{right - width, y}, {right - width + kSamplePx, y}}, colour, dash_px > 0 ? 1 : 2,
             dash_px);
      }
      right -= width + kEntryGapPx;
    };
    const Panel& panel = frame_.panel;
    if (panel.limit && is_value(panel.limit->value)) {
      entry(panel.limit->label, theme_.limit, 4, shows_limit_);
    }
    for (const Series& series : std::views::reverse(panel.series)) {
      entry(series.label, series.colour, 0, true);
    }
    return right;
  }

  void cells() {
    const CellArea area{plot_, frame_.has_cell_labels};
    draw_cells(list_, frame_.chart.cells, time_, area, theme_);
  }

  void value_axis() {
    if (is_empty_) return;
    for (const Tick& tick : values_.ticks()) {
      const double y = std::floor(std::min(tick.place_px, plot_.bottom() - 1)) + 0.5;
      if (y < plot_.bottom() - 1) line({{plot_.left, y}, {plot_.right(), y}}, theme_.grid, 1);
      text({plot_.left - kLabelGapPx, y + 3.5}, tick.label, Anchor::kEnd, theme_.quiet);
    }
  }

  void band(std::vector<Point> points, Colour colour) {
    colour.alpha = kBandAlpha;
    list_.items.emplace_back(Polygon{std::move(points), colour});
  }

  void limit() {
    if (!shows_limit_) return;
    const double y = std::floor(values_.place(frame_.panel.limit->value)) + 0.5;
    line({{plot_.left, y}, {plot_.right(), y}}, theme_.limit, 1, 4);
  }

  // Whether there was anything to draw.
  bool lines() {
    bool has_any = false;
    const std::vector<Series>& series = frame_.panel.series;
    std::vector<SeriesShape> shapes;
    for (const Series& one : series) {
      shapes.push_back(series_shape(one, time_, values_));
      for (std::vector<Point>& points : shapes.back().bands) band(std::move(points), one.colour);
    }
    limit();
    for (size_t i = 0; i < shapes.size(); ++i) {
      for (std::vector<Point>& points : shapes[i].lines) {
        has_any = true;
        line(std::move(points), series[i].colour, kLineWidthPx);
      }
    }
    return has_any;
  }

  bool steps() {
    bool has_any = false;
    const std::vector<Series>& series = frame_.panel.series;
    std::vector<SteppedShape> shapes;
    for (const Series& one : series) {
      shapes.push_back(stepped_shape(one, time_, values_, frame_.chart.step_px));
      for (std::vector<Point>& points : shapes.back().bands) band(std::move(points), one.colour);
    }
    limit();
    for (size_t i = 0; i < shapes.size(); ++i) {
      for (const Rect& rect : shapes[i].line) {
        has_any = true;
        list_.items.emplace_back(FillRect{rect, series[i].colour});
      }
    }
    return has_any;
  }

  void curves() {
    // A pixel more above and below, so that a curve at the edge keeps its width.
    list_.items.emplace_back(BeginClip{{plot_.left, plot_.top - 1, plot_.width, plot_.height + 2}});
    const bool has_any = frame_.chart.step_px > 0 ? steps() : lines();
    list_.items.emplace_back(EndClip{});
    if (has_any) return;
    text({std::round(plot_.left + plot_.width / 2), std::round(plot_.top + plot_.height / 2 + 4)},
         "no data", Anchor::kMiddle, theme_.quiet);
  }

  // The axes, interrupted where time is squeezed.
  void outline() {
    line({{plot_.left - 0.5, plot_.top}, {plot_.left - 0.5, plot_.bottom()}}, theme_.frame, 1);
    const double y = plot_.bottom() - 0.5;
    for (const TimeAxis::Piece& piece : time_.pieces()) {
      line({{std::round(piece.left_px), y}, {std::round(piece.right_px), y}}, theme_.frame, 1);
    }
  }

  void time_axis() {
    const TimeTicks ticks = time_.ticks(kTimeTickRoomPx);
    for (const Tick& tick : ticks.ticks) {
      const double x = std::min(std::floor(tick.place_px), plot_.right() - 1) + 0.5;
      line({{x, plot_.bottom()}, {x, plot_.bottom() + 4}}, theme_.frame, 1);
      if (frame_.has_time_labels) {
        // The last one may not reach over the picture's edge.
        const double room = text_width(tick.label, kLabelSizePx) / 2 + 3;
        text({std::min(x, list_.width_px - room), plot_.bottom() + 16}, tick.label, Anchor::kMiddle,
             theme_.quiet);
      }
    }
    if (!frame_.has_time_labels) return;
    text({std::round(plot_.left + plot_.width / 2), plot_.bottom() + 30},
         "time (" + ticks.unit + ")", Anchor::kMiddle, theme_.quiet);
  }

  DisplayList& list_;
  const PanelFrame& frame_;
  const Theme& theme_;
  Rect plot_;
  TimeAxis time_;
  bool is_empty_;
  bool shows_limit_;
  ValueAxis values_;
};

}  // namespace

double value_label_width(const Panel& panel, double height_px) {
  double width = 0;
  if (range_of(panel).is_empty()) return width;
  for (const Tick& tick : axis_of(panel, 0, std::max(10.0, height_px - kTitleHeightPx)).ticks()) {
    width = std::max(width, text_width(tick.label, kLabelSizePx));
  }
  return width;
}

void draw_panel(DisplayList& list, const PanelFrame& frame) {
  PanelDrawing(list, frame).draw();
}

}  // namespace jumper::plot
