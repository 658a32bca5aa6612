// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/monitor/monitor.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <span>
#include <utility>

#include "jumper/base/text.h"
#include "jumper/cgroup/memory_limit.h"
#include "jumper/gpu/detect.h"
#include "jumper/journal/liveness.h"
#include "jumper/monitor/level.h"

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
  group_levels_ = source::find_group_levels(root_, source::read_slurm_job());
  sampler::ProcessTable::Options followed;
  followed.root_pid = owner_pid_;
  followed.self_pid = owner_pid_;
  followed.root_counts = options.count_self;
  followed.user = ::getuid();
  followed.written = written_.get();
  sampler_ = std::make_unique<sampler::Sampler>(root_, clock_, process_clocks_, followed, *sinks_);
}

Monitor::~Monitor() {
  if (!inherited()) {
    if (running()) static_cast<void>(stop().ok());
    if (journal::Writer* const writer = journal_writer())
      writer->end({clock_.monotonic_ns(), clock_.wall_ns()});
    return;
  }
  // In a forked child the thread does not exist, its locks may be held for ever, and the store may
  // be as the thread left it in the middle of a change.
  [[maybe_unused]] const void* const left_alone[] = {sampler_.release(), store_.release(),
                                                     sinks_.release(),   written_.release(),
                                                     guard_.release(),   gpus_.release()};
  for (auto& writer : journals_) [[maybe_unused]]
    const void* const also = writer.release();
  for (auto& collector : collectors_) [[maybe_unused]]
    const void* const also = collector.release();
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

// Cards that came since the last start are found, and what CUDA_VISIBLE_DEVICES says by now.
gpu::Poller* Monitor::look_for_gpus() {
  std::unique_ptr<gpu::Poller> before;  // ended without the lock: its driver may hang
  gpu::Poller* found = nullptr;
  {
    const std::scoped_lock lock(gpus_mutex_);
    before = std::exchange(gpus_, gpu::start_poller(root_));
    found = gpus_.get();
  }
  if (found != nullptr) found->wait_until_known(gpu::kLongestStartNs);
  return found;
}

sampler::SamplerOptions Monitor::sampling_of(const StartOptions& options) const {
  sampler::SamplerOptions sampling;
  sampling.interval_ns = std::llround(options.interval_seconds * 1e9);
  sampling.budget_share = options.budget_percent / 100;
  sampling.exact_peak = options.exact_peak && options_.count_self;
  return sampling;
}

base::Status Monitor::start(const StartOptions& options) {
  if (auto owner = check_owner(); !owner) return owner;
  if (const auto interval = check_interval(options.interval_seconds); !interval)
    return interval.error();
  if (const auto budget = check_budget(options.budget_percent); !budget) return budget.error();
  const std::scoped_lock one_at_a_time(lifecycle_mutex_);
  const auto job = source::read_slurm_job();
  std::optional<nodes::Launch> launch;
  if (options.nodes && !running()) {
    auto planned =
        nodes::plan_launch({options.nodes->nodes, options.nodes->program, options.interval_seconds},
                           job, nodes::environment_of_process());
    if (!planned) return planned.error();
    launch = std::move(*planned);
  }
  sampler::SamplerOptions sampling = sampling_of(options);
  {
    const std::scoped_lock lock(mutex_);
    if (running_) {
      return state_error("the monitor is already running, every " +
                         base::shortest(settings_.interval_seconds) +
                         " s: stop it first to change the interval");
    }
    running_ = true;
    settings_ = options;
    job_ = job;
    const auto group = cgroup::find_limited_group(root_);
    resources_ = source::read_resources(root_);
    group_levels_ = source::find_group_levels(root_, job);
    sampling.container = group_levels_.container;
    sampling.slurm = group_levels_.slurm;
    if (!start_ns_) {
      start_ns_ = clock_.monotonic_ns();
      wall_start_ns_ = clock_.wall_ns();
    }
    stop_ns_.reset();
    wall_stop_ns_.reset();
    cell_start_.reset();
    guard_->prepare({.group_bytes = group ? std::optional(group->limit_bytes) : std::nullopt,
                     .machine_bytes = resources_.physical_bytes},
                    options.oom_guard && options_.count_self);
  }
  sampling.gpus = look_for_gpus();
  prepare_journal(options);
  watch_for_death();
  auto started = sampler_->start(sampling);
  if (started) journal_earlier_cells();
  if (started && launch) {
    started = start_collector(*launch);
    if (!started) sampler_->stop();
  }
  if (!started) {
    last_words_.reset();
    const std::scoped_lock lock(mutex_);
    running_ = false;
  }
  return started;
}

// After the first tick: what nodes send is written behind the journal's header.
base::Status Monitor::start_collector(const nodes::Launch& launch) {
  nodes::Collector::Options collecting;
  collecting.launch = launch;
  collecting.interval_seconds = settings_.interval_seconds;
  if (journal::Writer* const writer = journal_writer()) {
    collecting.listener.put = [writer](journal::FrameType type, std::string_view payload) {
      writer->put(type, payload);
    };
  }
  collecting.while_unseen = [this](const std::function<void()>& spawn) {
    sampler_->run_between_ticks(spawn);
  };
  auto started = nodes::Collector::start(collecting, clock_, *written_);
  if (!started) return started.error();
  const std::scoped_lock lock(mutex_);
  collectors_.push_back(std::move(*started));
  collector_ = collectors_.back().get();
  return base::Done{};
}

nodes::Collector* Monitor::collector() const {
  const std::scoped_lock lock(mutex_);
  return collector_;
}

// The journal goes on where there is one already; a session has at most one at a time.
void Monitor::prepare_journal(const StartOptions& options) {
  journal::Writer* writer = journal_writer();
  if (!options.journal) {
    if (writer != nullptr) writer->end({clock_.monotonic_ns(), clock_.wall_ns()});
    writer = nullptr;
  }
  std::optional<base::Error> failure;
  journal::Origin origin = journal::origin_of_process(root_);
  if (options.journal && writer == nullptr) {
    auto made = begin_journal(*options.journal, root_, clock_, *written_, origin);
    if (made) {
      writer = made->get();
      const std::scoped_lock lock(mutex_);
      journals_.push_back(std::move(*made));
      origin_ = origin;
    } else {
      failure = made.error();
    }
  }
  {
    const std::scoped_lock lock(mutex_);
    if (origin_.pid == 0) origin_ = std::move(origin);
    writer_ = writer;
    journal_failure_ = std::move(failure);
  }
  std::vector<metric::TickSink*> sinks = {store_.get()};
  if (writer != nullptr) sinks.push_back(writer);
  sinks.push_back(guard_.get());  // last: what it interrupts for is written then
  sinks_->set_sinks(std::move(sinks));
  if (writer == nullptr) return;
  const journal::Facts now = facts();
  {
    const std::scoped_lock lock(gpus_mutex_);
    journaled_gpus_ = now.resources.gpu;
  }
  writer->set_facts(now);
}

// What became known of the GPUs since the journal's header was written: cards of a driver that was
// slow to answer, one that fell silent.
void Monitor::journal_gpus() {
  journal::Writer* const writer = journal_writer();
  if (writer == nullptr) return;
  {
    const std::scoped_lock lock(gpus_mutex_);
    if (!gpus_) return;
    gpu::Status now = gpus_->status();
    if (now == journaled_gpus_) return;
    journaled_gpus_ = std::move(now);
  }
  writer->set_facts(facts());
}

// Those that ended before the journal was begun, and the one that runs: it starts the monitor.
void Monitor::journal_earlier_cells() {
  journal::Writer* const writer = journal_writer();
  if (writer == nullptr || writer == journaled_cells_in_) return;
  journaled_cells_in_ = writer;
  for (const auto& cell : timeline_.cells()) writer->add_cell(*cell);
  if (const auto open = timeline_.open()) writer->begin_cell(*open, sampler_->stats());
}

// So that the journal can tell of what the process died. Of two monitors in one process, the first
// has its signals.
void Monitor::watch_for_death() {
  journal::Writer* const writer = journal_writer();
  watcher_ = writer != nullptr ? std::make_unique<journal::VitalsWatcher>(root_, *writer) : nullptr;
  sampler_->set_watcher(watcher_.get());
  if (writer == nullptr) return;
  if (auto words = journal::LastWords::install(writer->fd(), writer->path()))
    last_words_.emplace(std::move(*words));
}

journal::Writer* Monitor::journal_writer() const {
  const std::scoped_lock lock(mutex_);
  return writer_;
}

std::string Monitor::journal_path() const {
  if (inherited()) return {};
  const journal::Writer* const writer = journal_writer();
  return writer != nullptr ? writer->path() : std::string();
}

base::Status Monitor::journal_status() const {
  if (inherited()) return base::Done{};
  if (const journal::Writer* const writer = journal_writer()) return writer->status();
  const std::scoped_lock lock(mutex_);
  if (journal_failure_) return *journal_failure_;
  return base::Done{};
}

base::Status Monitor::stop() {
  if (auto owner = check_owner(); !owner) return owner;
  const std::scoped_lock one_at_a_time(lifecycle_mutex_);
  if (!running()) {
    return state_error(started() ? "the monitor is already stopped"
                                 : "the monitor was never started");
  }
  sampler_->stop();
  if (nodes::Collector* const others = collector()) others->stop();
  last_words_.reset();
  const journal::Moment now{clock_.monotonic_ns(), clock_.wall_ns()};
  if (journal::Writer* const writer = journal_writer()) writer->stop(now, sampler_->stats());
  const std::scoped_lock lock(mutex_);
  running_ = false;
  stop_ns_ = now.time_ns;
  wall_stop_ns_ = now.wall_ns;
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
  std::vector<metric::Scope> levels = {metric::Scope::kProcess, metric::Scope::kUser,
                                       metric::Scope::kSystem};
  if (inherited()) return levels;
  const std::scoped_lock lock(mutex_);
  if (group_levels_.container) levels.push_back(metric::Scope::kContainer);
  if (group_levels_.slurm) levels.push_back(metric::Scope::kSlurm);
  return levels;
}

base::Result<metric::Scope> Monitor::find_level(std::string_view name) const {
  auto level = parse_level(name);
  if (!level || !is_of_group(*level)) return level;
  const std::vector<metric::Scope> there = levels();
  if (std::ranges::find(there, *level) != there.end()) return *level;
  if (auto owner = check_owner(); !owner) return owner.error();
  const std::scoped_lock lock(mutex_);
  const std::string& reason =
      *level == metric::Scope::kSlurm ? group_levels_.no_slurm : group_levels_.no_container;
  return base::bad_input(reason + "; " + choose_text(there));
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
  if (edge) journal_gpus();
  if (nodes::Collector* const others = collector()) others->mark(false);
  if (edge)
    timeline_.set_start(edge->time_ns, clock_.wall_ns() - (clock_.monotonic_ns() - edge->time_ns));
  if (journal::Writer* const writer = journal_writer()) {
    if (const auto open = timeline_.open()) writer->begin_cell(*open, sampler_->stats());
  }
  const std::scoped_lock lock(mutex_);
  cell_start_ = edge;
  return index;
}

base::Status Monitor::end_cell(cells::CellStatus status) {
  if (auto owner = check_owner(); !owner) return owner;
  int64_t end_ns = clock_.monotonic_ns();
  cells::CellReadings readings;
  const auto edge = timeline_.is_open() ? sampler_->end_cell() : std::nullopt;
  if (edge) journal_gpus();
  if (nodes::Collector* const others = collector()) others->mark(true);
  if (edge) {
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
  auto ended =
      timeline_.end(end_ns, clock_.wall_ns() - (clock_.monotonic_ns() - end_ns), status, readings);
  if (!ended) return ended.error();
  if (journal::Writer* const writer = journal_writer())
    writer->end_cell(**ended, sampler_->stats());
  return base::Done{};
}

base::Status Monitor::discard_cell() {
  if (auto owner = check_owner(); !owner) return owner;
  const auto open = timeline_.open();
  timeline_.discard();
  journal::Writer* const writer = journal_writer();
  if (open && writer != nullptr) writer->discard_cell(open->index);
  return base::Done{};
}

bool Monitor::cell_open() const {
  return !inherited() && timeline_.is_open();
}
size_t Monitor::cell_count() const {
  return inherited() ? 0 : timeline_.finished();
}

std::optional<std::string> Monitor::take_guard_reason() {
  return inherited() ? std::nullopt : guard_->take_reason();
}

std::optional<MemoryForecast> Monitor::memory_forecast() const {
  return running() ? guard_->forecast(clock_.monotonic_ns()) : std::nullopt;
}

base::Result<cells::CellRange> Monitor::resolve_cells(std::string_view text) const {
  if (auto owner = check_owner(); !owner) return owner.error();
  return cells::parse_range(text, timeline_.finished());
}

// ---- what was measured ---------------------------------------------------------------------

base::Result<Session> Monitor::session() const {
  if (auto owner = check_owner(); !owner) return owner.error();
  journal::Recording data;
  // The cells first: no tick of theirs is then missing from the samples.
  data.cells = timeline_.cells();
  data.samples = store_->snapshot();
  data.facts = facts();
  if (const nodes::Collector* const others = collector()) data.nodes = others->nodes();
  return Session(std::move(data));
}

journal::Facts Monitor::facts() const {
  journal::Facts facts;
  facts.levels = levels();
  facts.stats = sampler_->stats();
  if (auto status = journal_status(); !status)
    facts.notes.push_back("this session is kept in memory alone: " + status.error().message);
  facts.stats.cpu_ns += written_->cpu_ns;
  gpu::Status gpu_status;
  {
    const std::scoped_lock lock(gpus_mutex_);
    if (gpus_) gpu_status = gpus_->status();
  }
  if (const nodes::Collector* const others = collector()) {
    for (std::string& note : others->notes()) facts.notes.push_back(std::move(note));
  }
  const std::scoped_lock lock(mutex_);
  facts.origin = origin_;
  facts.origin.pid = owner_pid_;
  facts.origin.uid = ::getuid();
  facts.start_ns = start_ns_;
  facts.stop_ns = stop_ns_;
  facts.wall_start_ns = wall_start_ns_;
  facts.wall_stop_ns = wall_stop_ns_;
  facts.interval_seconds = settings_.interval_seconds;
  facts.budget_percent = settings_.budget_percent;
  facts.resources = resources_;
  facts.resources.gpu = std::move(gpu_status);
  facts.job = job_;
  facts.level_limits = source::limits_of(group_levels_);
  return facts;
}

base::Result<report::Report> Monitor::report(std::optional<cells::CellRange> range,
                                             metric::Scope level) const {
  const auto now = session();
  if (!now) return now.error();
  return now->report(range, level);
}

base::Result<analysis::PerfTable> Monitor::perf_table(metric::Scope level) const {
  const auto now = session();
  if (!now) return now.error();
  return now->perf_table(level);
}

base::Result<Plot> Monitor::plot(std::optional<cells::CellRange> range, metric::Scope level) const {
  const auto now = session();
  if (!now) return now.error();
  return now->plot(range, level);
}

base::Result<store::Snapshot> Monitor::snapshot() const {
  const auto now = session();
  if (!now) return now.error();
  return now->snapshot();
}

base::Result<std::vector<analysis::CellCost>> Monitor::cell_costs() const {
  const auto now = session();
  if (!now) return now.error();
  return now->cell_costs();
}

base::Status Monitor::export_perf(const std::string& path, metric::Scope level) const {
  const auto now = session();
  if (!now) return now.error();
  return now->export_perf(path, level);
}

base::Status Monitor::export_history(const std::string& path) const {
  const auto now = session();
  if (!now) return now.error();
  return now->export_history(path);
}

journal::Facts Monitor::info() const {
  if (!inherited()) {
    journal::Facts known = facts();
    if (!known.start_ns) known.resources = resources();
    return known;
  }
  journal::Facts of_child;
  of_child.origin.pid = owner_pid_;
  of_child.origin.uid = ::getuid();
  return of_child;
}

source::Resources Monitor::resources() const {
  source::Resources found = source::read_resources(root_);
  if (inherited()) return found;
  if (running()) {
    const std::scoped_lock lock(gpus_mutex_);
    if (gpus_) found.gpu = gpus_->status();
  } else {
    found.gpu = gpu::look_for_cards(root_);
  }
  return found;
}

sampler::SamplerStats Monitor::stats() const {
  return inherited() ? sampler::SamplerStats{} : sampler_->stats();
}

}  // namespace jumper::monitor
