// SPDX-License-Identifier: BSD-3-Clause
// A picture as an SVG document: the same bytes for the same picture, no scripts, no fonts, no ids.
#pragma once

#include <string>

#include "jumper/plot/display_list.h"

namespace jumper::plot {

[[nodiscard]] std::string to_svg(const DisplayList& list);

}  // namespace jumper::plot
