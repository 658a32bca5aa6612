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
#include "jumper/report/report.h"

namespace jumper::monitor {

class Session {
 public:
  explicit Session(journal::Recording recording) : data_(std::move(recording)) {}

  [[nodiscard]] const journal::Facts& facts() const { return data_.facts; }
  [[nodiscard]] const cells::CellList& cells() const { return data_.cells; }
  [[nodiscard]] const journal::Recording& recording() const { return data_; }
  [[nodiscard]] bool started() const { return data_.facts.start_ns.has_value(); }

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

 private:
  [[nodiscard]] base::Status check_started() const;
  [[nodiscard]] analysis::SummaryOptions summary_options(metric::Scope level) const;
  // Parts of a report.
  void describe_cells(report::Report& report,
                      std::span<const std::shared_ptr<const cells::Cell>> chosen) const;
  void set_limit(report::Report& report) const;
  void find_signatures(report::Report& report, std::span<const analysis::Interval> intervals) const;
  [[nodiscard]] report::MonitorCost cost() const;
  [[nodiscard]] std::vector<std::string> notes(const analysis::Summary& summary) const;

  journal::Recording data_;
};

}  // namespace jumper::monitor
