// SPDX-License-Identifier: BSD-3-Clause
// The cell history as a table: for a terminal, and for a notebook.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "jumper/analysis/cell_cost.h"

namespace jumper::report {

// So many cells are shown, the last ones; a line says where the others are.
inline constexpr size_t kMostHistoryRows = 500;

[[nodiscard]] std::string history_text(std::span<const analysis::CellCost> costs);
// A fragment with its own style and no script; sources are escaped and in colour, long ones can be
// opened. What the front end's script needs to sort is in data-v of the fields.
[[nodiscard]] std::string history_html(std::span<const analysis::CellCost> costs);

}  // namespace jumper::report
