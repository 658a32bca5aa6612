// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/report/python_code.h"

#include <algorithm>
#include <array>

#include "jumper/base/text.h"

namespace jumper::report {
namespace {

// https://docs.python.org/3/reference/lexical_analysis.html#keywords, without the soft ones, which
// are names elsewhere.
constexpr std::array<std::string_view, 35> kKeywords = {
    "False", "None",     "True",  "and",    "as",   "assert", "async",  "await",    "break",
    "class", "continue", "def",   "del",    "elif", "else",   "except", "finally",  "for",
    "from",  "global",   "if",    "import", "in",   "is",     "lambda", "nonlocal", "not",
    "or",    "pass",     "raise", "return", "try",  "while",  "with",   "yield"};
static_assert(std::ranges::is_sorted(kKeywords));

// Cell magics whose cell is Python still.
constexpr std::array<std::string_view, 6> kPythonMagics = {
    "capture", "debug", "execute_with_scorep", "prun", "time", "timeit"};
static_assert(std::ranges::is_sorted(kPythonMagics));

constexpr size_t kLongestPrefix = 2;  // of a string: rb, Rf

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
// Bytes from 0x80 on are part of a character that may stand in a name.
bool is_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || is_digit(c) ||
         static_cast<unsigned char>(c) >= 0x80;
}

class Scanner {
 public:
  explicit Scanner(std::string_view source) : source_(source) {}

  std::vector<Token> run() {
    while (at_ < source_.size()) step();
    return std::move(tokens_);
  }

 private:
  [[nodiscard]] char peek(size_t ahead = 0) const {
    return at_ + ahead < source_.size() ? source_[at_ + ahead] : '\0';
  }
  [[nodiscard]] size_t line_end() const {
    return std::min(source_.find('\n', at_), source_.size());
  }

  // Everything up to `end` is of that kind.
  void take(TokenKind kind, size_t end) {
    if (end == at_) return;
    if (!tokens_.empty() && tokens_.back().kind == kind) {
      tokens_.back().size += end - at_;
    } else {
      tokens_.push_back({kind, end - at_});
    }
    at_ = end;
  }

  void step() {
    const char c = peek();
    if (c == '\n') {
      // A line that a bracket or a backslash carries on begins no statement.
      at_line_start_ = open_brackets_ == 0 && (at_ == 0 || source_[at_ - 1] != '\\');
      return take(TokenKind::kPlain, at_ + 1);
    }
    if (c == ' ' || c == '\t' || c == '\r') return take(TokenKind::kPlain, at_ + 1);
    if (at_line_start_ && (c == '%' || c == '!')) return magic();
    at_line_start_ = false;
    seen_code_ = true;
    if (c == '#') return take(TokenKind::kComment, line_end());
    if (c == '"' || c == '\'') return string(at_);
    if (is_digit(c) || (c == '.' && is_digit(peek(1)))) return number();
    if (is_name(c)) return name();
    if (c == '(' || c == '[' || c == '{') ++open_brackets_;
    if ((c == ')' || c == ']' || c == '}') && open_brackets_ > 0) --open_brackets_;
    take(TokenKind::kPlain, at_ + 1);
  }

  void magic() {
    const bool is_of_cell = !seen_code_ && peek() == '%' && peek(1) == '%';
    size_t end = at_ + 2;
    while (end < source_.size() && is_name(source_[end])) ++end;
    const std::string_view called =
        is_of_cell ? source_.substr(at_ + 2, end - at_ - 2) : std::string_view();
    take(TokenKind::kMagic, line_end());
    if (is_of_cell && !std::ranges::binary_search(kPythonMagics, called))
      take(TokenKind::kPlain, source_.size());
    seen_code_ = true;
  }

  void name() {
    size_t end = at_;
    while (end < source_.size() && is_name(source_[end])) ++end;
    const std::string_view word = source_.substr(at_, end - at_);
    const auto is_prefix = [](char c) {
      return std::string_view("rRbBfFuUtT").find(c) != std::string_view::npos;
    };
    if (word.size() <= kLongestPrefix && std::ranges::all_of(word, is_prefix) &&
        end < source_.size() && (source_[end] == '"' || source_[end] == '\''))
      return string(end);
    take(std::ranges::binary_search(kKeywords, word) ? TokenKind::kKeyword : TokenKind::kPlain,
         end);
  }

  void number() {
    size_t end = at_;
    while (end < source_.size()) {
      const char c = source_[end];
      const char before = end > at_ ? source_[end - 1] : '\0';
      const bool is_sign = (c == '+' || c == '-') && (before == 'e' || before == 'E') &&
                           !source_.substr(at_, 2).starts_with("0x");
      if (!is_name(c) && c != '.' && !is_sign) break;
      ++end;
    }
    take(TokenKind::kNumber, end);
  }

  // A string whose quote is at `quote`, its prefix before that. One that nothing closes ends with
  // its line, or with the source where it has three quotes.
  void string(size_t quote) {
    const char mark = source_[quote];
    const std::string three(3, mark);
    const bool is_long = source_.substr(quote).starts_with(three);
    size_t end = quote + (is_long ? 3 : 1);
    while (end < source_.size()) {
      if (source_[end] == '\\') {
        end += 2;
      } else if (is_long ? source_.substr(end).starts_with(three) : source_[end] == mark) {
        end += is_long ? 3 : 1;
        break;
      } else if (!is_long && source_[end] == '\n') {
        break;
      } else {
        ++end;
      }
    }
    take(TokenKind::kString, std::min(end, source_.size()));
  }

  std::string_view source_;
  size_t at_ = 0;
  size_t open_brackets_ = 0;
  bool at_line_start_ = true;
  bool seen_code_ = false;  // anything but blank lines
  std::vector<Token> tokens_;
};

std::string_view class_of(TokenKind kind) {
  switch (kind) {
    case TokenKind::kKeyword:
      return "jumper-k";
    case TokenKind::kString:
      return "jumper-s";
    case TokenKind::kComment:
      return "jumper-c";
    case TokenKind::kNumber:
      return "jumper-n";
    case TokenKind::kMagic:
      return "jumper-m";
    case TokenKind::kPlain:
      break;
  }
  return "";
}

}  // namespace

std::vector<Token> python_tokens(std::string_view source) {
  return Scanner(source).run();
}

std::string python_html(std::string_view source) {
  std::string html;
  for (const Token& token : python_tokens(source)) {
    const std::string text = base::escape_html(source.substr(0, token.size));
    source.remove_prefix(token.size);
    const std::string_view css_class = class_of(token.kind);
    if (css_class.empty()) {
      html += text;
    } else {
      html += "<span class=\"" + std::string(css_class) + "\">" + text + "</span>";
    }
  }
  return html;
}

}  // namespace jumper::report
