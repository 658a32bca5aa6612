// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/base/parse.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string_view>

namespace jumper::base {
namespace {

TEST(ParseNumber, TakesTheWholeText) {
  EXPECT_EQ(parse_number<int>("42"), 42);
  EXPECT_EQ(parse_number<int>("-42"), -42);
  EXPECT_EQ(parse_number<int>("007"), 7);
  EXPECT_EQ(parse_number<double>("0.25"), 0.25);
  EXPECT_EQ(parse_number<double>("-1e3"), -1000.0);
}

TEST(ParseNumber, RefusesAnythingElse) {
  for (const std::string_view text :
       {"", " ", "x", " 1", "1 ", "1x", "+1", "--1", "0x10", "1.0", "1\n"}) {
    EXPECT_FALSE(parse_number<int>(text)) << "'" << text << "'";
  }
  for (const std::string_view text : {"", "1,5", "0.5.5", " 0.5", "1e", "1e999"}) {
    EXPECT_FALSE(parse_number<double>(text)) << "'" << text << "'";
  }
  EXPECT_FALSE(parse_number<int>(std::string_view{}));
  EXPECT_FALSE(parse_number<int>(std::string_view("1\0", 2)));
}

TEST(ParseNumber, DoesNotWrap) {
  EXPECT_EQ(parse_number<uint64_t>("18446744073709551615"), std::numeric_limits<uint64_t>::max());
  EXPECT_FALSE(parse_number<uint64_t>("18446744073709551616"));
  EXPECT_FALSE(parse_number<uint64_t>("99999999999999999999999999"));
  EXPECT_FALSE(parse_number<uint64_t>("-1"));
  EXPECT_EQ(parse_number<int64_t>("-9223372036854775808"), std::numeric_limits<int64_t>::min());
  EXPECT_FALSE(parse_number<int64_t>("9223372036854775808"));
  EXPECT_FALSE(parse_number<uint8_t>("256"));
}

TEST(ParseNumber, ReadsNoFurtherThanTheText) {
  // GIVEN a view that ends in the midst of digits
  const std::string_view digits = "12345";
  EXPECT_EQ(parse_number<int>(digits.substr(0, 2)), 12);
}

TEST(Trim, TakesBlanksOffBothEnds) {
  EXPECT_EQ(trim(" \t\r\n a b \n"), "a b");
  EXPECT_EQ(trim("a"), "a");
  EXPECT_EQ(trim(" \n"), "");
  EXPECT_EQ(trim(""), "");
}

TEST(NextWord, TakesOneWordAfterTheOther) {
  // GIVEN
  std::string_view text = "  one\ttwo \n three";

  // THEN
  EXPECT_EQ(next_word(text), "one");
  EXPECT_EQ(next_word(text), "two");
  EXPECT_EQ(next_word(text), "three");
  EXPECT_EQ(next_word(text), "");
  EXPECT_EQ(next_word(text), "");
  EXPECT_TRUE(text.empty());
}

TEST(NextLine, TakesOneLineAfterTheOther) {
  // GIVEN
  std::string_view text = "one\n\n two \nlast";

  // THEN
  EXPECT_EQ(next_line(text), "one");
  EXPECT_EQ(next_line(text), "");
  EXPECT_EQ(next_line(text), " two ");
  EXPECT_EQ(next_line(text), "last");
  EXPECT_TRUE(text.empty());
  EXPECT_EQ(next_line(text), "");
}

TEST(NextLine, AFinalLineBreakMakesNoLine) {
  std::string_view text = "one\n";
  EXPECT_EQ(next_line(text), "one");
  EXPECT_TRUE(text.empty());
}

TEST(NextNumber, TakesNumbersAndStopsAtNone) {
  // GIVEN
  std::string_view text = " 1  -2 x 3";

  // THEN
  EXPECT_EQ(next_number<int>(text), 1);
  EXPECT_EQ(next_number<int>(text), -2);
  EXPECT_EQ(next_number<int>(text), std::nullopt);
  EXPECT_EQ(next_number<int>(text), 3);
  EXPECT_EQ(next_number<int>(text), std::nullopt);
}

TEST(Parse, WorksAtCompileTime) {
  static_assert(trim(" a ") == "a");
  static_assert(is_blank('\t') && !is_blank('\0') && !is_blank('\v'));
}

}  // namespace
}  // namespace jumper::base
