// SPDX-License-Identifier: BSD-3-Clause
// Plot data made by hand, for tests of what is done with them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "jumper/analysis/plot_data.h"

namespace jumper::testing {

inline constexpr int64_t kSecondNs = 1'000'000'000;

inline std::shared_ptr<const cells::Cell> made_cell(size_t index, double from_s, double to_s,
                                                    std::string source = "work()") {
  cells::Cell cell;
  cell.index = index;
  cell.source = std::move(source);
  cell.start_ns = static_cast<int64_t>(from_s * kSecondNs);
  cell.end_ns = static_cast<int64_t>(to_s * kSecondNs);
  cell.status = cells::CellStatus::kOk;
  return std::make_shared<const cells::Cell>(std::move(cell));
}

// A sample every second: CPU as given by `value(second)`, memory 1 MB more each second, and I/O as
// CPU. Panels 0, 1 and 2.
template <typename Value>
analysis::PlotLevel made_level(int seconds, Value value,
                               metric::Scope scope = metric::Scope::kProcess) {
  analysis::PlotLevel level;
  level.scope = scope;
  std::vector<double> cpu;
  std::vector<double> memory;
  for (int i = 0; i <= seconds; ++i) {
    level.times_ns.push_back(i * kSecondNs);
    level.is_start.push_back(i == 0);
    cpu.push_back(i == 0 ? metric::kAbsent : value(i));
    memory.push_back((i + 1) * 0x1p20);
  }
  level.curves = {
      {0, 0, cpu, {}, {}}, {1, 0, memory, {}, {}}, {2, 0, cpu, {}, {}}, {2, 1, cpu, {}, {}}};
  return level;
}

// Ten seconds at two levels; cell 3 from 2 to 4 s, cell 4 from 6 to 7 s.
inline analysis::PlotData made_plot() {
  analysis::PlotData data;
  data.origin_wall_ns = 1'700'000'000 * kSecondNs;
  data.to_ns = 10 * kSecondNs;
  data.levels = {made_level(10, [](int i) { return 10.0 * i; }),
                 made_level(10, [](int) { return 50.0; }, metric::Scope::kSystem)};
  data.levels[0].memory_limit_bytes = 64e6;
  data.cells = {made_cell(3, 2, 4), made_cell(4, 6, 7)};
  return data;
}

// An hour at 1 Hz in which every value is another, with 60 cells.
inline analysis::PlotData noisy_hour() {
  constexpr int kSeconds = 3600;
  std::mt19937 random(1);
  std::uniform_real_distribution<double> share(0, 1);
  analysis::PlotData data;
  data.to_ns = kSeconds * kSecondNs;
  data.levels = {made_level(kSeconds, [&](int) { return 100 * share(random); })};
  for (analysis::PlotCurve& curve : data.levels[0].curves) {
    for (double& value : curve.mean) value = 100 * share(random);
  }
  for (size_t i = 0; i < 60; ++i) {
    const auto start = 60.0 * static_cast<double>(i);
    data.cells.push_back(made_cell(i, start, start + 45));
  }
  return data;
}

}  // namespace jumper::testing
