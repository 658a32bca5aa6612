// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/analysis/cost_condition.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <utility>

#include "jumper/base/parse.h"
#include "jumper/base/text.h"

namespace jumper::analysis {
namespace {

constexpr std::string_view kCellPrefix = "cell:";

struct Unit {
  std::string_view name;
  double size = 1;
};
constexpr std::array kTimeUnits = {Unit{"us", 1e-6}, Unit{"ms", 1e-3}, Unit{"s", 1},
                                   Unit{"min", 60}, Unit{"h", 3600}};
constexpr std::array kEnergyUnits = {Unit{"J", 1}, Unit{"kJ", 1e3}, Unit{"MJ", 1e6},
                                     Unit{"Wh", 3600}, Unit{"kWh", 3.6e6}};
constexpr double kKilo = 1024;
constexpr std::array kByteUnits = {Unit{"B", 1},
                                   Unit{"kB", kKilo},
                                   Unit{"MB", kKilo * kKilo},
                                   Unit{"GB", kKilo * kKilo * kKilo},
                                   Unit{"TB", kKilo * kKilo * kKilo * kKilo},
                                   Unit{"KiB", kKilo},
                                   Unit{"MiB", kKilo * kKilo},
                                   Unit{"GiB", kKilo * kKilo * kKilo},
                                   Unit{"TiB", kKilo * kKilo * kKilo * kKilo}};

base::Error wrong(std::string_view text, std::string_view why) {
  std::string message = "condition '" + base::one_line(text, 60) + "' ";
  message += why;
  message += ": write for example peak_memory>+10%, duration>=+5s or cell:peak_memory>2GB";
  return base::bad_input(std::move(message));
}

std::string metric_names() {
  std::string names;
  for (const CostMetricFacts& facts : kCostMetrics) {
    names += names.empty() ? "" : ", ";
    names += facts.name;
  }
  return names;
}

std::optional<double> size_of(std::span<const Unit> units, std::string_view name) {
  const auto found = std::ranges::find(units, name, &Unit::name);
  return found == units.end() ? std::nullopt : std::optional(found->size);
}

// What a number may be given in, and what is said where it is not.
struct UnitsOf {
  std::span<const Unit> units;
  std::string_view mistake;
};
UnitsOf units_of(CostUnit unit) {
  switch (unit) {
    case CostUnit::kSeconds:
      return {kTimeUnits, "needs %, us, ms, s, min or h after its number"};
    case CostUnit::kBytes:
      return {kByteUnits, "needs %, B, kB, MB or GB after its number"};
    case CostUnit::kJoules:
      break;
  }
  return {kEnergyUnits, "needs %, J, kJ, MJ, Wh or kWh after its number"};
}

bool begins_term(char c) {
  return c == '+' || c == '-';
}

// One number with its unit, such as "+10%" or "200MB", added to the condition; what is wrong with
// it, or nothing.
std::string_view add_term(CostCondition& condition, std::string_view term) {
  const bool is_negative = term.starts_with('-');
  if (begins_term(term.front())) term.remove_prefix(1);
  const size_t end = term.find_first_not_of("0123456789.");
  const std::string_view unit = end == std::string_view::npos ? "" : base::trim(term.substr(end));
  const auto number = base::parse_number<double>(term.substr(0, end));
  if (!number) return "has no number where one should stand";
  const double value = is_negative ? -*number : *number;
  if (unit == "%") {
    if (!condition.is_difference) return "has a percentage without a sign";
    condition.percent += value;
    return "";
  }
  const UnitsOf units = units_of(facts_of(condition.metric).unit);
  const auto size = size_of(units.units, unit);
  if (!size && (*number != 0 || !unit.empty())) return units.mistake;
  condition.amount += value * size.value_or(1);
  return "";
}

std::string_view add_value(CostCondition& condition, std::string_view value) {
  if (value.empty()) return "has no number where one should stand";
  condition.is_difference = begins_term(value.front());
  while (!value.empty()) {
    const auto* const next = std::find_if(value.begin() + 1, value.end(), begins_term);
    const auto length = static_cast<size_t>(next - value.begin());
    if (const auto mistake = add_term(condition, base::trim(value.substr(0, length)));
        !mistake.empty())
      return mistake;
    if (!condition.is_difference && length < value.size())
      return "adds to a number that has no sign";
    value.remove_prefix(length);
  }
  return "";
}

// The operator at the front, taken off.
std::optional<Relation> take_relation(std::string_view& text) {
  constexpr std::array<std::pair<std::string_view, Relation>, 4> kRelations = {
      {{">=", Relation::kAtLeast},
       {"<=", Relation::kAtMost},
       {">", Relation::kMore},
       {"<", Relation::kLess}}};
  for (const auto& [name, relation] : kRelations) {
    if (!text.starts_with(name)) continue;
    text.remove_prefix(name.size());
    return relation;
  }
  return std::nullopt;
}

bool holds(Relation relation, double value, double limit) {
  switch (relation) {
    case Relation::kMore:
      return value > limit;
    case Relation::kAtLeast:
      return value >= limit;
    case Relation::kLess:
      return value < limit;
    case Relation::kAtMost:
      return value <= limit;
  }
  return false;
}

bool is_met(const CostCondition& condition, const Difference& difference) {
  if (!condition.is_difference) return holds(condition.relation, *difference.b, condition.amount);
  const double limit = std::abs(*difference.a) * condition.percent / 100 + condition.amount;
  return holds(condition.relation, *difference.change(), limit);
}

// Whether what looks like a change may be none: a condition that asks for one is not met by it.
bool is_excused(const CostCondition& condition, const Difference& difference) {
  const bool asks_for_more =
      condition.relation == Relation::kMore || condition.relation == Relation::kAtLeast;
  const double change = condition.is_difference ? *difference.change() : 0;
  if (!condition.is_difference || (change > 0) != asks_for_more) return false;
  return difference.verdict() == Verdict::kWithinNoise ||
         std::abs(change) <= facts_of(condition.metric).resolution;
}

void judge_one(ConditionOutcome& outcome, const CostCondition& condition,
               const Difference& difference, std::optional<size_t> cell) {
  if (!difference.b || (condition.is_difference && !difference.a)) return;
  ++outcome.judged;
  if (!is_met(condition, difference)) return;
  if (is_excused(condition, difference)) {
    ++outcome.excused;
  } else {
    outcome.hits.push_back({cell, difference});
  }
}

}  // namespace

base::Result<CostCondition> parse_condition(std::string_view text) {
  CostCondition condition;
  condition.text = base::trim(text);
  std::string_view rest = condition.text;
  if (rest.starts_with(kCellPrefix)) {
    condition.is_per_cell = true;
    rest.remove_prefix(kCellPrefix.size());
  }
  const size_t end = rest.find_first_of("<>");
  const std::string_view name = base::trim(rest.substr(0, end));
  const auto* const facts = std::ranges::find(kCostMetrics, name, &CostMetricFacts::name);
  if (facts == kCostMetrics.end())
    return wrong(text, "does not begin with one of " + metric_names());
  condition.metric = facts->metric;
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end);
  const auto relation = take_relation(rest);
  if (!relation) return wrong(text, "has none of > >= < <= after its metric");
  condition.relation = *relation;
  if (const auto mistake = add_value(condition, base::trim(rest)); !mistake.empty())
    return wrong(text, mistake);
  return condition;
}

ConditionOutcome judge(const CostCondition& condition, const Comparison& comparison) {
  ConditionOutcome outcome;
  const auto place = static_cast<size_t>(condition.metric);
  if (!condition.is_per_cell) {
    judge_one(outcome, condition, comparison.all[place], std::nullopt);
    return outcome;
  }
  for (size_t cell = 0; cell < comparison.cells.size(); ++cell) {
    if (comparison.cells[cell].is_comparable())
      judge_one(outcome, condition, comparison.cells[cell].differences[place], cell);
  }
  return outcome;
}

}  // namespace jumper::analysis
