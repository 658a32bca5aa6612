// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/monitor/compare.h"

#include <span>
#include <vector>

#include "jumper/base/text.h"

namespace jumper::monitor {
namespace {

using analysis::CellCost;

std::string name_of(const ComparedSide& side) {
  if (!side.cells) return side.name + ", " + base::count_of(side.session->cells().size(), "cell");
  const std::string first = std::to_string(side.cells->first);
  if (side.cells->size() == 1) return "cell " + first + " of " + side.name;
  return "cells " + first + " to " + std::to_string(side.cells->last) + " of " + side.name;
}

base::Status check_cells(const ComparedSide& side) {
  const size_t count = side.session->cells().size();
  if (count == 0) return base::bad_input(side.name + " has no finished cell to compare");
  if (side.cells && side.cells->last >= count)
    return base::bad_input(side.name + " has no cell " + std::to_string(side.cells->last));
  return base::Done{};
}

std::span<const CellCost> chosen(const ComparedSide& side, const std::vector<CellCost>& costs) {
  if (!side.cells) return costs;
  return std::span(costs).subspan(side.cells->first, side.cells->size());
}

bool is_one_cell(const ComparedSide& side) {
  return side.cells && side.cells->size() == 1;
}

}  // namespace

base::Result<analysis::Comparison> compare(const ComparedSide& a, const ComparedSide& b) {
  for (const ComparedSide* side : {&a, &b}) {
    if (auto known = check_cells(*side); !known) return known.error();
  }
  const std::vector<CellCost> a_costs = a.session->cell_costs();
  // Within one session, the runs of a source must not count as repeats twice.
  const bool is_same = a.session == b.session;
  const std::vector<CellCost> b_own = is_same ? std::vector<CellCost>() : b.session->cell_costs();
  const std::vector<CellCost>& b_costs = is_same ? a_costs : b_own;
  analysis::Comparison comparison =
      is_one_cell(a) && is_one_cell(b)
          ? analysis::compare_cells(a_costs, a.cells->first, b_costs, b.cells->first)
          : analysis::compare(chosen(a, a_costs), chosen(b, b_costs));
  comparison.a_name = name_of(a);
  comparison.b_name = name_of(b);
  return comparison;
}

}  // namespace jumper::monitor
