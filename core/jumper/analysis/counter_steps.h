// SPDX-License-Identifier: BSD-3-Clause
// How much a counter grew in stretches of time that begin and end between samples.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "jumper/analysis/summary.h"
#include "jumper/store/snapshot.h"

namespace jumper::analysis {

// From one sample to the next: never over a restart of the monitor or a reset of the counter.
struct CounterStep {
  int64_t from_ns = 0;
  int64_t to_ns = 0;
  double change = 0;

  [[nodiscard]] int64_t length_ns() const { return to_ns - from_ns; }
};

// All steps that have part in the interval.
[[nodiscard]] std::vector<CounterStep> steps_in(const store::Snapshot& snapshot,
                                                const metric::SeriesKey& key,
                                                const Interval& interval);

// What of a step fell into an interval: a counter that grows by at most so much per nanosecond may
// have done so at any time of the step.
struct StepPart {
  int64_t length_ns = 0;  // of the step within the interval
  double least = 0;
  double likely = 0;  // it grew evenly
  double most = 0;
};
[[nodiscard]] StepPart part_of(const CounterStep& step, const Interval& interval,
                               double most_per_ns);

}  // namespace jumper::analysis
