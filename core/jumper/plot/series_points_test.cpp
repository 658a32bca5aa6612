// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/plot/series_points.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

namespace jumper::plot {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

// 10 px a second; 10 px a value, 0 at 100 px.
SeriesShape shape_of(const Series& series, const std::vector<Span>& idle = {}) {
  const TimeAxis time({0, 10}, idle, 0, 100);
  const ValueAxis values({0, 10}, Unit::kNumber, 0, 100);
  return series_shape(series, time, values);
}

Series series(std::vector<double> x, std::vector<double> mean) {
  return {.label = "",
          .colour = {},
          .x_seconds = std::move(x),
          .mean = std::move(mean),
          .low = {},
          .high = {}};
}

TEST(SeriesShape, GoesThroughItsPoints) {
  const SeriesShape shape = shape_of(series({0, 5, 10}, {0, 10, 5}));
  ASSERT_EQ(shape.lines.size(), 1U);
  EXPECT_EQ(shape.lines[0], (std::vector<Point>{{0, 100}, {50, 0}, {100, 50}}));
  EXPECT_TRUE(shape.bands.empty());
}

TEST(SeriesShape, IsInterruptedWhereNothingWasMeasured) {
  const double infinity = std::numeric_limits<double>::infinity();
  const SeriesShape shape =
      shape_of(series({0, 1, 2, 3, 4, kNan, 6}, {1, 1, kNan, 2, infinity, 3, 4}));
  ASSERT_EQ(shape.lines.size(), 3U);
  EXPECT_EQ(shape.lines[0].size(), 2U);
  // A point between gaps is seen, too.
  EXPECT_EQ(shape.lines[1], (std::vector<Point>{{29.25, 80}, {30.75, 80}}));
  EXPECT_EQ(shape.lines[2].front().y, 60);
}

TEST(SeriesShape, OfARateHoldsSinceThePointBefore) {
  Series rate = series({0, 4, 8}, {kNan, 2, 5});
  rate.is_rate = true;
  const SeriesShape shape = shape_of(rate);
  ASSERT_EQ(shape.lines.size(), 1U);
  EXPECT_EQ(shape.lines[0], (std::vector<Point>{{0, 80}, {40, 80}, {40, 50}, {80, 50}}));
  // WHEN it has extremes
  rate.low = {kNan, 1, 4};
  rate.high = {kNan, 3, 6};
  const SeriesShape band = shape_of(rate);
  EXPECT_EQ(band.lines, shape.lines);
  ASSERT_EQ(band.bands.size(), 1U);
  EXPECT_EQ(band.bands[0],
            (std::vector<Point>{
                {0, 70}, {40, 70}, {40, 40}, {80, 40}, {80, 60}, {40, 60}, {40, 90}, {0, 90}}));
}

TEST(SeriesShape, IsInterruptedWhereTimeIsSqueezed) {
  EXPECT_EQ(shape_of(series({1, 2, 5, 8, 9}, {1, 1, 1, 1, 1}), {{4, 6}}).lines.size(), 2U);
}

TEST(SeriesShape, StartsAnewWhereTimeGoesBack) {
  EXPECT_EQ(shape_of(series({1, 2, 3, 1, 2}, {1, 1, 1, 1, 1})).lines.size(), 2U);
}

TEST(SeriesShape, KeepsExtremesOfManyPoints) {
  // GIVEN a million points with one spike
  std::vector<double> x(1'000'000);
  std::vector<double> y(x.size(), 2);
  for (size_t i = 0; i < x.size(); ++i)
    x[i] = 10.0 * static_cast<double>(i) / static_cast<double>(x.size());
  y[612'345] = 9;
  // WHEN they are made a line
  const SeriesShape shape = shape_of(series(x, y));
  // THEN it has as few points as can be seen, and the spike
  ASSERT_EQ(shape.lines.size(), 1U);
  EXPECT_LT(shape.lines[0].size(), 900U);
  const Point spike = std::ranges::min(shape.lines[0], {}, &Point::y);
  EXPECT_DOUBLE_EQ(spike.y, 10);
  EXPECT_NEAR(spike.x, 61.2, 0.5);
}

TEST(SeriesShape, HasABandOfExtremes) {
  Series banded = series({0, 5, 10}, {5, 5, 5});
  banded.low = {4, 4, kNan};
  banded.high = {6, 7, 8};
  const SeriesShape shape = shape_of(banded);
  ASSERT_EQ(shape.bands.size(), 1U);
  EXPECT_EQ(shape.bands[0],
            (std::vector<Point>{{0, 40}, {50, 30}, {100, 20}, {100, 50}, {50, 60}, {0, 60}}));
}

TEST(SeriesShape, TakesListsOfUnequalLength) {
  Series odd = series({0, 1, 2, 3}, {1, 1});
  odd.low = {1};
  EXPECT_EQ(shape_of(odd).lines.size(), 1U);
  EXPECT_TRUE(shape_of(odd).bands.empty());
  EXPECT_TRUE(shape_of(series({}, {1, 2})).lines.empty());
}

}  // namespace
}  // namespace jumper::plot
