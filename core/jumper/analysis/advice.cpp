// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/analysis/advice.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace jumper::analysis {
namespace {

constexpr double kMegabyte = 1024.0 * 1024;
constexpr double kGigabyte = 1024 * kMegabyte;
constexpr double kMemoryMargin = 1.2;
constexpr double kLeastMemory = 256 * kMegabyte;  // a job has more in it than what it runs
constexpr double kShortShare = 0.95;              // of the limit
constexpr double kFullShare = 0.95;               // of the CPUs
constexpr double kCpuTolerance = 0.05;  // what little more than a whole CPU does not need one more
constexpr double kIdleCpus = 0.1;

void raise(std::optional<double>& highest, const std::optional<double>& value) {
  if (value && (!highest || *value > *highest)) highest = value;
}

// Means are weighted by how long each node was measured.
std::optional<double> mean_of(const std::vector<NodeUse>& nodes,
                              std::optional<double> NodeUse::* value) {
  double sum = 0;
  double seconds = 0;
  for (const NodeUse& node : nodes) {
    if (!(node.*value)) continue;
    sum += *(node.*value) * node.seconds;
    seconds += node.seconds;
  }
  return seconds > 0 ? std::optional(sum / seconds) : std::nullopt;
}

NodeUse over_all(const std::vector<NodeUse>& nodes) {
  NodeUse use;
  for (const NodeUse& node : nodes) {
    use.seconds = std::max(use.seconds, node.seconds);
    raise(use.cpus_busiest, node.cpus_busiest);
    raise(use.memory_peak_bytes, node.memory_peak_bytes);
  }
  use.cpus_average = mean_of(nodes, &NodeUse::cpus_average);
  use.memory_average_bytes = mean_of(nodes, &NodeUse::memory_average_bytes);
  return use;
}

void find_idle(Advice& advice) {
  const AdviceInput& input = advice.input;
  for (const NodeUse& node : input.nodes) {
    if (node.cpus_busiest && *node.cpus_busiest < kIdleCpus) advice.idle_nodes.push_back(node.name);
  }
  // Of nodes that nobody looked at, nothing is said.
  const bool are_all_known = input.unmeasured.empty() && input.nodes.size() >= input.asked.nodes;
  if (advice.idle_nodes.empty() || !are_all_known || input.nodes.size() < 2) return;
  const size_t busy = input.nodes.size() - advice.idle_nodes.size();
  advice.enough_nodes = static_cast<uint32_t>(std::max<size_t>(busy, 1));
}

void count_gpus(Advice& advice) {
  const std::vector<NodeUse>& nodes = advice.input.nodes;
  const bool are_all_known = !nodes.empty() && std::ranges::none_of(nodes, [](const NodeUse& node) {
    return node.gpus.empty();
  });
  if (!are_all_known) return;
  uint32_t most = 0;
  uint32_t used = 0;
  for (const NodeUse& node : nodes) {
    most = std::max(most, static_cast<uint32_t>(node.gpus.size()));
    used = std::max(used,
                    static_cast<uint32_t>(std::ranges::count(node.gpus, false, &GpuUse::is_idle)));
  }
  advice.gpus = most;
  advice.used_gpus = used;
  // Of nodes that nobody looked at, nothing is said.
  if (used < most && advice.input.unmeasured.empty()) advice.enough_gpus = used;
}

void advise_cpus(Advice& advice) {
  const Asked& asked = advice.input.asked;
  const double busiest = *advice.use.cpus_busiest;
  double enough = std::max(std::ceil(busiest - kCpuTolerance), 1.0);
  // A share of a CPU is not rounded up to more than there is, unless more was used.
  if (asked.cpus && enough > *asked.cpus) enough = std::max(*asked.cpus, busiest);
  advice.enough_cpus = enough;
  const double tasks = std::max<uint32_t>(asked.tasks_per_node, 1);
  advice.cpus_per_task = static_cast<uint32_t>(std::max(std::ceil(enough / tasks), 1.0));
}

}  // namespace

double rounded_up_memory(double bytes) {
  const auto up_to = [&](double unit) { return std::ceil(bytes / unit) * unit; };
  if (bytes <= kGigabyte) return up_to(128 * kMegabyte);
  if (bytes <= 64 * kGigabyte) return up_to(kGigabyte);
  if (bytes <= 256 * kGigabyte) return up_to(4 * kGigabyte);
  return up_to(16 * kGigabyte);
}

Advice advise(AdviceInput input) {
  Advice advice;
  advice.use = over_all(input.nodes);
  advice.input = std::move(input);
  const Asked& asked = advice.input.asked;
  const NodeUse& use = advice.use;
  advice.is_too_short = !advice.input.is_whole_program && use.seconds < kShortestAdviceSeconds;
  advice.is_memory_short = use.memory_peak_bytes && asked.memory_bytes &&
                           *use.memory_peak_bytes >= kShortShare * *asked.memory_bytes;
  advice.are_cpus_full =
      use.cpus_busiest && asked.cpus && *use.cpus_busiest >= kFullShare * *asked.cpus;
  find_idle(advice);
  count_gpus(advice);
  if (advice.is_too_short) {
    advice.enough_nodes.reset();
    advice.enough_gpus.reset();
    return advice;
  }
  if (use.memory_peak_bytes) {
    advice.enough_memory_bytes =
        rounded_up_memory(std::max(*use.memory_peak_bytes * kMemoryMargin, kLeastMemory));
  }
  if (use.cpus_busiest) advise_cpus(advice);
  return advice;
}

}  // namespace jumper::analysis
