// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "jumper/base/text.h"
#include "jumper/report/compare.h"
#include "jumper/report/compare_words.h"

namespace jumper::report {
namespace {

using analysis::ComparedCell;
using analysis::Comparison;
using analysis::CostMetric;
using analysis::CostMetricFacts;
using analysis::Differences;

constexpr size_t kColumns = 100;
constexpr size_t kGap = 2;
constexpr size_t kLongestCode = 32;
constexpr size_t kShortestCode = 8;
constexpr size_t kMostLoneCells = 20;
constexpr size_t kNameWidth = 90;

// Of a table: a line of fields; all but the first three stand on the right.
constexpr size_t kCodeField = 1;
constexpr size_t kFirstRight = 3;
using Row = std::array<std::string, 8>;

// One row per number; the code and what there is to know of the runs stand beside them.
void add_rows(std::vector<Row>& rows, const std::string& label,
              const std::vector<std::string>& beside, const Differences& differences,
              bool are_all_shown) {
  const size_t first = rows.size();
  for (const CostMetricFacts& facts : analysis::kCostMetrics) {
    const analysis::Difference& difference = differences[static_cast<size_t>(facts.metric)];
    const bool is_shown = are_all_shown || facts.metric == CostMetric::kDuration ||
                          analysis::is_notable(difference, facts.metric);
    if (!is_shown || !analysis::is_told(difference, facts.metric)) continue;
    DifferenceWords words = words_of(difference, facts.metric);
    rows.push_back({"", "", std::string(facts.heading), std::move(words.a), std::move(words.b),
                    std::move(words.change), std::move(words.percent),
                    words.noise.empty() ? words.verdict : words.verdict + " " + words.noise});
  }
  for (size_t i = rows.size() - first; i < beside.size(); ++i) rows.emplace_back();
  rows[first][0] = label;
  for (size_t i = 0; i < beside.size(); ++i) rows[first + i][kCodeField] = beside[i];
}

std::vector<std::string> beside_cell(const ComparedCell& cell) {
  std::vector<std::string> lines = {code_text(cell.a.source, kLongestCode)};
  for (std::string& note : run_notes(cell)) lines.push_back(std::move(note));
  return lines;
}

// A column that says the same of all is left out: the sentence on top says it.
void drop_noise_if_unknown(std::vector<Row>& rows, const Comparison& comparison) {
  if (is_noise_known(comparison)) return;
  for (Row& row : rows) row.back().clear();
}

// The widths of the columns; the code gives way where the line would be too long.
std::vector<size_t> widths_of(const std::vector<Row>& rows) {
  std::vector<size_t> widths(Row{}.size(), 0);
  for (const Row& row : rows) {
    for (size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], base::code_points(row[i]));
  }
  size_t total = 0;
  for (const size_t width : widths) total += width == 0 ? 0 : width + kGap;
  if (total > kColumns + kGap) {
    const size_t excess = total - kColumns - kGap;
    size_t& code = widths[kCodeField];
    code = std::max(kShortestCode, code - std::min(code, excess));
  }
  return widths;
}

std::string table_text(const std::vector<Row>& rows) {
  const std::vector<size_t> widths = widths_of(rows);
  std::string text;
  for (size_t row = 0; row < rows.size(); ++row) {
    std::string line;
    for (size_t i = 0; i < widths.size(); ++i) {
      if (widths[i] == 0) continue;
      const std::string field =
          i == kCodeField ? base::one_line(rows[row][i], widths[i]) : rows[row][i];
      const bool is_left = i < kFirstRight || i + 1 == widths.size();
      line += is_left ? base::pad_right(field, widths[i]) : base::pad_left(field, widths[i]);
      line.append(kGap, ' ');
    }
    const size_t full = base::code_points(line) - kGap;
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
    if (row == 0) text += std::string(full, '-') + "\n";
  }
  return text;
}

std::string lone_text(const std::vector<analysis::LoneCell>& cells, std::string_view where) {
  if (cells.empty()) return "";
  double seconds = 0;
  for (const analysis::LoneCell& cell : cells) seconds += cell.values[0].value_or(0);
  std::string text = "\nOnly in " + std::string(where) + ": " +
                     base::count_of(cells.size(), "cell") + ", " +
                     value_text(seconds, CostMetric::kDuration) + "\n";
  for (size_t i = 0; i < std::min(cells.size(), kMostLoneCells); ++i) {
    const analysis::LoneCell& cell = cells[i];
    text += "  " + base::pad_right(std::to_string(cell.runs.cells.front()), 5) +
            base::pad_left(value_text(cell.values[0], CostMetric::kDuration), 11) + "  " +
            code_text(cell.runs.source, 60) + "\n";
  }
  if (cells.size() > kMostLoneCells)
    text += "  ... and " + std::to_string(cells.size() - kMostLoneCells) + " more\n";
  return text;
}

std::string side_text(std::string_view letter, const std::string& name,
                      const analysis::Runs* runs) {
  std::string text = std::string(letter) + "  ";
  if (runs == nullptr) return text + base::one_line(name, kNameWidth) + "\n";
  return text + base::one_line(name, kNameWidth / 2) + ": " +
         code_text(runs->source, kNameWidth / 2) + "\n";
}

std::string cells_table(const Comparison& comparison) {
  const ComparedCell& cell = comparison.cells.front();
  std::vector<Row> rows = {{"", "", "Metric", "A", "B", "Change", "", "Noise"}};
  add_rows(rows, "", run_notes(cell), cell.differences, true);
  drop_noise_if_unknown(rows, comparison);
  return table_text(rows);
}

std::string sessions_table(const Comparison& comparison) {
  std::vector<Row> rows = {{"Cell", "Code", "Metric", "A", "B", "Change", "", "Noise"}};
  const auto cells = shown_cells(comparison);
  for (const ComparedCell* cell : cells)
    add_rows(rows, cell_label(*cell), beside_cell(*cell), cell->differences, false);
  std::vector<std::string> beside = {"of " + base::count_of(comparison.cells.size(), "cell")};
  if (cells.size() < comparison.cells.size())
    beside.push_back(std::to_string(comparison.cells.size() - cells.size()) + " not shown");
  const size_t total = rows.size();
  add_rows(rows, "Total", beside, comparison.matched, true);
  // Nothing was repeated as a whole.
  for (size_t row = total; row < rows.size(); ++row) rows[row].back().clear();
  drop_noise_if_unknown(rows, comparison);
  return table_text(rows);
}

}  // namespace

std::string compare_text(const Comparison& comparison) {
  const CompareSummary summary = summary_of(comparison);
  const ComparedCell* only = comparison.is_of_cells ? &comparison.cells.front() : nullptr;
  std::string text = side_text("A", comparison.a_name, only ? &only->a : nullptr) +
                     side_text("B", comparison.b_name, only ? &only->b : nullptr) + summary.result +
                     "\n";
  for (const std::string* more : {&summary.cause, &summary.noise}) {
    if (!more->empty()) text += *more + "\n";
  }
  if (only != nullptr) {
    text += "\n" + cells_table(comparison);
  } else if (!comparison.cells.empty()) {
    text += "\n" + sessions_table(comparison) +
            "Of the other metrics those are shown that differ notably.\n";
  }
  return text + lone_text(comparison.only_a, "A") + lone_text(comparison.only_b, "B");
}

}  // namespace jumper::report
