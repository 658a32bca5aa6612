// SPDX-License-Identifier: BSD-3-Clause
// Two sessions, or cells of them, compared.
#pragma once

#include <optional>
#include <string>

#include "jumper/analysis/compare.h"
#include "jumper/base/result.h"
#include "jumper/cells/range.h"
#include "jumper/monitor/session.h"

namespace jumper::monitor {

struct ComparedSide {
  const Session* session = nullptr;
  std::string name;                       // of the session, for people
  std::optional<cells::CellRange> cells;  // else all
};

// Two single cells are compared whatever their sources, everything else by the sources.
[[nodiscard]] base::Result<analysis::Comparison> compare(const ComparedSide& a,
                                                         const ComparedSide& b);

}  // namespace jumper::monitor
