// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/analysis/node_growth.h"

#include <algorithm>
#include <limits>

#include "jumper/analysis/straggling.h"
#include "jumper/base/clock.h"

namespace jumper::analysis {

double Growth::step_seconds() const {
  return steps > 0 ? base::seconds(steps_ns / steps) : 0;
}

Growth growth_of(const NodeData& node, std::span<const Stretch> stretches, double most_per_ns,
                 const StepsIn& steps_in) {
  Growth growth;
  for (const Stretch& stretch : stretches) {
    const Interval likely = in_clock_of(node, stretch.time, 0);
    const Interval widest = in_clock_of(node, stretch.time, node.clock_error_ns);
    const Interval narrowest = in_clock_of(node, stretch.time, -node.clock_error_ns);
    for (const CounterStep& step : steps_in(widest)) {
      const StepPart part = part_of(step, likely, most_per_ns);
      growth.measured_ns += part.length_ns;
      growth.steps_ns += step.length_ns();
      ++growth.steps;
      growth.change.likely += part.likely;
      growth.change.low += std::min(part_of(step, narrowest, most_per_ns).least, part.likely);
      growth.change.high += std::max(part_of(step, widest, most_per_ns).most, part.likely);
    }
  }
  return growth;
}

Growth growth_of(const NodeData& node, metric::Metric metric, std::span<const Stretch> stretches,
                 double most_per_ns) {
  const metric::SeriesKey key{metric, node.level, metric::kWhole};
  return growth_of(node, stretches, most_per_ns,
                   [&](const Interval& time) { return steps_in(*node.samples, key, time); });
}

std::optional<double> likely_growth(const NodeData& node, metric::Metric metric,
                                    std::span<const Stretch> stretches) {
  const Growth growth = growth_of(node, metric, stretches, std::numeric_limits<double>::infinity());
  if (growth.measured_ns <= 0) return std::nullopt;
  return growth.change.likely;
}

}  // namespace jumper::analysis
