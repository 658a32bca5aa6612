// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/base/inflate.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

namespace jumper::base {
namespace {

constexpr unsigned kLongestCode = 15;
constexpr unsigned kTableBits = 10;  // longer codes are rare, and found by counting
constexpr uint32_t kEndOfBlock = 256;
constexpr size_t kMostSymbols = 286;
constexpr size_t kMostDistances = 30;
constexpr uint32_t kNoSymbol = UINT32_MAX;

// The least significant bit of each byte comes first. Past the end come zeros, which nobody can
// take.
class Bits {
 public:
  explicit Bits(std::string_view bytes) : bytes_(bytes) {}

  // At least 32 bits to look at, where there are as many.
  void refill() {
    while (count_ <= 56 && at_ < bytes_.size()) {
      buffer_ |= uint64_t{static_cast<uint8_t>(bytes_[at_++])} << count_;
      count_ += 8;
    }
  }
  [[nodiscard]] uint32_t peek(unsigned count) const {
    return static_cast<uint32_t>(buffer_ & ((uint64_t{1} << count) - 1));
  }
  // False when there are fewer.
  [[nodiscard]] bool skip(unsigned count) {
    if (count > count_) return false;
    buffer_ >>= count;
    count_ -= count;
    return true;
  }
  [[nodiscard]] bool take(unsigned count, uint32_t& number) {
    refill();
    number = peek(count);
    return skip(count);
  }
  // Whole bytes from the next full one on; empty where there are not so many.
  [[nodiscard]] bool take_bytes(size_t size, std::string_view& bytes) {
    at_ -= count_ / 8;
    buffer_ = 0;
    count_ = 0;
    if (bytes_.size() - at_ < size) return false;
    bytes = bytes_.substr(at_, size);
    at_ += size;
    return true;
  }
  [[nodiscard]] bool at_end() const { return count_ < 8 && at_ == bytes_.size(); }

 private:
  std::string_view bytes_;
  size_t at_ = 0;
  uint64_t buffer_ = 0;
  unsigned count_ = 0;
};

// A canonical prefix code, read from the lengths of its codes.
class Code {
 public:
  // False when the lengths are of no code. A code that leaves something out is one only where it
  // has a single symbol, or none: so compressors write a block with one distance or without any.
  [[nodiscard]] bool set(std::span<const uint8_t> lengths) {
    counts_.fill(0);
    for (const uint8_t length : lengths) ++counts_[length];
    counts_[0] = 0;
    int32_t left = 1;
    size_t symbols = 0;
    std::array<uint16_t, kLongestCode + 2> firsts{};
    for (unsigned length = 1; length <= kLongestCode; ++length) {
      left = 2 * left - counts_[length];
      if (left < 0) return false;
      symbols += counts_[length];
      firsts[length + 1] = static_cast<uint16_t>(firsts[length] + counts_[length]);
    }
    if (left > 0 && symbols > 1) return false;
    if (symbols == 1 && counts_[1] != 1) return false;
    for (size_t symbol = 0; symbol < lengths.size(); ++symbol) {
      if (lengths[symbol] > 0) symbols_[firsts[lengths[symbol]]++] = static_cast<uint16_t>(symbol);
    }
    fill_table();
    return true;
  }

  // kNoSymbol where the bits are no code, or end.
  [[nodiscard]] uint32_t read(Bits& bits) const {
    const uint16_t entry = table_[bits.peek(kTableBits)];
    if (entry != 0) return bits.skip(entry & 15U) ? entry >> 4U : kNoSymbol;
    return read_long(bits);
  }

 private:
  static uint32_t reversed(uint32_t code, unsigned length) {
    uint32_t turned = 0;
    for (unsigned i = 0; i < length; ++i) turned |= (code >> i & 1U) << (length - 1 - i);
    return turned;
  }

  void fill_table() {
    table_.fill(0);
    uint32_t code = 0;
    size_t at = 0;
    for (unsigned length = 1; length <= kTableBits; ++length) {
      for (uint32_t i = 0; i < counts_[length]; ++i, ++code, ++at) {
        const auto entry = static_cast<uint16_t>(uint32_t{symbols_[at]} << 4U | length);
        for (size_t slot = reversed(code, length); slot < table_.size();
             slot += size_t{1} << length)
          table_[slot] = entry;
      }
      code <<= 1U;
    }
  }

