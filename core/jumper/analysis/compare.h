// SPDX-License-Identifier: BSD-3-Clause
// Two cells, or two lists of cells, beside each other: what each cost, and whether the difference
// is more than the noise.
//
// Of lists, cells with the same source are partners. Where a list has the same source several
// times, these are repeats: their median is compared, and their scatter is the noise
// (analysis/repeats.h has the rule). Runs that failed or were interrupted are left out where others
// of that source ended well. Where no side has repeats, the noise is unknown, and no difference is
// ever said to be more than it.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "jumper/analysis/cell_cost.h"
#include "jumper/analysis/cost_metric.h"

namespace jumper::analysis {

enum class Verdict : uint8_t {
  kAbsent,        // not measured on both sides
  kNoiseUnknown,  // no repeats
  kWithinNoise,
  kBeyondNoise,
};

struct Difference {
  std::optional<double> a;
  std::optional<double> b;
  // So large a difference comes about by chance; never below what measuring can tell apart.
  std::optional<double> noise;

  bool operator==(const Difference&) const = default;
  [[nodiscard]] std::optional<double> change() const;
  // Absent where `a` is not above zero: nothing can be a percentage of it.
  [[nodiscard]] std::optional<double> percent() const;
  [[nodiscard]] Verdict verdict() const;
};
// One for each of kCostMetrics.
using Differences = std::array<Difference, kCostMetricCount>;

// Whether a user would want to see it: what is beyond the noise; where that is unknown, what is
// more than measuring can tell apart and at least a twentieth. Never what lies within the noise.
[[nodiscard]] bool is_notable(const Difference& difference, CostMetric metric);

// Whether there is anything to say of it: what is about GPUs goes without saying where there are
// none.
[[nodiscard]] bool is_told(const Difference& difference, CostMetric metric);

// The runs of one source in one list.
struct Runs {
  std::string source;
  std::vector<size_t> cells;     // the indices of those that count, in order
  size_t left_out = 0;           // failed or interrupted ones
  bool have_all_failed = false;  // then they count for what they are

  bool operator==(const Runs&) const = default;
};

struct ComparedCell {
  Runs a;
  Runs b;
  Differences differences;

  // Not where one side failed and the other did not: what failed half way is no quicker.
  [[nodiscard]] bool is_comparable() const { return a.have_all_failed == b.have_all_failed; }
};

struct LoneCell {
  Runs runs;
  std::array<std::optional<double>, kCostMetricCount> values;  // the medians
};

struct Comparison {
  std::string a_name;  // set by who asks
  std::string b_name;
  bool is_of_cells = false;         // of two cells that were named, whatever their sources
  std::vector<ComparedCell> cells;  // in the order of the first list
  std::vector<LoneCell> only_a;
  std::vector<LoneCell> only_b;
  Differences matched;  // of the cells that are comparable, each source once
  Differences all;      // of all cells, each source once
};

// Two lists. Cells that only call the monitor's own commands are left out.
[[nodiscard]] Comparison compare(std::span<const CellCost> a, std::span<const CellCost> b);

// Two cells. Other runs of their sources in the lists they come from tell of the noise.
[[nodiscard]] Comparison compare_cells(std::span<const CellCost> a_list, size_t a,
                                       std::span<const CellCost> b_list, size_t b);

}  // namespace jumper::analysis
