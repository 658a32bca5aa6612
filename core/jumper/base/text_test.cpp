// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/base/text.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <limits>
#include <string>
#include <string_view>

namespace jumper::base {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

#define REPLACEMENT "\xEF\xBF\xBD"
#define ELLIPSIS "\xE2\x80\xA6"
#define RETURN_SIGN "\xE2\x8F\x8E"
#define EURO "\xE2\x82\xAC"
#define CLEF "\xF0\x9D\x84\x9E"

TEST(Fixed, RoundsToTheDecimals) {
  EXPECT_EQ(fixed(3.14159, 2), "3.14");
  EXPECT_EQ(fixed(3.14159, 0), "3");
  EXPECT_EQ(fixed(2.999, 2), "3.00");
  EXPECT_EQ(fixed(-2.5, 1), "-2.5");
  EXPECT_EQ(fixed(0, 3), "0.000");
  EXPECT_EQ(fixed(1e20, 0), "100000000000000000000");
}

TEST(Fixed, SaysNotAvailable) {
  EXPECT_EQ(fixed(kNan, 2), "n/a");
  EXPECT_EQ(fixed(kInfinity, 2), "n/a");
  EXPECT_EQ(fixed(-kInfinity, 2), "n/a");
}

TEST(Fixed, HasNoNegativeZero) {
  EXPECT_EQ(fixed(-0.0, 2), "0.00");
  EXPECT_EQ(fixed(-0.001, 2), "0.00");
  EXPECT_EQ(fixed(-0.0, 0), "0");
  EXPECT_EQ(fixed(-0.01, 2), "-0.01");
}

TEST(Fixed, HoldsTheLargestNumbers) {
  const std::string text = fixed(-std::numeric_limits<double>::max(), 6);
  EXPECT_EQ(text.size(), 1U + 309U + 1U + 6U);
  EXPECT_TRUE(text.starts_with("-17976931348623157"));
}

TEST(Shortest, ReadsBackAsTheSameNumber) {
  EXPECT_EQ(shortest(0.1), "0.1");
  EXPECT_EQ(shortest(3), "3");
  EXPECT_EQ(shortest(1e300), "1e+300");
  for (const double number : {1.0 / 3, -5e-324, std::numeric_limits<double>::max(), 1e15 + 0.3}) {
    EXPECT_EQ(std::strtod(shortest(number).c_str(), nullptr), number);
  }
}

TEST(Shortest, IsEmptyWithoutANumber) {
  EXPECT_EQ(shortest(kNan), "");
  EXPECT_EQ(shortest(-kInfinity), "");
}

TEST(CodePoints, CountsSequencesAndStrayBytes) {
  EXPECT_EQ(code_points(""), 0U);
  EXPECT_EQ(code_points("abc"), 3U);
  EXPECT_EQ(code_points("a" EURO CLEF), 3U);
  EXPECT_EQ(code_points("\xFF\xFE"), 2U);
  EXPECT_EQ(code_points("\xE2\x82"), 2U);  // cut off
}

TEST(Pad, FillsUpToTheWidth) {
  EXPECT_EQ(pad_right("ab", 4), "ab  ");
  EXPECT_EQ(pad_left("ab", 4), "  ab");
  EXPECT_EQ(pad_right(EURO, 2), EURO " ");
  EXPECT_EQ(pad_left(EURO, 2), " " EURO);
  EXPECT_EQ(pad_right("abc", 2), "abc");
  EXPECT_EQ(pad_left("abc", 3), "abc");
}

TEST(ValidUtf8, KeepsWhatIsValid) {
  for (const std::string_view text :
       {"", "abc\n\t", EURO, CLEF, "\x7F", "\xC2\x80", "\xE0\xA0\x80", "\xED\x9F\xBF",
        "\xEE\x80\x80", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"}) {
    EXPECT_EQ(valid_utf8(text), text);
  }
  EXPECT_EQ(valid_utf8(std::string_view("a\0b", 3)), std::string_view("a\0b", 3));
}

TEST(ValidUtf8, ReplacesEveryByteThatIsNot) {
  EXPECT_EQ(valid_utf8("a\xFFz"), "a" REPLACEMENT "z");
  EXPECT_EQ(valid_utf8("\x80"), REPLACEMENT);                                  // stray continuation
  EXPECT_EQ(valid_utf8("\xC0\xAF"), REPLACEMENT REPLACEMENT);                  // overlong '/'
  EXPECT_EQ(valid_utf8("\xC1\xBF"), REPLACEMENT REPLACEMENT);                  // overlong
  EXPECT_EQ(valid_utf8("\xE0\x9F\xBF"), REPLACEMENT REPLACEMENT REPLACEMENT);  // overlong
  EXPECT_EQ(valid_utf8("\xED\xA0\x80"), REPLACEMENT REPLACEMENT REPLACEMENT);  // surrogate
  EXPECT_EQ(code_points(valid_utf8("\xF0\x8F\xBF\xBF")), 4U);                  // overlong
  EXPECT_EQ(code_points(valid_utf8("\xF4\x90\x80\x80")), 4U);                  // above U+10FFFF
  EXPECT_EQ(valid_utf8("\xF5"), REPLACEMENT);
  EXPECT_EQ(valid_utf8("\xE2\x82"), REPLACEMENT REPLACEMENT);  // cut off
  EXPECT_EQ(valid_utf8("\xE2\x28\xA1"), REPLACEMENT "(" REPLACEMENT);
}

TEST(ValidUtf8, EveryPairOfBytesComesOutValid) {
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; ++second) {
      const std::string bytes = {static_cast<char>(first), static_cast<char>(second)};
      const std::string once = valid_utf8(bytes);
      ASSERT_EQ(valid_utf8(once), once) << first << " " << second;
      ASSERT_EQ(code_points(once), code_points(bytes)) << first << " " << second;
    }
  }
}

