// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/plot/jpeg.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <numbers>
#include <string_view>
#include <vector>

#include "jumper/base/huffman.h"

namespace jumper::plot {
namespace {

constexpr size_t kSide = 8;
constexpr size_t kBlock = kSide * kSide;

// How coarse frequencies may be stored at quality 50: the standard's examples (its annex K).
constexpr std::array<uint8_t, kBlock> kLuma = {
    16, 11, 10, 16, 24,  40,  51,  61,  12, 12, 14, 19, 26,  58,  60,  55,
    14, 13, 16, 24, 40,  57,  69,  56,  14, 17, 22, 29, 51,  87,  80,  62,
    18, 22, 37, 56, 68,  109, 103, 77,  24, 35, 55, 64, 81,  104, 113, 92,
    49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99};
constexpr std::array<uint8_t, kBlock> kChroma = {
    17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99, 24, 26, 56, 99, 99, 99,
    99, 99, 47, 66, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
    99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99};

using Steps = std::array<uint8_t, kBlock>;
using Block = std::array<double, kBlock>;
using Order = std::array<size_t, kBlock>;

// From the lowest frequency to the highest, along the diagonals to and fro.
Order zigzag() {
  Order order{};
  size_t at = 0;
  for (size_t diagonal = 0; diagonal < 2 * kSide - 1; ++diagonal) {
    for (size_t i = 0; i <= diagonal; ++i) {
      const size_t row = diagonal % 2 == 0 ? diagonal - i : i;
      const size_t column = diagonal - row;
      if (row < kSide && column < kSide) order.at(at++) = row * kSide + column;
    }
  }
  return order;
}

Steps scaled_steps(const Steps& steps, int quality) {
  const int bounded = std::clamp(quality, 1, 100);
  const int percent = bounded < 50 ? 5000 / bounded : 200 - 2 * bounded;
  Steps scaled{};
  for (size_t i = 0; i < kBlock; ++i) {
    scaled.at(i) = static_cast<uint8_t>(std::clamp((steps.at(i) * percent + 50) / 100, 1, 255));
  }
  return scaled;
}

// The discrete cosine transform of a block, rows first.
class Transform {
 public:
  Transform() {
    for (size_t u = 0; u < kSide; ++u) {
      const double norm = u == 0 ? std::sqrt(0.125) : 0.5;
      for (size_t x = 0; x < kSide; ++x) {
        cosines_.at(u * kSide + x) =
            norm * std::cos(static_cast<double>((2 * x + 1) * u) * std::numbers::pi / 16);
      }
    }
  }

  [[nodiscard]] Block operator()(const Block& pixels) const { return columns(columns(pixels)); }

 private:
  // Transforms along the rows and turns the block over its diagonal, so twice does it all.
  [[nodiscard]] Block columns(const Block& in) const {
    Block out{};
    for (size_t row = 0; row < kSide; ++row) {
      for (size_t u = 0; u < kSide; ++u) {
        double sum = 0;
        for (size_t x = 0; x < kSide; ++x) sum += cosines_[u * kSide + x] * in[row * kSide + x];
        out[u * kSide + row] = sum;
      }
    }
    return out;
  }

  Block cosines_{};
};

// A symbol of a code, and bits that follow as they are.
struct Token {
  uint8_t code;  // which: 0 and 1 of luma, 2 and 3 of chroma; of averages, of the rest
  uint8_t symbol;
  uint8_t extra_bits;
  uint16_t extra;
};

Token token_of(uint8_t code, uint8_t zeros, int value) {
  unsigned bits = 0;
  while (std::abs(value) >> bits != 0) ++bits;
  const int extra = value >= 0 ? value : value + (1 << bits) - 1;
  return {code, static_cast<uint8_t>(static_cast<unsigned>(zeros) << 4U | bits),
          static_cast<uint8_t>(bits), static_cast<uint16_t>(extra)};
}

class Encoder {
 public:
  Encoder(const Image& image, int quality)
      : image_(image),
        order_(zigzag()),
        steps_{scaled_steps(kLuma, quality), scaled_steps(kChroma, quality)} {}

  std::string encode() {
    const auto side = static_cast<int>(kSide);
    for (int top = 0; top < image_.height; top += side) {
      for (int left = 0; left < image_.width; left += side) {
        for (size_t component = 0; component < 3; ++component) add_block(component, left, top);
      }
    }
    make_codes();
    std::string jpeg = headers();
    append_scan(jpeg);
    return jpeg + "\xFF\xD9";
  }

 private:
  struct Code {
    std::vector<uint8_t> symbols;      // from the shortest code to the longest
    std::array<uint8_t, 16> counts{};  // of each length
    std::array<uint32_t, 256> bits{};
    std::array<uint8_t, 256> lengths{};
  };

  // Beyond the image, its edge goes on.
  [[nodiscard]] Block pixels(size_t component, int left, int top) const {
    constexpr std::array<std::array<double, 3>, 3> kWeights = {
        {{0.299, 0.587, 0.114}, {-0.168736, -0.331264, 0.5}, {0.5, -0.418688, -0.081312}}};
    const std::array<double, 3>& weights = kWeights.at(component);
    Block block{};
    for (size_t i = 0; i < kBlock; ++i) {
      const int x = std::min(left + static_cast<int>(i % kSide), image_.width - 1);
      const int y = std::min(top + static_cast<int>(i / kSide), image_.height - 1);
      const Colour colour = image_.at(x, y);
      block.at(i) = weights[0] * colour.red + weights[1] * colour.green + weights[2] * colour.blue -
                    (component == 0 ? 128 : 0);
    }
    return block;
  }

