// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/plot/chart.h"

#include <array>

namespace jumper::plot {
namespace {

// Blue, orange, green, purple, grey: apart from each other for the colour-blind, too. Then red,
// teal and ochre, for as many nodes as have lines of their own.
constexpr std::array<Colour, 8> kOnLight = {
    Colour{47, 116, 192},  Colour{217, 116, 43}, Colour{46, 155, 116}, Colour{138, 92, 190},
    Colour{120, 125, 132}, Colour{196, 60, 90},  Colour{20, 150, 175}, Colour{150, 125, 20}};
constexpr std::array<Colour, 8> kOnDark = {
    Colour{108, 171, 240}, Colour{240, 160, 96},  Colour{92, 200, 160}, Colour{190, 150, 240},
    Colour{160, 166, 174}, Colour{245, 125, 150}, Colour{95, 210, 230}, Colour{215, 190, 90}};

}  // namespace

Theme light_theme() {
  return {};
}

Theme dark_theme() {
  Theme theme;
  theme.background = {24, 26, 30};
  theme.ink = {228, 231, 235};
  theme.quiet = {160, 168, 178};
  theme.frame = {78, 85, 94};
  theme.grid = {228, 231, 235, 24};
  theme.cell = {228, 231, 235, 10};
  theme.cell_other = {228, 231, 235, 23};
  theme.cell_failed = {240, 118, 108, 48};
  theme.limit = {240, 118, 108};
  return theme;
}

Colour series_colour(size_t place, bool is_dark) {
  const auto& colours = is_dark ? kOnDark : kOnLight;
  return colours[place % colours.size()];
}

}  // namespace jumper::plot
