// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/monitor/monitor.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <span>

#include "jumper/analysis/series_walk.h"
#include "jumper/base/text.h"
#include "jumper/session/export.h"

namespace jumper::monitor {
namespace {

base::Error state_error(std::string message) {
  return {base::ErrorCode::kState, std::move(message), 0};
}

}  // namespace

base::Result<double> check_interval(double seconds) {
  if (std::isfinite(seconds) && seconds >= kShortestIntervalSeconds &&
      seconds <= kLongestIntervalSeconds) {
    return seconds;
  }
  return base::bad_input(
      "interval " +
      (std::isfinite(seconds) ? base::shortest(seconds) : std::string("that is not a number")) +
      " is out of range: give seconds between 0.001 and 86400");
}

base::Result<double> check_budget(double percent) {
  if (std::isfinite(percent) && percent >= 0 && percent <= 100) return percent;
  return base::bad_input(
      "budget " +
      (std::isfinite(percent) ? base::shortest(percent) : std::string("that is not a number")) +
      " is out of range: give percent of one core, above 0 and up to 100, or 0 for no limit");
}

base::Result<std::unique_ptr<Monitor>> Monitor::create(const MonitorOptions& options) {
  auto root = kernfs::KernelRoot::open(options.proc_path, options.sys_path);
  if (!root) return root.error();
  return std::unique_ptr<Monitor>(new Monitor(std::move(*root), options));
}

Monitor::Monitor(kernfs::KernelRoot root, const MonitorOptions& options)
    : owner_pid_(::getpid()), options_(options), root_(std::move(root)) {
  sampler::ProcessTable::Options followed;
  followed.root_pid = owner_pid_;
  followed.self_pid = owner_pid_;
  followed.root_counts = options.count_self;
  followed.user = ::getuid();
  sampler_ = std::make_unique<sampler::Sampler>(root_, clock_, process_clocks_, followed, *store_);
}

Monitor::~Monitor() {
  if (!inherited()) return;
  // In a forked child the thread does not exist, its locks may be held for ever, and the store may
  // be as the thread left it in the middle of a change.
  [[maybe_unused]] const void* const left_alone[] = {sampler_.release(), store_.release()};
}

bool Monitor::inherited() const {
  return ::getpid() != owner_pid_;
}

base::Status Monitor::check_owner() const {
  if (!inherited()) return base::Done{};
  return state_error("the monitor belongs to the parent process " + std::to_string(owner_pid_) +
                     ": this is a child made by fork(), and is measured by it");
}

// ---- running -------------------------------------------------------------------------------

base::Status Monitor::start(const StartOptions& options) {
  if (auto owner = check_owner(); !owner) return owner;
  if (const auto interval = check_interval(options.interval_seconds); !interval)
    return interval.error();
  if (const auto budget = check_budget(options.budget_percent); !budget) return budget.error();
  const std::scoped_lock one_at_a_time(lifecycle_mutex_);
  {
    const std::scoped_lock lock(mutex_);
    if (running_) {
      return state_error("the monitor is already running, every " +
                         base::shortest(settings_.interval_seconds) +
                         " s: stop it first to change the interval");
    }
    running_ = true;
    settings_ = options;
    resources_ = source::read_resources(root_);
    if (!start_ns_) {
      start_ns_ = clock_.monotonic_ns();
      wall_start_ns_ = clock_.wall_ns();
    }
    stop_ns_.reset();
    wall_stop_ns_.reset();
    cell_start_.reset();
  }
  sampler::SamplerOptions sampling;
  sampling.interval_ns = std::llround(options.interval_seconds * 1e9);
  sampling.budget_share = options.budget_percent / 100;
  sampling.exact_peak = options.exact_peak && options_.count_self;
  auto started = sampler_->start(sampling);
  if (!started) {
    const std::scoped_lock lock(mutex_);
    running_ = false;
  }
  return started;
}

base::Status Monitor::stop() {
  if (auto owner = check_owner(); !owner) return owner;
  const std::scoped_lock one_at_a_time(lifecycle_mutex_);
  if (!running()) {
    return state_error(started() ? "the monitor is already stopped"
                                 : "the monitor was never started");
  }
  sampler_->stop();
  const std::scoped_lock lock(mutex_);
  running_ = false;
  stop_ns_ = clock_.monotonic_ns();
  wall_stop_ns_ = clock_.wall_ns();
  return base::Done{};
}

bool Monitor::running() const {
  if (inherited()) return false;
  const std::scoped_lock lock(mutex_);
  return running_;
}

bool Monitor::started() const {
  if (inherited()) return false;
  const std::scoped_lock lock(mutex_);
  return start_ns_.has_value();
}

double Monitor::interval_seconds() const {
  if (inherited()) return 0;
  const std::scoped_lock lock(mutex_);
  return settings_.interval_seconds;
}

std::vector<metric::Scope> Monitor::levels() const {
  return {metric::Scope::kProcess, metric::Scope::kUser, metric::Scope::kSystem};
}

base::Result<metric::Scope> Monitor::find_level(std::string_view name) {
  const auto level = metric::find_scope(name);
  if (!level) {
    return base::bad_input("unknown level '" + base::one_line(name, 40) +
                           "': choose process, user or system");
  }
  if (*level != metric::Scope::kSlurm) return *level;
  const char* job = std::getenv("SLURM_JOB_ID");
  if (job == nullptr || *job == '\0') {
    return base::bad_input(
        "level 'slurm' exists only inside a Slurm job: choose process, user or system");
  }
  return base::Error{
      base::ErrorCode::kUnsupported,
      "level 'slurm' is not measured by this version: choose process, user or system", 0};
}

// ---- cells ---------------------------------------------------------------------------------

base::Result<size_t> Monitor::begin_cell(std::string source, std::vector<std::string> magics) {
  if (auto owner = check_owner(); !owner) return owner.error();
  cells::Cell cell;
  cell.source = std::move(source);
  cell.magics = std::move(magics);
  cell.start_ns = clock_.monotonic_ns();
  cell.wall_start_ns = clock_.wall_ns();
  auto index = timeline_.begin(std::move(cell));
  if (!index) return index;
  const auto edge = sampler_->begin_cell();
  if (edge)
    timeline_.set_start(edge->time_ns, clock_.wall_ns() - (clock_.monotonic_ns() - edge->time_ns));
  const std::scoped_lock lock(mutex_);
  cell_start_ = edge;
  return index;
}

base::Status Monitor::end_cell(cells::CellStatus status) {
  if (auto owner = check_owner(); !owner) return owner;
  int64_t end_ns = clock_.monotonic_ns();
  cells::CellReadings readings;
  if (const auto edge = timeline_.is_open() ? sampler_->end_cell() : std::nullopt) {
    end_ns = edge->time_ns;
    readings.peak_resident_bytes = edge->peak_resident_bytes;
    const std::scoped_lock lock(mutex_);
    // Without a reading at the start, as in the cell that starts the monitor, there is no
    // difference.
    if (cell_start_ && options_.count_self) {
      readings.wall_times = source::between(cell_start_->wall, edge->wall);
      if (edge->largest_child_bytes > cell_start_->largest_child_bytes)
        readings.child_peak_bytes = edge->largest_child_bytes;
    }
    cell_start_.reset();
  }
  return timeline_.end(end_ns, clock_.wall_ns() - (clock_.monotonic_ns() - end_ns), status,
                       readings);
}

base::Status Monitor::discard_cell() {
  if (auto owner = check_owner(); !owner) return owner;
  timeline_.discard();
  return base::Done{};
}

bool Monitor::cell_open() const {
  return !inherited() && timeline_.is_open();
}
size_t Monitor::cell_count() const {
  return inherited() ? 0 : timeline_.finished();
}

base::Result<cells::CellRange> Monitor::resolve_cells(std::string_view text) const {
  if (auto owner = check_owner(); !owner) return owner.error();
  return cells::parse_range(text, timeline_.finished());
}

// ---- what was measured ---------------------------------------------------------------------

double Monitor::cpus_of(metric::Scope level) const {
  const std::scoped_lock lock(mutex_);
  const size_t usable = resources_.usable_cpus.size();
  const size_t cpus =
      level == metric::Scope::kSystem || usable == 0 ? resources_.online_cpus : usable;
  return static_cast<double>(std::max<size_t>(cpus, 1));
}

analysis::SummaryOptions Monitor::summary_options(metric::Scope level) const {
  analysis::SummaryOptions options;
  options.scope = level;
  options.cpus = cpus_of(level);
  const auto half_interval_ns = static_cast<int64_t>(interval_seconds() * 1e9 / 2);
  options.shortest_rate_ns = std::max(options.shortest_rate_ns, half_interval_ns);
  return options;
}

report::MonitorCost Monitor::cost() const {
  const sampler::SamplerStats stats = sampler_->stats();
  report::MonitorCost cost;
  cost.cpu_seconds = base::seconds(stats.cpu_ns);
  cost.elapsed_seconds = base::seconds(stats.running_ns);
  cost.ticks = stats.ticks + stats.curve_ticks + stats.edge_ticks;
  cost.missed_ticks = stats.missed_ticks;
  cost.stretched_ticks = stats.stretched_ticks;
  for (const auto& [what, ticks] : stats.left_out) cost.left_out.emplace_back(what, ticks);
  cost.late_max_seconds = base::seconds(stats.late_max_ns);
  if (stats.wake_ups > 0)
    cost.late_mean_seconds = base::seconds(stats.late_sum_ns) / static_cast<double>(stats.wake_ups);
  const std::scoped_lock lock(mutex_);
  cost.interval_seconds = settings_.interval_seconds;
  cost.budget_percent = settings_.budget_percent;
  return cost;
}

std::vector<std::string> Monitor::notes(const analysis::Summary& summary) const {
  std::vector<std::string> notes;
  const sampler::SamplerStats stats = sampler_->stats();
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
  return notes;
}

base::Result<report::Report> Monitor::report(std::optional<cells::CellRange> range,
                                             metric::Scope level) const {
  if (auto owner = check_owner(); !owner) return owner.error();
  if (!started())
    return state_error("nothing was measured yet: start the monitor with %perfmonitor_start");
  // The cells first: no tick of theirs is then missing from the snapshot.
  const cells::CellList all = timeline_.cells();
  const store::Snapshot snapshot = store_->snapshot();
  if (snapshot.empty())
    return state_error("nothing was measured yet: the monitor is just being started");
  if (range && (range->first > range->last || range->last >= all.size())) {
    return base::bad_input(
        "cells " + std::to_string(range->first) + " to " + std::to_string(range->last) +
        " are not all there: " + base::count_of(all.size(), "cell") + " finished so far");
  }
  if (!range && !all.empty()) range = cells::CellRange{0, all.size() - 1};

  report::Report report;
  report.scope = level;
  report.cells = range;
  const std::span<const std::shared_ptr<const cells::Cell>> chosen =
      range ? std::span(all).subspan(range->first, range->size()) : std::span(all).first(0);
  std::vector<analysis::Interval> intervals;
  for (const auto& cell : chosen) intervals.push_back({cell->start_ns, cell->end_ns});
  if (!range) intervals.push_back({snapshot.time_ns(0), snapshot.time_ns(snapshot.rows() - 1)});
  for (const analysis::Interval& interval : intervals)
    report.duration_seconds += base::seconds(interval.to_ns - interval.from_ns);
  report.summary = analysis::summarize(snapshot, intervals, summary_options(level));
  describe_cells(report, snapshot, chosen);
  set_limit(report);
  if (level == metric::Scope::kProcess) find_signatures(report, snapshot, intervals);
  report.cost = cost();
  report.notes = notes(report.summary);
  return report;
}

void Monitor::describe_cells(report::Report& report, const store::Snapshot& snapshot,
                             std::span<const std::shared_ptr<const cells::Cell>> chosen) {
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

void Monitor::set_limit(report::Report& report) const {
  const bool is_machine = report.scope == metric::Scope::kSystem;
  const std::scoped_lock lock(mutex_);
  const auto& limit = is_machine ? resources_.physical_bytes : resources_.memory_limit_bytes;
  if (limit) report.memory_limit_bytes = static_cast<double>(*limit);
  if (!is_machine && limit != resources_.physical_bytes)
    report.memory_limit_reason = resources_.memory_limit_reason;
}

void Monitor::find_signatures(report::Report& report, const store::Snapshot& snapshot,
                              std::span<const analysis::Interval> intervals) {
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
  report.signatures = analysis::signatures(input, {});
}

base::Result<analysis::PerfTable> Monitor::perf_table(metric::Scope level) const {
  if (auto owner = check_owner(); !owner) return owner.error();
  if (!started())
    return state_error("nothing was measured yet: start the monitor with %perfmonitor_start");
  analysis::PerfTableOptions options;
  options.scope = level;
  options.cpus = cpus_of(level);
  {
    const std::scoped_lock lock(mutex_);
    options.wall_minus_monotonic_ns = *wall_start_ns_ - *start_ns_;
  }
  const cells::CellList all = timeline_.cells();
  return analysis::make_perf_table(store_->snapshot(), all, options);
}

analysis::PlotLevelOptions Monitor::plot_options(metric::Scope level) const {
  analysis::PlotLevelOptions options;
  options.scope = level;
  options.cpus = cpus_of(level);
  const std::scoped_lock lock(mutex_);
  const auto& limit =
      level == metric::Scope::kSystem ? resources_.physical_bytes : resources_.memory_limit_bytes;
  if (limit) options.memory_limit_bytes = static_cast<double>(*limit);
  return options;
}

base::Result<Plot> Monitor::plot(std::optional<cells::CellRange> range, metric::Scope level) const {
  constexpr size_t kMostPoints = 20'000;
  if (auto owner = check_owner(); !owner) return owner.error();
  if (!started())
    return state_error("nothing was measured yet: start the monitor with %perfmonitor_start");
  analysis::PlotData data;
  data.cells = timeline_.cells();
  const store::Snapshot snapshot = store_->snapshot();
  {
    const std::scoped_lock lock(mutex_);
    data.origin_ns = *start_ns_;
    data.origin_wall_ns = *wall_start_ns_;
  }
  data.shown_level = level;
  if (range) {
    data.first_cell = range->first;
    data.last_cell = range->last;
  }
  for (const metric::Scope scope : levels())
    data.levels.push_back(analysis::make_plot_level(snapshot, plot_options(scope), kMostPoints));
  data.from_ns = snapshot.empty() ? data.origin_ns : snapshot.time_ns(0);
  data.to_ns = snapshot.empty() ? data.origin_ns : snapshot.time_ns(snapshot.rows() - 1);
  return Plot(std::move(data));
}

base::Result<store::Snapshot> Monitor::snapshot() const {
  if (auto owner = check_owner(); !owner) return owner.error();
  if (!started())
    return state_error("nothing was measured yet: start the monitor with %perfmonitor_start");
  return store_->snapshot();
}

base::Result<std::vector<analysis::CellCost>> Monitor::cell_costs() const {
  if (auto owner = check_owner(); !owner) return owner.error();
  const cells::CellList all = timeline_.cells();
  return analysis::cell_costs(store_->snapshot(), all, summary_options(metric::Scope::kProcess));
}

base::Status Monitor::export_perf(const std::string& path, metric::Scope level) const {
  if (const auto format = session::format_of(path); !format) return format.error();
  const auto table = perf_table(level);
  if (!table) return table.error();
  return session::export_perf(path, *table);
}

base::Status Monitor::export_history(const std::string& path) const {
  if (const auto format = session::format_of(path); !format) return format.error();
  const auto costs = cell_costs();
  if (!costs) return costs.error();
  if (costs->empty())
    return state_error("no cell has finished yet, so there is no history to write");
  return session::export_history(path, *costs);
}

Monitor::Info Monitor::info() const {
  Info info;
  info.pid = owner_pid_;
  info.uid = ::getuid();
  if (inherited()) return info;
  const std::scoped_lock lock(mutex_);
  info.start_ns = start_ns_;
  info.stop_ns = stop_ns_;
  info.wall_start_ns = wall_start_ns_;
  info.wall_stop_ns = wall_stop_ns_;
  info.resources = start_ns_ ? resources_ : source::read_resources(root_);
  return info;
}

source::Resources Monitor::resources() const {
  return source::read_resources(root_);
}

sampler::SamplerStats Monitor::stats() const {
  return inherited() ? sampler::SamplerStats{} : sampler_->stats();
}

}  // namespace jumper::monitor
