// SPDX-License-Identifier: BSD-3-Clause
#include "testing/inflate.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <vector>

namespace jumper::testing {
namespace {

void require(bool holds, const char* what) {
  if (!holds) throw std::runtime_error(what);
}

class Bits {
 public:
  explicit Bits(std::string_view bytes) : bytes_(bytes) {}

  uint32_t bit() {
    require(at_ < 8 * bytes_.size(), "the stream ends early");
    const auto byte = static_cast<uint8_t>(bytes_[at_ / 8]);
    return byte >> (at_++ % 8) & 1U;
  }
  uint32_t number(int count) {
    uint32_t value = 0;
    for (int i = 0; i < count; ++i) value |= bit() << static_cast<unsigned>(i);
    return value;
  }
  [[nodiscard]] size_t bytes_read() const { return (at_ + 7) / 8; }

 private:
  std::string_view bytes_;
  size_t at_ = 0;
};

class Code {
 public:
  explicit Code(const std::vector<uint32_t>& lengths) : lengths_(lengths) {
    double share = 0;
    for (const uint32_t length : lengths) share += length == 0 ? 0 : 1.0 / (1U << length);
    require(share == 1, "a code is not complete");
  }

  [[nodiscard]] size_t read(Bits& bits) const {
    uint32_t code = 0;
    uint32_t first = 0;
    for (uint32_t length = 1; length <= 15; ++length) {
      code = code << 1U | bits.bit();
      uint32_t next = first;
      for (size_t symbol = 0; symbol < lengths_.size(); ++symbol) {
        if (lengths_[symbol] == length && next++ == code) return symbol;
      }
      first = next << 1U;
    }
    throw std::runtime_error("no such code");
  }

 private:
  std::vector<uint32_t> lengths_;
};

// The length or distance that a symbol begins: `step` symbols have equally many extra bits.
uint32_t ranged(Bits& bits, size_t symbol, size_t step, uint32_t first) {
  uint32_t value = first;
  const auto extra = [&](size_t i) { return i < 2 * step ? 0 : static_cast<int>(i / step) - 1; };
  for (size_t i = 0; i < symbol; ++i) value += 1U << static_cast<unsigned>(extra(i));
  return value + bits.number(extra(symbol));
}

std::vector<uint32_t> read_lengths(Bits& bits, const Code& code, size_t count) {
  std::vector<uint32_t> lengths;
  while (lengths.size() < count) {
    const size_t symbol = code.read(bits);
    if (symbol < 16) {
      lengths.push_back(static_cast<uint32_t>(symbol));
      continue;
    }
    require(symbol != 16 || !lengths.empty(), "nothing to repeat");
    const uint32_t what = symbol == 16 ? lengths.back() : 0;
    const uint32_t times = symbol == 16   ? 3 + bits.number(2)
                           : symbol == 17 ? 3 + bits.number(3)
                                          : 11 + bits.number(7);
    lengths.insert(lengths.end(), times, what);
  }
  require(lengths.size() == count, "a run of lengths goes too far");
  return lengths;
}

void read_block(Bits& bits, std::string& out) {
  require(bits.number(2) == 2, "not a block with codes of its own");
  constexpr std::array<size_t, 19> kOrder = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                             11, 4,  12, 3, 13, 2, 14, 1, 15};
  const size_t symbols = bits.number(5) + 257;
  const size_t distances = bits.number(5) + 1;
  std::vector<uint32_t> order(kOrder.size());
  const size_t known = bits.number(4) + 4;
  for (size_t i = 0; i < known; ++i) order[kOrder.at(i)] = bits.number(3);
  const std::vector<uint32_t> all = read_lengths(bits, Code(order), symbols + distances);
  const auto middle = all.begin() + static_cast<std::ptrdiff_t>(symbols);
  const Code symbol_code(std::vector<uint32_t>(all.begin(), middle));
  const Code distance_code(std::vector<uint32_t>(middle, all.end()));
  for (;;) {
    const size_t symbol = symbol_code.read(bits);
    if (symbol == 256) return;
    if (symbol < 256) {
      out += static_cast<char>(symbol);
      continue;
    }
    const uint32_t length = symbol == 285 ? 258 : ranged(bits, symbol - 257, 4, 3);
    const uint32_t distance = ranged(bits, distance_code.read(bits), 2, 1);
    require(distance <= out.size() && distance <= 32768, "a distance goes too far back");
    for (uint32_t i = 0; i < length; ++i) out += out[out.size() - distance];
  }
}

}  // namespace

std::string zlib_expanded(std::string_view stream) {
  require(stream.size() > 6 && stream[0] == '\x78', "not a zlib stream");
  require((static_cast<uint8_t>(stream[0]) * 256U + static_cast<uint8_t>(stream[1])) % 31 == 0,
          "the zlib header's check is wrong");
  Bits bits(stream.substr(2, stream.size() - 6));
  std::string out;
  for (bool is_last = false; !is_last;) {
    is_last = bits.bit() == 1;
    read_block(bits, out);
  }
  require(bits.bytes_read() == stream.size() - 6, "the stream goes on after its last block");
  uint32_t a = 1;
  uint32_t b = 0;
  for (const char byte : out) {
    a = (a + static_cast<uint8_t>(byte)) % 65521;
    b = (b + a) % 65521;
  }
  uint32_t sum = 0;
  for (const char byte : stream.substr(stream.size() - 4))
    sum = sum << 8U | static_cast<uint8_t>(byte);
  require(sum == (b << 16U | a), "the check sum is wrong");
  return out;
}

}  // namespace jumper::testing
