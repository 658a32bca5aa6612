// SPDX-License-Identifier: BSD-3-Clause
// A report on all nodes of a job: one line for each, and how evenly they were used. As text, HTML
// and JSON, like a report (report.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "jumper/analysis/imbalance.h"
#include "jumper/cells/range.h"
#include "jumper/journal/recording.h"
#include "jumper/report/report.h"

namespace jumper::report {

struct NodeStatus {
  journal::NodeState state = journal::NodeState::kWaiting;
  double silent_seconds = 0;  // since it was heard, where it is stale
  std::string trouble;        // one line on what went wrong with it, any bytes; empty: nothing
  std::optional<double> clock_error_seconds;  // absent: its clock is not known
  std::string gpu_absences;  // what of its GPUs is not told at the level, and why; empty: nothing
};

struct NodesReport {
  metric::Scope scope = metric::Scope::kSystem;
  std::optional<cells::CellRange> cells;  // absent: all monitored time
  double interval_seconds = 1;            // the longest of the nodes'
  analysis::NodeComparison comparison;
  std::vector<NodeStatus> status;  // of each of its nodes
  std::vector<std::string> notes;
};

[[nodiscard]] std::string to_text(const NodesReport& report);
[[nodiscard]] std::string to_json(const NodesReport& report);
// A fragment with its own style and no script; all text in it is escaped.
[[nodiscard]] std::string to_html(const NodesReport& report);

// "waiting", "live", "stale", "ended" or "lost"; and with what there is to say of it.
[[nodiscard]] std::string_view state_name(journal::NodeState state);
[[nodiscard]] std::string state_text(const NodeStatus& status);

// Shared by text and HTML.
struct NodeRow {
  std::string name;
  std::string state;
  bool is_in_trouble = false;
  std::string cpu_percent;
  std::string cpu_time;
  std::string memory;  // "1.25 GB of 4.00 GB"
  std::string read;
  std::string written;
  std::string gpu_percent;
  std::string gpu_memory;  // the most of any card: "9.41 of 80.00 GB"
  std::string gpu_energy;
};
// Of more nodes than can be looked through, those in trouble and the busiest and idlest.
[[nodiscard]] std::vector<NodeRow> node_rows(const NodesReport& report);
// The summary in sentences.
[[nodiscard]] std::vector<Line> imbalance_lines(const NodesReport& report);

}  // namespace jumper::report
