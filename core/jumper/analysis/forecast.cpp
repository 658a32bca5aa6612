// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/analysis/forecast.h"

#include <algorithm>

namespace jumper::analysis {
namespace {

constexpr int64_t kShortestWindowNs = 250'000'000;
constexpr int64_t kWindowRatio = 4;
constexpr int64_t kPointsPerWindow = 16;
constexpr size_t kFewestPoints = 6;
constexpr double kFilledShare = 0.8;    // of a window, before it is looked at
constexpr double kWatchedShare = 0.5;   // of the limit in use, below which nothing is said
constexpr double kLeastGrowth = 0.001;  // of the limit, within a window
constexpr double kMostInOneRise = 0.5;
constexpr double kLeastPerHalf = 0.25;
constexpr double kMostTakenBack = 0.5;  // of what rose
constexpr int64_t kMostPauses = 2;
constexpr double kLookAhead = 4;  // times the window
constexpr double kFarSeconds = 120;

double seconds_between(const MemoryPoint& from, const MemoryPoint& to) {
  return static_cast<double>(to.time_ns - from.time_ns) / 1e9;
}

// The median of the slopes between all pairs of points (Theil and Sen): a few readings that stand
// out do not move it.
double median_slope(std::span<const MemoryPoint> points) {
  std::vector<double> slopes;
  slopes.reserve(points.size() * points.size() / 2);
  for (size_t to = 1; to < points.size(); ++to) {
    for (size_t from = 0; from < to; ++from) {
      slopes.push_back((points[to].used_bytes - points[from].used_bytes) /
                       seconds_between(points[from], points[to]));
    }
  }
  const auto middle = slopes.begin() + static_cast<ptrdiff_t>(slopes.size() / 2);
  std::ranges::nth_element(slopes, middle);
  return *middle;
}

struct Course {
  double growth = 0;
  double rises = 0;
  double falls = 0;
  double largest_rise = 0;
  double first_half = 0;  // the growth in it
  int64_t longest_pause_ns = 0;
  int64_t since_rise_ns = 0;
};

Course course_of(std::span<const MemoryPoint> points) {
  Course course;
  const MemoryPoint& first = points.front();
  const MemoryPoint& last = points.back();
  course.growth = last.used_bytes - first.used_bytes;
  const double average_rise = course.growth / static_cast<double>(points.size() - 1);
  const int64_t middle_ns = first.time_ns + (last.time_ns - first.time_ns) / 2;
  int64_t rise_ns = 0;
  for (size_t i = 1; i < points.size(); ++i) {
    const double change = points[i].used_bytes - points[i - 1].used_bytes;
    (change > 0 ? course.rises : course.falls) += std::abs(change);
    course.largest_rise = std::max(course.largest_rise, change);
    if (points[i].time_ns <= middle_ns) course.first_half = points[i].used_bytes - first.used_bytes;
    if (change < average_rise / 2) continue;
    const int64_t pause_ns = points[i].time_ns - (rise_ns != 0 ? rise_ns : points[i - 1].time_ns);
    course.longest_pause_ns = std::max(course.longest_pause_ns, pause_ns);
    rise_ns = points[i].time_ns;
  }
  course.since_rise_ns = last.time_ns - rise_ns;
  return course;
}

bool is_steady(const Course& course) {
  const double second_half = course.growth - course.first_half;
  return course.largest_rise <= kMostInOneRise * course.growth &&
         course.first_half >= kLeastPerHalf * course.growth &&
         second_half >= kLeastPerHalf * course.growth &&
         course.falls <= kMostTakenBack * course.rises &&
         course.since_rise_ns <= kMostPauses * course.longest_pause_ns;
}

}  // namespace

MemoryTrend::MemoryTrend() {
  int64_t length_ns = kShortestWindowNs;
  for (Window& window : windows_) {
    window.length_ns = length_ns;
    window.points.reserve(kPointsPerWindow + 2);
    length_ns *= kWindowRatio;
  }
}

void MemoryTrend::clear() {
  for (Window& window : windows_) window.points.clear();
}

void MemoryTrend::add(const MemoryPoint& point) {
  for (Window& window : windows_) {
    std::vector<MemoryPoint>& points = window.points;
    const int64_t part_ns = window.length_ns / kPointsPerWindow;
    if (!points.empty() && points.back().time_ns / part_ns == point.time_ns / part_ns) {
      points.back() = point;
      continue;
    }
    const auto is_kept = [&](const MemoryPoint& old) {
      return old.time_ns > point.time_ns - window.length_ns - part_ns;
    };
    points.erase(points.begin(), std::ranges::find_if(points, is_kept));
    points.push_back(point);
  }
}

std::optional<Forecast> MemoryTrend::forecast(double limit_bytes) const {
  for (const Window& window : windows_) {
    const std::span<const MemoryPoint> points = window.points;
    if (points.size() < kFewestPoints) continue;
    const double used = points.back().used_bytes;
    if (used < kWatchedShare * limit_bytes) return std::nullopt;
    const double window_seconds = static_cast<double>(window.length_ns) / 1e9;
    if (seconds_between(points.front(), points.back()) < kFilledShare * window_seconds) continue;
    const Course course = course_of(points);
    if (course.growth < kLeastGrowth * limit_bytes || !is_steady(course)) continue;
    // Between steps the median is low: rather too soon than too late.
    const double slope = std::max(median_slope(points),
                                  course.growth / seconds_between(points.front(), points.back()));
    const double left = std::max(limit_bytes - used, 0.0) / slope;
    if (left <= std::min(kLookAhead * window_seconds, kFarSeconds))
      return Forecast{left, used, limit_bytes, slope};
  }
  return std::nullopt;
}

std::optional<Forecast> forecast(std::span<const MemoryPoint> points, double limit_bytes) {
  MemoryTrend trend;
  for (const MemoryPoint& point : points) trend.add(point);
  return trend.forecast(limit_bytes);
}

}  // namespace jumper::analysis
