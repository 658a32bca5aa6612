// SPDX-License-Identifier: BSD-3-Clause
// Pixels, row by row from the top, opaque.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "jumper/plot/chart.h"

namespace jumper::plot {

struct Image {
  int width = 0;
  int height = 0;
  std::vector<uint8_t> rgb;  // three bytes each

  [[nodiscard]] Colour at(int x, int y) const {
    const size_t i =
        3 * (static_cast<size_t>(y) * static_cast<size_t>(width) + static_cast<size_t>(x));
    return {rgb[i], rgb[i + 1], rgb[i + 2]};
  }
};

}  // namespace jumper::plot
