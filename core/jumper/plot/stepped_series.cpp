// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/plot/stepped_series.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include "jumper/plot/series_runs.h"

namespace jumper::plot {
namespace {

constexpr double kPenPx = 1.5;

double on_grid(double px) {
  return std::round(px * 2) / 2;
}

// The points of one column.
struct Step {
  int64_t column = 0;
  double sum_y = 0;
  double count = 0;
  double top_y = 0;
  double bottom_y = 0;

  [[nodiscard]] double mean_y() const { return sum_y / count; }
};

class StepBuilder {
 public:
  StepBuilder(double left_px, double column_px) : left_px_(left_px), column_px_(column_px) {}

  void add(double x, double y, double low_y, double high_y) {
    const auto column = static_cast<int64_t>(std::floor((x - left_px_) / column_px_));
    const double top = std::min({y, low_y, high_y});
    const double bottom = std::max({y, low_y, high_y});
    if (step_ && column == step_->column) {
      step_->sum_y += y;
      ++step_->count;
      step_->top_y = std::min(step_->top_y, top);
      step_->bottom_y = std::max(step_->bottom_y, bottom);
      return;
    }
    if (step_ && column < step_->column) interrupt();  // time went backwards
    end_step();
    step_ = {column, y, 1, top, bottom};
  }

  void interrupt() {
    end_step();
    if (!upper_.empty()) {
      upper_.insert(upper_.end(), lower_.rbegin(), lower_.rend());
      shape_.bands.push_back(std::move(upper_));
    }
    upper_.clear();
    lower_.clear();
    reached_px_.reset();
  }

  SteppedShape take() {
    interrupt();
    return std::move(shape_);
  }

 private:
  void end_step() {
    if (!step_) return;
    const double right = left_px_ + static_cast<double>(step_->column + 1) * column_px_;
    const double left = reached_px_.value_or(right - column_px_);
    const double y = on_grid(step_->mean_y() - kPenPx / 2);
    if (reached_px_) {  // up or down from the step before
      const double top = std::min(y, last_y_);
      shape_.line.push_back(
          {left - kPenPx + 0.5, top, kPenPx, std::max(y, last_y_) - top + kPenPx});
    }
    shape_.line.push_back({left, y, right - left, kPenPx});
    for (auto& [points, place] : {std::pair(&upper_, step_->top_y), {&lower_, step_->bottom_y}}) {
      points->push_back({left, on_grid(place)});
      points->push_back({right, on_grid(place)});
    }
    last_y_ = y;
    reached_px_ = right;
    step_.reset();
  }

  double left_px_;
  double column_px_;
  SteppedShape shape_;
  std::optional<Step> step_;
  std::optional<double> reached_px_;  // up to here there are steps, and the last one at last_y_
  double last_y_ = 0;
  std::vector<Point> upper_;
  std::vector<Point> lower_;
};

}  // namespace

SteppedShape stepped_shape(const Series& series, const TimeAxis& time, const ValueAxis& values,
                           double column_px) {
  StepBuilder builder(time.left_px(), std::max(1.0, column_px));
  walk_runs(series, time, builder, [&](const RunValue& value) {
    builder.add(time.place(value.x_seconds), values.place(value.mean), values.place(value.low),
                values.place(value.high));
  });
  return builder.take();
}

}  // namespace jumper::plot
