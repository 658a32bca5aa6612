// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/plot/coverage.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace jumper::plot {
namespace {

constexpr Colour kBlack{0, 0, 0};

class CoverageTest : public ::testing::Test {
 protected:
  // How dark a pixel is, 0 to 255.
  [[nodiscard]] int dark(int x, int y) const { return 255 - image_.at(x, y).red; }
  [[nodiscard]] int all_dark() const {
    int sum = 0;
    for (int y = 0; y < image_.height; ++y) {
      for (int x = 0; x < image_.width; ++x) sum += dark(x, y);
    }
    return sum;
  }

  Image image_{20, 10, std::vector<uint8_t>(600, 255)};
  Coverage coverage_{image_};
};

TEST_F(CoverageTest, ALineOnPixelsIsCrisp) {
  coverage_.add_segment({2.5, 4.5}, {12.5, 4.5}, 1);
  coverage_.paint(kBlack);
  for (int x = 2; x <= 12; ++x) EXPECT_EQ(dark(x, 4), 255) << x;
  EXPECT_EQ(all_dark(), 11 * 255) << "and nothing else";
}

TEST_F(CoverageTest, ALineBetweenPixelsIsSharedByThem) {
  coverage_.add_segment({5, 0}, {5, 10}, 1);
  coverage_.paint(kBlack);
  EXPECT_NEAR(dark(4, 5), 128, 9);
  EXPECT_NEAR(dark(5, 5), 128, 9);
  EXPECT_EQ(dark(3, 5) + dark(6, 5), 0);
}

TEST_F(CoverageTest, PiecesOfALineDoNotAddUp) {
  // Half of each pixel, so that there is room for a second half.
  coverage_.add_segment({2.5, 4}, {8.5, 4}, 1);
  coverage_.add_segment({4.5, 4}, {12.5, 4}, 1);
  coverage_.paint(kBlack);
  EXPECT_NEAR(dark(3, 4), 128, 9);
  EXPECT_EQ(dark(6, 4), dark(3, 4));
}

TEST_F(CoverageTest, AreasAreBlendedByOpacity) {
  coverage_.add_rect({2, 2, 4, 4});
  coverage_.paint({0, 0, 0, 102});
  EXPECT_EQ(dark(3, 3), 102);
  EXPECT_EQ(all_dark(), 16 * 102);
}

TEST_F(CoverageTest, PolygonsCoverTheirArea) {
  // A triangle of 10 x 8 / 2 pixels, either way round.
  const std::vector<Point> triangle = {{2, 1}, {12, 1}, {2, 9}};
  const std::vector<Point> turned(triangle.rbegin(), triangle.rend());
  for (const std::vector<Point>& points : {triangle, turned}) {
    image_.rgb.assign(600, 255);
    coverage_.add_polygon(points);
    coverage_.paint(kBlack);
    EXPECT_NEAR(all_dark() / 255.0, 40, 0.5);
    EXPECT_EQ(dark(3, 3), 255);
    EXPECT_EQ(dark(11, 7), 0);
  }
}

TEST_F(CoverageTest, PolygonsReachOverTheEdge) {
  coverage_.add_polygon(std::vector<Point>{{-100, -100}, {10, -100}, {10, 200}, {-100, 200}});
  coverage_.paint(kBlack);
  EXPECT_EQ(all_dark(), 10 * 10 * 255);
}

TEST_F(CoverageTest, NothingIsDrawnOutsideTheClip) {
  coverage_.set_clip({3, 2, 8, 6});
  coverage_.add_rect({-5, -5, 50, 50});
  coverage_.add_segment({-1e6, 3}, {1e6, 3}, 3);
  coverage_.paint(kBlack);
  EXPECT_EQ(all_dark(), 5 * 4 * 255);
  coverage_.set_clip({-9, -9, 99, 99});
  coverage_.add_rect({-5, -5, 50, 50});
  coverage_.paint(kBlack);
  EXPECT_EQ(all_dark(), 200 * 255);
}

TEST_F(CoverageTest, WhatIsNoPlaceIsLeftOut) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinity = std::numeric_limits<double>::infinity();
  coverage_.add_segment({nan, 1}, {2, 2}, 1);
  coverage_.add_segment({1e300, 1}, {-1e300, infinity}, 1);
  coverage_.add_polygon(std::vector<Point>{{0, 0}, {nan, 5}, {5, 5}});
  coverage_.add_polygon(std::vector<Point>{{0, 0}, {5, 5}});
  coverage_.paint(kBlack);
  EXPECT_EQ(all_dark(), 0);
}

}  // namespace
}  // namespace jumper::plot
