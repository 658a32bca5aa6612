// SPDX-License-Identifier: BSD-3-Clause
// A picture as pixels, without a library and without fonts.
#pragma once

#include "jumper/base/result.h"
#include "jumper/plot/display_list.h"
#include "jumper/plot/image.h"

namespace jumper::plot {

// `scale` pixels for each of the picture's, at most 4. An error where that were too many.
[[nodiscard]] base::Result<Image> rasterise(const DisplayList& list, double scale);

}  // namespace jumper::plot
