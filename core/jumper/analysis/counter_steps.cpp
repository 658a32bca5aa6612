// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/analysis/counter_steps.h"

#include <algorithm>

namespace jumper::analysis {
namespace {

// How many rows without a value of the series are looked behind for one that has one.
constexpr size_t kMostRowsSkipped = 256;

// The rows of the interval, with the nearest ones outside that have a value.
store::RowRange rows_around(const store::Snapshot& snapshot, const metric::SeriesKey& key,
                            const Interval& interval) {
  store::RowRange rows = snapshot.rows_between(interval.from_ns, interval.to_ns);
  for (size_t i = 0; i < kMostRowsSkipped && rows.begin > 0; ++i) {
    if (snapshot.value(key, --rows.begin)) break;
  }
  for (size_t i = 0; i < kMostRowsSkipped && rows.end < snapshot.rows(); ++i) {
    if (snapshot.value(key, rows.end++)) break;
  }
  return rows;
}

}  // namespace

std::vector<CounterStep> steps_in(const store::Snapshot& snapshot, const metric::SeriesKey& key,
                                  const Interval& interval) {
  std::vector<CounterStep> steps;
  double before = metric::kAbsent;
  int64_t before_ns = 0;
  const auto visit = [&](const store::Snapshot::Part& part) {
    for (size_t i = 0; i < part.times_ns.size(); ++i) {
      if (part.kinds[i] == metric::TickKind::kStart) before = metric::kAbsent;
      if (part.values.empty() || metric::is_absent(part.values[i])) continue;
      const int64_t time_ns = part.times_ns[i];
      const bool has_part = time_ns > interval.from_ns && before_ns < interval.to_ns;
      // False where nothing was before, as that is not a number.
      if (part.values[i] >= before && time_ns > before_ns && has_part)
        steps.push_back({before_ns, time_ns, part.values[i] - before});
      before = part.values[i];
      before_ns = time_ns;
    }
  };
  snapshot.for_each_part(key, rows_around(snapshot, key, interval), visit);
  return steps;
}

StepPart part_of(const CounterStep& step, const Interval& interval, double most_per_ns) {
  const int64_t from_ns = std::max(step.from_ns, interval.from_ns);
  const int64_t to_ns = std::min(step.to_ns, interval.to_ns);
  if (to_ns <= from_ns || step.length_ns() <= 0) return {};
  StepPart part;
  part.length_ns = to_ns - from_ns;
  const auto inside = static_cast<double>(part.length_ns);
  const auto outside = static_cast<double>(step.length_ns() - part.length_ns);
  part.likely = step.change * inside / static_cast<double>(step.length_ns());
  // Of a counter without a limit, all of it can have been on one side. Rates a little above the
  // limit, as late bookings make them, do not turn the bounds around.
  const double outside_most = outside > 0 ? outside * most_per_ns : 0;
  part.least = std::clamp(step.change - outside_most, 0.0, part.likely);
  part.most = std::max(std::min(step.change, inside * most_per_ns), part.likely);
  return part;
}

}  // namespace jumper::analysis
