// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/plot/png.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "jumper/plot/deflate.h"
#include "jumper/plot/palette.h"

namespace jumper::plot {
namespace {

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

// Rows without a filter: filters are for photographs, and make files of flat areas larger.
std::string rows_of(const Image& image, const std::optional<Palette>& palette) {
  std::string rows;
  const size_t length = 3 * static_cast<size_t>(image.width);
  for (size_t begin = 0; begin < image.rgb.size(); begin += length) {
    rows += '\0';
    const std::span<const uint8_t> row(image.rgb.data() + begin, length);
    if (!palette) {
      rows.append(row.begin(), row.end());
      continue;
    }
    uint8_t place = 0;
    for (size_t i = 0; i < length; i += 3) {
      const bool is_same = i > 0 && std::ranges::equal(row.subspan(i, 3), row.subspan(i - 3, 3));
      if (!is_same) place = palette->places.at(colour_key({row[i], row[i + 1], row[i + 2]}));
      rows += static_cast<char>(place);
    }
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
    for (const Colour& colour : palette->colours)
      colours += big_endian(colour_key(colour)).substr(1);
    png += chunk("PLTE", colours);
  }
  png += chunk("IDAT", zlib_compressed(rows_of(image, palette)));
  return png + chunk("IEND", "");
}

}  // namespace jumper::plot
