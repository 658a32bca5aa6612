// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <string_view>
#include <vector>

#include "jumper/base/parse.h"
#include "jumper/base/text.h"
#include "jumper/report/history.h"
#include "jumper/report/history_table.h"
#include "jumper/report/python_code.h"
#include "jumper/report/quantity.h"
#include "jumper/report/style.h"

namespace jumper::report {
namespace {

constexpr size_t kLineBytes = 120;       // of a first line: more than there is room for
constexpr size_t kSourceBytes = 20'000;  // of one source, and of all together
constexpr size_t kAllSourcesBytes = 300'000;

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

std::string code_html(std::string_view source) {
  return "<code class=\"jumper-code\">" + python_html(source) + "</code>";
}

// How many bytes of each row's source are shown: the last cells come first.
std::vector<size_t> shown_bytes(const std::vector<HistoryRow>& rows) {
  std::vector<size_t> shown(rows.size(), 0);
  size_t left = kAllSourcesBytes;
  for (size_t row = rows.size(); row-- > 0;) {
    shown[row] = std::min({base::trim(rows[row].cell->source).size(), kSourceBytes, left});
    left -= shown[row];
  }
  return shown;
}

std::string source_html(std::string_view source, size_t shown) {
  source = base::trim(source);
  const std::string_view line = first_line(source);
  if (line.size() == source.size() && line.size() <= kLineBytes) return code_html(line);
  const std::string_view begin = front(line, kLineBytes);
  std::string html = "<details><summary>" + code_html(begin);
  const auto lines = static_cast<uint64_t>(std::ranges::count(source, '\n')) + 1;
  html += "<span class=\"jumper-quiet\">" + base::count_of(lines, "line") + "</span></summary>";
  html += code_html(front(source, shown));
  if (source.size() > shown) {
    html += "<span class=\"jumper-quiet\">\xE2\x80\xA6 " +
            bytes_text(static_cast<double>(source.size())) +
            " in all: %perfmonitor_export_cell_history cells.csv writes them</span>";
  }
  return html + "</details>";
}

std::string field_html(const HistoryField& field, const HistoryColumn& column, bool is_bad) {
  std::string html = "<td";
  if (column.is_left) html += " class=\"jumper-left\"";
  if (!field.sort_key.empty()) html += " data-v=\"" + field.sort_key + "\"";
  // Half a percent is the least that a bar can show.
  if (field.share && *field.share >= 0.005)
    html += " style=\"--j-bar:" + base::fixed(*field.share, 2) + "\"";
  const std::string text = base::escape_html(field.text);
  return html + ">" + (is_bad ? "<span class=\"jumper-bad\">" + text + "</span>" : text) + "</td>";
}

std::string head_html(const std::vector<HistoryColumn>& columns) {
  std::string html = "<thead><tr>";
  for (const HistoryColumn& column : columns) {
    html += "<th scope=\"col\" title=\"" + base::escape_html(column.meaning) + "\"" +
            (column.is_left ? " class=\"jumper-left\">" : ">") + std::string(column.heading) +
            "</th>";
  }
  return html + "<th scope=\"col\" class=\"jumper-left\">Code</th></tr></thead>";
}

}  // namespace

std::string history_html(std::span<const analysis::CellCost> costs) {
  std::string html = "<div class=\"jumper-history\"><style>" + std::string(kSharedStyle) +
                     std::string(kCodeStyle) + std::string(kHistoryStyle) + "</style>";
  if (costs.empty())
    return html + "<div class=\"jumper-quiet\">No cell has finished yet.</div></div>";
  const HistoryTable table = history_table(costs, kMostHistoryRows);
  html +=
      "<div class=\"jumper-title\">Cell history<span class=\"jumper-quiet\">" +
      (table.note.empty() ? base::count_of(costs.size(), "cell") : base::escape_html(table.note)) +
      "</span></div><div class=\"jumper-scroll\"><table class=\"jumper-table\">" +
      head_html(table.columns) + "<tbody>";
  const std::vector<size_t> shown = shown_bytes(table.rows);
  for (size_t row = 0; row < table.rows.size(); ++row) {
    const HistoryRow& content = table.rows[row];
    html += "<tr>";
    for (size_t i = 0; i < content.fields.size(); ++i) {
      const HistoryColumn& column = table.columns[i];
      const bool is_bad =
          column.heading == "Status" && content.cell->status != cells::CellStatus::kOk;
      html += field_html(content.fields[i], column, is_bad);
    }
    html +=
        "<td class=\"jumper-left\">" + source_html(content.cell->source, shown[row]) + "</td></tr>";
  }
  return html + "</tbody></table></div></div>";
}

}  // namespace jumper::report
