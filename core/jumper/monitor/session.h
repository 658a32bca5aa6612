// SPDX-License-Identifier: BSD-3-Clause
// What can be asked of a session's data, whether it is being measured, was read from a journal, or
// was imported. It never changes: a running monitor makes a new one for each question.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "jumper/analysis/advice.h"
#include "jumper/analysis/cell_cost.h"
#include "jumper/analysis/perf_table.h"
#include "jumper/base/result.h"
#include "jumper/cells/range.h"
#include "jumper/journal/recording.h"
#include "jumper/monitor/plot.h"
#include "jumper/report/nodes.h"
#include "jumper/report/report.h"

namespace jumper::monitor {

class Session {
 public:
  explicit Session(journal::Recording recording) : data_(std::move(recording)) {}

  [[nodiscard]] const journal::Facts& facts() const { return data_.facts; }
  [[nodiscard]] const cells::CellList& cells() const { return data_.cells; }
  [[nodiscard]] const journal::Recording& recording() const { return data_; }
  [[nodiscard]] bool started() const { return data_.facts.start_ns.has_value(); }
  // What is asked where nobody names a level.
  [[nodiscard]] metric::Scope default_level() const;

  // The level of that name, or why it is not in this session.
  [[nodiscard]] base::Result<metric::Scope> find_level(std::string_view name) const;
  [[nodiscard]] base::Result<cells::CellRange> resolve_cells(std::string_view text) const;
  // Without a range: all finished cells; where there are none, all monitored time.
  [[nodiscard]] base::Result<report::Report> report(std::optional<cells::CellRange> range,
                                                    metric::Scope level) const;
  [[nodiscard]] base::Result<analysis::PerfTable> perf_table(metric::Scope level) const;
  // All levels and cells; `range` and `level` are what is shown first. Without samples, a plot that
  // says so.
  [[nodiscard]] base::Result<Plot> plot(std::optional<cells::CellRange> range,
                                        metric::Scope level) const;
  [[nodiscard]] analysis::PlotLevelOptions plot_options(metric::Scope level) const;
  // All samples.
  [[nodiscard]] base::Result<store::Snapshot> snapshot() const;
  [[nodiscard]] std::vector<analysis::CellCost> cell_costs() const;
  // What was asked for, what was used, and what would have been enough, at the level that speaks of
  // it: slurm, else container, else process.
  [[nodiscard]] base::Result<analysis::Advice> advice(bool is_whole_program = false) const;
  [[nodiscard]] base::Status export_perf(const std::string& path, metric::Scope level) const;
  [[nodiscard]] base::Status export_history(const std::string& path) const;

  // Of a session of many nodes. One of them as a session of its own: its samples, with the cells on
  // its clock. The error names the nodes there are.
  [[nodiscard]] const std::vector<journal::NodeRecording>& nodes() const { return data_.nodes; }
  [[nodiscard]] base::Result<Session> node(std::string_view name) const;
  // Over all of them; an error where there is one only. Without a level, the Slurm job's where all
  // nodes have it, else the whole machines'.
  [[nodiscard]] base::Result<report::NodesReport> nodes_report(
      std::optional<cells::CellRange> range, std::optional<metric::Scope> level) const;
  // A line per node, and a view of each; of many nodes, what is usual among them.
  [[nodiscard]] base::Result<Plot> nodes_plot(const std::optional<cells::CellRange>& range,
                                              std::optional<metric::Scope> level) const;
  // One node's rows after the other's, all times on our clock.
  [[nodiscard]] base::Result<analysis::PerfTable> nodes_table(
      std::optional<metric::Scope> level) const;
  [[nodiscard]] base::Status export_nodes(const std::string& path,
                                          std::optional<metric::Scope> level) const;

 private:
  // Whose a session of one of many nodes is.
  struct NodePlace {
    std::string name;
    std::string state;  // in words
    int64_t clock_offset_ns = 0;
  };
  [[nodiscard]] base::Status check_range(const std::optional<cells::CellRange>& range) const;
  // Whether a node's session has it; others tell of what they lack in their numbers.
  [[nodiscard]] base::Status check_level(metric::Scope level) const;
  [[nodiscard]] base::Result<metric::Scope> nodes_level(std::optional<metric::Scope> level) const;
  [[nodiscard]] Session session_of(const journal::NodeRecording& node) const;
  [[nodiscard]] int64_t latest_ns() const;
  [[nodiscard]] std::vector<analysis::Stretch> stretches_of(
      const std::optional<cells::CellRange>& range) const;

  [[nodiscard]] base::Status check_started() const;
  [[nodiscard]] analysis::SummaryOptions summary_options(metric::Scope level) const;
  // Parts of a report.
  void describe_cells(report::Report& report,
                      std::span<const std::shared_ptr<const cells::Cell>> chosen) const;
  void set_limit(report::Report& report) const;
  void set_gpus(report::Report& report, std::span<const analysis::Interval> intervals) const;
  void find_signatures(report::Report& report, std::span<const analysis::Interval> intervals) const;
  [[nodiscard]] report::MonitorCost cost() const;
  [[nodiscard]] std::vector<std::string> notes(const analysis::Summary& summary) const;

  journal::Recording data_;
  std::optional<NodePlace> node_;
};

}  // namespace jumper::monitor
