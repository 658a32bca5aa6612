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

// Rows that follow each other and are of one node.
struct NodeRows {
  std::string name;
  size_t rows = 0;
};

struct PerfTable {
  std::vector<PerfColumn> columns;  // all as long as cell_index
  std::vector<int64_t> cell_index;  // kNoCell outside any cell
  size_t cell_index_position = 2;   // where the column stands among the others
  std::vector<NodeRows> nodes;      // empty: the rows are of no node in particular
};

struct PerfTableOptions {
  metric::Scope scope = metric::Scope::kProcess;
  double cpus = 1;
  int64_t wall_minus_monotonic_ns = 0;
  int64_t clock_offset_ns = 0;  // of the samples and cells; times in the table are without it
};

// Counters come as totals since monitoring started, over restarts of the monitor too. A row
// belongs to the cell in which the time it speaks of, since the row before, lies.
[[nodiscard]] PerfTable make_perf_table(const store::Snapshot& snapshot,
                                        const cells::CellList& cells,
                                        const PerfTableOptions& options);

// Puts the rows of another table under those that are there. Columns that only one of them has are
// absent in the other's rows.
void append_rows(PerfTable& table, PerfTable other);

}  // namespace jumper::analysis
