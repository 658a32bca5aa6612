// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/base/json_reader.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "jumper/base/parse.h"
#include "jumper/base/text.h"

namespace jumper::base {
namespace {

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  Result<Json> read() {
    if (valid_utf8(text_) != text_) return Error{ErrorCode::kParse, "not UTF-8", 0};
    Json value;
    skip_blanks();
    if (!read_value(value, 0)) return error();
    skip_blanks();
    if (at_ != text_.size()) {
      fail("something after the value");
      return error();
    }
    return value;
  }

 private:
  [[nodiscard]] Error error() const {
    return {ErrorCode::kParse, problem_ + " at byte " + std::to_string(at_), 0};
  }
  bool fail(std::string_view problem) {
    if (problem_.empty()) problem_ = problem;
    return false;
  }

  [[nodiscard]] char next() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool take(char c) {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  bool take_word(std::string_view word) {
    if (text_.substr(at_, word.size()) != word) return fail("not a value");
    at_ += word.size();
    return true;
  }
  void skip_blanks() {
    while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
  }
  [[nodiscard]] bool at_digit() const { return next() >= '0' && next() <= '9'; }

  bool read_value(Json& value, size_t depth) {
    if (depth > kDeepestJson) return fail("too deep");
    if (++values_ > kMostJsonValues) return fail("too many values");
    switch (next()) {
      case '{':
        return read_object(value, depth);
      case '[':
        return read_array(value, depth);
      case '"':
        value.type = Json::Type::kText;
        return read_text(value.text);
      case 'n':
        return take_word("null");
      case 't':
      case 'f':
        value.type = Json::Type::kTruth;
        value.truth = next() == 't';
        return take_word(value.truth ? "true" : "false");
      default:
        return read_number(value);
    }
  }

  bool read_object(Json& value, size_t depth) {
    value.type = Json::Type::kObject;
    take('{');
    skip_blanks();
    if (take('}')) return true;
    for (;;) {
      skip_blanks();
      std::string name;
      if (!read_text(name)) return false;
      if (std::ranges::find(value.names, name) != value.names.end())
        return fail("a name that was there before");
      if (value.names.size() >= kMostJsonMembers) return fail("too many names in an object");
      skip_blanks();
      if (!take(':')) return fail("no colon");
      skip_blanks();
      value.names.push_back(std::move(name));
      value.items.emplace_back();
      if (!read_value(value.items.back(), depth + 1)) return false;
      skip_blanks();
      if (take('}')) return true;
      if (!take(',')) return fail("neither comma nor end of the object");
    }
  }

  bool read_array(Json& value, size_t depth) {
    value.type = Json::Type::kArray;
    take('[');
    skip_blanks();
    if (take(']')) return true;
    for (;;) {
      skip_blanks();
      value.items.emplace_back();
      if (!read_value(value.items.back(), depth + 1)) return false;
      skip_blanks();
      if (take(']')) return true;
      if (!take(',')) return fail("neither comma nor end of the array");
    }
  }

  bool read_number(Json& value) {
    value.type = Json::Type::kNumber;
    const size_t begin = at_;
    take('-');
    if (!at_digit()) return fail("not a value");
    if (!take('0')) {
      while (at_digit()) ++at_;
    }
    if (at_digit()) return fail("a zero before a number");
    if (take('.')) {
      if (!at_digit()) return fail("no digit after the point");
      while (at_digit()) ++at_;
    }
    if (next() == 'e' || next() == 'E') {
      ++at_;
      if (next() == '+' || next() == '-') ++at_;
      if (!at_digit()) return fail("no exponent");
      while (at_digit()) ++at_;
    }
    const auto number = parse_number<double>(text_.substr(begin, at_ - begin));
    if (!number || !std::isfinite(*number)) return fail("a number that no double holds");
    value.number = *number;
    return true;
  }

  bool read_text(std::string& into) {
    if (!take('"')) return fail("no quote");
    while (at_ < text_.size()) {
      const char c = text_[at_++];
      if (c == '"') return true;
      if (static_cast<unsigned char>(c) < 0x20) return fail("a control character");
      if (c != '\\') {
        into += c;
        continue;
      }
      if (!read_escape(into)) return false;
    }
    return fail("no closing quote");
  }

  bool read_escape(std::string& into) {
    constexpr std::string_view kLetters = "\"\\/bfnrt";
    constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
    const char letter = next();
    ++at_;
    if (letter != 'u') {
      const size_t which = kLetters.find(letter);
      if (which == std::string_view::npos) return fail("an unknown escape");
      into += kMeanings[which];
      return true;
    }
    const auto first = read_hex();
    if (!first) return fail("not four hex digits");
    uint32_t code = *first;
    if (code >= 0xDC00 && code <= 0xDFFF) return fail("half a character");
    if (code >= 0xD800 && code <= 0xDBFF) {
      if (!take('\\') || !take('u')) return fail("half a character");
      const auto second = read_hex();
      if (!second || *second < 0xDC00 || *second > 0xDFFF) return fail("half a character");
      code = 0x10000 + ((code - 0xD800) << 10U) + (*second - 0xDC00);
    }
    append_utf8(into, code);
    return true;
  }

  std::optional<uint32_t> read_hex() {
    uint32_t code = 0;
    for (int i = 0; i < 4; ++i) {
      const char c = next();
      ++at_;
      if (c >= '0' && c <= '9') {
        code = code * 16 + static_cast<uint32_t>(c - '0');
      } else if (c >= 'a' && c <= 'f') {
        code = code * 16 + static_cast<uint32_t>(c - 'a' + 10);
      } else if (c >= 'A' && c <= 'F') {
        code = code * 16 + static_cast<uint32_t>(c - 'A' + 10);
      } else {
        return std::nullopt;
      }
    }
    return code;
  }

  static void append_utf8(std::string& into, uint32_t code) {
    const auto tail = [&](unsigned shift) {
      into += static_cast<char>(0x80U | ((code >> shift) & 0x3FU));
    };
    if (code < 0x80) {
      into += static_cast<char>(code);
    } else if (code < 0x800) {
      into += static_cast<char>(0xC0U | (code >> 6U));
      tail(0);
    } else if (code < 0x10000) {
      into += static_cast<char>(0xE0U | (code >> 12U));
      tail(6);
      tail(0);
    } else {
      into += static_cast<char>(0xF0U | (code >> 18U));
      tail(12);
      tail(6);
      tail(0);
    }
  }

  std::string_view text_;
  size_t at_ = 0;
  size_t values_ = 0;
  std::string problem_;
};

}  // namespace

const Json& Json::at(std::string_view name) const {
  static const Json kNothing;
  const auto found = std::ranges::find(names, name);
  return found == names.end() ? kNothing : items[static_cast<size_t>(found - names.begin())];
}

const Json& Json::at(size_t index) const {
  static const Json kNothing;
  return index < items.size() ? items[index] : kNothing;
}

Result<Json> parse_json(std::string_view text) {
  return Reader(text).read();
}

}  // namespace jumper::base
