// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/analysis/imbalance.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "jumper/analysis/counter_steps.h"
#include "jumper/analysis/straggling.h"
#include "jumper/base/clock.h"

namespace jumper::analysis {
namespace {

using metric::Metric;

constexpr double kNoLimit = std::numeric_limits<double>::infinity();

struct Growth {
  Bounded change;
  int64_t measured_ns = 0;
  int64_t steps_ns = 0;  // their whole lengths
  int64_t steps = 0;
};

Growth growth_of(const NodeData& node, Metric metric, std::span<const Stretch> stretches,
                 double most_per_ns) {
  const metric::SeriesKey key{metric, node.level, metric::kWhole};
  Growth growth;
  for (const Stretch& stretch : stretches) {
    const Interval likely = in_clock_of(node, stretch.time, 0);
    const Interval widest = in_clock_of(node, stretch.time, node.clock_error_ns);
    const Interval narrowest = in_clock_of(node, stretch.time, -node.clock_error_ns);
    for (const CounterStep& step : steps_in(*node.samples, key, widest)) {
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

std::optional<double> likely_bytes(const NodeData& node, Metric metric,
                                   std::span<const Stretch> stretches) {
  const Growth growth = growth_of(node, metric, stretches, kNoLimit);
  if (growth.measured_ns <= 0) return std::nullopt;
  return growth.change.likely;
}

std::optional<Spread> memory_of(const NodeData& node, std::span<const Stretch> stretches) {
  std::vector<Interval> intervals;
  intervals.reserve(stretches.size());
  for (const Stretch& stretch : stretches) intervals.push_back(in_clock_of(node, stretch.time, 0));
  SummaryOptions options;
  options.scope = node.level;
  return summarize(*node.samples, intervals, options).memory_bytes;
}

NodeUsage usage_of(const NodeData& node, std::span<const Stretch> stretches, double asked_seconds) {
  NodeUsage usage;
  usage.name = node.name;
  usage.cpus = node.cpus;
  usage.memory_limit_bytes = node.memory_limit_bytes;
  if (!node.clock_offset_ns || node.samples == nullptr) return usage;
  const Growth cpu = growth_of(node, Metric::kCpuTime, stretches, node.highest_rate());
  usage.measured_seconds = base::seconds(cpu.measured_ns);
  if (cpu.steps > 0) usage.step_seconds = base::seconds(cpu.steps_ns / cpu.steps);
  if (cpu.measured_ns > 0) {
    const double whole = static_cast<double>(cpu.measured_ns) * node.cpus;
    usage.cpu_share =
        Bounded{cpu.change.low / whole, cpu.change.likely / whole, cpu.change.high / whole};
    usage.cpu_seconds = cpu.change.likely / 1e9;
    usage.is_compared = usage.measured_seconds >= kLeastMeasuredShare * asked_seconds;
  }
  usage.memory_bytes = memory_of(node, stretches);
  usage.io_read_bytes = likely_bytes(node, Metric::kIoReadBytes, stretches);
  usage.io_write_bytes = likely_bytes(node, Metric::kIoWriteBytes, stretches);
  return usage;
}

// Of the nodes that are compared.
std::vector<size_t> compared_places(const NodeComparison& comparison) {
  std::vector<size_t> places;
  for (size_t i = 0; i < comparison.nodes.size(); ++i) {
    if (comparison.nodes[i].is_compared) places.push_back(i);
  }
  return places;
}

// Each node is asked whether it could be the busiest, the others being as busy as they can be, or
// as little.
Bounded imbalance_of(std::span<const Bounded> shares) {
  Bounded sum;
  for (const Bounded& share : shares) {
    sum.low += share.low;
    sum.likely += share.likely;
    sum.high += share.high;
  }
  const auto count = static_cast<double>(shares.size());
  const auto over = [&](double share, double total) {
    return total > 0 ? share * count / total - 1 : 0;
  };
  Bounded imbalance;
  for (const Bounded& share : shares) {
    imbalance.low = std::max(imbalance.low, over(share.low, sum.high - share.high + share.low));
    imbalance.likely = std::max(imbalance.likely, over(share.likely, sum.likely));
    imbalance.high = std::max(imbalance.high, over(share.high, sum.low - share.low + share.high));
  }
  return imbalance;
}

double median_of(std::vector<double> values) {
  std::ranges::sort(values);
  const size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

void find_idle(NodeComparison& comparison, std::span<const size_t> places,
               std::span<const Bounded> shares) {
  std::vector<double> lows;
  lows.reserve(shares.size());
  for (const Bounded& share : shares) lows.push_back(share.low);
  const double busiest = std::ranges::max(lows);
  const double highest = std::ranges::max(shares, {}, &Bounded::high).high;
  comparison.all_nearly_idle = highest < kNearlyIdleShare;
  const double median = median_of(lows);
  const double usual = median >= kNearlyIdleShare ? median : busiest;
  if (usual < kNearlyIdleShare) return;
  for (size_t i = 0; i < places.size(); ++i) {
    if (shares[i].high < kIdleShareOfMedian * usual) comparison.idle.push_back(places[i]);
  }
}

void find_extremes(NodeComparison& comparison, std::span<const size_t> places,
                   std::span<const Bounded> shares) {
  const auto is_apart = [&](size_t at, auto is_beyond) {
    for (size_t i = 0; i < shares.size(); ++i) {
      if (i != at && !is_beyond(shares[at], shares[i])) return false;
    }
    return true;
  };
  for (size_t i = 0; i < shares.size(); ++i) {
    if (is_apart(i, [](const Bounded& a, const Bounded& b) { return a.low > b.high; }))
      comparison.busiest = places[i];
    if (is_apart(i, [](const Bounded& a, const Bounded& b) { return a.high < b.low; }))
      comparison.least_busy = places[i];
  }
}

std::optional<MemorySpread> spread_of_memory(const NodeComparison& comparison) {
  std::optional<MemorySpread> spread;
  size_t count = 0;
  for (size_t i = 0; i < comparison.nodes.size(); ++i) {
    const auto& memory = comparison.nodes[i].memory_bytes;
    if (!memory) continue;
    const double bytes = memory->maximum;
    if (!spread) spread = MemorySpread{i, i, bytes, bytes};
    if (bytes > spread->most_bytes) {
      spread->most = i;
      spread->most_bytes = bytes;
    }
    if (bytes < spread->least_bytes) {
      spread->least = i;
      spread->least_bytes = bytes;
    }
    ++count;
  }
  return count > 1 ? spread : std::nullopt;
}

}  // namespace

NodeComparison compare_nodes(std::span<const NodeData> nodes, std::span<const Stretch> stretches) {
  NodeComparison comparison;
  for (const Stretch& stretch : stretches)
    comparison.asked_seconds += base::seconds(stretch.time.to_ns - stretch.time.from_ns);
  for (const NodeData& node : nodes)
    comparison.nodes.push_back(usage_of(node, stretches, comparison.asked_seconds));
  comparison.memory = spread_of_memory(comparison);
  const std::vector<size_t> places = compared_places(comparison);
  comparison.compared = places.size();
  if (places.size() < 2) return comparison;
  std::vector<Bounded> shares;
  shares.reserve(places.size());
  for (const size_t place : places) shares.push_back(*comparison.nodes[place].cpu_share);
  comparison.cpu_imbalance = imbalance_of(shares);
  find_extremes(comparison, places, shares);
  find_idle(comparison, places, shares);
  comparison.stragglers = stragglers_of(nodes, places, stretches);
  comparison.slowest = slowest_of(comparison.stragglers);
  return comparison;
}

}  // namespace jumper::analysis