  void add_block(size_t component, int left, int top) {
    const Block frequencies = transform_(pixels(component, left, top));
    const Steps& steps = steps_.at(component == 0 ? 0 : 1);
    const auto code = static_cast<uint8_t>(component == 0 ? 0 : 2);
    const auto value = [&](size_t place) {
      const size_t i = order_.at(place);
      return static_cast<int>(std::lround(frequencies.at(i) / steps.at(i)));
    };
    const int average = value(0);
    tokens_.push_back(token_of(code, 0, average - last_.at(component)));
    last_.at(component) = average;
    const auto rest = static_cast<uint8_t>(code + 1);
    uint8_t zeros = 0;
    for (size_t place = 1; place < kBlock; ++place) {
      const int number = value(place);
      if (number == 0) {
        ++zeros;
        continue;
      }
      for (; zeros > 15; zeros = static_cast<uint8_t>(zeros - 16))
        tokens_.push_back({rest, 0xF0, 0, 0});
      tokens_.push_back(token_of(rest, zeros, number));
      zeros = 0;
    }
    if (zeros > 0) tokens_.push_back({rest, 0, 0, 0});
  }

  void make_codes() {
    constexpr size_t kReserved = 256;
    std::array<std::array<uint32_t, 257>, 4> frequencies{};
    for (const Token& token : tokens_) frequencies.at(token.code).at(token.symbol) += 2;
    for (size_t i = 0; i < codes_.size(); ++i) {
      // A code of ones only is not allowed: it goes to a symbol that does not come.
      frequencies.at(i)[kReserved] = 1;
      const std::vector<uint8_t> lengths = base::code_lengths(frequencies.at(i), 16);
      Code& code = codes_.at(i);
      uint32_t next = 0;
      for (uint8_t length = 1; length <= 16; ++length, next <<= 1U) {
        for (size_t symbol = 0; symbol < kReserved; ++symbol) {
          if (lengths[symbol] != length) continue;
          code.symbols.push_back(static_cast<uint8_t>(symbol));
          ++code.counts.at(length - 1U);
          code.bits.at(symbol) = next++;
          code.lengths.at(symbol) = length;
        }
        if (lengths[kReserved] == length) ++next;
      }
    }
  }

  // A marker, the length of what follows with itself, and that.
  static std::string segment(char marker, const std::string& data) {
    const size_t length = data.size() + 2;
    std::string text = "\xFF";
    text += marker;
    text += static_cast<char>(length >> 8U);
    text += static_cast<char>(length & 255U);
    return text + data;
  }

  [[nodiscard]] std::string headers() const {
    using namespace std::string_literals;
    std::string text = "\xFF\xD8" + segment('\xE0', "JFIF\0\1\1\0\0\1\0\1\0\0"s);
    for (size_t table = 0; table < steps_.size(); ++table) {
      std::string data(1, static_cast<char>(table));
      for (const size_t place : order_) data += static_cast<char>(steps_.at(table).at(place));
      text += segment('\xDB', data);
    }
    std::string frame = "\x08"s;
    for (const int size : {image_.height, image_.width}) {
      frame += static_cast<char>(size >> 8);
      frame += static_cast<char>(size & 255);
    }
    text += segment('\xC0', frame + "\3\1\x11\0\2\x11\1\3\x11\1"s);
    for (size_t i = 0; i < codes_.size(); ++i) {
      std::string data(1, static_cast<char>((i % 2) << 4U | i / 2));
      for (const uint8_t count : codes_.at(i).counts) data += static_cast<char>(count);
      for (const uint8_t symbol : codes_.at(i).symbols) data += static_cast<char>(symbol);
      text += segment('\xC4', data);
    }
    return text + segment('\xDA', "\3\1\0\2\x11\3\x11\0\x3F\0"s);
  }

  void append_scan(std::string& jpeg) const {
    uint32_t byte = 0;
    unsigned filled = 0;
    const auto put = [&](uint32_t value, unsigned count) {
      for (unsigned i = count; i-- > 0;) {
        byte = byte << 1U | (value >> i & 1U);
        if (++filled < 8) continue;
        jpeg += static_cast<char>(byte);
        // A zero tells these ones from a marker.
        if (byte == 0xFF) jpeg += '\0';
        byte = 0;
        filled = 0;
      }
    };
    for (const Token& token : tokens_) {
      const Code& code = codes_.at(token.code);
      put(code.bits.at(token.symbol), code.lengths.at(token.symbol));
      put(token.extra, token.extra_bits);
    }
    if (filled > 0) put(0x7F, 8 - filled);
  }

  const Image& image_;
  Order order_;
  std::array<Steps, 2> steps_;
  Transform transform_;
  std::array<int, 3> last_{};
  std::vector<Token> tokens_;
  std::array<Code, 4> codes_;
};

}  // namespace

std::string to_jpeg(const Image& image, int quality) {
  return Encoder(image, quality).encode();
}

}  // namespace jumper::plot
