// SPDX-License-Identifier: BSD-3-Clause
// How wide text is, and text as the fonts of the writers can show it. The widths are Helvetica's:
// PDF has that font, SVG asks for the like of it, and our own strokes are drawn no wider.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace jumper::plot {

// Of the code points up to U+00FF; others count as wide as a digit.
[[nodiscard]] double text_width(std::string_view utf8, double size_px);

// The code points as Latin-1; those that it does not have become '?', control characters a space.
[[nodiscard]] std::string to_latin1(std::string_view utf8);

// `text` if it is no wider than `width_px`, else its beginning and "...". Never more than a few
// hundred characters.
[[nodiscard]] std::string fitted(std::string_view utf8, double size_px, double width_px);

}  // namespace jumper::plot
