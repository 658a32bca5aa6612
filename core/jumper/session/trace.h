// SPDX-License-Identifier: BSD-3-Clause
// Performance data as a trace that Perfetto (ui.perfetto.dev) and chrome://tracing show: the Trace
// Event Format, with cells as slices and columns as counters.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "jumper/analysis/cell_cost.h"
#include "jumper/analysis/perf_table.h"

namespace jumper::session {

// Times count from the first sample. Totals become rates since the row before; what is absent is
// left out.
[[nodiscard]] std::string trace_json(const analysis::PerfTable& table,
                                     std::span<const analysis::CellCost> costs,
                                     std::string_view level);

}  // namespace jumper::session
