// SPDX-License-Identifier: BSD-3-Clause
// A whole session made by hand: cells with known costs, and the samples that tell of them.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "jumper/journal/recording.h"
#include "jumper/store/store.h"

namespace jumper::testing {

struct MadeWork {
  std::string source = "work()";
  double seconds = 1;
  double cpu_seconds = 0;
  double memory_bytes = 100.0 * 1024 * 1024;  // in use from the cell's middle on
  double read_bytes = 0;
  cells::CellStatus status = cells::CellStatus::kOk;
};

// The cells one after the other, a second apart, sampled at their edges and in their middle.
inline journal::Recording made_recording(const std::vector<MadeWork>& works) {
  using metric::Metric;
  constexpr int64_t kSecond = 1'000'000'000;
  std::vector<metric::SeriesKey> series;
  for (const Metric metric :
       {Metric::kCpuTime, Metric::kMemory, Metric::kIoReadBytes, Metric::kIoWriteBytes})
    series.push_back({metric, metric::Scope::kProcess, metric::kWhole});
  store::Store store;
  store.begin(std::make_shared<const metric::Schema>(std::move(series)));
  std::array<double, 4> values = {0, 50.0 * 1024 * 1024, 0, 0};
  journal::Recording recording;
  int64_t now_ns = 100 * kSecond;
  const auto tick = [&](metric::TickKind kind) { store.append({now_ns, kind, values}); };
  recording.facts.start_ns = now_ns;
  tick(metric::TickKind::kStart);
  for (const MadeWork& work : works) {
    now_ns += kSecond;
    cells::Cell cell;
    cell.index = recording.cells.size();
    cell.source = work.source;
    cell.status = work.status;
    cell.start_ns = now_ns;
    cell.wall_start_ns = 1'700'000'000 * kSecond + now_ns;
    tick(metric::TickKind::kCellStart);
    const auto half_ns = static_cast<int64_t>(work.seconds * 1e9 / 2);
    now_ns += half_ns;
    values[0] += work.cpu_seconds * 1e9;
    values[1] = work.memory_bytes;
    values[2] += work.read_bytes;
    tick(metric::TickKind::kPeriodic);
    now_ns += half_ns;
    tick(metric::TickKind::kCellEnd);
    cell.end_ns = now_ns;
    cell.wall_end_ns = 1'700'000'000 * kSecond + now_ns;
    recording.cells.push_back(std::make_shared<const cells::Cell>(std::move(cell)));
  }
  recording.facts.wall_start_ns = 1'700'000'000 * kSecond;
  recording.facts.resources.usable_cpus = {0, 1};
  recording.facts.resources.online_cpus = 2;
  recording.facts.levels = {metric::Scope::kProcess};
  recording.samples = store.snapshot();
  return recording;
}

}  // namespace jumper::testing
