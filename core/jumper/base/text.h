// SPDX-License-Identifier: BSD-3-Clause
// Building text without locale and without <format> (g++ 12 has none): fixed decimals, padding by
// display columns, escaping for HTML.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace jumper::base {

// 3.14159, 2 -> "3.14". Not finite -> "n/a".
[[nodiscard]] std::string fixed(double value, int decimals);

// At most so many decimals, and none that say nothing: 1.50 -> "1.5", 2.00 -> "2".
[[nodiscard]] std::string rounded(double value, int most_decimals);

// The shortest text that reads back as the same double; not finite -> "".
[[nodiscard]] std::string shortest(double value);

// Pads with spaces on the right (left-aligns) to `width` columns; longer text is kept whole.
// Columns are counted as code points, which is right for what we print.
[[nodiscard]] std::string pad_right(std::string_view text, size_t width);
[[nodiscard]] std::string pad_left(std::string_view text, size_t width);

// Number of code points; bytes that are not UTF-8 count one each.
[[nodiscard]] size_t code_points(std::string_view text);

// & < > " ' as entities; control characters other than tab and newline as U+FFFD; bytes that are
// not UTF-8 as U+FFFD. What comes out is safe as text and in a quoted attribute.
[[nodiscard]] std::string escape_html(std::string_view text);

// One printable line of at most `width` columns for a terminal: line breaks become a return sign,
// other control characters and bytes that are not UTF-8 become U+FFFD, what is cut off ends in an
// ellipsis.
[[nodiscard]] std::string one_line(std::string_view text, size_t width);

// Valid UTF-8 out of any bytes: each byte that is not part of it becomes U+FFFD.
[[nodiscard]] std::string valid_utf8(std::string_view bytes);

// "1 cell", "2 cells".
[[nodiscard]] std::string count_of(uint64_t count, std::string_view singular);

}  // namespace jumper::base
