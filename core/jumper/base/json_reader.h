// SPDX-License-Identifier: BSD-3-Clause
// A strict reader of JSON (RFC 8259), for bytes that anyone may have written: it takes nothing that
// some readers would refuse. Names of an object must differ, text must be UTF-8, escapes must make
// whole characters; and there may not be so much of anything that reading it never ends.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "jumper/base/result.h"

namespace jumper::base {

struct Json {
  enum class Type : uint8_t { kNull, kTruth, kNumber, kText, kArray, kObject };

  Type type = Type::kNull;
  bool truth = false;
  double number = 0;
  std::string text;
  std::vector<std::string> names;  // of an object, in the order written
  std::vector<Json> items;         // of an array; of an object, one for each name

  [[nodiscard]] bool is_null() const { return type == Type::kNull; }
  [[nodiscard]] bool is_text() const { return type == Type::kText; }
  [[nodiscard]] bool is_number() const { return type == Type::kNumber; }
  [[nodiscard]] bool is_array() const { return type == Type::kArray; }
  // The member of that name, the item of that number; null where there is none.
  [[nodiscard]] const Json& at(std::string_view name) const;
  [[nodiscard]] const Json& at(size_t index) const;
};

inline constexpr size_t kDeepestJson = 100;
inline constexpr size_t kMostJsonMembers = 1000;  // of one object
inline constexpr size_t kMostJsonValues = 1'000'000;

// The whole text as one value; the error says what is wrong at which byte.
[[nodiscard]] Result<Json> parse_json(std::string_view text);

}  // namespace jumper::base
