// SPDX-License-Identifier: BSD-3-Clause
// What only a control group has to tell of a stretch of time: how long it was held back, how often
// its memory reached the limit, and what pages of files are in it.
#pragma once

#include <optional>
#include <span>

#include "jumper/analysis/summary.h"
#include "jumper/store/snapshot.h"

namespace jumper::analysis {

// Each is absent where the group does not tell.
struct GroupCost {
  std::optional<Spread> file_cache_bytes;
  std::optional<double> highest_bytes;  // ever, pages of files included, as of the last sample
  std::optional<double> throttled_seconds;
  std::optional<double> limit_hits;
  std::optional<double> high_hits;
  std::optional<double> oom_kills;
  // Time in which at least one task waited.
  std::optional<double> waited_for_cpu_seconds;
  std::optional<double> waited_for_memory_seconds;
  std::optional<double> waited_for_io_seconds;
};

[[nodiscard]] GroupCost group_cost_of(const store::Snapshot& snapshot,
                                      std::span<const Interval> intervals, metric::Scope scope);

}  // namespace jumper::analysis
