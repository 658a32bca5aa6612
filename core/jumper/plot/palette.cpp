// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/plot/palette.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace jumper::plot {
namespace {

constexpr size_t kMostPlaces = 256;
constexpr size_t kKeptAsTheyAre = 32;  // the most frequent: areas, lines, text
constexpr size_t kMostColours = 8192;  // that are made fewer
// A difference by less is not seen, in a thin line's edge least of all.
constexpr double kMostDifference = 24;

struct Shade {
  uint32_t key = 0;
  double count = 0;
  double error = 1e9;  // squared difference from its place in the palette
  uint8_t place = 0;
};

Colour colour_of(uint32_t key) {
  return {static_cast<uint8_t>(key >> 16U), static_cast<uint8_t>(key >> 8U),
          static_cast<uint8_t>(key)};
}

double difference(uint32_t a, uint32_t b) {
  double sum = 0;
  for (const unsigned shift : {16U, 8U, 0U}) {
    const int step = static_cast<int>(a >> shift & 255U) - static_cast<int>(b >> shift & 255U);
    sum += step * step;
  }
  return sum;
}

// From the most frequent to the least.
std::vector<Shade> shades_of(const Image& image) {
  std::map<uint32_t, double> counts;
  uint32_t last = 0;
  double* count = nullptr;
  for (size_t i = 0; i < image.rgb.size() && counts.size() <= kMostColours; i += 3) {
    const uint32_t key = colour_key({image.rgb[i], image.rgb[i + 1], image.rgb[i + 2]});
    if (count == nullptr || key != last) count = &counts[key];
    last = key;
    ++*count;
  }
  std::vector<Shade> shades;
  shades.reserve(counts.size());
  for (const auto& [key, times] : counts) shades.push_back({.key = key, .count = times});
  std::ranges::stable_sort(shades, std::ranges::greater(), &Shade::count);
  return shades;
}

}  // namespace

uint32_t colour_key(Colour colour) {
  return static_cast<uint32_t>(colour.red) << 16U | static_cast<uint32_t>(colour.green) << 8U |
         colour.blue;
}

std::optional<Palette> palette_of(const Image& image) {
  std::vector<Shade> shades = shades_of(image);
  if (shades.size() > kMostColours) return std::nullopt;
  Palette palette;
  // Next comes the colour that is worst off.
  const auto need = [](const Shade& shade) { return shade.error * std::sqrt(shade.count); };
  while (palette.colours.size() < std::min(kMostPlaces, shades.size())) {
    const size_t place = palette.colours.size();
    const uint32_t key = place < kKeptAsTheyAre ? shades[place].key
                                                : std::ranges::max_element(shades, {}, need)->key;
    palette.colours.push_back(colour_of(key));
    for (Shade& shade : shades) {
      const double error = difference(shade.key, key);
      if (error >= shade.error) continue;
      shade.error = error;
      shade.place = static_cast<uint8_t>(place);
    }
  }
  for (const Shade& shade : shades) {
    if (shade.error > kMostDifference * kMostDifference) return std::nullopt;
    palette.places[shade.key] = shade.place;
  }
  return palette;
}

}  // namespace jumper::plot
