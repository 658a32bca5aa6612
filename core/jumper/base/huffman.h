// SPDX-License-Identifier: BSD-3-Clause
// Prefix codes for symbols by how often they come.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace jumper::base {

// The lengths in bits that make the whole shortest, none above `longest`; 0 for a symbol that does
// not come. There are at most 2^longest symbols. A symbol on its own has one bit.
[[nodiscard]] std::vector<uint8_t> code_lengths(std::span<const uint32_t> frequencies, int longest);

}  // namespace jumper::base
