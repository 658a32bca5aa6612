// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "jumper/base/text.h"
#include "jumper/report/report.h"
#include "jumper/report/style.h"

namespace jumper::report {

namespace {

using analysis::WallPart;

// Parts in the order in which a bar shows them: alike in all cells, so that bars can be compared.
// The class names a colour of the style.
struct PartStyle {
  WallPart part;
  std::string_view css_class;
};
constexpr std::array<PartStyle, 7> kPartStyles = {{{WallPart::kUser, "jumper-w-user"},
                                                   {WallPart::kSystem, "jumper-w-system"},
                                                   {WallPart::kOthers, "jumper-w-others"},
                                                   {WallPart::kRunQueue, "jumper-w-queue"},
                                                   {WallPart::kThrottled, "jumper-w-throttled"},
                                                   {WallPart::kDisk, "jumper-w-disk"},
                                                   {WallPart::kIdle, "jumper-w-idle"}}};

std::string element(std::string_view tag, std::string_view text) {
  return "<" + std::string(tag) + ">" + base::escape_html(text) + "</" + std::string(tag) + ">";
}

// A piece of a bar; its width in percent of the bar's.
std::string piece(std::string_view css_class, double percent, std::string_view title) {
  return "<i class=\"" + std::string(css_class) +
         "\" style=\"width:" + base::fixed(std::clamp(percent, 0.0, 100.0), 1) + "%\" title=\"" +
         base::escape_html(title) + "\"></i>";
}

std::string_view class_of(WallPart part) {
  const auto* const found = std::ranges::find(kPartStyles, part, &PartStyle::part);
  return found == kPartStyles.end() ? std::string_view() : found->css_class;
}

// The bar, and the words of the text report with a dot of the bar's colour before each.
std::string wall_html(const Report& report) {
  const std::vector<WallPercent> parts = wall_percents(report.wall);
  std::string bar = "<span class=\"jumper-bar\" aria-hidden=\"true\">";
  for (const PartStyle& style : kPartStyles) {
    const auto found = std::ranges::find(parts, style.part, &WallPercent::part);
    if (found != parts.end()) bar += piece(style.css_class, found->percent, found->text);
  }
  std::string words;
  for (const WallPercent& part : parts) {
    words += words.empty() ? "" : ", ";
    words += "<span class=\"jumper-part\"><i class=\"jumper-dot " +
             std::string(class_of(part.part)) + "\"></i>" + base::escape_html(part.text) +
             "</span>";
  }
  return bar + "</span>" + words;
}

std::string peak_html(const Report& report, std::string_view words) {
  const double limit = report.memory_limit_bytes.value_or(0);
  if (limit <= 0 || !report.peak) return base::escape_html(words);
  const double percent = report.peak->bytes / limit * 100;
  return "<span class=\"jumper-bar jumper-small\" aria-hidden=\"true\">" +
         piece(percent >= kNearLimitPercent ? "jumper-w-throttled" : "jumper-w-user", percent,
               "of the memory limit") +
         "</span>" + base::escape_html(words);
}

// "tag: evidence", with the tag as one.
std::string signature_html(std::string_view words) {
  const size_t end = std::min(words.find(':'), words.size());
  return "<span class=\"jumper-tag\">" + base::escape_html(words.substr(0, end)) + "</span>" +
         base::escape_html(words.substr(end));
}

std::string detail_html(const Report& report, const Line& line) {
  std::string content;
  switch (line.kind) {
    case LineKind::kWall:
      content = wall_html(report);
      break;
    case LineKind::kPeak:
      content = peak_html(report, line.content);
      break;
    case LineKind::kSignature:
      content = signature_html(line.content);
      break;
    case LineKind::kPlain:
    case LineKind::kAside:
      content = base::escape_html(line.content);
      break;
  }
  return element("dt", line.label) + "<dd>" + content + "</dd>";
}

std::string table_html(const Report& report) {
  std::string html = "<table class=\"jumper-table\"><thead><tr>";
  for (const char* heading : {"Metric", "AVG", "MIN", "MAX", "TOTAL"}) {
    html += "<th scope=\"col\">" + std::string(heading) + "</th>";
  }
  html += "</tr></thead><tbody>";
  for (const TableRow& row : table_rows(report)) {
    html += "<tr><th scope=\"row\">" + base::escape_html(row.metric) + "</th>" +
            element("td", row.average) + element("td", row.minimum) + element("td", row.maximum) +
            element("td", row.total) + "</tr>";
  }
  return html + "</tbody></table>";
}

// The table with the wall time under it, and the other lines beside; those that are aside can be
// opened.
std::string body_html(const Report& report) {
  std::string wall;
  std::string shown;
  std::string aside;
  for (const Line& line : detail_lines(report)) {
    std::string& part = line.kind == LineKind::kWall    ? wall
                        : line.kind == LineKind::kAside ? aside
                                                        : shown;
    part += detail_html(report, line);
  }
  std::string html = "<div class=\"jumper-body\"><div>" + table_html(report);
  if (!wall.empty()) html += "<dl>" + wall + "</dl>";
  html += "</div><div><dl>" + shown + "</dl>";
  if (!aside.empty()) {
    // In JupyterLab, Enter would go into the cell.
    html +=
        "<details><summary data-lm-suppress-shortcuts=\"true\">Processes, limits, cost of the "
        "monitor</summary><dl>" +
        aside + "</dl></details>";
  }
  return html + "</div></div>";
}

}  // namespace

std::string to_html(const Report& report) {
  std::string title = "Performance Report";
  if (report.cells && report.cells->size() == 1)
    title += " of cell " + std::to_string(report.cells->first);
  if (!report.node.empty()) title += " on node " + node_text(report);
  return "<div class=\"jumper-report\"><style>" + std::string(kSharedStyle) +
         std::string(kReportStyle) + "</style><div class=\"jumper-title\">" +
         base::escape_html(title) + "<span class=\"jumper-quiet\">Duration " +
         base::fixed(report.duration_seconds, 2) + " s</span></div>" + body_html(report) + "</div>";
}

}  // namespace jumper::report
