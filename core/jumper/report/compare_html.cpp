// SPDX-License-Identifier: BSD-3-Clause
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "jumper/base/text.h"
#include "jumper/report/compare.h"
#include "jumper/report/compare_words.h"
#include "jumper/report/python_code.h"
#include "jumper/report/style.h"

namespace jumper::report {
namespace {

using analysis::ComparedCell;
using analysis::Comparison;
using analysis::CostMetric;
using analysis::CostMetricFacts;
using analysis::Difference;
using analysis::Differences;
using analysis::Verdict;

constexpr size_t kCodeWidth = 60;
constexpr size_t kNameWidth = 120;
constexpr size_t kMostLoneCells = 50;
constexpr const char* kArrow = " \xE2\x86\x92 ";

std::string quiet(std::string_view text) {
  return "<span class=\"jumper-quiet\">" + base::escape_html(text) + "</span>";
}

// A browser's font has an arrow.
std::string with_arrow(std::string text) {
  constexpr std::string_view kTyped = " -> ";
  if (const size_t at = text.find(kTyped); at != std::string::npos)
    text.replace(at, kTyped.size(), kArrow);
  return text;
}

std::string code_html(const std::string& source) {
  return "<code class=\"jumper-code\">" + python_html(code_text(source, kCodeWidth)) + "</code>";
}

// What marks a change beside its words: a shape, so that it is not told by its colour alone.
std::string change_html(const Difference& difference, CostMetric metric,
                        const DifferenceWords& words) {
  std::string text = words.change;
  if (!words.percent.empty()) text += " (" + words.percent + ")";
  if (text.empty()) return "";
  if (!analysis::is_notable(difference, metric)) return quiet(text);
  if (difference.verdict() != Verdict::kBeyondNoise) return base::escape_html(text);
  const bool is_more = *difference.change() > 0;
  return std::string("<span class=\"jumper-") +
         (is_more ? "bad\">\xE2\x96\xB2 " : "good\">\xE2\x96\xBC ") + base::escape_html(text) +
         "</span>";
}

// The numbers that have a column: what changed in no cell would take its room for nothing.
std::vector<const CostMetricFacts*> shown_metrics(const Comparison& comparison) {
  std::vector<const CostMetricFacts*> metrics;
  for (const CostMetricFacts& facts : analysis::kCostMetrics) {
    const auto changed = [&](const ComparedCell& cell) {
      return analysis::is_notable(cell.differences[static_cast<size_t>(facts.metric)],
                                  facts.metric);
    };
    const bool is_main = facts.metric <= CostMetric::kPeakMemory;
    if (is_main || std::ranges::any_of(comparison.cells, changed)) metrics.push_back(&facts);
  }
  return metrics;
}

std::string noise_html(const DifferenceWords& words) {
  if (words.noise.empty()) return quiet(words.verdict);
  return quiet(words.verdict + " the noise of " + words.noise);
}

// One number of a session's cell: from, to, and under it the difference.
std::string field_html(const Difference& difference, CostMetric metric, bool has_noise) {
  const DifferenceWords words = words_of(difference, metric);
  if (words.a == words.b) return "<td>" + quiet(words.a) + "</td>";
  std::string html = "<td>" + base::escape_html(words.a + kArrow + words.b);
  if (const std::string change = change_html(difference, metric, words); !change.empty())
    html += "<br>" + change;
  if (has_noise && !words.noise.empty())
    html += "<br><span title=\"" + words.verdict + " the noise of its repeats\">" +
            quiet("noise " + words.noise) + "</span>";
  return html + "</td>";
}

std::string row_html(std::string_view head, const Differences& differences,
                     const std::vector<const CostMetricFacts*>& metrics, bool has_noise) {
  std::string html = "<tr>" + std::string(head);
  for (const CostMetricFacts* facts : metrics) {
    html += field_html(differences[static_cast<size_t>(facts->metric)], facts->metric, has_noise);
  }
  return html + "</tr>";
}

std::string notes_html(const std::vector<std::string>& notes) {
  std::string html;
  for (const std::string& note : notes) html += "<br>" + quiet(note);
  return html;
}

std::string sessions_html(const Comparison& comparison) {
  const auto metrics = shown_metrics(comparison);
  std::string html =
      "<table class=\"jumper-table\"><thead><tr><th scope=\"col\">Cell</th><th scope=\"col\" "
      "class=\"jumper-left\">Code</th>";
  for (const CostMetricFacts* facts : metrics)
    html += "<th scope=\"col\">" + std::string(facts->heading) + "</th>";
  html += "</tr></thead><tbody>";
  const auto cells = shown_cells(comparison);
  for (const ComparedCell* cell : cells) {
    html += row_html("<th scope=\"row\">" + cell_label(*cell) +
                         "</th><td class=\"jumper-left jumper-line\">" + code_html(cell->a.source) +
                         notes_html(run_notes(*cell)) + "</td>",
                     cell->differences, metrics, true);
  }
  std::string all = "of " + base::count_of(comparison.cells.size(), "cell");
  if (cells.size() < comparison.cells.size())
    all += ", " + std::to_string(comparison.cells.size() - cells.size()) + " not shown";
  return html +
         row_html("<th scope=\"row\">Total</th><td class=\"jumper-left\">" + all + "</td>",
                  comparison.matched, metrics, false) +
         "</tbody></table>";
}

std::string cells_html(const Comparison& comparison) {
  const ComparedCell& cell = comparison.cells.front();
  std::string html =
      "<table class=\"jumper-table\"><thead><tr><th></th><th scope=\"col\">A</th><th "
      "scope=\"col\">B</th><th scope=\"col\">Change</th><th scope=\"col\" "
      "class=\"jumper-left\">Noise</th></tr></thead><tbody>";
  for (const CostMetricFacts& facts : analysis::kCostMetrics) {
    const Difference& difference = cell.differences[static_cast<size_t>(facts.metric)];
    if (!analysis::is_told(difference, facts.metric)) continue;
    const DifferenceWords words = words_of(difference, facts.metric);
    html += "<tr><th scope=\"row\">" + std::string(facts.heading) + "</th><td>" +
            base::escape_html(words.a) + "</td><td>" + base::escape_html(words.b) + "</td><td>" +
            change_html(difference, facts.metric, words) + "</td><td class=\"jumper-left\">" +
            noise_html(words) + "</td></tr>";
  }
  return html + "</tbody></table>";
}

std::string lone_html(const std::vector<analysis::LoneCell>& cells, std::string_view where) {
  if (cells.empty()) return "";
  // In JupyterLab, Enter would go into the cell.
  std::string html = "<details><summary data-lm-suppress-shortcuts=\"true\">Only in " +
                     std::string(where) + ": " + base::count_of(cells.size(), "cell") +
                     "</summary><table class=\"jumper-table\"><tbody>";
  for (size_t i = 0; i < std::min(cells.size(), kMostLoneCells); ++i) {
    const analysis::LoneCell& cell = cells[i];
    html += "<tr><th scope=\"row\">" + std::to_string(cell.runs.cells.front()) + "</th><td>" +
            base::escape_html(value_text(cell.values[0], CostMetric::kDuration)) +
            "</td><td class=\"jumper-left\">" + code_html(cell.runs.source) + "</td></tr>";
  }
  html += "</tbody></table>";
  if (cells.size() > kMostLoneCells)
    html += quiet("and " + std::to_string(cells.size() - kMostLoneCells) + " more");
  return html + "</details>";
}

std::string side_html(std::string_view letter, const std::string& name,
                      const Comparison& comparison, const analysis::Runs* runs) {
  std::string html = "<dt>" + std::string(letter) + "</dt><dd>" +
                     base::escape_html(base::one_line(name, kNameWidth));
  if (comparison.is_of_cells && runs != nullptr) {
    html += " " + code_html(runs->source);
    if (runs->have_all_failed) html += quiet("failed");
  }
  return html + "</dd>";
}

}  // namespace

std::string compare_html(const Comparison& comparison) {
  const CompareSummary summary = summary_of(comparison);
  const ComparedCell* only = comparison.cells.empty() ? nullptr : &comparison.cells.front();
  std::string html =
      "<div class=\"jumper-compare\"><style>" + std::string(kSharedStyle) +
      std::string(kCodeStyle) + std::string(kCompareStyle) +
      "</style><div class=\"jumper-title\">" + base::escape_html(with_arrow(summary.result)) +
      "</div><dl>" + side_html("A", comparison.a_name, comparison, only ? &only->a : nullptr) +
      side_html("B", comparison.b_name, comparison, only ? &only->b : nullptr) + "</dl>";
  for (const std::string* more : {&summary.cause, &summary.noise}) {
    if (!more->empty()) html += "<div class=\"jumper-note\">" + base::escape_html(*more) + "</div>";
  }
  if (only != nullptr)
    html += comparison.is_of_cells ? cells_html(comparison) : sessions_html(comparison);
  return html + lone_html(comparison.only_a, "A") + lone_html(comparison.only_b, "B") + "</div>";
}

}  // namespace jumper::report
