// SPDX-License-Identifier: BSD-3-Clause
// A strict reader of JSON (RFC 8259) for tests: it takes nothing that some readers would refuse.
// Names of an object must differ, text must be UTF-8, escapes must make whole characters.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "jumper/base/result.h"

namespace jumper::testing {

struct Json {
  enum class Type : uint8_t { kNull, kTruth, kNumber, kText, kArray, kObject };

  Type type = Type::kNull;
  bool truth = false;
  double number = 0;
  std::string text;
  std::vector<Json> items;                            // of an array
  std::vector<std::pair<std::string, Json>> members;  // of an object, in the order written

  [[nodiscard]] bool is_null() const { return type == Type::kNull; }
  // The member of that name, the item of that number; throws when there is none.
  [[nodiscard]] const Json& at(std::string_view name) const;
  [[nodiscard]] const Json& at(size_t index) const;
  [[nodiscard]] std::vector<std::string> names() const;
};

// The whole text as one value; the error says what is wrong at which byte.
[[nodiscard]] base::Result<Json> parse_json(std::string_view text);

}  // namespace jumper::testing
