// SPDX-License-Identifier: BSD-3-Clause
// Signatures: short names for what held a range of cells back, each by one rule and with its
// evidence. The rules stand in docs/signatures.md.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "jumper/analysis/gpu_cost.h"
#include "jumper/analysis/summary.h"
#include "jumper/analysis/wall_time.h"

namespace jumper::analysis {

struct Signature {
  std::string_view tag;  // "cpu-bound": the names that the Python JUmPER had, where it had one
  double score = 0;      // how strongly, 0 to 1
  std::string evidence;  // one sentence with the numbers

  bool operator==(const Signature&) const = default;
};

// From which share on a rule applies. A session's manifest may say otherwise.
struct Thresholds {
  double cpu_ratio = 0.7;          // of the CPUs there are, on average
  double memory_ratio = 0.8;       // of the limit, on average
  double memory_peak_ratio = 0.9;  // of the limit, at the peak
  double run_queue_ratio = 0.2;    // of the wall time
  double throttled_ratio = 0.1;    // of the wall time
  double disk_ratio = 0.3;         // of the wall time
  double idle_ratio = 0.7;         // of the wall time
  double swap_bytes_per_second = 1024.0 * 1024;
  // Of GPUs: averages over the cards in use.
  double gpu_util_ratio = 0.8;
  double gpu_memory_ratio = 0.8;     // of a card's memory
  double gpu_held_idle_ratio = 0.5;  // of the readings
  double gpu_starved_ratio = 0.3;    // up to which GPUs wait while CPUs are busy
  double gpu_dram_ratio = 0.6;       // of the bandwidth of a card's memory
  double gpu_bandwidth_ratio = 0.8;  // of the time, where that is all that is known
  double gpu_throttled_ratio = 0.1;  // of the time
};

struct SignatureInput {
  const Summary* summary = nullptr;
  std::vector<WallShare> wall;  // of the cells, added up
  std::optional<double> memory_limit_bytes;
  std::optional<double> memory_peak_bytes;
  std::optional<double> swap_in_bytes;  // on the machine, meanwhile
  std::optional<double>
      disk_pressure_seconds;     // time in which something on the machine waited for a disk
  const GpuCost* gpu = nullptr;  // null: no GPU was measured
  std::optional<double> gpu_memory_bytes;  // of a card
};

// Strongest first; empty when nothing stands out.
[[nodiscard]] std::vector<Signature> signatures(const SignatureInput& input,
                                                const Thresholds& thresholds);

}  // namespace jumper::analysis
