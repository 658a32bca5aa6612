// SPDX-License-Identifier: BSD-3-Clause
// How much something of a node grew in stretches of our time, which begin and end between samples
// of the node's own clock.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "jumper/analysis/counter_steps.h"
#include "jumper/analysis/imbalance.h"

namespace jumper::analysis {

struct Growth {
  Bounded change;
  int64_t measured_ns = 0;
  int64_t steps_ns = 0;  // their whole lengths
  int64_t steps = 0;

  [[nodiscard]] double step_seconds() const;  // on average
};

// The steps that have part in an interval of the node's clock.
using StepsIn = std::function<std::vector<CounterStep>(const Interval&)>;

// The node's clock must be known.
[[nodiscard]] Growth growth_of(const NodeData& node, std::span<const Stretch> stretches,
                               double most_per_ns, const StepsIn& steps_in);
// Of a counter of the node as a whole.
[[nodiscard]] Growth growth_of(const NodeData& node, metric::Metric metric,
                               std::span<const Stretch> stretches, double most_per_ns);
// How much one without a limit is likely to have grown; absent where it was not measured.
[[nodiscard]] std::optional<double> likely_growth(const NodeData& node, metric::Metric metric,
                                                  std::span<const Stretch> stretches);

}  // namespace jumper::analysis
