// SPDX-License-Identifier: BSD-3-Clause
// The cell history as a table: for a terminal, and for a notebook.
#pragma once

#include <span>
#include <string>

#include "jumper/analysis/cell_cost.h"

namespace jumper::report {

[[nodiscard]] std::string history_text(std::span<const analysis::CellCost> costs);
// A fragment with its own style and no script; sources are escaped, long ones can be opened.
[[nodiscard]] std::string history_html(std::span<const analysis::CellCost> costs);

}  // namespace jumper::report
