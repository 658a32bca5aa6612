// SPDX-License-Identifier: BSD-3-Clause
// The parts that payloads are made of (docs/journal.md): numbers of seven bits to a byte, low ones
// first; signed ones with the sign in the lowest bit; text with its length before it.
#pragma once

#include <bit>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace jumper::journal {

inline void put_number(std::string& bytes, uint64_t number) {
  for (; number >= 128; number >>= 7U) bytes += static_cast<char>(number | 128U);
  bytes += static_cast<char>(number);
}
// 0, -1, 1, -2 ... are 0, 1, 2, 3 ...
[[nodiscard]] constexpr uint64_t folded(int64_t number) {
  return static_cast<uint64_t>(number) << 1U ^ (number < 0 ? ~uint64_t{0} : 0);
}
[[nodiscard]] constexpr int64_t unfolded(uint64_t code) {
  return static_cast<int64_t>(code >> 1U ^ (~(code & 1U) + 1));
}
inline void put_signed(std::string& bytes, int64_t number) {
  put_number(bytes, folded(number));
}
inline void put_text(std::string& bytes, std::string_view text) {
  put_number(bytes, text.size());
  bytes += text;
}
// Eight bytes, low ones first.
inline void put_double(std::string& bytes, double value) {
  const auto bits = std::bit_cast<uint64_t>(value);
  for (unsigned shift = 0; shift < 64; shift += 8) bytes += static_cast<char>(bits >> shift & 255U);
}

// Takes a payload apart. What lies behind its end reads as 0 and makes ok() false.
class PayloadReader {
 public:
  explicit PayloadReader(std::string_view payload) : rest_(payload) {}

  [[nodiscard]] bool ok() const { return is_ok_; }
  [[nodiscard]] bool at_end() const { return rest_.empty(); }
  // All that was not taken yet.
  [[nodiscard]] std::string_view rest() const { return rest_; }

  [[nodiscard]] uint8_t byte() {
    if (rest_.empty()) return fail();
    const auto value = static_cast<uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return value;
  }
  [[nodiscard]] uint64_t number() {
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const uint8_t part = byte();
      value |= static_cast<uint64_t>(part & 127U) << shift;
      if (part < 128) return value;
    }
    return fail();
  }
  [[nodiscard]] int64_t signed_number() { return unfolded(number()); }
  [[nodiscard]] std::string_view text() { return bytes(number()); }
  [[nodiscard]] std::string_view bytes(uint64_t count) {
    if (count > rest_.size()) {
      fail();
      return {};
    }
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }
  [[nodiscard]] double real() {
    const std::string_view taken = bytes(8);
    uint64_t bits = 0;
    for (size_t i = 0; i < taken.size(); ++i)
      bits |= static_cast<uint64_t>(static_cast<uint8_t>(taken[i])) << 8 * i;
    return std::bit_cast<double>(bits);
  }

 private:
  uint8_t fail() {
    is_ok_ = false;
    rest_ = {};
    return 0;
  }

  std::string_view rest_;
  bool is_ok_ = true;
};

}  // namespace jumper::journal
