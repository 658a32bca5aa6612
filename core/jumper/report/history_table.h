// SPDX-License-Identifier: BSD-3-Clause
// What the table of the cell history says, before it is text or HTML.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "jumper/analysis/cell_cost.h"

namespace jumper::report {

struct HistoryColumn {
  std::string_view heading;
  std::string_view meaning;
  bool is_left = false;
};

struct HistoryField {
  std::string text;
  std::string sort_key;  // a number, where the text is not one itself
  // The length of its bar: a share of the largest in the column, of all CPUs for the cores.
  std::optional<double> share;
};

struct HistoryRow {
  const cells::Cell* cell = nullptr;
  std::vector<HistoryField> fields;  // one for each column
};

// All but the source. Columns that would say nothing, as where no cell read from storage, are left
// out. Of more than `most_rows` cells, the last ones.
struct HistoryTable {
  std::vector<HistoryColumn> columns;
  std::vector<HistoryRow> rows;
  std::string note;  // about the cells that are left out
};
[[nodiscard]] HistoryTable history_table(std::span<const analysis::CellCost> costs,
                                         size_t most_rows);

// The first line of the source that says something.
[[nodiscard]] std::string_view first_line(std::string_view source);

}  // namespace jumper::report
