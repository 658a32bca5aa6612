// SPDX-License-Identifier: BSD-3-Clause
// The colours of a picture as at most 256. Those of areas and lines stay as they are; of the many
// shades at the edges of lines, the most alike are merged, by less than can be seen.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "jumper/plot/image.h"

namespace jumper::plot {

struct Palette {
  std::vector<Colour> colours;
  std::map<uint32_t, uint8_t> places;  // of every colour of the picture, by its 24 bits
};

[[nodiscard]] uint32_t colour_key(Colour colour);

// None where the picture has too many colours: it is no drawing then.
[[nodiscard]] std::optional<Palette> palette_of(const Image& image);

}  // namespace jumper::plot
