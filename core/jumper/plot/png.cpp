// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/plot/png.h"

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "jumper/plot/deflate.h"

namespace jumper::plot {
namespace {

constexpr size_t kMostColours = 256;

std::array<uint32_t, 256> make_crc_table() {
  std::array<uint32_t, 256> table{};
  for (uint32_t i = 0; i < table.size(); ++i) {
    uint32_t rest = i;
    for (int bit = 0; bit < 8; ++bit)
      rest = (rest & 1U) != 0 ? 0xEDB88320U ^ rest >> 1U : rest >> 1U;
    table.at(i) = rest;
  }
  return table;
}

std::string big_endian(uint32_t number) {
  std::string bytes;
  for (const unsigned shift : {24U, 16U, 8U, 0U})
    bytes += static_cast<char>(number >> shift & 255U);
  return bytes;
}

std::string chunk(std::string_view type, std::string_view data) {
  const std::array<uint32_t, 256> table = make_crc_table();
  std::string checked(type);
  checked += data;
  uint32_t sum = 0xFFFFFFFFU;
  for (const char byte : checked)
    sum = table.at((sum ^ static_cast<uint8_t>(byte)) & 255U) ^ sum >> 8U;
  return big_endian(static_cast<uint32_t>(data.size())) + checked + big_endian(~sum);
}

// Places of the colours in the palette, by their 24 bits.
using Palette = std::map<uint32_t, uint8_t>;

uint32_t colour_key(const uint8_t* pixel) {
  return static_cast<uint32_t>(pixel[0]) << 16U | static_cast<uint32_t>(pixel[1]) << 8U | pixel[2];
}

std::optional<Palette> palette_of(const Image& image) {
  Palette palette;
  for (size_t i = 0; i < image.rgb.size(); i += 3) {
    palette.try_emplace(colour_key(image.rgb.data() + i));
    if (palette.size() > kMostColours) return std::nullopt;
  }
  uint8_t place = 0;
  for (auto& [key, number] : palette) number = place++;
  return palette;
}

// Rows of places in the palette. No filter: places are no quantities.
std::string palette_rows(const Image& image, const Palette& palette) {
  std::string rows;
  size_t i = 0;
  for (int y = 0; y < image.height; ++y) {
    rows += '\0';
    for (int x = 0; x < image.width; ++x, i += 3) {
      rows += static_cast<char>(palette.at(colour_key(image.rgb.data() + i)));
    }
  }
  return rows;
}

// Each row as differences from the row above or from the pixel to the left, whichever are less.
std::string filtered_rows(const Image& image) {
  constexpr size_t kBytesPerPixel = 3;
  const size_t length = kBytesPerPixel * static_cast<size_t>(image.width);
  const std::vector<uint8_t> nothing(length);
  std::string rows;
  for (size_t y = 0; y < static_cast<size_t>(image.height); ++y) {
    const uint8_t* row = image.rgb.data() + y * length;
    const uint8_t* above = y == 0 ? nothing.data() : row - length;
    std::string best;
    long least = std::numeric_limits<long>::max();
    for (const char filter : {'\2', '\1'}) {
      std::string filtered(1, filter);
      long sum = 0;
      for (size_t i = 0; i < length; ++i) {
        const uint8_t left = i < kBytesPerPixel ? uint8_t{0} : row[i - kBytesPerPixel];
        const auto difference = static_cast<uint8_t>(row[i] - (filter == '\2' ? above[i] : left));
        sum += std::abs(static_cast<int>(static_cast<int8_t>(difference)));
        filtered += static_cast<char>(difference);
      }
      if (sum >= least) continue;
      least = sum;
      best = std::move(filtered);
    }
    rows += best;
  }
  return rows;
}

}  // namespace

std::string to_png(const Image& image, double scale) {
  const std::optional<Palette> palette = palette_of(image);
  std::string header = big_endian(static_cast<uint32_t>(image.width)) +
                       big_endian(static_cast<uint32_t>(image.height));
  header += std::string_view(palette ? "\x08\x03\x00\x00\x00" : "\x08\x02\x00\x00\x00", 5);
  std::string png = "\x89PNG\r\n\x1A\n" + chunk("IHDR", header);
  const std::string resolution =
      big_endian(static_cast<uint32_t>(std::lround(scale * 96 / 0.0254)));
  png += chunk("pHYs", resolution + resolution + "\1");
  if (palette) {
    std::string colours;
    for (const auto& [key, place] : *palette) colours += big_endian(key).substr(1);
    png += chunk("PLTE", colours);
  }
  png += chunk("IDAT",
               zlib_compressed(palette ? palette_rows(image, *palette) : filtered_rows(image)));
  return png + chunk("IEND", "");
}

}  // namespace jumper::plot
