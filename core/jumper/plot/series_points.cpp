// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/plot/series_points.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace jumper::plot {
namespace {

constexpr double kColumnsPerPx = 2;  // enough for a picture at twice the size

// The points that fall into one column of the picture.
class Column {
 public:
  Column(double x, double y, double low, double high)
      : first_{x, y}, last_{x, y}, top_{x, y}, bottom_{x, y}, low_y_(low), high_y_(high) {
    add_to_mean(x, y);
  }

  void add(double x, double y, double low, double high) {
    last_ = {x, y};
    if (y < top_.y) top_ = last_;
    if (y > bottom_.y) bottom_ = last_;
    low_y_ = std::max(low_y_, low);
    high_y_ = std::min(high_y_, high);
    add_to_mean(x, y);
  }

  [[nodiscard]] Point mean() const { return {sum_.x / count_, sum_.y / count_}; }
  [[nodiscard]] double low_y() const { return low_y_; }
  [[nodiscard]] double high_y() const { return high_y_; }

  // What the points leave on the screen: where they begin, their extremes, where they end.
  void append_extremes(std::vector<Point>& line) const {
    const bool is_top_first = top_.x <= bottom_.x;
    for (const Point& point :
         {first_, is_top_first ? top_ : bottom_, is_top_first ? bottom_ : top_, last_}) {
      if (line.empty() || line.back() != point) line.push_back(point);
    }
  }

 private:
  void add_to_mean(double x, double y) {
    sum_.x += x;
    sum_.y += y;
    ++count_;
  }

  Point first_;
  Point last_;
  Point top_;
  Point bottom_;
  double low_y_;
  double high_y_;
  Point sum_;
  double count_ = 0;
};

class ShapeBuilder {
 public:
  explicit ShapeBuilder(bool has_band) : has_band_(has_band) {}

  void add(double x, double y, double low, double high) {
    const auto number = static_cast<int64_t>(std::floor(x * kColumnsPerPx));
    if (column_ && number == number_) {
      column_->add(x, y, low, high);
      return;
    }
    if (column_ && number < number_) interrupt();  // time went backwards
    end_column();
    number_ = number;
    column_.emplace(x, y, low, high);
  }

  void interrupt() {
    end_column();
    if (line_.size() == 1) {
      line_.push_back({line_[0].x + 0.75, line_[0].y});
      line_[0].x -= 0.75;
    }
    if (!line_.empty()) shape_.lines.push_back(std::move(line_));
    if (lower_.size() > 1) {
      upper_.insert(upper_.end(), lower_.rbegin(), lower_.rend());
      shape_.bands.push_back(std::move(upper_));
    }
    line_.clear();
    upper_.clear();
    lower_.clear();
  }

  SeriesShape take() {
    interrupt();
    return std::move(shape_);
  }

 private:
  void end_column() {
    if (!column_) return;
    if (has_band_) {
      const Point mean = column_->mean();
      line_.push_back(mean);
      upper_.push_back({mean.x, column_->high_y()});
      lower_.push_back({mean.x, column_->low_y()});
    } else {
      column_->append_extremes(line_);
    }
    column_.reset();
  }

  bool has_band_;
  SeriesShape shape_;
  std::optional<Column> column_;
  int64_t number_ = 0;
  std::vector<Point> line_;
  std::vector<Point> upper_;
  std::vector<Point> lower_;
};

}  // namespace

SeriesShape series_shape(const Series& series, const TimeAxis& time, const ValueAxis& values) {
  const size_t count = std::min(series.x_seconds.size(), series.mean.size());
  const bool has_band = series.low.size() >= count && series.high.size() >= count;
  ShapeBuilder builder(has_band);
  std::optional<size_t> last_piece;
  for (size_t i = 0; i < count; ++i) {
    const double x_seconds = series.x_seconds[i];
    const double mean = series.mean[i];
    if (!is_value(mean) || !(std::abs(x_seconds) <= kLargestSeconds)) {
      builder.interrupt();
      continue;
    }
    const std::optional<size_t> piece = time.piece_of(x_seconds);
    if (piece != last_piece) builder.interrupt();
    last_piece = piece;
    if (!piece) continue;
    const double low = has_band && is_value(series.low[i]) ? series.low[i] : mean;
    const double high = has_band && is_value(series.high[i]) ? series.high[i] : mean;
    builder.add(time.place(x_seconds), values.place(mean), values.place(low), values.place(high));
  }
  return builder.take();
}

}  // namespace jumper::plot
