// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/plot/series_points.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "jumper/plot/series_runs.h"

namespace jumper::plot {
namespace {

constexpr double kColumnsPerPx = 2;  // enough for a picture at twice the size

// A point and the extremes of what it stands for.
struct Mark {
  Point at;
  double low_y = 0;
  double high_y = 0;
};

// The points that fall into one column of the picture.
class Column {
 public:
  explicit Column(const Mark& mark)
      : first_(mark), last_(mark), top_(mark.at), bottom_(mark.at), both_(mark) {
    add_to_mean(mark.at);
  }

  void add(const Mark& mark) {
    last_ = mark;
    if (mark.at.y < top_.y) top_ = mark.at;
    if (mark.at.y > bottom_.y) bottom_ = mark.at;
    both_.low_y = std::max(both_.low_y, mark.low_y);
    both_.high_y = std::min(both_.high_y, mark.high_y);
    add_to_mean(mark.at);
  }

  // All of them in one; as they are, where those are two.
  [[nodiscard]] std::vector<Mark> marks() const {
    if (count_ == 1) return {first_};
    if (count_ == 2) return {first_, last_};
    return {{{sum_.x / count_, sum_.y / count_}, both_.low_y, both_.high_y}};
  }

  // What the points leave on the screen: where they begin, their extremes, where they end.
  void append_extremes(std::vector<Point>& line) const {
    if (count_ == 2) {
      line.insert(line.end(), {first_.at, last_.at});
      return;
    }
    const bool is_top_first = top_.x <= bottom_.x;
    for (const Point& point :
         {first_.at, is_top_first ? top_ : bottom_, is_top_first ? bottom_ : top_, last_.at}) {
      if (line.empty() || line.back() != point) line.push_back(point);
    }
  }

 private:
  void add_to_mean(const Point& point) {
    sum_.x += point.x;
    sum_.y += point.y;
    ++count_;
  }

  Mark first_;
  Mark last_;
  Point top_;
  Point bottom_;
  Mark both_;  // the extremes of all
  Point sum_;
  double count_ = 0;
};

class ShapeBuilder {
 public:
  explicit ShapeBuilder(bool has_band) : has_band_(has_band) {}

  void add(const Mark& mark) {
    const auto number = static_cast<int64_t>(std::floor(mark.at.x * kColumnsPerPx));
    if (column_ && number == number_) {
      column_->add(mark);
      return;
    }
    if (column_ && number < number_) interrupt();  // time went backwards
    end_column();
    number_ = number;
    column_.emplace(mark);
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
      for (const Mark& mark : column_->marks()) {
        line_.push_back(mark.at);
        upper_.push_back({mark.at.x, mark.high_y});
        lower_.push_back({mark.at.x, mark.low_y});
      }
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
  ShapeBuilder builder(has_band(series));
  walk_runs(series, time, builder, [&](const RunValue& value) {
    Mark mark{{time.place(value.x_seconds), values.place(value.mean)},
              values.place(value.low),
              values.place(value.high)};
    if (series.is_rate && value.index > 0) {
      const double begin_seconds = series.x_seconds[value.index - 1];
      if (time.piece_of(begin_seconds) == value.piece && begin_seconds < value.x_seconds) {
        Mark start = mark;
        start.at.x = time.place(begin_seconds);
        builder.add(start);
      }
    }
    builder.add(mark);
  });
  return builder.take();
}

}  // namespace jumper::plot
