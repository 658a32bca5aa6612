// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/report/history.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "jumper/base/clock.h"
#include "jumper/base/parse.h"
#include "jumper/base/text.h"
#include "jumper/report/quantity.h"
#include "jumper/report/style.h"

namespace jumper::report {
namespace {

constexpr size_t kSourceWidth = 44;
constexpr size_t kHtmlSourceWidth = 36;  // beside the other columns in a notebook's output
// A source longer than this is shown in part: the export holds it whole.
constexpr size_t kShownSourceBytes = 20'000;

struct Column {
  std::string_view heading;
  bool is_left = false;
};

constexpr std::array<Column, 9> kColumns = {{
    {"Cell", false},
    {"Start", false},
    {"Duration", false},
    {"Status", true},
    {"CPU time", false},
    {"Cores", false},
    {"Peak", false},
    {"Kept", false},
    {"Code", true},
}};

// Everything but the source.
std::array<std::string, kColumns.size() - 1> fields(const analysis::CellCost& cost) {
  const cells::Cell& cell = *cost.cell;
  const std::string absent = "-";
  const auto cores = cost.summary.cores_used();
  return {
      std::to_string(cell.index),
      clock_text(cell.wall_start_ns),
      duration_text(base::seconds(cell.duration_ns())),
      std::string(cells::status_name(cell.status)),
      cost.summary.cpu_seconds ? duration_text(*cost.summary.cpu_seconds) : absent,
      cores ? base::fixed(*cores, 2) : absent,
      cost.peak_bytes ? bytes_text(*cost.peak_bytes) : absent,
      cost.summary.memory_change_bytes ? change_text(*cost.summary.memory_change_bytes) : absent};
}

std::string_view first_line(std::string_view source) {
  source = base::trim(source);
  return base::trim(base::next_line(source));
}

// At most `bytes` of the front, without a character cut in two.
std::string_view front(std::string_view text, size_t bytes) {
  if (text.size() <= bytes) return text;
  constexpr size_t kLongestCharacter = 4;
  const auto continues = [&](size_t at) {
    return (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U;
  };
  size_t end = bytes;
  while (end > 0 && bytes - end < kLongestCharacter && continues(end)) --end;
  return text.substr(0, end);
}

}  // namespace

std::string history_text(std::span<const analysis::CellCost> costs) {
  if (costs.empty()) return "No cell has finished yet.\n";
  std::vector<std::array<std::string, kColumns.size() - 1>> rows;
  std::array<size_t, kColumns.size() - 1> widths{};
  for (size_t i = 0; i < widths.size(); ++i) widths[i] = kColumns[i].heading.size();
  for (const analysis::CellCost& cost : costs) {
    rows.push_back(fields(cost));
    for (size_t i = 0; i < widths.size(); ++i)
      widths[i] = std::max(widths[i], base::code_points(rows.back()[i]));
  }
  std::string text;
  const auto add_field = [&](size_t column, std::string_view content) {
    text += kColumns[column].is_left ? base::pad_right(content, widths[column])
                                     : base::pad_left(content, widths[column]);
    text += "  ";
  };
  for (size_t i = 0; i < widths.size(); ++i) add_field(i, kColumns[i].heading);
  text += kColumns.back().heading;
  text += '\n';
  size_t total_width = kSourceWidth;
  for (const size_t width : widths) total_width += width + 2;
  text.append(total_width, '-');
  text += '\n';
  for (size_t row = 0; row < rows.size(); ++row) {
    for (size_t i = 0; i < widths.size(); ++i) add_field(i, rows[row][i]);
    const std::string_view source = costs[row].cell->source;
    const std::string_view line = first_line(source);
    text += base::one_line(line, kSourceWidth);
    // A line that was cut has its ellipsis.
    const bool is_whole = base::code_points(line.substr(0, 4 * kSourceWidth + 1)) <= kSourceWidth;
    if (is_whole && base::trim(source).size() > line.size()) text += " \xE2\x80\xA6";
    text += '\n';
  }
  return text;
}

std::string history_html(std::span<const analysis::CellCost> costs) {
  std::string html = "<div class=\"jumper-history\">" + std::string(kStyle);
  if (costs.empty())
    return html + "<div class=\"jumper-quiet\">No cell has finished yet.</div></div>";
  html += "<div class=\"jumper-title\">Cell history<span class=\"jumper-quiet\">" +
          base::count_of(costs.size(), "cell") +
          "</span></div><table class=\"jumper-table\"><thead><tr>";
  for (const Column& column : kColumns) {
    html += column.is_left ? "<th scope=\"col\" class=\"jumper-left\">" : "<th scope=\"col\">";
    html += std::string(column.heading) + "</th>";
  }
  html += "</tr></thead><tbody>";
  for (const analysis::CellCost& cost : costs) {
    const auto row = fields(cost);
    html += "<tr>";
    for (size_t i = 0; i < row.size(); ++i) {
      const bool is_bad =
          kColumns[i].heading == "Status" && cost.cell->status != cells::CellStatus::kOk;
      html += kColumns[i].is_left ? "<td class=\"jumper-left\">" : "<td>";
      html += is_bad ? "<span class=\"jumper-bad\">" + base::escape_html(row[i]) + "</span>"
                     : base::escape_html(row[i]);
      html += "</td>";
    }
    const std::string_view source = base::trim(cost.cell->source);
    const std::string_view line = first_line(source);
    html += "<td class=\"jumper-left\">";
    if (line.size() == source.size() && line.size() <= kHtmlSourceWidth) {
      html += "<code class=\"jumper-code\">" + base::escape_html(line) + "</code>";
    } else {
      html += "<details><summary>" + base::escape_html(base::one_line(line, kHtmlSourceWidth)) +
              "</summary><code class=\"jumper-code\">" +
              base::escape_html(front(source, kShownSourceBytes));
      if (source.size() > kShownSourceBytes) {
        html += "\n\xE2\x80\xA6 (" + bytes_text(static_cast<double>(source.size())) + " in all)";
      }
      html += "</code></details>";
    }
    html += "</td></tr>";
  }
  return html + "</tbody></table></div>";
}

}  // namespace jumper::report
