// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/analysis/plot_points.h"

#include <algorithm>
#include <cmath>

namespace jumper::analysis {
namespace {

using metric::TickKind;

// Collects rows until they span long enough for a rate.
class RateWindows {
 public:
  RateWindows(const PlotRows& rows, std::span<const double> counter, int64_t shortest_ns)
      : rows_(rows),
        counter_(counter),
        shortest_ns_(shortest_ns),
        rates_(counter.size(), metric::kAbsent) {}

  [[nodiscard]] std::vector<double> run() {
    for (size_t row = 0; row < counter_.size(); ++row) {
      if (rows_.kinds[row] == TickKind::kStart) {
        finish();
        has_begin_ = false;
      }
      if (metric::is_absent(counter_[row])) continue;
      if (!has_begin_ || counter_[row] < counter_[end_]) {  // the first, or the counter was reset
        finish();
        open(row, false);
        before_begin_ = row;
        continue;
      }
      end_ = row;
      const bool is_edge = is_cell_edge(row);
      if (is_edge || length() >= shortest_ns_) close(row, is_edge);
    }
    finish();
    return std::move(rates_);
  }

 private:
  [[nodiscard]] bool is_cell_edge(size_t row) const {
    return rows_.kinds[row] == TickKind::kCellStart || rows_.kinds[row] == TickKind::kCellEnd;
  }
  [[nodiscard]] int64_t length() const { return rows_.times_ns[end_] - rows_.times_ns[begin_]; }

  void open(size_t row, bool is_edge) {
    begin_ = row;
    end_ = row;
    has_begin_ = true;
    begins_at_edge_ = is_edge;
  }
  void close(size_t row, bool is_edge) {
    // A short rest before an edge says little by itself: it goes to the window before.
    if (length() < shortest_ns_ && !begins_at_edge_) begin_ = before_begin_;
    fill();
    before_begin_ = begin_;
    open(row, is_edge);
    if (is_edge) before_begin_ = row;
  }
  // What is left over at an end.
  void finish() {
    if (!has_begin_ || end_ <= begin_) return;
    if (length() < shortest_ns_ && !begins_at_edge_) begin_ = before_begin_;
    fill();
  }
  void fill() {
    const int64_t length_ns = length();
    if (length_ns <= 0) return;
    const double rate = (counter_[end_] - counter_[begin_]) / static_cast<double>(length_ns);
    std::fill(rates_.begin() + static_cast<std::ptrdiff_t>(begin_) + 1,
              rates_.begin() + static_cast<std::ptrdiff_t>(end_) + 1, rate);
  }

  const PlotRows& rows_;
  std::span<const double> counter_;
  int64_t shortest_ns_;
  std::vector<double> rates_;
  bool has_begin_ = false;
  bool begins_at_edge_ = false;
  size_t before_begin_ = 0;  // of the window before, which may still grow
  size_t begin_ = 0;
  size_t end_ = 0;
};

}  // namespace

std::vector<double> rates_of(const PlotRows& rows, std::span<const double> counter,
                             int64_t shortest_ns) {
  return RateWindows(rows, counter, shortest_ns).run();
}

void carry_back(const PlotRows& rows, std::span<double> rates, double highest_rate) {
  double excess = 0;
  for (size_t row = rates.size(); row-- > 1;) {
    const auto length_ns = static_cast<double>(rows.times_ns[row] - rows.times_ns[row - 1]);
    if (rows.kinds[row] == TickKind::kStart || metric::is_absent(rates[row])) excess = 0;
    if (metric::is_absent(rates[row]) || length_ns <= 0) continue;
    const double wanted = rates[row] * length_ns + excess;
    rates[row] = std::min(wanted / length_ns, highest_rate);
    excess = wanted - rates[row] * length_ns;
  }
}

std::vector<PointGroup> group_rows(const std::vector<bool>& is_start, size_t points) {
  const size_t count = is_start.size();
  points = std::max<size_t>(points, 1);
  const size_t size = std::max<size_t>(1, (count + points - 1) / points);
  std::vector<PointGroup> groups;
  groups.reserve(count / size + 1);
  for (size_t begin = 0; begin < count;) {
    size_t end = begin + 1;
    if (!is_start[begin]) {
      const size_t limit = std::min(begin + size, count);
      while (end < limit && !is_start[end]) ++end;
    }
    groups.push_back({begin, end});
    begin = end;
  }
  return groups;
}

double mean_of(std::span<const int64_t> times_ns, std::span<const double> values,
               PointGroup group) {
  double sum = 0;
  double weights = 0;
  for (size_t row = group.begin; row < group.end; ++row) {
    if (metric::is_absent(values[row])) continue;
    const int64_t length_ns = row > 0 ? times_ns[row] - times_ns[row - 1] : 1;
    const auto weight = static_cast<double>(std::max<int64_t>(length_ns, 1));
    sum += values[row] * weight;
    weights += weight;
  }
  return weights > 0 ? sum / weights : metric::kAbsent;
}

double lowest_of(std::span<const double> values, PointGroup group) {
  double lowest = metric::kAbsent;
  for (size_t row = group.begin; row < group.end; ++row) lowest = std::fmin(lowest, values[row]);
  return lowest;
}

double highest_of(std::span<const double> values, PointGroup group) {
  double highest = metric::kAbsent;
  for (size_t row = group.begin; row < group.end; ++row) highest = std::fmax(highest, values[row]);
  return highest;
}

}  // namespace jumper::analysis
