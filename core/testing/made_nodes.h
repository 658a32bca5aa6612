// SPDX-License-Identifier: BSD-3-Clause
// A session of many nodes made by hand: what each node did is told second by second.
#pragma once

#include <cstdint>
#include <memory>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "jumper/journal/recording.h"
#include "jumper/store/store.h"
#include "testing/made_session.h"

namespace jumper::testing {

struct MadeNode {
  std::string name;
  std::vector<double> cores;  // busy in each second from our 100th on
  double memory_bytes = 1e9;
  int64_t clock_offset_ns = 0;
  int64_t phase_ns = 0;  // its samples come so long after our full seconds
  // Of each of its GPUs: how busy it is all the time, 0 to 1. None: nothing of GPUs is measured.
  std::vector<double> gpus = {};
};

// Each draws so much, has so much memory, and of that so much in use where it is busy at all.
inline constexpr double kMadeGpuWatts = 100;
inline constexpr double kMadeGpuBytes = 80.0 * 1024 * 1024 * 1024;
inline constexpr double kMadeGpuUsedBytes = kMadeGpuBytes / 8;

inline constexpr double kMadeNodeCpus = 4;

// Four CPUs, 4 GB, at levels slurm and system (where the memory is twice as much).
inline journal::NodeRecording made_node(const MadeNode& made) {
  using metric::Metric;
  using metric::Scope;
  constexpr int64_t kSecond = 1'000'000'000;
  std::vector<metric::SeriesKey> series;
  std::vector<double> gpu_values;
  for (const Scope scope : {Scope::kSlurm, Scope::kSystem}) {
    for (const Metric metric :
         {Metric::kCpuTime, Metric::kMemory, Metric::kIoReadBytes, Metric::kIoWriteBytes})
      series.push_back({metric, scope, metric::kWhole});
  }
  const size_t first_gpu = series.size();
  const auto add_gpu = [&](Metric metric, Scope scope, int32_t card, double value) {
    series.push_back({metric, scope, card});
    gpu_values.push_back(value * metric::info(metric).stored_per_unit);
  };
  const auto gpus = static_cast<double>(made.gpus.size());
  const double busy = std::accumulate(made.gpus.begin(), made.gpus.end(), 0.0);
  for (const Scope scope : {Scope::kSlurm, Scope::kSystem}) {
    if (made.gpus.empty()) break;
    add_gpu(Metric::kGpuEnergy, scope, metric::kWhole, 0);
    add_gpu(Metric::kGpuUtil, scope, metric::kWhole, busy / gpus);
    for (size_t card = 0; card < made.gpus.size(); ++card) {
      const auto number = static_cast<int32_t>(card);
      add_gpu(Metric::kGpuUtil, scope, number, made.gpus[card]);
      add_gpu(Metric::kGpuMemory, scope, number, made.gpus[card] > 0 ? kMadeGpuUsedBytes : 0);
    }
  }
  store::Store store;
  store.begin(std::make_shared<const metric::Schema>(std::move(series)));
  std::vector<double> values = {0, made.memory_bytes, 0, 0, 5e12, 2 * made.memory_bytes, 0, 0};
  values.insert(values.end(), gpu_values.begin(), gpu_values.end());
  const size_t each_level = gpu_values.size() / 2;
  int64_t now_ns = 100 * kSecond + made.clock_offset_ns + made.phase_ns;
  journal::NodeRecording node;
  node.facts.start_ns = now_ns;
  store.append({now_ns, metric::TickKind::kStart, values});
  for (const double cores : made.cores) {
    now_ns += kSecond;
    for (const size_t at : {size_t{0}, size_t{4}}) {
      values.at(at) += cores * 1e9;
      values.at(at + 2) += 1e6;
    }
    for (size_t at = first_gpu; at < values.size(); at += each_level) {
      values.at(at) += kMadeGpuWatts * gpus * metric::info(Metric::kGpuEnergy).stored_per_unit;
    }
    store.append({now_ns, metric::TickKind::kPeriodic, values});
  }
  node.name = made.name;
  node.state = journal::NodeState::kLive;
  node.facts.wall_start_ns = 17 * kSecond;  // its wall clock is of no interest
  node.facts.levels = {Scope::kSlurm, Scope::kUser, Scope::kSystem};
  node.facts.resources.usable_cpus = {0, 1, 2, 3};
  node.facts.resources.online_cpus = 4;
  node.facts.resources.memory_limit_bytes = 4'000'000'000;
  node.facts.resources.physical_bytes = 8'000'000'000;
  node.facts.resources.gpu.is_known = true;
  node.facts.resources.gpu.cards.resize(made.gpus.size());
  for (gpu::Card& card : node.facts.resources.gpu.cards) {
    card.name = "NVIDIA H100";
    card.memory_bytes = static_cast<uint64_t>(kMadeGpuBytes);
  }
  node.samples = store.snapshot();
  node.clock_offset_ns = made.clock_offset_ns;
  node.clock_error_ns = 100'000;
  node.last_heard_ns = now_ns - made.clock_offset_ns;
  return node;
}

// Cells of so many seconds, one second apart, the first from our 101st second on.
inline journal::Recording made_nodes(const std::vector<MadeNode>& nodes,
                                     const std::vector<double>& cells) {
  std::vector<MadeWork> works;
  works.reserve(cells.size());
  for (const double seconds : cells) works.push_back({.seconds = seconds});
  journal::Recording recording = made_recording(works);
  for (const MadeNode& node : nodes) recording.nodes.push_back(made_node(node));
  return recording;
}

}  // namespace jumper::testing