  [[nodiscard]] uint32_t read_long(Bits& bits) const {
    const uint32_t ahead = bits.peek(kLongestCode);
    uint32_t code = 0;
    uint32_t first = 0;
    size_t at = 0;
    for (unsigned length = 1; length <= kLongestCode; ++length) {
      code = code << 1U | (ahead >> (length - 1) & 1U);
      if (code < first + counts_[length])
        return bits.skip(length) ? symbols_[at + (code - first)] : kNoSymbol;
      first = (first + counts_[length]) << 1U;
      at += counts_[length];
    }
    return kNoSymbol;
  }

  std::array<uint16_t, kLongestCode + 1> counts_{};        // codes of each length
  std::array<uint16_t, 288> symbols_{};                    // in the order of their codes
  std::array<uint16_t, size_t{1} << kTableBits> table_{};  // symbol and length; 0: a longer code
};

// RFC 1951, 3.2.5: lengths from symbol 257 on, distances from 0 on.
constexpr std::array<uint16_t, 29> kLengths = {3,  4,  5,  6,   7,   8,   9,   10,  11, 13,
                                               15, 17, 19, 23,  27,  31,  35,  43,  51, 59,
                                               67, 83, 99, 115, 131, 163, 195, 227, 258};
constexpr std::array<uint8_t, 29> kLengthBits = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2,
                                                 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0};
constexpr unsigned distance_bits(uint32_t symbol) {
  return symbol < 2 ? 0 : symbol / 2 - 1;
}
constexpr size_t distance_base(uint32_t symbol) {
  return symbol < 2 ? symbol + 1 : ((size_t{2} + symbol % 2) << distance_bits(symbol)) + 1;
}
static_assert(distance_base(4) == 5 && distance_base(29) == 24577 && distance_bits(29) == 13);

class Inflater {
 public:
  Inflater(std::string_view bytes, size_t most_bytes) : bits_(bytes), most_bytes_(most_bytes) {
    constexpr size_t kUsualRatio = 4;
    out_.reserve(std::min(most_bytes, kUsualRatio * bytes.size()));
  }

  [[nodiscard]] Result<std::string> run() {
    uint32_t is_last = 0;
    while (is_last == 0) {
      uint32_t kind = 0;
      if (!bits_.take(1, is_last) || !bits_.take(2, kind)) return ends_early();
      const char* wrong = kind == 0   ? copy_block()
                          : kind == 1 ? fixed_block()
                          : kind == 2 ? coded_block()
                                      : "a block is of no known kind";
      if (wrong != nullptr) return failed(wrong);
    }
    if (!bits_.at_end()) return failed("it goes on after its end");
    return std::move(out_);
  }

 private:
  static constexpr const char* kEndsEarly = "it ends early";
  static constexpr const char* kTooLong = "it expands to more than it may";

  static Error failed(const char* what) {
    return bad_input(std::string("the compressed data cannot be read: ") + what);
  }
  static Error ends_early() { return failed(kEndsEarly); }

  // Each gives null, or what is wrong.
  const char* copy_block() {
    std::string_view head;
    std::string_view body;
    if (!bits_.take_bytes(4, head)) return kEndsEarly;
    const auto number = [&](size_t i) {
      return static_cast<size_t>(static_cast<uint8_t>(head[i])) |
             static_cast<size_t>(static_cast<uint8_t>(head[i + 1])) << 8U;
    };
    const size_t size = number(0);
    if (number(2) != (size ^ 0xFFFFU)) return "the length of a block is garbled";
    if (!bits_.take_bytes(size, body)) return kEndsEarly;
    if (size > most_bytes_ - out_.size()) return kTooLong;
    out_ += body;
    return nullptr;
  }

  const char* fixed_block() {
    std::array<uint8_t, 288> lengths{};
    std::fill(lengths.begin(), lengths.begin() + 144, uint8_t{8});
    std::fill(lengths.begin() + 144, lengths.begin() + 256, uint8_t{9});
    std::fill(lengths.begin() + 256, lengths.begin() + 280, uint8_t{7});
    std::fill(lengths.begin() + 280, lengths.end(), uint8_t{8});
    std::array<uint8_t, 32> distances{};
    distances.fill(5);
    if (!symbols_.set(lengths) || !distances_.set(distances)) return "a code is garbled";
    return symbols();
  }

