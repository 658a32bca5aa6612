// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/plot/draw.h"

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>

#include "jumper/base/text.h"
#include "jumper/plot/jpeg.h"
#include "jumper/plot/layout.h"
#include "jumper/plot/pdf.h"
#include "jumper/plot/png.h"
#include "jumper/plot/raster.h"
#include "jumper/plot/svg.h"

namespace jumper::plot {

base::Result<std::string> draw(const Chart& chart, std::string_view format,
                               const DrawOptions& options) {
  if (format == "svg") return to_svg(layout(chart));
  if (format == "pdf") return to_pdf(layout(chart));
  const bool is_png = format == "png";
  if (!is_png && format != "jpg" && format != "jpeg") {
    return base::bad_input("a picture is svg, pdf, png or jpg, not '" + base::one_line(format, 20) +
                           "'");
  }
  const base::Result<Image> image = rasterise(layout(chart), options.scale);
  if (!image) return image.error();
  return is_png ? to_png(*image, options.scale) : to_jpeg(*image, options.quality);
}

base::Result<Colour> parse_colour(std::string_view text) {
  const base::Error error = base::bad_input("a colour is '#rrggbb' or '#rrggbbaa', not '" +
                                            base::one_line(text, 20) + "'");
  if ((text.size() != 7 && text.size() != 9) || text[0] != '#') return error;
  std::array<uint8_t, 4> parts = {0, 0, 0, 255};
  for (size_t i = 0; 2 * i + 1 < text.size(); ++i) {
    const char* digits = text.data() + 2 * i + 1;
    const auto [end, code] = std::from_chars(digits, digits + 2, parts.at(i), 16);
    if (code != std::errc() || end != digits + 2) return error;
  }
  return Colour{parts[0], parts[1], parts[2], parts[3]};
}

}  // namespace jumper::plot
