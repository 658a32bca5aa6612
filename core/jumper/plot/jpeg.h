// SPDX-License-Identifier: BSD-3-Clause
// A picture as a JPEG file (ISO/IEC 10918-1, baseline, JFIF), colours at full resolution: halved
// ones smear the edges of thin lines.
#pragma once

#include <string>

#include "jumper/plot/image.h"

namespace jumper::plot {

// `quality` from 1 to 100; what is beyond is taken as these.
[[nodiscard]] std::string to_jpeg(const Image& image, int quality);

}  // namespace jumper::plot
