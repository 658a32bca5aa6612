// SPDX-License-Identifier: BSD-3-Clause
// How much of each GPU was used over a whole session: for advice.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "jumper/gpu/card.h"
#include "jumper/metric/scope.h"
#include "jumper/store/snapshot.h"

namespace jumper::analysis {

struct GpuUse {
  int32_t card = 0;
  std::string name;        // any bytes; empty where it is not known
  double seconds = 0;      // that readings speak of
  double utilization = 0;  // on average
  double idle_ratio = 0;   // share of the time in which it was under kIdleUtilization
  std::optional<double> memory_peak_bytes;
  bool is_of_level = true;  // else the whole card's, because nobody tells of processes

  bool operator==(const GpuUse&) const = default;
  // Next to nothing ran on it.
  [[nodiscard]] bool is_idle() const;
};

inline constexpr double kIdleUtilization = 0.01;

// Of the cards that the level may use, those of which anything was read.
[[nodiscard]] std::vector<GpuUse> gpu_use_of(const store::Snapshot& samples, metric::Scope level,
                                             std::span<const gpu::Card> cards);

}  // namespace jumper::analysis
