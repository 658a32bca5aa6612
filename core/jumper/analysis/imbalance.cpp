// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/analysis/imbalance.h"

#include "jumper/analysis/node_growth.h"
#include "jumper/analysis/straggling.h"
#include "jumper/base/clock.h"

namespace jumper::analysis {
namespace {

using metric::Metric;

Summary summary_of(const NodeData& node, std::span<const Stretch> stretches) {
  std::vector<Interval> intervals;
  intervals.reserve(stretches.size());
  for (const Stretch& stretch : stretches) intervals.push_back(in_clock_of(node, stretch.time, 0));
  SummaryOptions options;
  options.scope = node.level;
  return summarize(*node.samples, intervals, options);
}

NodeUsage usage_of(const NodeData& node, std::span<const Stretch> stretches, double asked_seconds) {
  NodeUsage usage;
  usage.name = node.name;
  usage.cpus = node.cpus;
  usage.memory_limit_bytes = node.memory_limit_bytes;
  if (!node.clock_offset_ns || node.samples == nullptr) return usage;
  const Growth cpu = growth_of(node, Metric::kCpuTime, stretches, node.highest_rate());
  usage.measured_seconds = base::seconds(cpu.measured_ns);
  usage.step_seconds = cpu.step_seconds();
  if (cpu.measured_ns > 0) {
    const double whole = static_cast<double>(cpu.measured_ns) * node.cpus;
    usage.cpu_share =
        Bounded{cpu.change.low / whole, cpu.change.likely / whole, cpu.change.high / whole};
    usage.cpu_seconds = cpu.change.likely / 1e9;
    usage.is_compared = usage.measured_seconds >= kLeastMeasuredShare * asked_seconds;
  }
  const Summary summary = summary_of(node, stretches);
  usage.memory_bytes = summary.memory_bytes;
  usage.io_read_bytes = likely_growth(node, Metric::kIoReadBytes, stretches);
  usage.io_write_bytes = likely_growth(node, Metric::kIoWriteBytes, stretches);
  usage.gpus = gpus_of(node, stretches, asked_seconds, summary);
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
  comparison.gpus = balance_of_gpus(comparison.nodes);
  const std::vector<size_t> places = compared_places(comparison);
  comparison.compared = places.size();
  if (places.size() < 2) return comparison;
  std::vector<Bounded> shares;
  shares.reserve(places.size());
  for (const size_t place : places) shares.push_back(*comparison.nodes[place].cpu_share);
  comparison.cpu_imbalance = imbalance_of(shares);
  const Extremes extremes = extremes_of(shares);
  if (extremes.highest) comparison.busiest = places[*extremes.highest];
  if (extremes.lowest) comparison.least_busy = places[*extremes.lowest];
  const IdleShares idle = idle_among(shares);
  comparison.all_nearly_idle = idle.all_nearly_idle;
  for (const size_t place : idle.places) comparison.idle.push_back(places[place]);
  comparison.stragglers = stragglers_of(nodes, places, stretches);
  comparison.slowest = slowest_of(comparison.stragglers);
  return comparison;
}

}  // namespace jumper::analysis
