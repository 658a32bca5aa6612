// SPDX-License-Identifier: BSD-3-Clause
// Columns of whole numbers in few bytes, for documents that travel to a browser, where
// frontend/src/protocol.ts reads them. A column is a row of codes, each a number in groups of seven
// bits, lowest first, the top bit saying that more follow:
//   0, n   the number before, n times more
//   1, n   n absent numbers
//   else   the number before plus d: code less 1 is 2d where d > 0, and -2d - 1 where d < 0
// The number before the first is 0.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

namespace jumper::report {

inline constexpr int64_t kAbsentNumber = std::numeric_limits<int64_t>::min();

void append_column(std::vector<uint8_t>& bytes, std::span<const int64_t> numbers);

// The next column, of `count` numbers, off the front of `bytes`; absent where they are not one.
[[nodiscard]] std::optional<std::vector<int64_t>> take_column(std::span<const uint8_t>& bytes,
                                                              size_t count);

}  // namespace jumper::report
