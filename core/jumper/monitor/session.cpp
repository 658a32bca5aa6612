// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/monitor/session.h"

#include <algorithm>
#include <cmath>

#include "jumper/analysis/series_walk.h"
#include "jumper/base/text.h"
#include "jumper/monitor/level.h"
#include "jumper/session/export.h"

namespace jumper::monitor {
namespace {

base::Error state_error(std::string message) {
  return {base::ErrorCode::kState, std::move(message), 0};
}

}  // namespace

base::Status Session::check_started() const {
  if (started()) return base::Done{};
  return state_error("nothing was measured yet: start the monitor with %perfmonitor_start");
}

base::Result<cells::CellRange> Session::resolve_cells(std::string_view text) const {
  return cells::parse_range(text, data_.cells.size());
}

base::Result<metric::Scope> Session::find_level(std::string_view name) const {
  auto level = parse_level(name);
  if (!level || !is_of_group(*level)) return level;
  const std::vector<metric::Scope>& levels = data_.facts.levels;
  if (std::ranges::find(levels, *level) != levels.end()) return *level;
  return base::bad_input("this session has no level '" + std::string(name) + "'; " +
                         choose_text(levels));
}

analysis::SummaryOptions Session::summary_options(metric::Scope level) const {
  analysis::SummaryOptions options;
  options.scope = level;
  options.cpus = journal::cpus_of(data_.facts, level);
  const auto half_interval_ns = static_cast<int64_t>(data_.facts.interval_seconds * 1e9 / 2);
  options.shortest_rate_ns = std::max(options.shortest_rate_ns, half_interval_ns);
  return options;
}

report::MonitorCost Session::cost() const {
  const sampler::SamplerStats& stats = data_.facts.stats;
  report::MonitorCost cost;
  cost.is_known = (data_.facts.source.empty() && !node_) || stats.running_ns > 0;
  cost.cpu_seconds = base::seconds(stats.cpu_ns);
  cost.elapsed_seconds = base::seconds(stats.running_ns);
  cost.ticks = stats.ticks + stats.curve_ticks + stats.edge_ticks;
  cost.missed_ticks = stats.missed_ticks;
  cost.stretched_ticks = stats.stretched_ticks;
  for (const auto& [what, ticks] : stats.left_out) cost.left_out.emplace_back(what, ticks);
  cost.late_max_seconds = base::seconds(stats.late_max_ns);
  if (stats.wake_ups > 0)
    cost.late_mean_seconds = base::seconds(stats.late_sum_ns) / static_cast<double>(stats.wake_ups);
  cost.interval_seconds = data_.facts.interval_seconds;
  cost.budget_percent = data_.facts.budget_percent;
  return cost;
}

std::vector<std::string> Session::notes(const analysis::Summary& summary) const {
  std::vector<std::string> notes;
  if (!data_.facts.source.empty()) notes.push_back(data_.facts.source);
  const sampler::SamplerStats& stats = data_.facts.stats;
  const auto of_level = [&](uint32_t of_tree, uint32_t of_user) {
    if (summary.scope == metric::Scope::kProcess) return of_tree;
    return summary.scope == metric::Scope::kUser ? of_user : 0;
  };
  const auto processes = [](uint32_t count) {
    return std::to_string(count) + (count == 1 ? " process" : " processes");
  };
  if (const auto count = of_level(stats.io_unreadable, stats.user_io_unreadable); count > 0) {
    notes.push_back("the I/O of " + processes(count) +
                    " may not be read (another user's, or privileged) and is not counted");
  }
  if (const auto count = of_level(stats.shared_in_full, stats.user_shared_in_full); count > 0) {
    notes.push_back("memory: shared pages of " + processes(count) +
                    ", too large to be looked at or not readable, are counted more than once");
  }
  if (!summary.cpu_percent)
    notes.emplace_back("no two samples lie in this range, so there are no rates to show");
  notes.insert(notes.end(), data_.facts.notes.begin(), data_.facts.notes.end());
  if (!data_.nodes.empty())
    notes.push_back(base::count_of(data_.nodes.size(), "node") + " of the job " +
                    (data_.nodes.size() == 1 ? "is" : "are") +
                    " monitored: --node all shows them, --node NAME one of them");
  return notes;
}

base::Status Session::check_range(const std::optional<cells::CellRange>& range) const {
  const size_t count = data_.cells.size();
  if (!range || (range->first <= range->last && range->last < count)) return base::Done{};
  return base::bad_input(
      "cells " + std::to_string(range->first) + " to " + std::to_string(range->last) +
      " are not all there: " + base::count_of(count, "cell") + " finished so far");
}

base::Result<report::Report> Session::report(std::optional<cells::CellRange> range,
                                             metric::Scope level) const {
  if (auto is_started = check_started(); !is_started) return is_started.error();
  const cells::CellList& all = data_.cells;
  const store::Snapshot& snapshot = data_.samples;
  if (auto has_level = check_level(level); !has_level) return has_level.error();
  if (snapshot.empty())
    return state_error("nothing was measured yet: the monitor is just being started");
  if (auto is_there = check_range(range); !is_there) return is_there.error();
  if (!range && !all.empty()) range = cells::CellRange{0, all.size() - 1};

  report::Report report;
  report.scope = level;
  report.cells = range;
  if (node_) {
    report.node = node_->name;
    report.node_state = node_->state;
  }
  const std::span<const std::shared_ptr<const cells::Cell>> chosen =
      range ? std::span(all).subspan(range->first, range->size()) : std::span(all).first(0);
  std::vector<analysis::Interval> intervals;
  for (const auto& cell : chosen) intervals.push_back({cell->start_ns, cell->end_ns});
  if (!range) intervals.push_back({snapshot.time_ns(0), snapshot.time_ns(snapshot.rows() - 1)});
  for (const analysis::Interval& interval : intervals)
    report.duration_seconds += base::seconds(interval.to_ns - interval.from_ns);
  report.summary = analysis::summarize(snapshot, intervals, summary_options(level));
  if (is_of_group(level)) report.group = analysis::group_cost_of(snapshot, intervals, level);
  describe_cells(report, chosen);
  set_limit(report);
  set_gpus(report, intervals);
  if (level == metric::Scope::kProcess) find_signatures(report, intervals);
  report.cost = cost();
  report.notes = notes(report.summary);
  return report;
}

void Session::describe_cells(report::Report& report,
                             std::span<const std::shared_ptr<const cells::Cell>> chosen) const {
  const store::Snapshot& snapshot = data_.samples;
  for (const auto& cell : chosen) {
    if (snapshot.rows_between(cell->start_ns, cell->end_ns).size() < 2) ++report.unmonitored_cells;
  }
  if (chosen.size() == 1) {
    report.single_cell_source = chosen[0]->source;
    report.single_cell_status = cells::status_name(chosen[0]->status);
  }
  if (!chosen.empty() && report.scope == metric::Scope::kProcess) {
    report.peak = analysis::peak_of(chosen, report.summary);
    report.wall = analysis::wall_time_of(snapshot, chosen);
  } else if (report.summary.memory_bytes) {
    report.peak = analysis::Peak{report.summary.memory_bytes->maximum, false};
  }
}

void Session::set_limit(report::Report& report) const {
  journal::MemoryEnd end = journal::memory_end_of(data_.facts, report.scope);
  if (end.bytes) report.memory_limit_bytes = static_cast<double>(*end.bytes);
  report.memory_limit_reason = std::move(end.reason);
  report.cpus_reason = journal::cpus_reason_of(data_.facts, report.scope);
}

void Session::set_gpus(report::Report& report,
                       std::span<const analysis::Interval> intervals) const {
  const gpu::Status& status = data_.facts.resources.gpu;
  auto cost = analysis::gpu_cost_of(data_.samples, intervals,
                                    {.scope = report.scope, .cards = status.cards});
  if (!cost && status.cards.empty() && !status.silent_since_ns) return;
  report::GpuReport& gpu = report.gpu.emplace();
  gpu.cost = std::move(cost);
  gpu.status = status;
  gpu.memory_bytes = analysis::gpu_memory_of(status.cards, report.scope);
  gpu.wall_minus_monotonic_ns =
      data_.facts.wall_start_ns.value_or(0) - data_.facts.start_ns.value_or(0);
}

void Session::find_signatures(report::Report& report,
                              std::span<const analysis::Interval> intervals) const {
  const store::Snapshot& snapshot = data_.samples;
  const auto of_machine = [&](metric::Metric metric) -> std::optional<double> {
    const auto total =
        analysis::total_of(snapshot, {metric, metric::Scope::kSystem, metric::kWhole}, intervals);
    if (!total) return std::nullopt;
    return *total / metric::info(metric).stored_per_unit;
  };
  analysis::SignatureInput input;
  input.summary = &report.summary;
  input.wall = report.wall;
  input.memory_limit_bytes = report.memory_limit_bytes;
  if (report.peak) input.memory_peak_bytes = report.peak->bytes;
  input.swap_in_bytes = of_machine(metric::Metric::kSwapInBytes);
  input.disk_pressure_seconds = of_machine(metric::Metric::kPressureIoSome);
  if (report.gpu && report.gpu->cost) input.gpu = &*report.gpu->cost;
  if (report.gpu) input.gpu_memory_bytes = report.gpu->memory_bytes;
  report.signatures = analysis::signatures(input, {});
}

base::Result<analysis::PerfTable> Session::perf_table(metric::Scope level) const {
  if (auto is_started = check_started(); !is_started) return is_started.error();
  if (auto has_level = check_level(level); !has_level) return has_level.error();
  analysis::PerfTableOptions options;
  options.scope = level;
  options.cpus = journal::cpus_of(data_.facts, level);
  options.wall_minus_monotonic_ns = *data_.facts.wall_start_ns - *data_.facts.start_ns;
  if (node_) options.clock_offset_ns = node_->clock_offset_ns;
  analysis::PerfTable table = analysis::make_perf_table(data_.samples, data_.cells, options);
  if (node_) table.nodes = {{node_->name, table.cell_index.size()}};
  return table;
}

analysis::PlotLevelOptions Session::plot_options(metric::Scope level) const {
  analysis::PlotLevelOptions options;
  options.scope = level;
  options.cpus = journal::cpus_of(data_.facts, level);
  options.most_cpus = journal::most_cpus_of(data_.facts, level);
  options.cpus_reason = journal::cpus_reason_of(data_.facts, level);
  const auto limit = journal::memory_end_of(data_.facts, level).bytes;
  if (limit) options.memory_limit_bytes = static_cast<double>(*limit);
  return options;
}

base::Result<Plot> Session::plot(std::optional<cells::CellRange> range, metric::Scope level) const {
  constexpr size_t kMostPoints = 20'000;
  if (auto is_started = check_started(); !is_started) return is_started.error();
  if (auto has_level = check_level(level); !has_level) return has_level.error();
  analysis::PlotData data;
  data.cells = data_.cells;
  const store::Snapshot& snapshot = data_.samples;
  data.origin_ns = *data_.facts.start_ns;
  data.origin_wall_ns = *data_.facts.wall_start_ns;
  data.shown_level = level;
  data.look_for_gpus(snapshot);
  if (node_) data.node = node_->name;
  if (range) {
    data.first_cell = range->first;
    data.last_cell = range->last;
  }
  for (const metric::Scope scope : data_.facts.levels)
    data.levels.push_back(analysis::make_plot_level(snapshot, plot_options(scope), kMostPoints));
  data.from_ns = snapshot.empty() ? data.origin_ns : snapshot.time_ns(0);
  data.to_ns = snapshot.empty() ? data.origin_ns : snapshot.time_ns(snapshot.rows() - 1);
  return Plot(std::move(data));
}

base::Result<store::Snapshot> Session::snapshot() const {
  if (auto is_started = check_started(); !is_started) return is_started.error();
  return data_.samples;
}

std::vector<analysis::CellCost> Session::cell_costs() const {
  return analysis::cell_costs(data_.samples, data_.cells, summary_options(default_level()));
}

base::Status Session::export_perf(const std::string& path, metric::Scope level) const {
  if (const auto format = session::format_of(path); !format) return format.error();
  const auto table = perf_table(level);
  if (!table) return table.error();
  return session::export_perf(path, *table, cell_costs(), level);
}

base::Status Session::export_history(const std::string& path) const {
  if (const auto format = session::format_of(path); !format) return format.error();
  const auto costs = cell_costs();
  if (costs.empty())
    return state_error("no cell has finished yet, so there is no history to write");
  return session::export_history(path, costs);
}

}  // namespace jumper::monitor
