// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/base/deflate.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "jumper/base/huffman.h"

namespace jumper::base {
namespace {

constexpr size_t kShortestMatch = 3;
constexpr size_t kLongestMatch = 258;
constexpr size_t kWindow = 32768;
constexpr int kMostTries = 256;             // earlier places looked at for a match
constexpr size_t kBlockTokens = 1U << 14U;  // that share a code
constexpr size_t kEndOfBlock = 256;

// A byte, or a match: `length` bytes that came `distance` bytes ago.
struct Token {
  uint16_t length = 0;  // 0: a byte
  uint16_t distance = 0;
  uint8_t byte = 0;
};

// Lengths and distances are a symbol, which says a range, and bits for the place in it.
struct Range {
  uint16_t first;
  uint8_t bits;
};
constexpr std::array<Range, 29> kLengths = {
    {{3, 0},  {4, 0},  {5, 0},  {6, 0},   {7, 0},   {8, 0},   {9, 0},   {10, 0},  {11, 1}, {13, 1},
     {15, 1}, {17, 1}, {19, 2}, {23, 2},  {27, 2},  {31, 2},  {35, 3},  {43, 3},  {51, 3}, {59, 3},
     {67, 4}, {83, 4}, {99, 4}, {115, 4}, {131, 5}, {163, 5}, {195, 5}, {227, 5}, {258, 0}}};
constexpr std::array<Range, 30> kDistances = {
    {{1, 0},     {2, 0},     {3, 0},     {4, 0},      {5, 1},      {7, 1},
     {9, 2},     {13, 2},    {17, 3},    {25, 3},     {33, 4},     {49, 4},
     {65, 5},    {97, 5},    {129, 6},   {193, 6},    {257, 7},    {385, 7},
     {513, 8},   {769, 8},   {1025, 9},  {1537, 9},   {2049, 10},  {3073, 10},
     {4097, 11}, {6145, 11}, {8193, 12}, {12289, 12}, {16385, 13}, {24577, 13}}};

size_t range_of(std::span<const Range> ranges, uint16_t value) {
  const auto after = std::ranges::upper_bound(ranges, value, {}, &Range::first);
  return static_cast<size_t>(after - ranges.begin()) - 1;
}

class Matcher {
 public:
  explicit Matcher(std::string_view bytes)
      : bytes_(bytes), newest_(1U << kHashBits, kNone), older_(bytes.size(), kNone) {}

  [[nodiscard]] std::vector<Token> tokens() {
    std::vector<Token> tokens;
    for (size_t at = 0; at < bytes_.size();) {
      Token match = best_match(at);
      insert(at);
      // A longer one that begins a byte later is better.
      if (match.length > 0 && match.length < 32 && best_match(at + 1).length > match.length)
        match.length = 0;
      const size_t length = std::max<size_t>(match.length, 1);
      match.byte = static_cast<uint8_t>(bytes_[at]);
      tokens.push_back(match);
      for (size_t i = 1; i < length; ++i) insert(at + i);
      at += length;
    }
    return tokens;
  }

 private:
  static constexpr unsigned kHashBits = 15;
  static constexpr size_t kNone = SIZE_MAX;

  [[nodiscard]] size_t hash(size_t at) const {
    const auto byte = [&](size_t i) {
      return static_cast<uint32_t>(static_cast<uint8_t>(bytes_[at + i]));
    };
    return ((byte(0) | byte(1) << 8U | byte(2) << 16U) * 0x9E3779B1U) >> (32U - kHashBits);
  }

  void insert(size_t at) {
    if (at + kShortestMatch > bytes_.size()) return;
    size_t& newest = newest_[hash(at)];
    older_[at] = newest;
    newest = at;
  }

  [[nodiscard]] Token best_match(size_t at) const {
    Token best;
    if (at + kShortestMatch > bytes_.size()) return best;
    const size_t longest = std::min(kLongestMatch, bytes_.size() - at);
    int tries = kMostTries;
    for (size_t there = newest_[hash(at)]; there != kNone && at - there <= kWindow && tries-- > 0;
         there = older_[there]) {
      size_t length = 0;
      while (length < longest && bytes_[there + length] == bytes_[at + length]) ++length;
      if (length < kShortestMatch || length <= best.length) continue;
      // A few bytes as they are cost less than saying that they came long ago.
      if (length < 6 && at - there > (length < 4 ? 64 : 1024)) continue;
      best.length = static_cast<uint16_t>(length);
      best.distance = static_cast<uint16_t>(at - there);
      if (length == longest) break;
    }
    return best;
  }

  std::string_view bytes_;
  std::vector<size_t> newest_;  // by hash
  std::vector<size_t> older_;   // the place before it with the same hash
};

class BitWriter {
 public:
  void bits(uint32_t value, unsigned count) {
    for (unsigned i = 0; i < count; ++i) bit((value >> i) & 1U);
  }
  // Codes go the other way round.
  void code(uint32_t value, unsigned count) {
    for (unsigned i = count; i-- > 0;) bit((value >> i) & 1U);
  }
  [[nodiscard]] std::string take() {
    if (filled_ > 0) bytes_ += static_cast<char>(byte_);
    return std::move(bytes_);
  }

 private:
  void bit(uint32_t value) {
    byte_ |= value << filled_;
    if (++filled_ < 8) return;
    bytes_ += static_cast<char>(byte_);
    byte_ = 0;
    filled_ = 0;
  }

