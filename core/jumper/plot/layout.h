// SPDX-License-Identifier: BSD-3-Clause
// Where everything of a chart stands.
#pragma once

#include "jumper/plot/chart.h"
#include "jumper/plot/display_list.h"

namespace jumper::plot {

[[nodiscard]] DisplayList layout(const Chart& chart);

}  // namespace jumper::plot
