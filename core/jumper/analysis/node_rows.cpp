// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <iterator>
#include <utility>

#include "jumper/analysis/perf_table.h"

namespace jumper::analysis {

void append_rows(PerfTable& table, PerfTable other) {
  const size_t before = table.cell_index.size();
  const size_t after = before + other.cell_index.size();
  if (table.columns.empty()) table.cell_index_position = other.cell_index_position;
  for (PerfColumn& column : other.columns) {
    auto place = std::ranges::find(table.columns, column.name, &PerfColumn::name);
    if (place == table.columns.end()) {
      table.columns.push_back({std::move(column.name), {}});
      place = std::prev(table.columns.end());
    }
    place->values.reserve(after);
    place->values.resize(before, metric::kAbsent);
    place->values.insert(place->values.end(), column.values.begin(), column.values.end());
  }
  for (PerfColumn& column : table.columns) column.values.resize(after, metric::kAbsent);
  table.cell_index.insert(table.cell_index.end(), other.cell_index.begin(), other.cell_index.end());
  std::ranges::move(other.nodes, std::back_inserter(table.nodes));
}

}  // namespace jumper::analysis