TEST(EscapeHtml, MakesMarkupText) {
  EXPECT_EQ(escape_html("<a href=\"x\" b='y'>&amp;</a>"),
            "&lt;a href=&quot;x&quot; b=&#39;y&#39;&gt;&amp;amp;&lt;/a&gt;");
  EXPECT_EQ(escape_html("plain\n\ttext " EURO), "plain\n\ttext " EURO);
}

TEST(EscapeHtml, ReplacesWhatCouldDeceive) {
  EXPECT_EQ(escape_html(std::string_view("a\0b", 3)), "a" REPLACEMENT "b");
  EXPECT_EQ(escape_html("\x1B[31m"), REPLACEMENT "[31m");
  EXPECT_EQ(escape_html("\x7F"), REPLACEMENT);
  EXPECT_EQ(escape_html("\xC2\x9B"), REPLACEMENT);  // C1: CSI
  EXPECT_EQ(escape_html("\xC2\xA0"), "\xC2\xA0");   // no-break space is none
  EXPECT_EQ(escape_html("\xFF<"), REPLACEMENT "&lt;");
}

TEST(EscapeHtml, ReplacesEveryDirectionMark) {
  for (const std::string_view mark :
       {"\xD8\x9C", "\xE2\x80\x8E", "\xE2\x80\x8F", "\xE2\x80\xAA", "\xE2\x80\xAB", "\xE2\x80\xAC",
        "\xE2\x80\xAD", "\xE2\x80\xAE", "\xE2\x81\xA6", "\xE2\x81\xA7", "\xE2\x81\xA8",
        "\xE2\x81\xA9"}) {
    EXPECT_EQ(escape_html(mark), REPLACEMENT);
    EXPECT_EQ(one_line(mark, 5), REPLACEMENT);
  }
  for (const std::string_view other : {"\xE2\x80\x8D", "\xE2\x80\xA6", "\xE2\x81\xA5", EURO}) {
    EXPECT_EQ(escape_html(other), other);
  }
}

TEST(OneLine, KeepsWhatFits) {
  EXPECT_EQ(one_line("", 3), "");
  EXPECT_EQ(one_line("abc", 3), "abc");
  EXPECT_EQ(one_line(EURO EURO EURO, 3), EURO EURO EURO);
}

TEST(OneLine, CutsWithAnEllipsisAtTheWidth) {
  EXPECT_EQ(one_line("abcd", 3), "ab" ELLIPSIS);
  EXPECT_EQ(one_line(EURO EURO EURO EURO, 3), EURO EURO ELLIPSIS);
  EXPECT_EQ(one_line("abcd", 1), ELLIPSIS);
  EXPECT_EQ(one_line("a", 0), "");
}

TEST(OneLine, IsNeverWiderThanAsked) {
  const std::string_view text = "a\xFF\n" EURO "\x1B" CLEF "\t\xE2\x80";
  for (size_t width = 0; width < 12; ++width) {
    EXPECT_LE(code_points(one_line(text, width)), width);
  }
}

TEST(OneLine, ShowsLineBreaksAndHidesControls) {
  EXPECT_EQ(one_line("x = 1\n\ty\x1B[0m\r\xFF", 40),
            "x = 1" RETURN_SIGN " y" REPLACEMENT "[0m" REPLACEMENT REPLACEMENT);
}

TEST(CountOf, KnowsSingularAndPlural) {
  EXPECT_EQ(count_of(0, "cell"), "0 cells");
  EXPECT_EQ(count_of(1, "cell"), "1 cell");
  EXPECT_EQ(count_of(2, "cell"), "2 cells");
}

TEST(Rounded, HasNoDecimalsThatSayNothing) {
  EXPECT_EQ(rounded(1.5, 2), "1.5");
  EXPECT_EQ(rounded(2, 2), "2");
  EXPECT_EQ(rounded(100, 0), "100");
  EXPECT_EQ(rounded(1.0 / 3, 2), "0.33");
  EXPECT_EQ(rounded(0.001, 2), "0");
  EXPECT_EQ(rounded(-0.5, 2), "-0.5");
}

}  // namespace
}  // namespace jumper::base
