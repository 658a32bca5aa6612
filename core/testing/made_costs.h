// SPDX-License-Identifier: BSD-3-Clause
// Costs of cells made by hand, for tests of what is done with them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "jumper/analysis/cell_cost.h"

namespace jumper::testing {

inline constexpr double kMadeMb = 1024.0 * 1024;

struct MadeCost {
  std::string source = "work()";
  double seconds = 1;
  std::optional<double> cpu_seconds = std::nullopt;
  std::optional<double> peak_bytes = std::nullopt;
  std::optional<double> kept_bytes = std::nullopt;
  std::optional<double> read_bytes = std::nullopt;
  std::optional<double> written_bytes = std::nullopt;
  cells::CellStatus status = cells::CellStatus::kOk;
};

// Their cells are numbered in order.
inline std::vector<analysis::CellCost> made_costs(std::vector<MadeCost> made) {
  std::vector<analysis::CellCost> costs;
  for (MadeCost& one : made) {
    cells::Cell cell;
    cell.index = costs.size();
    cell.source = std::move(one.source);
    cell.start_ns = static_cast<int64_t>(cell.index) * 1'000'000'000'000;
    cell.end_ns = cell.start_ns + static_cast<int64_t>(one.seconds * 1e9);
    cell.status = one.status;
    analysis::CellCost cost;
    cost.cell = std::make_shared<const cells::Cell>(std::move(cell));
    cost.summary.cpu_seconds = one.cpu_seconds;
    cost.summary.memory_change_bytes = one.kept_bytes;
    cost.summary.io_read_bytes = one.read_bytes;
    cost.summary.io_write_bytes = one.written_bytes;
    cost.peak_bytes = one.peak_bytes;
    costs.push_back(std::move(cost));
  }
  return costs;
}

}  // namespace jumper::testing
