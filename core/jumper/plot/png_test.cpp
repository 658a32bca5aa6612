// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/plot/png.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <string_view>

#include "jumper/plot/palette.h"
#include "testing/inflate.h"

namespace jumper::plot {
namespace {

Image image_of(int width, int height, auto colour) {
  Image image{width, height, {}};
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const Colour pixel = colour(x, y);
      image.rgb.insert(image.rgb.end(), {pixel.red, pixel.green, pixel.blue});
    }
  }
  return image;
}

uint8_t byte(int number) {
  return static_cast<uint8_t>(number);
}

// By their names; the check sums are looked at where Pillow reads such files.
std::map<std::string, std::string> chunks(std::string_view png) {
  std::map<std::string, std::string> found;
  for (size_t at = 8; at < png.size();) {
    size_t length = 0;
    for (size_t i = 0; i < 4; ++i) length = length << 8U | static_cast<uint8_t>(png[at + i]);
    found[std::string(png.substr(at + 4, 4))] = png.substr(at + 8, length);
    at += length + 12;
  }
  return found;
}

// The rows of `length` bytes as they were before they were filtered.
std::string unfiltered(std::string_view rows, size_t length) {
  std::string plain;
  for (size_t begin = 0; begin < rows.size(); begin += length + 1) {
    const char filter = rows[begin];
    EXPECT_TRUE(filter == 0 || filter == 2) << "at " << begin;
    for (size_t i = 0; i < length; ++i) {
      const char above = filter == 2 ? plain[plain.size() - length] : '\0';
      plain += static_cast<char>(rows[begin + 1 + i] + above);
    }
  }
  return plain;
}

TEST(ToPng, FewColoursAreAPalette) {
  const auto png = chunks(to_png(image_of(3, 2, [](int x, int) { return Colour{byte(x), 7, 9}; })));
  EXPECT_EQ(png.at("PLTE").size(), 9U);
  const std::string rows = jumper::testing::zlib_expanded(png.at("IDAT"));
  ASSERT_EQ(rows.size(), 8U);
  for (size_t x = 0; x < 3; ++x) {
    const auto place = static_cast<size_t>(unfiltered(rows, 3)[3 + x]);
    EXPECT_EQ(png.at("PLTE").substr(3 * place, 3), (std::string{static_cast<char>(x), 7, 9}));
  }
}

TEST(ToPng, ManyColoursAreKept) {
  const Image image =
      image_of(200, 200, [](int x, int y) { return Colour{byte(x), byte(y), byte(x * y)}; });
  const auto png = chunks(to_png(image));
  EXPECT_FALSE(png.contains("PLTE"));
  const std::string rows = jumper::testing::zlib_expanded(png.at("IDAT"));
  ASSERT_EQ(rows.size(), 200U * 601U);
  EXPECT_EQ(unfiltered(rows, 600), std::string(image.rgb.begin(), image.rgb.end()));
}

TEST(ToPng, RowsThatHardlyChangeAreTheirDifference) {
  // GIVEN many stripes, and one row of pixels that differs in one of them
  const Image image = image_of(
      100, 3, [](int x, int y) { return Colour{byte(x % 2), byte(y == 2 && x == 50 ? 1 : 0), 0}; });
  const std::string rows = jumper::testing::zlib_expanded(chunks(to_png(image)).at("IDAT"));
  ASSERT_EQ(rows.size(), 3U * 101U);
  EXPECT_EQ(rows[0], 0);
  EXPECT_EQ(rows.substr(101, 101), "\2" + std::string(100, '\0'));
  EXPECT_EQ(rows[202], 2);
  EXPECT_EQ(unfiltered(rows, 100).substr(100, 100), unfiltered(rows, 100).substr(0, 100));
}

TEST(PaletteOf, KeepsFrequentColoursAndMergesTheLikest) {
  // GIVEN two areas, and a line between them in 1,000 shades
  const Image image = image_of(1000, 40, [](int x, int y) {
    if (y < 20) return Colour{255, 255, 255};
    if (y > 20) return Colour{47, 116, 192};
    return Colour{byte(x / 4), byte(x / 4), byte(x % 4)};
  });
  // WHEN it is made a palette
  const std::optional<Palette> palette = palette_of(image);
  // THEN the areas are exact, and no shade is far from its own
  ASSERT_TRUE(palette);
  EXPECT_EQ(palette->colours.size(), 256U);
  EXPECT_EQ(palette->colours.at(palette->places.at(0xFFFFFF)), (Colour{255, 255, 255}));
  EXPECT_EQ(palette->colours.at(palette->places.at(0x2F74C0)), (Colour{47, 116, 192}));
  for (const auto& [key, place] : palette->places) {
    EXPECT_NEAR(palette->colours.at(place).red, key >> 16U, 4);
  }
}

}  // namespace
}  // namespace jumper::plot
