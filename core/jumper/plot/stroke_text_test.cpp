// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/plot/stroke_text.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <string>

#include "jumper/plot/glyphs.h"
#include "jumper/plot/text_metrics.h"

namespace jumper::plot {
namespace {

TEST(Glyphs, EveryCharacterHasItsOwn) {
  std::set<std::string> seen;
  for (int character = 0x21; character < 0x7F; ++character) {
    const Glyph glyph = glyph_of(static_cast<unsigned char>(character));
    EXPECT_FALSE(glyph.strokes.empty()) << character;
    EXPECT_TRUE(seen.insert(std::string(glyph.strokes)).second) << static_cast<char>(character);
  }
  for (int character = 0; character < 256; ++character) {
    EXPECT_GT(glyph_of(static_cast<unsigned char>(character)).advance, 0) << character;
  }
  EXPECT_EQ(glyph_of(0xE4).strokes, glyph_of('a').strokes);
  EXPECT_EQ(glyph_of(0xDF).strokes, glyph_of('s').strokes);
}

TEST(StrokeText, LettersStayWithinTheirRoom) {
  for (int character = 0x21; character < 0x7F; ++character) {
    for (const double size : {11.0, 22.0}) {
      const StrokeText text(std::string(1, static_cast<char>(character)), size, false);
      ASSERT_FALSE(text.lines().empty()) << character;
      for (const auto& line : text.lines()) {
        ASSERT_GE(line.size(), 2U);
        for (const Point& point : line) {
          EXPECT_GE(point.x - text.pen_px() / 2, 0) << static_cast<char>(character);
          EXPECT_LE(point.x + text.pen_px() / 2, text.width_px()) << static_cast<char>(character);
          EXPECT_LE(std::abs(point.y), size) << static_cast<char>(character);
        }
      }
    }
  }
}

TEST(StrokeText, IsAboutAsWideAsLaidOut) {
  for (const char* words :
       {"The quick brown fox jumps over the lazy dog", "0123456789", "CPU (%)", "12.5 GB/s"}) {
    const double expected = text_width(words, 11);
    EXPECT_NEAR(StrokeText(words, 11, false).width_px(), expected, 0.12 * expected) << words;
  }
}

TEST(StrokeText, StandsOnWholePixels) {
  for (const double size : {11.0, 14.0, 22.0, 28.0}) {
    const StrokeText text("H", size, false);
    for (const auto& line : text.lines()) {
      for (const Point& point : line) {
        const double edge = point.x - text.pen_px() / 2;
        EXPECT_DOUBLE_EQ(edge, std::round(edge)) << size;
      }
    }
  }
}

TEST(StrokeText, BoldIsHeavier) {
  EXPECT_GT(StrokeText("a", 11, true).pen_px(), StrokeText("a", 11, false).pen_px());
}

}  // namespace
}  // namespace jumper::plot
