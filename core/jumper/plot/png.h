// SPDX-License-Identifier: BSD-3-Clause
// A picture as a PNG file: with a palette where its colours can be made at most 256.
#pragma once

#include <string>

#include "jumper/plot/image.h"

namespace jumper::plot {

// `scale`: pixels of the image for one on the page, told as its resolution (96 dots an inch each).
[[nodiscard]] std::string to_png(const Image& image, double scale = 1);

}  // namespace jumper::plot