  const char* coded_block() {
    constexpr std::array<uint8_t, 19> kOrder = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                                11, 4,  12, 3, 13, 2, 14, 1, 15};
    uint32_t symbols_known = 0;
    uint32_t distances_known = 0;
    uint32_t order_known = 0;
    if (!bits_.take(5, symbols_known) || !bits_.take(5, distances_known) ||
        !bits_.take(4, order_known)) {
      return kEndsEarly;
    }
    const size_t symbol_count = symbols_known + 257;
    const size_t distance_count = distances_known + 1;
    if (symbol_count > kMostSymbols || distance_count > kMostDistances)
      return "a block has too many codes";
    std::array<uint8_t, 19> order{};
    for (size_t i = 0; i < order_known + 4; ++i) {
      uint32_t length = 0;
      if (!bits_.take(3, length)) return kEndsEarly;
      order[kOrder[i]] = static_cast<uint8_t>(length);
    }
    if (!symbols_.set(order)) return "a code is garbled";
    std::array<uint8_t, kMostSymbols + kMostDistances> lengths{};
    const std::span<uint8_t> all = std::span(lengths).first(symbol_count + distance_count);
    if (const char* wrong = read_lengths(all)) return wrong;
    if (all[kEndOfBlock] == 0) return "a block has no end";
    if (!symbols_.set(all.first(symbol_count)) || !distances_.set(all.subspan(symbol_count)))
      return "a code is garbled";
    return symbols();
  }

  // The lengths of two codes in one run, themselves coded with `symbols_`.
  const char* read_lengths(std::span<uint8_t> lengths) {
    for (size_t at = 0; at < lengths.size();) {
      bits_.refill();
      const uint32_t symbol = symbols_.read(bits_);
      if (symbol == kNoSymbol) return "a code is garbled";
      if (symbol < 16) {
        lengths[at++] = static_cast<uint8_t>(symbol);
        continue;
      }
      if (symbol == 16 && at == 0) return "there is no length to repeat";
      const uint8_t what = symbol == 16 ? lengths[at - 1] : 0;
      const unsigned extra_bits = symbol == 16 ? 2 : symbol == 17 ? 3 : 7;
      uint32_t times = 0;
      if (!bits_.take(extra_bits, times)) return kEndsEarly;
      times += symbol == 18 ? 11 : 3;
      if (times > lengths.size() - at) return "a run of lengths goes too far";
      std::fill_n(lengths.begin() + static_cast<std::ptrdiff_t>(at), times, what);
      at += times;
    }
    return nullptr;
  }

  const char* symbols() {
    for (;;) {
      bits_.refill();
      const uint32_t symbol = symbols_.read(bits_);
      if (symbol < kEndOfBlock) {
        if (out_.size() == most_bytes_) return kTooLong;
        out_ += static_cast<char>(symbol);
        continue;
      }
      if (symbol == kEndOfBlock) return nullptr;
      if (symbol >= kMostSymbols) return "there is no such code";
      if (const char* wrong = repeat(symbol - 1 - kEndOfBlock)) return wrong;
    }
  }

  // Copies what was written before; `symbol` begins its length.
  const char* repeat(uint32_t symbol) {
    uint32_t extra = 0;
    if (!bits_.take(kLengthBits[symbol], extra)) return kEndsEarly;
    const size_t length = kLengths[symbol] + size_t{extra};
    bits_.refill();
    const uint32_t far = distances_.read(bits_);
    if (far >= kMostDistances) return "there is no such distance";
    if (!bits_.take(distance_bits(far), extra)) return kEndsEarly;
    const size_t distance = distance_base(far) + extra;
    if (distance > out_.size()) return "a distance goes back before the beginning";
    if (length > most_bytes_ - out_.size()) return kTooLong;
    const size_t from = out_.size() - distance;
    if (distance >= length) {
      out_.append(out_, from, length);
    } else {
      for (size_t i = 0; i < length; ++i) out_ += out_[from + i];
    }
    return nullptr;
  }

  Bits bits_;
  const size_t most_bytes_;
  std::string out_;
  Code symbols_;
  Code distances_;
};

}  // namespace

Result<std::string> inflated(std::string_view bytes, size_t most_bytes) {
  return Inflater(bytes, most_bytes).run();
}

}  // namespace jumper::base
