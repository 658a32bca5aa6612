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

#include "jumper/base/crc32.h"
#include "jumper/base/deflate.h"
#include "jumper/plot/palette.h"

namespace jumper::plot {
namespace {

std::string big_endian(uint32_t number) {
  std::string bytes;
  for (const unsigned shift : {24U, 16U, 8U, 0U})
    bytes += static_cast<char>(number >> shift & 255U);
  return bytes;
}

std::string chunk(std::string_view type, std::string_view data) {
  std::string checked(type);
  checked += data;
  return big_endian(static_cast<uint32_t>(data.size())) + checked +
         big_endian(base::crc32(checked));
}

// How often a row changes from one pixel to the next.
size_t changes(std::string_view row) {
  size_t count = 0;
  for (size_t i = 1; i < row.size(); ++i) count += row[i] != row[i - 1] ? 1U : 0U;
  return count;
}

// Rows as they are, or where that is simpler, as what changed from the row above. The other filters
// are for photographs, and make files of flat areas larger.
std::string filtered(const std::string& rows, size_t length) {
  std::string made;
  made.reserve(rows.size() + rows.size() / length);
  std::string row;
  for (size_t begin = 0; begin < rows.size(); begin += length) {
    const std::string_view plain = std::string_view(rows).substr(begin, length);
    row = plain;
    for (size_t i = 0; begin > 0 && i < length; ++i)
      row[i] = static_cast<char>(plain[i] - rows[begin - length + i]);
    // Rows as they are also match earlier ones: twice as simple it has to be.
    const bool is_simpler = begin > 0 && 2 * changes(row) < changes(plain);
    made += is_simpler ? '\2' : '\0';
    made += is_simpler ? row : plain;
  }
  return made;
}

std::string rows_of(const Image& image, const std::optional<Palette>& palette) {
  if (!palette) {
    std::string rows(image.rgb.begin(), image.rgb.end());
    return filtered(rows, 3 * static_cast<size_t>(image.width));
  }
  std::string rows;
  rows.reserve(image.rgb.size() / 3);
  uint8_t place = 0;
  const std::span<const uint8_t> pixels(image.rgb);
  for (size_t i = 0; i < pixels.size(); i += 3) {
    const bool is_same =
        i > 0 && std::ranges::equal(pixels.subspan(i, 3), pixels.subspan(i - 3, 3));
    if (!is_same) place = palette->places.at(colour_key({pixels[i], pixels[i + 1], pixels[i + 2]}));
    rows += static_cast<char>(place);
  }
  return filtered(rows, static_cast<size_t>(image.width));
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
  png += chunk("IDAT", base::zlib_compressed(rows_of(image, palette)));
  return png + chunk("IEND", "");
}

}  // namespace jumper::plot
