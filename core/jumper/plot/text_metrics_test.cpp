// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/plot/text_metrics.h"

#include <gtest/gtest.h>

namespace jumper::plot {
namespace {

TEST(TextWidth, AddsUpTheLetters) {
  EXPECT_DOUBLE_EQ(text_width("", 10), 0);
  EXPECT_DOUBLE_EQ(text_width("0", 10), 5.56);
  EXPECT_DOUBLE_EQ(text_width("Wi", 10), 9.44 + 2.22);
  EXPECT_DOUBLE_EQ(text_width("\xC3\xA4", 10), 5.56) << "one letter, not two bytes";
}

TEST(ToLatin1, KeepsWhatItHasAndReplacesTheRest) {
  EXPECT_EQ(to_latin1("5 \xC2\xB5s"), "5 \xB5s");
  EXPECT_EQ(to_latin1("a\xE2\x80\x93z"), "a-z") << "en dash";
  EXPECT_EQ(to_latin1("\xF0\x9F\x98\x80\xD7\xA9"), "??");
  EXPECT_EQ(to_latin1("a\nb\x7F"
                      "c\xFF"),
            "a b c?");
}

TEST(Fitted, CutsWhereTheRoomEnds) {
  EXPECT_EQ(fitted("0000", 10, 30), "0000");
  EXPECT_EQ(fitted("000000", 10, 30), "000...");
  EXPECT_EQ(fitted("000000", 10, 5), "");
  EXPECT_EQ(fitted("", 10, 0), "");
}

TEST(Fitted, BoundsAnyText) {
  const std::string shown = fitted(std::string(10'000, 'i'), 10, 1e9);
  EXPECT_LT(shown.size(), 500U);
  EXPECT_TRUE(shown.ends_with("..."));
  std::string wide;
  for (int i = 0; i < 5000; ++i) wide += "\xE2\x82\xAC";
  EXPECT_LT(fitted(wide, 10, 1e9).size(), 2000U);
}

}  // namespace
}  // namespace jumper::plot
