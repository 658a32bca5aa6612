// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/plot/raster.h"

#include <gtest/gtest.h>

#include <vector>

namespace jumper::plot {
namespace {

constexpr Colour kWhite{255, 255, 255};
constexpr Colour kBlack{0, 0, 0};

DisplayList picture(std::vector<Item> items) {
  return {.width_px = 40,
          .height_px = 20,
          .title = "",
          .description = "",
          .background = kWhite,
          .items = std::move(items)};
}

Image drawn(std::vector<Item> items, double scale = 1) {
  auto image = rasterise(picture(std::move(items)), scale);
  EXPECT_TRUE(image.ok());
  return *std::move(image);
}

int dark_pixels(const Image& image, int from_x = 0, int to_x = 1000) {
  int count = 0;
  for (int y = 0; y < image.height; ++y) {
    for (int x = from_x; x < std::min(to_x, image.width); ++x)
      count += image.at(x, y).red < 128 ? 1 : 0;
  }
  return count;
}

TEST(Rasterise, TheBackgroundIsPaintedFirst) {
  EXPECT_EQ(drawn({}).at(39, 19), kWhite);
}

TEST(Rasterise, ALineIsCrispAtEveryWholeScale) {
  for (const int scale : {1, 2, 3}) {
    const Image image = drawn({Polyline{{{0, 5.5}, {40, 5.5}}, kBlack, 1, 0}}, scale);
    for (int y = 0; y < image.height; ++y) {
      EXPECT_EQ(image.at(20 * scale, y), y / scale == 5 ? kBlack : kWhite) << scale << " " << y;
    }
  }
}

TEST(Rasterise, DashesHaveGapsOfTheirLength) {
  const Image image = drawn({Polyline{{{0, 5.5}, {20, 5.5}, {40, 5.5}}, kBlack, 1, 4}});
  for (int x = 0; x < 40; ++x) EXPECT_EQ(image.at(x, 5), x % 8 < 4 ? kBlack : kWhite) << x;
}

TEST(Rasterise, ClipsUntilTheClipEnds) {
  const FillRect everything{{0, 0, 40, 20}, kBlack};
  EXPECT_EQ(dark_pixels(drawn({BeginClip{{10, 5, 6, 4}}, everything, EndClip{}})), 24);
  EXPECT_EQ(dark_pixels(drawn({BeginClip{{10, 5, 6, 4}}, EndClip{}, everything})), 800);
}

TEST(Rasterise, TextStandsAtItsAnchor) {
  const auto text = [](Anchor anchor) { return Text{{20, 15}, "HH", 11, anchor, kBlack}; };
  const Image start = drawn({text(Anchor::kStart)});
  EXPECT_GT(dark_pixels(start, 20), 30);
  EXPECT_EQ(dark_pixels(start, 0, 20), 0);
  const Image end = drawn({text(Anchor::kEnd)});
  EXPECT_GT(dark_pixels(end, 0, 20), 30);
  EXPECT_EQ(dark_pixels(end, 20), 0);
  const Image middle = drawn({text(Anchor::kMiddle)});
  EXPECT_NEAR(dark_pixels(middle, 0, 20), dark_pixels(middle, 20), 2);
  // The lowest row of a letter lies on the baseline.
  EXPECT_EQ(start.at(20, 14), kBlack);
  EXPECT_EQ(start.at(20, 15), kWhite);
  EXPECT_EQ(start.at(20, 7), kBlack);
  EXPECT_EQ(start.at(20, 6), kWhite);
}

TEST(Rasterise, UpwardTextIsTheSameTurned) {
  Text text{{20, 15}, "L", 11, Anchor::kStart, kBlack};
  text.is_upward = true;
  const Image image = drawn({text});
  EXPECT_GT(dark_pixels(image), 8);
  EXPECT_EQ(image.at(12, 14), kBlack) << "its stem lies along the baseline's end";
  EXPECT_EQ(image.at(19, 11), kBlack) << "its foot points upwards";
}

TEST(Rasterise, RefusesWhatIsTooLarge) {
  DisplayList huge = picture({});
  huge.width_px = huge.height_px = 8000;
  EXPECT_FALSE(rasterise(huge, 4).ok());
  EXPECT_FALSE(rasterise(picture({}), 0).ok());
  EXPECT_FALSE(rasterise(picture({}), 1e9).ok());
  huge.width_px = 0;
  EXPECT_FALSE(rasterise(huge, 1).ok());
}

}  // namespace
}  // namespace jumper::plot
