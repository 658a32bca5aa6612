// SPDX-License-Identifier: BSD-3-Clause
// Whole numbers in 1 to 9 bytes. The zeros at the low end of the first byte tell how many bytes
// follow, so a number is read with one load and no loop.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace jumper::store {

// Reading and writing touch up to this many bytes, whatever the number's length.
inline constexpr size_t kVarintReach = 9;

// Small numbers of either sign become small numbers: 0, -1, 1, -2 ... -> 0, 1, 2, 3 ...
[[nodiscard]] constexpr uint64_t zigzag(int64_t number) {
  const auto bits = static_cast<uint64_t>(number);
  return (bits << 1) ^ (number < 0 ? ~uint64_t{0} : 0);
}
[[nodiscard]] constexpr int64_t unzigzag(uint64_t code) {
  return static_cast<int64_t>((code >> 1) ^ (~(code & 1) + 1));
}

namespace detail {

[[nodiscard]] constexpr uint64_t little_endian(uint64_t word) {
  return std::endian::native == std::endian::big ? __builtin_bswap64(word) : word;
}
[[nodiscard]] inline uint64_t load(const uint8_t* at) {
  uint64_t word = 0;
  std::memcpy(&word, at, sizeof(word));
  return little_endian(word);
}
inline void save(uint8_t* at, uint64_t word) {
  word = little_endian(word);
  std::memcpy(at, &word, sizeof(word));
}

}  // namespace detail

// Returns where the next number goes.
[[nodiscard]] inline uint8_t* put_varint(uint8_t* at, uint64_t number) {
  const auto length = (static_cast<int>(std::bit_width(number | 1)) + 6) / 7;
  if (length > 8) {
    *at = 0;
    detail::save(at + 1, number);
    return at + 9;
  }
  detail::save(at, ((number << 1) | 1) << (length - 1));
  return at + length;
}

// Moves `at` behind the number.
[[nodiscard]] inline uint64_t get_varint(const uint8_t*& at) {
  if (*at == 0) {
    const uint64_t number = detail::load(at + 1);
    at += 9;
    return number;
  }
  const int length = std::countr_zero(*at) + 1;
  // What follows is shifted out at the top, then the length at the bottom.
  const uint64_t number = detail::load(at) << (64 - 8 * length) >> (64 - 7 * length);
  at += length;
  return number;
}

}  // namespace jumper::store
