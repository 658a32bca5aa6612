// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/analysis/compare.h"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "jumper/analysis/repeats.h"
#include "jumper/base/parse.h"

namespace jumper::analysis {
namespace {

constexpr double kNotablePercent = 5;

// The cells of one list that have the same source.
struct Group {
  std::string_view source;
  std::vector<const CellCost*> runs;
  size_t left_out = 0;
  bool have_all_failed = false;
};

std::string_view source_of(const CellCost& cost) {
  return base::trim(cost.cell->source);
}

bool ended_well(const CellCost& cost) {
  return cost.cell->status == cells::CellStatus::kOk;
}

// Whether all lines are blank, comments or commands of the monitor, so that what the cell cost is
// not the user's.
bool is_own_command(std::string_view source) {
  bool is_command = false;
  while (!source.empty()) {
    const std::string_view line = base::trim(base::next_line(source));
    if (line.empty() || line.starts_with('#')) continue;
    if (!line.starts_with("%perfmonitor_") && !line.starts_with("%cell_history")) return false;
    is_command = true;
  }
  return is_command;
}

void leave_failed_out(Group& group) {
  const auto well = static_cast<size_t>(
      std::ranges::count_if(group.runs, [](const CellCost* cost) { return ended_well(*cost); }));
  group.have_all_failed = well == 0;
  if (well == 0) return;
  group.left_out = group.runs.size() - well;
  std::erase_if(group.runs, [](const CellCost* cost) { return !ended_well(*cost); });
}

// In the order in which the sources first ran.
std::vector<Group> groups_of(std::span<const CellCost> costs) {
  std::vector<Group> groups;
  std::unordered_map<std::string_view, size_t> places;
  for (const CellCost& cost : costs) {
    const std::string_view source = source_of(cost);
    if (is_own_command(source)) continue;
    const auto [place, is_new] = places.try_emplace(source, groups.size());
    if (is_new) groups.push_back({source, {}, 0, false});
    groups[place->second].runs.push_back(&cost);
  }
  for (Group& group : groups) leave_failed_out(group);
  return groups;
}

std::vector<double> values_of(std::span<const CellCost* const> runs, CostMetric metric) {
  std::vector<double> values;
  for (const CellCost* run : runs) {
    if (const auto value = value_of(*run, metric)) values.push_back(*value);
  }
  return values;
}

Runs runs_of(const Group& group) {
  Runs runs{std::string(group.source), {}, group.left_out, group.have_all_failed};
  for (const CellCost* run : group.runs) runs.cells.push_back(run->cell->index);
  return runs;
}

std::optional<double> noise_of(std::span<const double> a, size_t a_count, std::span<const double> b,
                               size_t b_count, const CostMetricFacts& facts) {
  const auto chance = chance_difference(a, a_count, b, b_count);
  return chance ? std::optional(std::max(*chance, facts.resolution)) : std::nullopt;
}

Differences differences_of(const Group& a, const Group& b) {
  Differences differences;
  for (size_t i = 0; i < kCostMetricCount; ++i) {
    const CostMetricFacts& facts = kCostMetrics[i];
    const std::vector<double> a_values = values_of(a.runs, facts.metric);
    const std::vector<double> b_values = values_of(b.runs, facts.metric);
    differences[i] = {median(a_values), median(b_values),
                      noise_of(a_values, a_values.size(), b_values, b_values.size(), facts)};
  }
  return differences;
}

LoneCell lone_cell(const Group& group) {
  LoneCell cell{runs_of(group), {}};
  for (size_t i = 0; i < kCostMetricCount; ++i)
    cell.values[i] = median(values_of(group.runs, kCostMetrics[i].metric));
  return cell;
}

void add_to(std::optional<double>& total, const std::optional<double>& value, bool is_maximum) {
  if (!value) return;
  if (!total) {
    total = value;
  } else {
    total = is_maximum ? std::max(*total, *value) : *total + *value;
  }
}

void add_totals(Comparison& comparison) {
  for (size_t i = 0; i < kCostMetricCount; ++i) {
    const bool is_maximum = kCostMetrics[i].is_maximum;
    Difference& all = comparison.all[i];
    for (const ComparedCell& cell : comparison.cells) {
      const Difference& difference = cell.differences[i];
      add_to(all.a, difference.a, is_maximum);
      add_to(all.b, difference.b, is_maximum);
      // What was measured on one side only would look like a change.
      if (!cell.is_comparable() || !difference.a || !difference.b) continue;
      add_to(comparison.matched[i].a, difference.a, is_maximum);
      add_to(comparison.matched[i].b, difference.b, is_maximum);
    }
    for (const LoneCell& cell : comparison.only_a) add_to(all.a, cell.values[i], is_maximum);
    for (const LoneCell& cell : comparison.only_b) add_to(all.b, cell.values[i], is_maximum);
  }
}

// The runs that tell how much the numbers of a cell scatter: of its source, that ended as it did.
std::vector<const CellCost*> repeats_of(std::span<const CellCost> list, const CellCost& cell,
                                        const CellCost* other) {
  std::vector<const CellCost*> repeats;
  for (const CellCost& cost : list) {
    if (&cost != other && source_of(cost) == source_of(cell) &&
        ended_well(cost) == ended_well(cell))
      repeats.push_back(&cost);
  }
  return repeats;
}

Runs runs_of(const CellCost& cost) {
  return {std::string(source_of(cost)), {cost.cell->index}, 0, !ended_well(cost)};
}

}  // namespace

std::optional<double> Difference::change() const {
  return a && b ? std::optional(*b - *a) : std::nullopt;
}

std::optional<double> Difference::percent() const {
  if (!a || !b || *a <= 0) return std::nullopt;
  return (*b - *a) / *a * 100;
}

Verdict Difference::verdict() const {
  const auto difference = change();
  if (!difference) return Verdict::kAbsent;
  if (!noise) return Verdict::kNoiseUnknown;
  return std::abs(*difference) > *noise ? Verdict::kBeyondNoise : Verdict::kWithinNoise;
}

bool is_told(const Difference& difference, CostMetric metric) {
  return !facts_of(metric).is_of_gpus || difference.a || difference.b;
}

bool is_notable(const Difference& difference, CostMetric metric) {
  const Verdict verdict = difference.verdict();
  if (verdict != Verdict::kNoiseUnknown) return verdict == Verdict::kBeyondNoise;
  if (std::abs(*difference.change()) <= facts_of(metric).resolution) return false;
  const auto percent = difference.percent();
  return !percent || std::abs(*percent) >= kNotablePercent;
}

Comparison compare(std::span<const CellCost> a, std::span<const CellCost> b) {
  Comparison comparison;
  const std::vector<Group> a_groups = groups_of(a);
  const std::vector<Group> b_groups = groups_of(b);
  std::unordered_map<std::string_view, const Group*> partners;
  for (const Group& group : b_groups) partners.emplace(group.source, &group);
  for (const Group& group : a_groups) {
    const auto partner = partners.find(group.source);
    if (partner == partners.end()) {
      comparison.only_a.push_back(lone_cell(group));
      continue;
    }
    comparison.cells.push_back(
        {runs_of(group), runs_of(*partner->second), differences_of(group, *partner->second)});
    partners.erase(partner);
  }
  for (const Group& group : b_groups) {
    if (partners.contains(group.source)) comparison.only_b.push_back(lone_cell(group));
  }
  add_totals(comparison);
  return comparison;
}

Comparison compare_cells(std::span<const CellCost> a_list, size_t a,
                         std::span<const CellCost> b_list, size_t b) {
  const CellCost& a_cell = a_list[a];
  const CellCost& b_cell = b_list[b];
  Comparison comparison;
  comparison.is_of_cells = true;
  ComparedCell cell{runs_of(a_cell), runs_of(b_cell), {}};
  // The two are no repeats of each other, for that is what is asked.
  const auto a_repeats = repeats_of(a_list, a_cell, &b_cell);
  const bool is_same = source_of(a_cell) == source_of(b_cell) && a_list.data() == b_list.data();
  auto b_repeats = repeats_of(b_list, b_cell, &a_cell);
  // Of the same source in one list, the others would count twice.
  if (is_same) b_repeats = {&b_cell};
  for (size_t i = 0; i < kCostMetricCount; ++i) {
    const CostMetricFacts& facts = kCostMetrics[i];
    cell.differences[i] = {value_of(a_cell, facts.metric), value_of(b_cell, facts.metric),
                           noise_of(values_of(a_repeats, facts.metric), 1,
                                    values_of(b_repeats, facts.metric), 1, facts)};
  }
  comparison.cells.push_back(std::move(cell));
  add_totals(comparison);
  return comparison;
}

}  // namespace jumper::analysis
