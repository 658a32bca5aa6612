// SPDX-License-Identifier: BSD-3-Clause
// A picture as a PDF document of one page: lines stay lines, text stays text (Helvetica, which
// every reader of PDF has). The same bytes for the same picture: no date, no name.
#pragma once

#include <string>

#include "jumper/plot/display_list.h"

namespace jumper::plot {

[[nodiscard]] std::string to_pdf(const DisplayList& list);

}  // namespace jumper::plot
