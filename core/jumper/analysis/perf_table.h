// SPDX-License-Identifier: BSD-3-Clause
// Performance data as users get it: one row per sample, the columns that JUmPER's contract names.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "jumper/cells/timeline.h"
#include "jumper/metric/sample.h"
#include "jumper/store/snapshot.h"

namespace jumper::analysis {

inline constexpr int64_t kNoCell = -1;

struct PerfColumn {
  std::string name;
  std::vector<double> values;  // NaN where absent
};

struct PerfTable {
  std::vector<PerfColumn> columns;  // all as long as cell_index
  std::vector<int64_t> cell_index;  // kNoCell outside any cell
  size_t cell_index_position = 2;   // where the column stands among the others
};

struct PerfTableOptions {
  metric::Scope scope = metric::Scope::kProcess;
  double cpus = 1;
  int64_t wall_minus_monotonic_ns = 0;
};

// Counters come as totals since monitoring started, over restarts of the monitor too. A row
// belongs to the cell in which the time it speaks of, since the row before, lies.
[[nodiscard]] PerfTable make_perf_table(const store::Snapshot& snapshot,
                                        const cells::CellList& cells,
                                        const PerfTableOptions& options);

}  // namespace jumper::analysis
