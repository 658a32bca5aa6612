// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/report/compare_words.h"

#include <algorithm>
#include <cmath>

#include "jumper/base/parse.h"
#include "jumper/base/text.h"
#include "jumper/report/compare.h"
#include "jumper/report/history_table.h"
#include "jumper/report/quantity.h"

namespace jumper::report {
namespace {

using analysis::ComparedCell;
using analysis::Comparison;
using analysis::CostMetric;
using analysis::Difference;
using analysis::Verdict;

std::string size_text(double size, CostMetric metric) {
  switch (analysis::facts_of(metric).unit) {
    case analysis::CostUnit::kSeconds:
      return duration_text(size);
    case analysis::CostUnit::kBytes:
      return bytes_text(size);
    case analysis::CostUnit::kJoules:
      break;
  }
  return energy_text(size);
}

std::string percent_text(double percent) {
  constexpr double kAsFactor = 1000;
  constexpr double kWhole = 9.95;
  if (percent >= kAsFactor) return "x" + base::fixed(1 + percent / 100, 1);
  std::string number = base::fixed(std::abs(percent), std::abs(percent) < kWhole ? 1 : 0);
  return (percent < 0 ? "-" : "+") + number + " %";
}

const Difference& duration_of(const ComparedCell& cell) {
  return cell.differences[static_cast<size_t>(CostMetric::kDuration)];
}

double duration_change(const ComparedCell& cell) {
  return duration_of(cell).change().value_or(0);
}

bool has_repeats(const ComparedCell& cell) {
  return duration_of(cell).noise.has_value();
}

std::string noise_sentence(const Comparison& comparison) {
  const auto known = static_cast<size_t>(std::ranges::count_if(comparison.cells, has_repeats));
  if (comparison.cells.empty()) return "";
  if (known == 0) return "No repeats: noise unknown, so each difference may be chance.";
  if (known == comparison.cells.size()) return "";
  return "Noise is known for " + base::count_of(known, "cell") +
         " that ran more than once; no repeats of the others: noise unknown.";
}

CompareSummary summary_of_cells(const Comparison& comparison) {
  const ComparedCell& cell = comparison.cells.front();
  const DifferenceWords words = words_of(duration_of(cell), CostMetric::kDuration);
  std::string result = "B against A: duration " + from_to(words);
  if (!words.noise.empty()) result += ", " + words.verdict + " the noise of " + words.noise;
  return {std::move(result), noise_sentence(comparison), ""};
}

// How many cells are slower, how many faster, and how many failed on one side.
std::string changes_text(const Comparison& comparison) {
  size_t slower = 0;
  size_t faster = 0;
  size_t failed = 0;
  for (const ComparedCell& cell : comparison.cells) {
    if (!cell.is_comparable()) {
      ++failed;
    } else if (analysis::is_notable(duration_of(cell), CostMetric::kDuration)) {
      ++(duration_change(cell) > 0 ? slower : faster);
    }
  }
  const std::string of_all = " of " + base::count_of(comparison.cells.size(), "cell");
  std::string text = std::to_string(slower) + of_all + " slower";
  if (slower > 0 && faster > 0) text += ", " + std::to_string(faster) + " faster";
  if (slower == 0) {
    text = faster == 0 ? "0" + of_all + " slower or faster"
                       : std::to_string(faster) + of_all + " faster, none slower";
  }
  if (failed > 0) text += ", " + std::to_string(failed) + " failed on one side";
  return text;
}

// The cell that accounts for most of the change of the total.
std::string main_cause(const Comparison& comparison) {
  const auto total = comparison.matched[static_cast<size_t>(CostMetric::kDuration)].change();
  if (!total || comparison.cells.size() < 2) return "";
  const double sign = *total < 0 ? -1 : 1;
  const ComparedCell* most = nullptr;
  for (const ComparedCell& cell : comparison.cells) {
    if (cell.is_comparable() && analysis::is_notable(duration_of(cell), CostMetric::kDuration) &&
        sign * duration_change(cell) > (most == nullptr ? 0 : sign * duration_change(*most)))
      most = &cell;
  }
  if (most == nullptr) return "";
  return "Most of that is in cell " + cell_label(*most) + ": " +
         words_of(duration_of(*most), CostMetric::kDuration).change + ".";
}

}  // namespace

std::string value_text(const std::optional<double>& value, CostMetric metric) {
  if (!value) return "n/a";
  if (metric == CostMetric::kMemoryRetained) return change_text(*value);
  return size_text(*value, metric);
}

DifferenceWords words_of(const Difference& difference, CostMetric metric) {
  DifferenceWords words;
  words.a = value_text(difference.a, metric);
  words.b = value_text(difference.b, metric);
  if (const auto change = difference.change()) {
    words.change =
        *change == 0 ? "0" : (*change < 0 ? "-" : "+") + size_text(std::abs(*change), metric);
    // A share of what is kept, which may be next to nothing, says little.
    const auto percent =
        metric == CostMetric::kMemoryRetained ? std::nullopt : difference.percent();
    if (percent && *change != 0) words.percent = percent_text(*percent);
  }
  if (difference.noise) words.noise = size_text(*difference.noise, metric);
  switch (difference.verdict()) {
    case Verdict::kAbsent:
      words.noise.clear();
      break;
    case Verdict::kNoiseUnknown:
      words.verdict = "unknown";
      break;
    case Verdict::kWithinNoise:
      words.verdict = "within";
      break;
    case Verdict::kBeyondNoise:
      words.verdict = "beyond";
      break;
  }
  return words;
}

std::string from_to(const DifferenceWords& words) {
  std::string text = words.a + " -> " + words.b;
  const std::string& difference = words.percent.empty() ? words.change : words.percent;
  if (!difference.empty()) text += " (" + difference + ")";
  return text;
}

std::string cell_label(const ComparedCell& cell) {
  const std::string a = std::to_string(cell.a.cells.front());
  const std::string b = std::to_string(cell.b.cells.front());
  return a == b ? a : a + " / " + b;
}

std::vector<std::string> run_notes(const ComparedCell& cell) {
  std::vector<std::string> notes;
  const size_t a_runs = cell.a.cells.size();
  const size_t b_runs = cell.b.cells.size();
  if (a_runs > 1 || b_runs > 1)
    notes.push_back(std::to_string(a_runs) + " and " + base::count_of(b_runs, "run"));
  if (cell.a.have_all_failed && cell.b.have_all_failed) {
    notes.emplace_back("failed in both");
  } else if (cell.a.have_all_failed || cell.b.have_all_failed) {
    notes.emplace_back(cell.a.have_all_failed ? "failed in A" : "failed in B");
  }
  if (const size_t left_out = cell.a.left_out + cell.b.left_out; left_out > 0)
    notes.push_back(base::count_of(left_out, "failed run") + " left out");
  return notes;
}

std::string code_text(const std::string& source, size_t width) {
  const std::string_view line = first_line(source);
  const bool has_more = base::trim(source).size() > line.size();
  constexpr size_t kEllipsis = 2;
  std::string text = base::one_line(line, has_more ? width - kEllipsis : width);
  if (has_more && !text.ends_with("\xE2\x80\xA6")) text += " \xE2\x80\xA6";
  return text;
}

CompareSummary summary_of(const Comparison& comparison) {
  if (comparison.cells.empty()) return {"No cell of A has the same source as one of B.", "", ""};
  if (comparison.is_of_cells) return summary_of_cells(comparison);
  std::string result = changes_text(comparison);
  const auto& total = comparison.matched[static_cast<size_t>(CostMetric::kDuration)];
  if (total.change()) result += ": total " + from_to(words_of(total, CostMetric::kDuration));
  return {std::move(result), noise_sentence(comparison), main_cause(comparison)};
}

bool is_noise_known(const Comparison& comparison) {
  return std::ranges::any_of(comparison.cells, has_repeats);
}

std::vector<const ComparedCell*> shown_cells(const Comparison& comparison) {
  std::vector<const ComparedCell*> cells;
  cells.reserve(comparison.cells.size());
  for (const ComparedCell& cell : comparison.cells) cells.push_back(&cell);
  if (cells.size() <= kMostComparedCells) return cells;
  std::ranges::sort(cells, [](const ComparedCell* one, const ComparedCell* other) {
    const double change = std::abs(duration_change(*one)) - std::abs(duration_change(*other));
    return change == 0 ? one < other : change > 0;
  });
  cells.resize(kMostComparedCells);
  std::ranges::sort(cells);  // back in their order: they lie in one vector
  return cells;
}

}  // namespace jumper::report
