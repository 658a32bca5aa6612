// SPDX-License-Identifier: BSD-3-Clause
// What the forms of a report on all nodes have in common: its rows and its sentences.
#include <algorithm>
#include <iterator>

#include "jumper/base/text.h"
#include "jumper/report/node_words.h"
#include "jumper/report/nodes.h"
#include "jumper/report/quantity.h"

namespace jumper::report {
namespace {

using analysis::Bounded;
using analysis::NodeComparison;
using analysis::NodeUsage;
using journal::NodeState;

constexpr size_t kTroubleColumns = 200;
constexpr size_t kMostNamed = 8;       // in a sentence
constexpr size_t kMostStragglers = 5;  // cells that are told one by one
// Of more nodes, not all have a row.
constexpr size_t kMostRows = 40;
constexpr size_t kRowsOfAKind = 12;

std::string bytes_or_absent(const std::optional<double>& bytes) {
  return bytes ? bytes_text(*bytes) : std::string(kAbsentText);
}

// How far the samples of a node are apart: more than the interval, where those of a level cannot be
// paid at each.
std::string step_text(const NodesReport& report) {
  double longest = 0;
  for (const NodeUsage& node : report.comparison.nodes) {
    if (node.is_compared) longest = std::max(longest, node.step_seconds);
  }
  return "a sample every " + duration_text(longest);
}

std::string memory_text(const NodeUsage& node) {
  if (!node.memory_bytes) return std::string(kAbsentText);
  std::string text = bytes_text(node.memory_bytes->maximum);
  if (node.memory_limit_bytes) text += " of " + bytes_text(*node.memory_limit_bytes);
  return text;
}

NodeRow row_of(const NodesReport& report, size_t place) {
  const NodeUsage& node = report.comparison.nodes[place];
  NodeRow row;
  row.name = base::one_line(node.name, kNodeColumns);
  row.state = state_text(report.status[place]);
  const NodeState state = report.status[place].state;
  row.is_in_trouble = state == NodeState::kStale || state == NodeState::kLost;
  row.cpu_percent =
      node.cpu_share ? base::fixed(node.cpu_share->likely * 100, 1) : std::string(kAbsentText);
  row.cpu_time = node.cpu_seconds ? duration_text(*node.cpu_seconds) : std::string(kAbsentText);
  row.memory = memory_text(node);
  row.read = bytes_or_absent(node.io_read_bytes);
  row.written = bytes_or_absent(node.io_write_bytes);
  fill_gpus(row, node);
  return row;
}

double share_of(const NodeUsage& node) {
  return node.cpu_share ? node.cpu_share->likely : -1;
}

// Which nodes have rows, in their order.
std::vector<size_t> shown_nodes(const NodesReport& report) {
  const std::vector<NodeUsage>& nodes = report.comparison.nodes;
  std::vector<size_t> all(nodes.size());
  for (size_t i = 0; i < all.size(); ++i) all[i] = i;
  if (all.size() <= kMostRows) return all;
  std::vector<size_t> by_share = all;
  std::ranges::stable_sort(by_share, std::ranges::greater(),
                           [&](size_t node) { return share_of(nodes[node]); });
  std::vector<bool> is_shown(all.size(), false);
  size_t in_trouble = 0;
  for (const size_t node : all) {
    const NodeState state = report.status[node].state;
    if (state != NodeState::kStale && state != NodeState::kLost) continue;
    if (++in_trouble <= kRowsOfAKind) is_shown[node] = true;
  }
  for (size_t i = 0; i < kRowsOfAKind; ++i) {
    is_shown[by_share[i]] = true;
    is_shown[by_share[by_share.size() - 1 - i]] = true;
  }
  std::erase_if(all, [&](size_t node) { return !is_shown[node]; });
  return all;
}

void add_balance(std::vector<Line>& lines, const NodesReport& report) {
  const NodeComparison& comparison = report.comparison;
  if (!comparison.cpu_imbalance) return;
  const Bounded& over = *comparison.cpu_imbalance;
  if (comparison.all_nearly_idle) {
    lines.push_back({"Balance", "all nodes were nearly idle: each used less than " +
                                    share_percent(analysis::kNearlyIdleShare) + " % of its CPUs"});
    return;
  }
  std::string text;
  if (over.low >= kImbalanced) {
    text = "the busiest node";
    if (comparison.busiest) text += ", " + name_of(report, *comparison.busiest) + ",";
    text += " used its CPUs " + share_percent(over.likely) +
            " % more than the mean (max / mean - 1, " + share_percent(over.low) + " to " +
            share_percent(over.high) + " %): " + share_percent(analysis::lost_share(over.likely)) +
            " % of the nodes' time is lost if they wait for it";
  } else if (over.high <= kBalanced) {
    text = "even: no node used its CPUs more than " + share_percent(over.high) +
           " % above the mean of all";
  } else {
    text = "cannot be told: the busiest node is between " + share_percent(over.low) + " and " +
           share_percent(over.high) + " % above the mean, with " + step_text(report);
  }
  lines.push_back({"Balance", std::move(text)});
  if (comparison.least_busy && over.low >= kImbalanced) {
    const NodeUsage& node = comparison.nodes[*comparison.least_busy];
    lines.push_back({"Least busy", name_of(report, *comparison.least_busy) + ", " +
                                       share_percent(node.cpu_share->likely) + " % of its CPUs"});
  }
}

void add_idle(std::vector<Line>& lines, const NodesReport& report) {
  const std::vector<size_t>& idle = report.comparison.idle;
  if (idle.empty()) return;
  lines.push_back({"Idle", names_of(report, idle) + ": less than " +
                               share_percent(analysis::kIdleShareOfMedian) +
                               " % of what is usual among the nodes"});
}

void add_memory(std::vector<Line>& lines, const NodesReport& report) {
  if (!report.comparison.memory) return;
  const analysis::MemorySpread& memory = *report.comparison.memory;
  std::string text = "peaks from " + bytes_text(memory.least_bytes) + " (" +
                     name_of(report, memory.least) + ") to " + bytes_text(memory.most_bytes) +
                     " (" + name_of(report, memory.most) + ")";
  if (memory.least_bytes > 0)
    text += ", " + base::fixed(memory.most_bytes / memory.least_bytes, 1) + " times as much";
  lines.push_back({"Memory", std::move(text)});
  for (size_t i = 0; i < report.comparison.nodes.size(); ++i) {
    const NodeUsage& node = report.comparison.nodes[i];
    if (!node.memory_bytes || !node.memory_limit_bytes || *node.memory_limit_bytes <= 0) continue;
    const double share = node.memory_bytes->maximum / *node.memory_limit_bytes;
    if (share * 100 >= kNearLimitPercent)
      lines.push_back({"Near limit", name_of(report, i) + ": " + share_percent(share) +
                                         " % of the memory it may use"});
  }
}

void add_stragglers(std::vector<Line>& lines, const NodesReport& report) {
  const std::vector<analysis::Straggler>& found = report.comparison.stragglers;
  if (report.comparison.compared < 2 || !report.cells) return;
  if (found.empty()) {
    lines.push_back({"Stragglers", "none that " + step_text(report) + " can tell"});
    return;
  }
  if (const auto slowest = report.comparison.slowest) {
    double seconds = 0;
    size_t cells = 0;
    for (const analysis::Straggler& one : found) {
      if (one.node != *slowest) continue;
      seconds += one.alone_seconds;
      ++cells;
    }
    lines.push_back(
        {"Slowest", name_of(report, *slowest) + " worked on alone for at least " +
                        duration_text(seconds) + " in " + base::count_of(cells, "cell") + " of " +
                        std::to_string(report.cells->size()) + ", when the others were done"});
  }
  std::vector<analysis::Straggler> longest = found;
  std::ranges::stable_sort(longest, std::ranges::greater(), &analysis::Straggler::alone_seconds);
  for (size_t i = 0; i < std::min(longest.size(), kMostStragglers); ++i) {
    const analysis::Straggler& one = longest[i];
    lines.push_back({"Straggler", "cell " + std::to_string(one.cell) + ": " +
                                      name_of(report, one.node) + ", alone for at least " +
                                      duration_text(one.alone_seconds) + " of " +
                                      duration_text(one.cell_seconds)});
  }
  if (longest.size() > kMostStragglers)
    lines.push_back(
        {"Straggler", "and in " + base::count_of(longest.size() - kMostStragglers, "other cell")});
}

void add_notes(std::vector<Line>& lines, const NodesReport& report) {
  std::vector<size_t> left_out;
  std::vector<size_t> unknown;
  double clock_error = -1;
  for (size_t i = 0; i < report.comparison.nodes.size(); ++i) {
    const auto& error = report.status[i].clock_error_seconds;
    if (!error) {
      unknown.push_back(i);
      continue;
    }
    clock_error = std::max(clock_error, *error);
    if (!report.comparison.nodes[i].is_compared) left_out.push_back(i);
  }
  if (!unknown.empty())
    lines.push_back({"Note",
                     "how these nodes' clocks differ from ours is not known, so nothing "
                     "of them can be set against the cells: " +
                         names_of(report, unknown)});
  if (!left_out.empty())
    lines.push_back({"Note", names_of(report, left_out) + " measured for less than " +
                                 share_percent(analysis::kLeastMeasuredShare) +
                                 " % of the time: not compared"});
  if (clock_error >= 0)
    lines.push_back(
        {"Clocks", "of the nodes known to within " + duration_text(clock_error), LineKind::kAside});
  const size_t rows = shown_nodes(report).size();
  if (rows < report.comparison.nodes.size())
    lines.push_back(
        {"Note", "the table shows the busiest nodes, the idlest and those in trouble; " +
                     std::to_string(report.comparison.nodes.size() - rows) +
                     " more are in the JSON report"});
  for (const std::string& note : report.notes) lines.push_back({"Note", note});
}

}  // namespace

std::string share_percent(double share) {
  return base::fixed(share * 100, share < 0.0995 ? 1 : 0);
}

std::string name_of(const NodesReport& report, size_t node) {
  return base::one_line(report.comparison.nodes[node].name, kNodeColumns);
}

std::string names_of(const NodesReport& report, const std::vector<size_t>& nodes) {
  std::string names;
  for (size_t i = 0; i < std::min(nodes.size(), kMostNamed); ++i)
    names += (i == 0 ? "" : ", ") + name_of(report, nodes[i]);
  if (nodes.size() > kMostNamed)
    names += " and " + std::to_string(nodes.size() - kMostNamed) + " more";
  return names;
}

std::string_view state_name(NodeState state) {
  switch (state) {
    case NodeState::kWaiting:
      return "waiting";
    case NodeState::kLive:
      return "live";
    case NodeState::kStale:
      return "stale";
    case NodeState::kEnded:
      return "ended";
    case NodeState::kLost:
      return "lost";
  }
  return "unknown";
}

std::string state_text(const NodeStatus& status) {
  std::string text(state_name(status.state));
  if (status.state == NodeState::kStale && status.silent_seconds > 0)
    text += " for " + duration_text(status.silent_seconds);
  if (!status.trouble.empty()) text += ": " + base::one_line(status.trouble, kTroubleColumns);
  return text;
}

std::vector<NodeRow> node_rows(const NodesReport& report) {
  std::vector<NodeRow> rows;
  for (const size_t node : shown_nodes(report)) rows.push_back(row_of(report, node));
  return rows;
}

std::vector<Line> imbalance_lines(const NodesReport& report) {
  std::vector<Line> lines;
  add_balance(lines, report);
  add_idle(lines, report);
  add_stragglers(lines, report);
  add_memory(lines, report);
  std::ranges::move(gpu_balance_lines(report), std::back_inserter(lines));
  add_notes(lines, report);
  return lines;
}

}  // namespace jumper::report
