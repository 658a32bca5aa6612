// SPDX-License-Identifier: BSD-3-Clause
// Right-sizing: what was asked for or may be used, what was used, and what would have been enough
// with a margin. Pure; the rules stand in docs/limits.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "jumper/analysis/gpu_use.h"
#include "jumper/metric/scope.h"

namespace jumper::analysis {

// What one node used while it was measured.
struct NodeUse {
  std::string name;
  double seconds = 0;
  std::optional<double> cpus_average;  // busy CPUs
  std::optional<double> cpus_busiest;  // the same over the busiest kSustainedSeconds
  std::optional<double> memory_average_bytes;
  std::optional<double> memory_peak_bytes;
  std::vector<GpuUse> gpus = {};  // empty: it has none, or none was measured

  bool operator==(const NodeUse&) const = default;
};

// Of every node.
struct Asked {
  bool is_slurm = false;
  std::optional<double> cpus;
  std::string cpus_reason;
  std::optional<double> memory_bytes;
  std::string memory_reason;
  bool is_memory_requested = false;  // by --mem or --mem-per-cpu; else it is a limit
  uint32_t nodes = 1;
  uint32_t tasks_per_node = 1;
  std::vector<std::string> gpus;  // of this node

  bool operator==(const Asked&) const = default;
};

struct AdviceInput {
  metric::Scope level = metric::Scope::kProcess;
  Asked asked;
  std::vector<NodeUse> nodes;           // those that were measured
  std::vector<std::string> unmeasured;  // names of those that were to be, and were not
  // A program from its start to its end: then a short time is all there is.
  bool is_whole_program = false;
};

struct Advice {
  AdviceInput input;
  // Over all nodes: what the busiest or fullest had, and means of all.
  NodeUse use;
  bool is_too_short = false;  // to tell what is enough
  std::optional<double> enough_memory_bytes;
  std::optional<double> enough_cpus;      // of a node
  std::optional<uint32_t> cpus_per_task;  // the same, of a task
  std::optional<uint32_t> enough_nodes;   // where some were idle
  std::vector<std::string> idle_nodes;
  // Of a node: absent where not all nodes that were measured have numbers of their GPUs.
  std::optional<uint32_t> gpus;
  std::optional<uint32_t> used_gpus;    // on which anything ran
  std::optional<uint32_t> enough_gpus;  // where that is less than there were
  bool is_memory_short = false;  // the peak came so near to the limit that more may be needed
  bool are_cpus_full = false;    // at times all were busy
};

inline constexpr double kSustainedSeconds = 5;
inline constexpr double kShortestAdviceSeconds = 60;

[[nodiscard]] Advice advise(AdviceInput input);

// The next larger amount that people ask for: 128 MB steps below 1 GB, whole GB up to 64, then in
// steps of 4 and 16 GB.
[[nodiscard]] double rounded_up_memory(double bytes);

}  // namespace jumper::analysis
