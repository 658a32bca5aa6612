// SPDX-License-Identifier: BSD-3-Clause
// What every parser of kernel text must bear: being cut off anywhere, and bytes that lie past the
// end of its input being none of its business.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string_view>

#include "jumper/base/result.h"

namespace jumper::testing {

// `text` in memory of exactly its size, without a terminator, so that the address sanitizer sees a
// parser that reads on.
class ExactBytes {
 public:
  explicit ExactBytes(std::string_view text)
      : bytes_(std::make_unique<char[]>(text.size())), size_(text.size()) {
    std::ranges::copy(text, bytes_.get());
  }
  [[nodiscard]] std::string_view view() const { return {bytes_.get(), size_}; }

 private:
  std::unique_ptr<char[]> bytes_;
  size_t size_;
};

// Calls parse(prefix) for every prefix of `text`; each answer must be a value or a parse error that
// names `file`. Returns how long the shortest prefix was that gave a value; text.size() + 1 if
// none did.
template <typename Parse>
size_t expect_prefixes_bearable(std::string_view text, std::string_view file, Parse parse) {
  size_t shortest = text.size() + 1;
  for (size_t length = 0; length <= text.size(); ++length) {
    const ExactBytes prefix(text.substr(0, length));
    const auto result = parse(prefix.view());
    if (result.ok()) {
      shortest = std::min(shortest, length);
      continue;
    }
    EXPECT_EQ(result.error().code, base::ErrorCode::kParse) << "at " << length;
    EXPECT_NE(result.error().message.find(file), std::string_view::npos) << "at " << length;
  }
  return shortest;
}

// A parse error whose message names the file and what is wrong in it.
template <typename T>
void expect_parse_error(const base::Result<T>& result, std::string_view file,
                        std::string_view what) {
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, base::ErrorCode::kParse);
  EXPECT_NE(result.error().message.find(file), std::string::npos) << result.error().message;
  EXPECT_NE(result.error().message.find(what), std::string::npos) << result.error().message;
}

}  // namespace jumper::testing
