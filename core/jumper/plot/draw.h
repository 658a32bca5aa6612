// SPDX-License-Identifier: BSD-3-Clause
// A chart as the bytes of a file.
#pragma once

#include <string>
#include <string_view>

#include "jumper/base/result.h"
#include "jumper/plot/chart.h"

namespace jumper::plot {

struct DrawOptions {
  double scale = 1;  // of PNG and JPEG: pixels for each of the chart's
  int quality = 92;  // of JPEG
};

// `format`: "svg", "pdf", "png", "jpg" or "jpeg".
[[nodiscard]] base::Result<std::string> draw(const Chart& chart, std::string_view format,
                                             const DrawOptions& options = {});

// "#2f74c0", or with opacity "#2f74c080".
[[nodiscard]] base::Result<Colour> parse_colour(std::string_view text);

}  // namespace jumper::plot
