// SPDX-License-Identifier: BSD-3-Clause
// The words of a comparison that its text and its HTML share.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "jumper/analysis/compare.h"

namespace jumper::report {

// One number of a comparison in words.
struct DifferenceWords {
  std::string a;
  std::string b;
  std::string change;   // with its sign; empty where one side is absent
  std::string percent;  // "+16 %", "x12.5"; empty where there is none
  std::string verdict;  // "beyond", "within" the noise, or "unknown"; empty where absent
  std::string noise;    // how much it is; empty where it is unknown
};
[[nodiscard]] DifferenceWords words_of(const analysis::Difference& difference,
                                       analysis::CostMetric metric);
// "8.10 s -> 9.60 s (+19 %)"
[[nodiscard]] std::string from_to(const DifferenceWords& words);
[[nodiscard]] std::string value_text(const std::optional<double>& value,
                                     analysis::CostMetric metric);

// "4", and "4 / 5" where they differ: the first run of each.
[[nodiscard]] std::string cell_label(const analysis::ComparedCell& cell);
// "3 and 2 runs", "failed in B", ...: what there is to know of the runs that were compared.
[[nodiscard]] std::vector<std::string> run_notes(const analysis::ComparedCell& cell);
// The first line of the source, and an ellipsis where there are more, in `width` columns.
[[nodiscard]] std::string code_text(const std::string& source, size_t width);

// What a user wants to know first: the sentence on top, and the one about the noise.
struct CompareSummary {
  std::string result;
  std::string noise;
  std::string cause;  // the cell with most of the change; empty where none stands out
};
[[nodiscard]] CompareSummary summary_of(const analysis::Comparison& comparison);

// Whether any cell has repeats.
[[nodiscard]] bool is_noise_known(const analysis::Comparison& comparison);

// The cells to show, in their order; where there are too many, those whose durations differ most.
[[nodiscard]] std::vector<const analysis::ComparedCell*> shown_cells(
    const analysis::Comparison& comparison);

}  // namespace jumper::report
