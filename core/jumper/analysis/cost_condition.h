// SPDX-License-Identifier: BSD-3-Clause
// Conditions on a comparison as users write them: "peak_memory>+10%", "duration>=+5s",
// "cell:duration>+10%+50ms", "peak_memory>2GB", "cpu_seconds<-20%".
//
//   [cell:]METRIC OPERATOR VALUE
//
// METRIC is a name of kCostMetrics; OPERATOR one of > >= < <=. VALUE with a sign is about the
// difference, as a percentage of A, in units, or both added up; without a sign it is about B
// itself. "cell:" asks of each cell that is comparable, else the totals of all cells are asked:
// each source counts once with the median of its runs, peaks by their maximum.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "jumper/analysis/compare.h"
#include "jumper/base/result.h"

namespace jumper::analysis {

enum class Relation : uint8_t { kMore, kAtLeast, kLess, kAtMost };

struct CostCondition {
  std::string text;  // as written
  CostMetric metric = CostMetric::kDuration;
  Relation relation = Relation::kMore;
  bool is_per_cell = false;
  bool is_difference = false;  // else the limit is for B itself
  double percent = 0;          // of A; of a difference
  double amount = 0;           // seconds or bytes

  bool operator==(const CostCondition&) const = default;
};

// The error says what would be right.
[[nodiscard]] base::Result<CostCondition> parse_condition(std::string_view text);

// Where a condition was met, and the numbers that met it.
struct ConditionHit {
  std::optional<size_t> cell;  // of Comparison::cells; absent of the totals
  Difference difference;
};

struct ConditionOutcome {
  std::vector<ConditionHit> hits;
  size_t judged = 0;  // how many had the numbers: where it is 0, nothing can be said
  // Cells that would have met it, had their difference not been within their noise, or below what
  // measuring can tell apart.
  size_t excused = 0;
};
[[nodiscard]] ConditionOutcome judge(const CostCondition& condition, const Comparison& comparison);

}  // namespace jumper::analysis
