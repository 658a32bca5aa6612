// SPDX-License-Identifier: BSD-3-Clause
// Ranges of cells as users write them: "5", "2:8", ":5", "3:", ":", "-3:-1".
#pragma once

#include <cstddef>
#include <string_view>

#include "jumper/base/result.h"

namespace jumper::cells {

// Both ends included.
struct CellRange {
  size_t first = 0;
  size_t last = 0;

  bool operator==(const CellRange&) const = default;
  [[nodiscard]] size_t size() const { return last - first + 1; }
};

// `count` cells exist, numbered from 0; negative numbers count from the end. The error says what
// is wrong and which range is valid.
[[nodiscard]] base::Result<CellRange> parse_range(std::string_view text, size_t count);

}  // namespace jumper::cells
