// SPDX-License-Identifier: BSD-3-Clause
// The cells of an exported session, from cell_history.csv or .json: ours, the Python JUmPER's, and
// those of its first versions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "jumper/base/result.h"
#include "jumper/cells/timeline.h"

namespace jumper::session {

struct CellRows {
  cells::CellList cells;
  bool has_status = false;  // else all count as ok
  bool were_renumbered = false;
};

// `wall_minus_monotonic_ns` is for cells that have no wall clock of their own.
[[nodiscard]] base::Result<CellRows> cells_from_csv(std::string_view text,
                                                    std::optional<int64_t> wall_minus_monotonic_ns);
[[nodiscard]] base::Result<CellRows> cells_from_json(
    std::string_view text, std::optional<int64_t> wall_minus_monotonic_ns);

// The strings of a list as Python writes it: ['a', "b"]; empty where it is none.
[[nodiscard]] std::vector<std::string> python_strings(std::string_view text);

}  // namespace jumper::session
