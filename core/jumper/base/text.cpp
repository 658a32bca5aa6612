// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/base/text.h"

#include <array>
#include <charconv>
#include <cmath>

namespace jumper::base {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

// The length in bytes of the UTF-8 sequence at the front of `text`, or 0 if it is not one
// (RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF).
size_t sequence_length(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto follows = [&](size_t i, unsigned low, unsigned high) {
    return i < text.size() && byte(i) >= low && byte(i) <= high;
  };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return follows(1, 0x80, 0xBF) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    const unsigned low = first == 0xE0 ? 0xA0 : 0x80;
    const unsigned high = first == 0xED ? 0x9F : 0xBF;
    return follows(1, low, high) && follows(2, 0x80, 0xBF) ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    const unsigned low = first == 0xF0 ? 0x90 : 0x80;
    const unsigned high = first == 0xF4 ? 0x8F : 0xBF;
    return follows(1, low, high) && follows(2, 0x80, 0xBF) && follows(3, 0x80, 0xBF) ? 4 : 0;
  }
  return 0;
}

// Calls visit(sequence) for each UTF-8 sequence, and with U+FFFD for each stray byte.
template <typename Visit>
void for_each_sequence(std::string_view text, Visit visit) {
  while (!text.empty()) {
    const size_t length = sequence_length(text);
    if (length == 0) {
      if (!visit(kReplacement)) return;
      text.remove_prefix(1);
      continue;
    }
    if (!visit(text.substr(0, length))) return;
    text.remove_prefix(length);
  }
}

bool is_control(std::string_view sequence) {
  const auto first = static_cast<unsigned char>(sequence[0]);
  if (sequence.size() == 1) return first < 0x20 || first == 0x7F;
  // C1 controls, U+0080 to U+009F: terminals obey them as they obey ESC.
  return sequence.size() == 2 && first == 0xC2 && static_cast<unsigned char>(sequence[1]) < 0xA0;
}

// Marks that turn the direction of text around could make a line read as something else.
bool is_direction_mark(std::string_view sequence) {
  if (sequence == "\xD8\x9C") return true;  // U+061C
  if (sequence.size() != 3 || sequence[0] != '\xE2') return false;
  const auto second = static_cast<unsigned char>(sequence[1]);
  const auto third = static_cast<unsigned char>(sequence[2]);
  return (second == 0x80 && ((third >= 0xAA && third <= 0xAE) || third == 0x8E || third == 0x8F)) ||
         (second == 0x81 && third >= 0xA6 && third <= 0xA9);
}

}  // namespace

std::string fixed(double value, int decimals) {
  if (!std::isfinite(value)) return "n/a";
  std::array<char, 400> buffer{};
  const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                          std::chars_format::fixed, decimals);
  std::string text(buffer.data(), error == std::errc{} ? end : buffer.data());
  // "-0.00" says nothing that "0.00" does not.
  if (text.starts_with('-') && text.find_first_not_of("-0.") == std::string::npos) text.erase(0, 1);
  return text;
}

std::string rounded(double value, int most_decimals) {
  std::string text = fixed(value, most_decimals);
  if (text.find('.') == std::string::npos) return text;
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text;
}

std::string shortest(double value) {
  if (!std::isfinite(value)) return "";
  std::array<char, 64> buffer{};
  const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  return {buffer.data(), error == std::errc{} ? end : buffer.data()};
}

size_t code_points(std::string_view text) {
  size_t count = 0;
  for_each_sequence(text, [&](std::string_view) {
    ++count;
    return true;
  });
  return count;
}

std::string pad_right(std::string_view text, size_t width) {
  std::string padded(text);
  const size_t length = code_points(text);
  if (length < width) padded.append(width - length, ' ');
  return padded;
}

std::string pad_left(std::string_view text, size_t width) {
  const size_t length = code_points(text);
  std::string padded(length < width ? width - length : 0, ' ');
  padded += text;
  return padded;
}

std::string escape_html(std::string_view text) {
  std::string escaped;
  escaped.reserve(text.size() + text.size() / 8);
  for_each_sequence(text, [&](std::string_view sequence) {
    if (sequence == "&") {
      escaped += "&amp;";
    } else if (sequence == "<") {
      escaped += "&lt;";
    } else if (sequence == ">") {
      escaped += "&gt;";
    } else if (sequence == "\"") {
      escaped += "&quot;";
    } else if (sequence == "'") {
      escaped += "&#39;";
    } else if ((is_control(sequence) && sequence != "\n" && sequence != "\t") ||
               is_direction_mark(sequence)) {
      escaped += kReplacement;
    } else {
      escaped += sequence;
    }
    return true;
  });
  return escaped;
}

std::string one_line(std::string_view text, size_t width) {
  std::string line;
  if (width == 0) return line;
  size_t used = 0;
  size_t last_sequence = 0;  // where the last sequence begins, to put the ellipsis there
  for_each_sequence(text, [&](std::string_view sequence) {
    if (used == width) {
      line.resize(last_sequence);
      line += "\xE2\x80\xA6";  // ellipsis
      return false;
    }
    last_sequence = line.size();
    ++used;
    if (sequence == "\n") {
      line += "\xE2\x8F\x8E";  // return sign
    } else if (sequence == "\t") {
      line += ' ';
    } else {
      line += is_control(sequence) || is_direction_mark(sequence) ? kReplacement : sequence;
    }
    return true;
  });
  return line;
}

std::string valid_utf8(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size());
  for_each_sequence(bytes, [&](std::string_view sequence) {
    text += sequence;
    return true;
  });
  return text;
}

std::string count_of(uint64_t count, std::string_view singular) {
  std::string text = std::to_string(count);
  text += ' ';
  text += singular;
  if (count != 1) text += 's';
  return text;
}

}  // namespace jumper::base