  std::string bytes_;
  uint32_t byte_ = 0;
  unsigned filled_ = 0;
};

class Code {
 public:
  Code(std::span<const uint32_t> frequencies, int longest)
      : lengths_(code_lengths(frequencies, longest)), codes_(lengths_.size()) {
    uint32_t next = 0;
    for (int length = 1; length <= longest; ++length) {
      for (size_t i = 0; i < lengths_.size(); ++i) {
        if (lengths_[i] == length) codes_[i] = next++;
      }
      next <<= 1U;
    }
  }

  [[nodiscard]] const std::vector<uint8_t>& lengths() const { return lengths_; }
  void write(BitWriter& out, size_t symbol) const { out.code(codes_[symbol], lengths_[symbol]); }

 private:
  std::vector<uint8_t> lengths_;
  std::vector<uint32_t> codes_;
};

// How the lengths of the codes are written: a length; or a run of zeros.
struct LengthToken {
  uint8_t symbol;
  uint8_t extra = 0;
  uint8_t extra_bits = 0;
};

std::vector<LengthToken> length_tokens(const std::vector<uint8_t>& lengths) {
  std::vector<LengthToken> tokens;
  for (size_t i = 0; i < lengths.size();) {
    size_t run = 1;
    while (i + run < lengths.size() && lengths[i + run] == lengths[i] && run < 138) ++run;
    if (lengths[i] == 0 && run >= 11) {
      tokens.push_back({18, static_cast<uint8_t>(run - 11), 7});
    } else if (lengths[i] == 0 && run >= 3) {
      tokens.push_back({17, static_cast<uint8_t>(run - 3), 3});
    } else {
      tokens.push_back({lengths[i]});
      run = 1;
    }
    i += run;
  }
  return tokens;
}

void write_codes(BitWriter& out, const Code& symbols, const Code& distances) {
  constexpr std::array<size_t, 19> kOrder = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                             11, 4,  12, 3, 13, 2, 14, 1, 15};
  std::vector<uint8_t> all = symbols.lengths();
  all.insert(all.end(), distances.lengths().begin(), distances.lengths().end());
  const std::vector<LengthToken> tokens = length_tokens(all);
  std::array<uint32_t, 19> frequencies{};
  for (const LengthToken& token : tokens) ++frequencies.at(token.symbol);
  const Code lengths(frequencies, 7);
  out.bits(static_cast<uint32_t>(symbols.lengths().size()) - 257, 5);
  out.bits(static_cast<uint32_t>(distances.lengths().size()) - 1, 5);
  out.bits(19 - 4, 4);
  for (const size_t symbol : kOrder) out.bits(lengths.lengths()[symbol], 3);
  for (const LengthToken& token : tokens) {
    lengths.write(out, token.symbol);
    out.bits(token.extra, token.extra_bits);
  }
}

void write_block(BitWriter& out, std::span<const Token> tokens, bool is_last) {
  std::array<uint32_t, 286> symbols{};
  std::array<uint32_t, 30> distances{};
  // With two symbols at least, both codes are complete: some readers ask for that.
  symbols[0] = symbols[kEndOfBlock] = 1;
  distances[0] = distances[1] = 1;
  for (const Token& token : tokens) {
    if (token.length == 0) {
      ++symbols.at(token.byte);
    } else {
      ++symbols.at(257 + range_of(kLengths, token.length));
      ++distances.at(range_of(kDistances, token.distance));
    }
  }
  const Code symbol_code(symbols, 15);
  const Code distance_code(distances, 15);
  out.bits(is_last ? 1 : 0, 1);
  out.bits(2, 2);  // codes of its own
  write_codes(out, symbol_code, distance_code);
  for (const Token& token : tokens) {
    if (token.length == 0) {
      symbol_code.write(out, token.byte);
      continue;
    }
    const size_t length = range_of(kLengths, token.length);
    symbol_code.write(out, 257 + length);
    out.bits(token.length - kLengths.at(length).first, kLengths.at(length).bits);
    const size_t distance = range_of(kDistances, token.distance);
    distance_code.write(out, distance);
    out.bits(token.distance - kDistances.at(distance).first, kDistances.at(distance).bits);
  }
  symbol_code.write(out, kEndOfBlock);
}

uint32_t adler32(std::string_view bytes) {
  constexpr uint32_t kModulus = 65521;
  uint32_t a = 1;
  uint32_t b = 0;
  for (const char byte : bytes) {
    a = (a + static_cast<uint8_t>(byte)) % kModulus;
    b = (b + a) % kModulus;
  }
  return b << 16U | a;
}

}  // namespace

std::string deflated(std::string_view bytes) {
  const std::vector<Token> tokens = Matcher(bytes).tokens();
  BitWriter out;
  size_t at = 0;
  do {
    const size_t count = std::min(kBlockTokens, tokens.size() - at);
    write_block(out, std::span(tokens).subspan(at, count), at + count == tokens.size());
    at += count;
  } while (at < tokens.size());
  return out.take();
}

std::string zlib_compressed(std::string_view bytes) {
  std::string stream = "\x78\x9C" + deflated(bytes);
  const uint32_t sum = adler32(bytes);
  for (const unsigned shift : {24U, 16U, 8U, 0U}) stream += static_cast<char>(sum >> shift & 255U);
  return stream;
}

}  // namespace jumper::base
