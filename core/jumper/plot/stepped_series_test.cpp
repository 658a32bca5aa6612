// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/plot/stepped_series.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace jumper::plot {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

// 10 px a second; 10 px a value, 0 at 100 px.
SteppedShape shape_of(std::vector<double> x, std::vector<double> mean, double column_px) {
  Series series;
  series.x_seconds = std::move(x);
  series.mean = std::move(mean);
  const TimeAxis time({0, 10}, {}, 0, 100);
  const ValueAxis values({0, 10}, Unit::kNumber, 0, 100);
  return stepped_shape(series, time, values, column_px);
}

TEST(SteppedShape, IsMeansOverExtremes) {
  // GIVEN four points in the column from 0 to 10 px, and one in the next
  const SteppedShape shape = shape_of({0.1, 0.2, 0.3, 0.4, 1.5}, {2, 4, 6, 8, 1}, 10);
  // THEN
  ASSERT_EQ(shape.line.size(), 3U);
  EXPECT_EQ(shape.line[0], (Rect{0, 49.5, 10, 1.5})) << "the mean of the four";
  EXPECT_EQ(shape.line[1], (Rect{9, 49.5, 1.5, 41.5})) << "down to the next";
  EXPECT_EQ(shape.line[2], (Rect{10, 89.5, 10, 1.5}));
  ASSERT_EQ(shape.bands.size(), 1U);
  EXPECT_EQ(shape.bands[0],
            (std::vector<Point>{
                {0, 20}, {10, 20}, {10, 90}, {20, 90}, {20, 90}, {10, 90}, {10, 80}, {0, 80}}));
}

TEST(SteppedShape, GoesBackToTheStepBefore) {
  const SteppedShape shape = shape_of({0.1, 5.1}, {1, 2}, 2);
  ASSERT_EQ(shape.line.size(), 3U);
  EXPECT_EQ(shape.line[2].left, 2) << "where the first step ended";
  EXPECT_EQ(shape.line[2].right(), 52);
}

TEST(SteppedShape, IsInterruptedWhereNothingWasMeasured) {
  const SteppedShape shape = shape_of({1, 3, 5, 7}, {1, kNan, 2, 3}, 5);
  EXPECT_EQ(shape.bands.size(), 2U);
  EXPECT_EQ(shape.line.size(), 4U) << "three steps, and one way between two of them";
}

TEST(SteppedShape, SurvivesTimeThatGoesBackwardsAndNumbersOutOfBounds) {
  const SteppedShape shape = shape_of({5, 1, kNan, 9, 1e300}, {1, 2, 3, 1e300, 4}, 5);
  for (const Rect& rect : shape.line) EXPECT_TRUE(std::isfinite(rect.left + rect.width + rect.top));
  EXPECT_EQ(shape.bands.size(), 2U);
  EXPECT_TRUE(shape_of({}, {}, 5).line.empty());
}

TEST(SteppedShape, LiesOnHalfPixels) {
  const SteppedShape shape = shape_of({0.31, 2.77, 5.13}, {1.234, 3.456, 9.87}, 3);
  for (const Rect& rect : shape.line) {
    for (const double edge : {rect.left, rect.top, rect.right(), rect.bottom()})
      EXPECT_EQ(edge * 2, std::round(edge * 2));
  }
}

}  // namespace
}  // namespace jumper::plot
