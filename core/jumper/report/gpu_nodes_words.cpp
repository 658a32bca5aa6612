// SPDX-License-Identifier: BSD-3-Clause
// What a report on all nodes says of their GPUs.
#include <algorithm>
#include <optional>
#include <utility>

#include "jumper/base/text.h"
#include "jumper/report/gpu_words.h"
#include "jumper/report/node_words.h"
#include "jumper/report/quantity.h"

namespace jumper::report {
namespace {

using analysis::Bounded;
using analysis::GpuBalance;
using analysis::NodeGpus;

constexpr size_t kMostNamed = 8;  // nodes in a sentence

// "9.41 of 80.00 GB": the unit once, where it is the same.
std::string memory_text(const NodeGpus& gpus) {
  if (!gpus.memory_peak_bytes) return std::string(kAbsentText);
  std::string text = bytes_text(*gpus.memory_peak_bytes);
  if (!gpus.memory_bytes) return text;
  const std::string whole = bytes_text(*gpus.memory_bytes);
  const size_t unit = text.rfind(' ');
  const size_t whole_unit = whole.rfind(' ');
  if (unit != std::string::npos && whole_unit != std::string::npos &&
      text.substr(unit) == whole.substr(whole_unit))
    text.erase(unit);
  return text + " of " + whole;
}

std::string step_text(const NodesReport& report) {
  double longest = 0;
  for (const analysis::NodeUsage& node : report.comparison.nodes) {
    if (node.gpus && node.gpus->is_compared)
      longest = std::max(longest, node.gpus->reading_seconds);
  }
  return "a reading every " + duration_text(longest);
}

std::string above_mean_text(const Bounded& over, const std::string& of_what) {
  return share_percent(over.likely) + " % more than the mean of " + of_what + " (max / mean - 1, " +
         share_percent(over.low) + " to " + share_percent(over.high) + " %)";
}

// Between nodes first, as the cards of the busiest node are above the mean as well.
std::string balance_text(const NodesReport& report) {
  const GpuBalance& balance = report.comparison.gpus;
  if (balance.all_nearly_idle) {
    return "all GPUs were nearly idle: each was busy less than " +
           share_percent(analysis::kNearlyIdleShare) + " % of the time";
  }
  if (balance.of_nodes && balance.of_nodes->low >= kImbalanced) {
    std::string text = "the busiest node";
    if (balance.busiest_node) text += ", " + name_of(report, *balance.busiest_node) + ",";
    return text + " used its GPUs " + above_mean_text(*balance.of_nodes, "all nodes with GPUs");
  }
  const Bounded& over = *balance.of_cards;
  const std::string all = "all " + std::to_string(balance.compared);
  if (over.low >= kImbalanced) {
    std::string text = "the busiest GPU";
    if (const auto& busiest = balance.busiest_card)
      text += ", " + std::to_string(busiest->card) + " of " + name_of(report, busiest->node) + ",";
    return text + " was busy " + above_mean_text(over, all);
  }
  if (over.high <= kBalanced) {
    return "even: no GPU was busy more than " + share_percent(over.high) + " % above the mean of " +
           all;
  }
  return "cannot be told: the busiest GPU is between " + share_percent(over.low) + " and " +
         share_percent(over.high) + " % above the mean of " + all + ", with " + step_text(report);
}

// "n1 (all 4); n3 (0-2, 5)".
std::string idle_text(const NodesReport& report) {
  const std::vector<analysis::GpuPlace>& idle = report.comparison.gpus.idle;
  std::string text;
  size_t nodes = 0;
  for (size_t i = 0; i < idle.size();) {
    const size_t node = idle[i].node;
    std::vector<int32_t> cards;
    for (; i < idle.size() && idle[i].node == node; ++i) cards.push_back(idle[i].card);
    if (++nodes > kMostNamed) continue;
    text += (text.empty() ? "" : "; ") + name_of(report, node);
    if (cards.size() < report.comparison.nodes[node].gpus->cards)
      text += " (" + numbers_text(cards) + ")";
    else if (cards.size() > 1)
      text += " (all " + std::to_string(cards.size()) + ")";
  }
  if (nodes > kMostNamed) text += "; and on " + std::to_string(nodes - kMostNamed) + " more";
  return text;
}

// Why their column has no number: of the nodes that say the same as the first.
std::optional<Line> absence_line(const NodesReport& report) {
  std::string why;
  std::vector<size_t> silent;
  for (size_t i = 0; i < report.comparison.nodes.size(); ++i) {
    const auto& gpus = report.comparison.nodes[i].gpus;
    const std::string& of_node = report.status[i].gpu_absences;
    if (!gpus || gpus->utilization || of_node.empty()) continue;
    if (why.empty()) why = of_node;
    if (why == of_node) silent.push_back(i);
  }
  if (silent.empty()) return std::nullopt;
  return Line{"GPU n/a", names_of(report, silent) + ": " + why, LineKind::kAside};
}

}  // namespace

bool has_gpus(const NodesReport& report) {
  return std::ranges::any_of(report.comparison.nodes, [](const analysis::NodeUsage& node) {
    return node.gpus && node.gpus->cards > 0;
  });
}

void fill_gpus(NodeRow& row, const analysis::NodeUsage& node) {
  row.gpu_percent = row.gpu_memory = row.gpu_energy = kAbsentText;
  if (!node.gpus) return;
  const NodeGpus& gpus = *node.gpus;
  if (gpus.utilization) row.gpu_percent = base::fixed(gpus.utilization->likely * 100, 1);
  row.gpu_memory = memory_text(gpus);
  if (gpus.energy_joules) row.gpu_energy = energy_text(*gpus.energy_joules);
}

std::vector<Line> gpu_balance_lines(const NodesReport& report) {
  std::vector<Line> lines;
  if (!has_gpus(report)) return lines;
  const GpuBalance& balance = report.comparison.gpus;
  if (balance.of_cards) {
    lines.push_back({"GPU balance", balance_text(report)});
    if (!balance.idle.empty())
      lines.push_back({"Idle GPUs", idle_text(report) + ": less than " +
                                        share_percent(analysis::kIdleShareOfMedian) +
                                        " % of what is usual among the GPUs"});
  } else if (balance.told > 1) {
    lines.push_back({"GPU balance", "cannot be told: readings of fewer than two GPUs cover " +
                                        share_percent(analysis::kLeastMeasuredShare) +
                                        " % of the time"});
  }
  if (auto line = absence_line(report)) lines.push_back(std::move(*line));
  return lines;
}

}  // namespace jumper::report
