// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/report/history.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "jumper/base/parse.h"
#include "jumper/base/text.h"
#include "jumper/report/history_table.h"

namespace jumper::report {
namespace {

constexpr size_t kSourceWidth = 44;

std::string source_text(std::string_view source) {
  const std::string_view line = first_line(source);
  std::string text = base::one_line(line, kSourceWidth);
  // A line that was cut has its ellipsis.
  const bool is_whole = base::code_points(line.substr(0, 4 * kSourceWidth + 1)) <= kSourceWidth;
  if (is_whole && base::trim(source).size() > line.size()) text += " \xE2\x80\xA6";
  return text;
}

}  // namespace

std::string history_text(std::span<const analysis::CellCost> costs) {
  if (costs.empty()) return "No cell has finished yet.\n";
  const HistoryTable table = history_table(costs, kMostHistoryRows);
  std::vector<size_t> widths;
  for (size_t i = 0; i < table.columns.size(); ++i) {
    widths.push_back(table.columns[i].heading.size());
    for (const HistoryRow& row : table.rows)
      widths[i] = std::max(widths[i], base::code_points(row.fields[i].text));
  }
  std::string text;
  const auto add_field = [&](size_t column, std::string_view content) {
    text += table.columns[column].is_left ? base::pad_right(content, widths[column])
                                          : base::pad_left(content, widths[column]);
    text += "  ";
  };
  for (size_t i = 0; i < widths.size(); ++i) add_field(i, table.columns[i].heading);
  text += "Code\n";
  size_t total_width = kSourceWidth;
  for (const size_t width : widths) total_width += width + 2;
  text.append(total_width, '-');
  text += '\n';
  for (const HistoryRow& row : table.rows) {
    for (size_t i = 0; i < widths.size(); ++i) add_field(i, row.fields[i].text);
    text += source_text(row.cell->source) + "\n";
  }
  if (!table.note.empty()) text += "Shown are " + table.note + "\n";
  return text;
}

}  // namespace jumper::report
