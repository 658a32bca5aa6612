// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/analysis/straggling.h"

#include <algorithm>
#include <map>

#include "jumper/analysis/counter_steps.h"
#include "jumper/base/clock.h"

namespace jumper::analysis {
namespace {

// When a node's work in a cell ended, since the cell's start. It worked until `earliest` at least;
// it may have worked until `latest`.
struct WorkEnd {
  bool has_worked = false;
  int64_t earliest_ns = 0;
  int64_t latest_ns = 0;
};

WorkEnd work_end_of(const NodeData& node, const Interval& cell) {
  const Interval interval = in_clock_of(node, cell, 0);
  const metric::SeriesKey key{metric::Metric::kCpuTime, node.level, metric::kWhole};
  WorkEnd end;
  bool may_go_on = false;  // the step before was one of work
  int64_t known_until_ns = interval.from_ns;
  for (const CounterStep& step : steps_in(*node.samples, key, interval)) {
    const StepPart part = part_of(step, interval, node.highest_rate());
    if (part.length_ns <= 0) continue;
    const int64_t from_ns = std::max(step.from_ns, interval.from_ns) - interval.from_ns;
    const int64_t to_ns = from_ns + part.length_ns;
    known_until_ns = to_ns + interval.from_ns;
    const double working = kWorkingCpus * static_cast<double>(part.length_ns);
    if (part.least >= working) {
      end.has_worked = true;
      end.earliest_ns = from_ns + static_cast<int64_t>(part.least / node.highest_rate());
    }
    const bool may_work = part.most >= working;
    if (may_work) {
      end.latest_ns = to_ns;
    } else if (may_go_on) {  // the rest of that work
      end.latest_ns = std::min(to_ns, from_ns + static_cast<int64_t>(part.most / kWorkingCpus));
    }
    may_go_on = may_work;
  }
  // What it did after its last sample is not known.
  if (known_until_ns < interval.to_ns) end.latest_ns = interval.to_ns - interval.from_ns;
  end.earliest_ns = std::max<int64_t>(end.earliest_ns - node.clock_error_ns, 0);
  end.latest_ns += node.clock_error_ns;
  return end;
}

std::optional<Straggler> straggler_of(std::span<const NodeData> nodes,
                                      std::span<const size_t> places, const Stretch& stretch) {
  size_t last = 0;
  WorkEnd last_end;
  std::vector<WorkEnd> ends;
  ends.reserve(places.size());
  for (const size_t place : places) {
    const WorkEnd end = work_end_of(nodes[place], stretch.time);
    if (end.has_worked && end.earliest_ns > last_end.earliest_ns) {
      last = place;
      last_end = end;
    }
    ends.push_back(end);
  }
  if (!last_end.has_worked) return std::nullopt;
  int64_t others_ns = 0;
  bool has_others = false;  // that worked, too
  for (size_t i = 0; i < places.size(); ++i) {
    if (places[i] == last) continue;
    others_ns = std::max(others_ns, ends[i].latest_ns);
    has_others = has_others || ends[i].has_worked;
  }
  const int64_t length_ns = stretch.time.to_ns - stretch.time.from_ns;
  const int64_t alone_ns = last_end.earliest_ns - others_ns;
  const auto least = kStraggledShare * static_cast<double>(length_ns);
  if (!has_others || static_cast<double>(alone_ns) < std::max(least, 1.0)) return std::nullopt;
  return Straggler{*stretch.cell, last, base::seconds(alone_ns), base::seconds(length_ns)};
}

}  // namespace

Interval in_clock_of(const NodeData& node, const Interval& interval, int64_t longer_ns) {
  const int64_t offset_ns = node.clock_offset_ns.value_or(0);
  const int64_t from_ns = interval.from_ns + offset_ns - longer_ns;
  return {from_ns, std::max(from_ns, interval.to_ns + offset_ns + longer_ns)};
}

std::vector<Straggler> stragglers_of(std::span<const NodeData> nodes,
                                     std::span<const size_t> places,
                                     std::span<const Stretch> stretches) {
  std::vector<Straggler> found;
  for (const Stretch& stretch : stretches) {
    if (!stretch.cell) continue;
    if (const auto straggler = straggler_of(nodes, places, stretch)) found.push_back(*straggler);
  }
  return found;
}

std::optional<size_t> slowest_of(std::span<const Straggler> stragglers) {
  std::map<size_t, double> seconds;
  for (const Straggler& straggler : stragglers) seconds[straggler.node] += straggler.alone_seconds;
  if (seconds.empty()) return std::nullopt;
  return std::ranges::max_element(seconds, {}, [](const auto& entry) { return entry.second; })
      ->first;
}

}  // namespace jumper::analysis
