// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/base/text.h"
#include "jumper/report/report.h"
#include "jumper/report/style.h"

namespace jumper::report {

std::string to_html(const Report& report) {
  const auto cell = [](std::string_view tag, std::string_view text) {
    return "<" + std::string(tag) + ">" + base::escape_html(text) + "</" + std::string(tag) + ">";
  };
  std::string html = "<div class=\"jumper-report\">";
  html += std::string(kStyle);
  std::string title = "Performance Report";
  if (report.cells && report.cells->size() == 1)
    title += " of cell " + std::to_string(report.cells->first);
  html += "<div class=\"jumper-title\">" + base::escape_html(title) +
          "<span class=\"jumper-quiet\">Duration " + base::fixed(report.duration_seconds, 2) +
          " s</span></div>";
  html += "<table class=\"jumper-table\"><thead><tr>";
  for (const char* heading : {"Metric", "AVG", "MIN", "MAX", "TOTAL"}) {
    html += "<th scope=\"col\">" + std::string(heading) + "</th>";
  }
  html += "</tr></thead><tbody>";
  for (const TableRow& row : table_rows(report)) {
    html += "<tr><th scope=\"row\">" + base::escape_html(row.metric) + "</th>" +
            cell("td", row.average) + cell("td", row.minimum) + cell("td", row.maximum) +
            cell("td", row.total) + "</tr>";
  }
  html += "</tbody></table><dl class=\"jumper-details\">";
  for (const Line& line : detail_lines(report)) {
    html += cell("dt", line.label) + cell("dd", line.content);
  }
  html += "</dl></div>";
  return html;
}

}  // namespace jumper::report
