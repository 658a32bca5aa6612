// SPDX-License-Identifier: BSD-3-Clause
#include <optional>

#include "jumper/base/parse.h"
#include "jumper/session/cell_rows.h"

namespace jumper::session {
namespace {

void append_utf8(std::string& out, uint32_t point) {
  if (point >= 0xD800 && (point < 0xE000 || point > 0x10FFFF)) point = 0xFFFD;
  const auto put = [&](uint32_t byte) { out += static_cast<char>(byte); };
  if (point < 0x80) return put(point);
  if (point < 0x800) {
    put(0xC0 | point >> 6U);
  } else {
    if (point < 0x10000) {
      put(0xE0 | point >> 12U);
    } else {
      put(0xF0 | point >> 18U);
      put(0x80 | (point >> 12U & 0x3FU));
    }
    put(0x80 | (point >> 6U & 0x3FU));
  }
  put(0x80 | (point & 0x3FU));
}

class ListReader {
 public:
  explicit ListReader(std::string_view text) : left_(base::trim(text)) {}

  std::vector<std::string> read() {
    std::vector<std::string> items;
    if (!take('[')) return {};
    while (!take(']')) {
      std::string& item = items.emplace_back();
      if (!read_text(item)) return {};
      skip_blanks();
      if (!take(',') && (left_.empty() || left_.front() != ']')) return {};
      skip_blanks();
    }
    return left_.empty() ? items : std::vector<std::string>();
  }

 private:
  bool take(char c) {
    if (left_.empty() || left_.front() != c) return false;
    left_.remove_prefix(1);
    return true;
  }
  void skip_blanks() {
    while (!left_.empty() && base::is_blank(left_.front())) left_.remove_prefix(1);
  }

  bool read_text(std::string& text) {
    if (left_.empty() || (left_.front() != '\'' && left_.front() != '"')) return false;
    const char quote = left_.front();
    left_.remove_prefix(1);
    while (!left_.empty()) {
      const char c = left_.front();
      left_.remove_prefix(1);
      if (c == quote) return true;
      if (c != '\\') {
        text += c;
      } else if (!read_escape(text)) {
        return false;
      }
    }
    return false;
  }

  bool read_escape(std::string& text) {
    if (left_.empty()) return false;
    const char c = left_.front();
    left_.remove_prefix(1);
    switch (c) {
      case 'n':
        text += '\n';
        return true;
      case 'r':
        text += '\r';
        return true;
      case 't':
        text += '\t';
        return true;
      case 'x':
        return read_point(text, 2);
      case 'u':
        return read_point(text, 4);
      case 'U':
        return read_point(text, 8);
      default:  // a quote, a backslash
        text += c;
        return true;
    }
  }

  bool read_point(std::string& text, size_t digits) {
    uint32_t point = 0;
    const std::string_view hex = left_.substr(0, digits);
    const auto [end, error] = std::from_chars(hex.data(), hex.data() + hex.size(), point, 16);
    if (error != std::errc{} || end != hex.data() + digits) return false;
    left_.remove_prefix(digits);
    append_utf8(text, point);
    return true;
  }

  std::string_view left_;
};

}  // namespace

std::vector<std::string> python_strings(std::string_view text) {
  return ListReader(text).read();
}

}  // namespace jumper::session
