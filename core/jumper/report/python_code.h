// SPDX-License-Identifier: BSD-3-Clause
// Python source with its colours: what is a keyword, a string, a comment is told here, so that the
// browser needs no script for it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace jumper::report {

enum class TokenKind : uint8_t { kPlain, kKeyword, kString, kComment, kNumber, kMagic };

struct Token {
  TokenKind kind = TokenKind::kPlain;
  size_t size = 0;  // bytes

  bool operator==(const Token&) const = default;
};

// The tokens of a cell's source, one after the other: together they are all of its bytes. Any bytes
// will do, none is ever taken out of the middle of a UTF-8 sequence. IPython's lines of magics and
// of the shell are tokens of their own, and what follows the magic of another language is plain.
[[nodiscard]] std::vector<Token> python_tokens(std::string_view source);

// Escaped, with a <span class="jumper-k"> and the like around what has a colour.
[[nodiscard]] std::string python_html(std::string_view source);

}  // namespace jumper::report
