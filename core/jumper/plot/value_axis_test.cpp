// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/plot/value_axis.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

namespace jumper::plot {
namespace {

constexpr double kMb = 1024.0 * 1024;
constexpr double kGb = 1024 * kMb;

std::string labels(const ValueAxis& axis) {
  std::string text;
  for (const Tick& tick : axis.ticks()) text += tick.label + " ";
  return text + axis.unit();
}

std::string labels_up_to(double highest, Unit unit) {
  return labels(ValueAxis({0, highest}, unit, 0, 120));
}

TEST(ValueAxis, TakesTheUnitThatSuits) {
  EXPECT_EQ(labels_up_to(70, Unit::kPercent), "0 50 100 %");
  EXPECT_EQ(labels_up_to(4, Unit::kPercent), "0 1 2 3 4 %");
  EXPECT_EQ(labels_up_to(7.5 * kGb, Unit::kBytes), "0 2 4 6 8 GB");
  EXPECT_EQ(labels_up_to(0.7 * kGb, Unit::kBytes), "0 200 400 600 MB");
  EXPECT_EQ(labels_up_to(130 * kMb, Unit::kBytesPerSecond), "0 50 100 MB/s");
  EXPECT_EQ(labels_up_to(3, Unit::kNumber), "0 1 2 3 ");
  EXPECT_EQ(labels_up_to(45'000, Unit::kPerSecond), "0 20 40 thousands/s");
  EXPECT_EQ(labels_up_to(20, Unit::kPerSecond), "0 5 10 15 20 1/s");
  EXPECT_EQ(labels_up_to(17, Unit::kBytes), "0 5 10 15 bytes");
  EXPECT_EQ(labels_up_to(400, Unit::kWatts), "0 100 200 300 400 W");
  EXPECT_EQ(labels_up_to(2800, Unit::kWatts), "0 1 2 3 kW");
  EXPECT_EQ(labels_up_to(1.98e9, Unit::kHertz), "0.0 0.5 1.0 1.5 2.0 GHz");
  EXPECT_EQ(labels_up_to(61, Unit::kCelsius),
            "0 20 40 60 \xC2\xB0"
            "C");
}

TEST(ValueAxis, HasRoomForAllValues) {
  for (double highest = 1e-6; highest < 1e18; highest *= 1.37) {
    const ValueAxis axis({0, highest}, Unit::kBytes, 0, 120);
    EXPECT_GE(axis.highest(), highest * (1 - 1e-9));
    EXPECT_LE(axis.highest(), highest < 1e-3 ? 1.1 : highest * 1.8) << highest;
    EXPECT_LE(axis.ticks().size(), 7U);
    EXPECT_GE(axis.ticks().size(), 2U);
  }
}

TEST(ValueAxis, GoesBelowZeroWhereValuesDo) {
  const ValueAxis axis({-3, 3}, Unit::kNumber, 0, 120);
  EXPECT_EQ(labels(axis), "-4 -2 0 2 ");
  EXPECT_LE(axis.place(-3), 120);
}

TEST(ValueAxis, IsThereWithoutValues) {
  EXPECT_EQ(labels(ValueAxis({}, Unit::kPercent, 0, 120)), "0.0 0.5 1.0 %");
  EXPECT_EQ(labels(ValueAxis({0, 0}, Unit::kPercent, 0, 120)), "0.0 0.5 1.0 %");
}

TEST(ValueRange, LeavesOutWhatIsNoNumber) {
  ValueRange range;
  range.include(std::numeric_limits<double>::quiet_NaN());
  range.include(std::numeric_limits<double>::infinity());
  range.include(-1e300);
  EXPECT_TRUE(range.is_empty());
  range.include(3);
  range.include(-2);
  EXPECT_EQ(range, (ValueRange{-2, 3}));
}

}  // namespace
}  // namespace jumper::plot
