// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/sampler/sampler.h"

#include <pthread.h>
#include <sys/prctl.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <system_error>

#include "jumper/sampler/cadence.h"
#include "jumper/source/system_activity.h"
#include "jumper/source/system_cpu.h"
#include "jumper/source/system_disk.h"
#include "jumper/source/system_memory.h"
#include "jumper/source/system_network.h"
#include "jumper/source/system_pressure.h"

namespace jumper::sampler {

using metric::Metric;
using metric::Scope;
using metric::TickKind;

namespace {

// A tick at the edge of a cell that costs less than this reads everything, whatever the budget.
constexpr int64_t kCheapEdgeNs = 1'000'000;

// The part of the budget that may go into walks through page tables; and what may, of one core,
// where there is no budget.
constexpr double kWalkPart = 0.5;
constexpr double kWalkShareUnlimited = 0.02;
constexpr int kMostWalksAtOnce = 64;

constexpr std::array kGroupMetrics = {
    Metric::kCpuTime,      Metric::kMemory,      Metric::kMemoryResident, Metric::kIoReadCalls,
    Metric::kIoWriteCalls, Metric::kIoReadBytes, Metric::kIoWriteBytes,   Metric::kIoReadChars,
    Metric::kIoWriteChars, Metric::kProcesses,
};

// In the order of kGroupMetrics.
void fill_group(const GroupTotals& totals, std::span<double> values) {
  const auto put = [&](size_t at, auto value) { values[at] = static_cast<double>(value); };
  put(0, totals.cpu_ns);
  put(1, totals.memory_bytes);
  put(2, totals.resident_bytes);
  put(9, totals.processes);
  // With no process whose I/O we may read there is nothing to say, and 0 would be a lie.
  if (totals.processes > 0 && totals.io_unreadable == totals.processes) {
    std::ranges::fill(values.subspan(3, 6), metric::kAbsent);
    return;
  }
  put(3, totals.io.read_calls);
  put(4, totals.io.write_calls);
  put(5, totals.io.read_bytes);
  put(6, totals.io.write_bytes);
  put(7, totals.io.read_chars);
  put(8, totals.io.write_chars);
}

// A library's thread must not be the one that gets the process's signals.
class BlockSignals {
 public:
  BlockSignals() {
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~BlockSignals() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  BlockSignals(const BlockSignals&) = delete;
  BlockSignals& operator=(const BlockSignals&) = delete;

 private:
  sigset_t before_{};
};

}  // namespace

Sampler::Sampler(const kernfs::KernelRoot& root, const base::Clock& clock,
                 const base::ProcessClocks& clocks, ProcessTable::Options options,
                 metric::TickSink& sink)
    : root_(root),
      clock_(clock),
      options_(options),
      sink_(sink),
      clocks_(clocks, options.self_pid) {}

std::optional<int64_t> ClocksWithoutSampler::process_cpu_ns(pid_t pid) const {
  const auto cpu_ns = clocks_.process_cpu_ns(pid);
  if (!cpu_ns || pid != self_pid_) return cpu_ns;
  int64_t sampler_ns = used_before_ns_;
  timespec used{};
  if (thread_clock_ && ::clock_gettime(*thread_clock_, &used) == 0) {
    sampler_ns += used.tv_sec * base::kNanosPerSecond + used.tv_nsec;
  }
  return std::max<int64_t>(*cpu_ns - sampler_ns, 0);
}

Sampler::~Sampler() {
  stop();
}

// Every source there is, and the series of all.
std::vector<metric::SeriesKey> Sampler::make_sources() {
  std::vector<metric::SeriesKey> series;
  for (const Scope scope : {Scope::kProcess, Scope::kUser}) {
    for (const Metric metric : kGroupMetrics) series.push_back({metric, scope, metric::kWhole});
  }
  sources_.clear();
  const auto add = [&](std::unique_ptr<source::Source> source) {
    const std::vector<metric::SeriesKey> keys = source->series();
    sources_.push_back({std::move(source), series.size(), keys.size()});
    series.insert(series.end(), keys.begin(), keys.end());
  };
  add(std::make_unique<source::SystemCpu>(root_));
  add(std::make_unique<source::SystemMemory>(root_));
  add(std::make_unique<source::SystemDisk>(root_));
  add(std::make_unique<source::SystemNetwork>(root_));
  add(std::make_unique<source::SystemPressure>(root_));
  add(std::make_unique<source::SystemActivity>(root_));
  return series;
}

base::Status Sampler::start(const SamplerOptions& options) {
  if (options.interval_ns <= 0) return base::bad_input("the interval must be longer than nothing");
  const std::scoped_lock thread_lock(thread_mutex_);
  if (thread_.joinable()) return base::Done{};
  int64_t start_ns = 0;
  {
    const std::scoped_lock lock(mutex_);
    settings_ = options;
    budget_ = Budget(options.budget_share);
    walk_budget_ = Budget(budget_.is_limited() ? kWalkPart * budget_.share() : kWalkShareUnlimited);
    processes_ = std::make_unique<ProcessTable>(root_, clock_, clocks_, options_);
    wall_meter_.emplace(root_);
    peak_meter_.emplace(root_);
    std::vector<metric::SeriesKey> series = make_sources();
    values_.assign(series.size(), metric::kAbsent);
    sink_.begin(std::make_shared<const metric::Schema>(std::move(series)));

    stopping_ = false;
    running_ = true;
    cell_start_ns_.reset();
    curve_due_ns_.reset();
    peak_was_reset_ = false;
    started_ns_ = clock_.monotonic_ns();
    const int64_t cpu_before_ns = base::thread_cpu_ns();
    take_tick(TickKind::kStart, Depth::kFull);
    stats_.cpu_ns += base::thread_cpu_ns() - cpu_before_ns;
    start_ns = last_time_ns_;
  }
  try {
    const BlockSignals block;
    thread_ = std::thread(&Sampler::run, this, start_ns);
  } catch (const std::system_error& error) {
    const std::scoped_lock lock(mutex_);
    running_ = false;
    return base::Error{base::ErrorCode::kIo,
                       "cannot start the sampling thread: " + error.code().message(),
                       error.code().value()};
  }
  return base::Done{};
}

void Sampler::stop() {
  const std::scoped_lock thread_lock(thread_mutex_);
  if (!thread_.joinable()) return;
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
  const std::scoped_lock lock(mutex_);
  const int64_t cpu_before_ns = base::thread_cpu_ns();
  take_tick(TickKind::kStop, Depth::kFull);
  stats_.cpu_ns += base::thread_cpu_ns() - cpu_before_ns;
  running_ = false;
  running_before_ns_ += last_time_ns_ - started_ns_;
}

SamplerStats Sampler::stats() const {
  const std::scoped_lock lock(mutex_);
  SamplerStats stats = stats_;
  stats.running_ns = running_before_ns_ + (running_ ? clock_.monotonic_ns() - started_ns_ : 0);
  return stats;
}

// ---- on the caller's thread ----------------------------------------------------------------

int64_t Sampler::tick_now(TickKind kind) {
  const std::scoped_lock lock(mutex_);
  return running_ ? take_edge_tick(kind) : clock_.monotonic_ns();
}

std::optional<CellEdge> Sampler::begin_cell() {
  std::optional<CellEdge> edge;
  {
    const std::scoped_lock lock(mutex_);
    if (!running_) return std::nullopt;
    edge.emplace();
    peak_was_reset_ = settings_.exact_peak && peak_meter_->reset();
    edge->largest_child_bytes = source::PeakMeter::largest_child_bytes();
    edge->time_ns = take_edge_tick(TickKind::kCellStart);
    cell_start_ns_ = edge->time_ns;
    plan_curve(edge->time_ns);
    edge->wall = wall_meter_->read(buffer_);
  }
  // The thread sleeps towards a deadline that may be far off: now there is a nearer one.
  wake_.notify_all();
  return edge;
}

std::optional<CellEdge> Sampler::end_cell() {
  const std::scoped_lock lock(mutex_);
  if (!running_) return std::nullopt;
  CellEdge edge;
  edge.wall = wall_meter_->read(buffer_);
  edge.time_ns = take_edge_tick(TickKind::kCellEnd);
  if (peak_was_reset_) edge.peak_resident_bytes = peak_meter_->own_peak_bytes(buffer_);
  edge.largest_child_bytes = source::PeakMeter::largest_child_bytes();
  cell_start_ns_.reset();
  curve_due_ns_.reset();
  return edge;
}

int64_t Sampler::take_edge_tick(TickKind kind) {
  const int64_t cpu_before_ns = base::thread_cpu_ns();
  budget_.earn(clock_.monotonic_ns());
  // Edges are what makes cells exact: the tree is read whatever it costs.
  const bool is_cheap = full_cost_.ns() <= kCheapEdgeNs || budget_.affords(full_cost_.ns());
  const Depth depth = is_cheap ? Depth::kFull : Depth::kTree;
  const int64_t time_ns = take_tick(kind, depth);
  ++stats_.edge_ticks;
  book(depth, base::thread_cpu_ns() - cpu_before_ns);
  return time_ns;
}

// ---- on the sampling thread ----------------------------------------------------------------

void Sampler::run(int64_t start_ns) {
  ::pthread_setname_np(::pthread_self(), "jumper-sampler");
  ::prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
  std::unique_lock lock(mutex_);
  clockid_t thread_clock{};
  if (::pthread_getcpuclockid(::pthread_self(), &thread_clock) == 0)
    clocks_.set_thread(thread_clock, thread_cpu_ns_);
  Schedule schedule(start_ns, settings_.interval_ns);
  while (!stopping_) {
    const int64_t due_ns = next_due_ns(schedule);
    const std::chrono::steady_clock::time_point deadline{std::chrono::nanoseconds(due_ns)};
    wake_.wait_until(lock, deadline, [&] { return stopping_ || next_due_ns(schedule) < due_ns; });
    if (stopping_) break;
    if (clock_.monotonic_ns() < next_due_ns(schedule)) continue;  // woken to see a nearer deadline
    take_due_tick(schedule, due_ns);
    find_shared_pages(schedule, lock);
  }
  thread_cpu_ns_ += base::thread_cpu_ns();
  clocks_.set_thread(std::nullopt, thread_cpu_ns_);
}

// Between ticks, and without the lock: a cell that begins or ends does not wait for it.
void Sampler::find_shared_pages(const Schedule& schedule, std::unique_lock<std::mutex>& lock) {
  walk_budget_.earn(clock_.monotonic_ns());
  for (int count = 0; count < kMostWalksAtOnce && !stopping_; ++count) {
    const int64_t now_ns = clock_.monotonic_ns();
    const int64_t cpu_before_ns = base::thread_cpu_ns();
    const auto walk = processes_->next_walk(now_ns, walk_budget_);
    if (!walk || !budget_.affords(walk->expected_ns)) return;
    if (now_ns + walk->expected_ns >= next_due_ns(schedule)) return;
    const uint64_t calls_before = walk_buffer_.read_calls();
    const uint64_t bytes_before = walk_buffer_.bytes_read();
    lock.unlock();
    const PageWalkResult result = walk_pages(root_, *walk, walk_buffer_);
    lock.lock();
    buffer_.count_calls(walk_buffer_.read_calls() - calls_before,
                        walk_buffer_.bytes_read() - bytes_before);
    processes_->put_walk(*walk, result, clock_.monotonic_ns());
    const int64_t cpu_ns = base::thread_cpu_ns() - cpu_before_ns;
    walk_budget_.spend(cpu_ns);
    budget_.spend(cpu_ns);
    stats_.cpu_ns += cpu_ns;
    ++stats_.page_walks;
  }
}

int64_t Sampler::next_due_ns(const Schedule& schedule) const {
  return curve_due_ns_ ? std::min(*curve_due_ns_, schedule.deadline_ns()) : schedule.deadline_ns();
}

void Sampler::plan_curve(int64_t now_ns) {
  curve_due_ns_.reset();
  if (!cell_start_ns_) return;
  const int64_t period_ns = curve_period_ns(now_ns - *cell_start_ns_, settings_.interval_ns);
  if (period_ns < settings_.interval_ns) curve_due_ns_ = now_ns + period_ns;
}

void Sampler::take_due_tick(Schedule& schedule, int64_t due_ns) {
  const int64_t cpu_before_ns = base::thread_cpu_ns();
  const int64_t now_ns = clock_.monotonic_ns();
  budget_.earn(now_ns);
  const bool is_at_interval = now_ns >= schedule.deadline_ns();
  std::optional<Depth> depth;
  if (is_at_interval) {
    depth = affordable_depth();
  } else if (budget_.affords(tree_cost_.ns())) {
    depth = Depth::kTree;
  }

  if (depth) take_tick(TickKind::kPeriodic, *depth);
  if (is_at_interval) {
    const uint64_t missed_before = schedule.missed();
    schedule.advance(clock_.monotonic_ns());
    stats_.missed_ticks += schedule.missed() - missed_before;
    ++(depth ? stats_.ticks : stats_.stretched_ticks);
    if (depth == Depth::kTree) ++stats_.light_ticks;
    ++stats_.wake_ups;
    stats_.late_sum_ns += now_ns - due_ns;
    stats_.late_max_ns = std::max(stats_.late_max_ns, now_ns - due_ns);
  } else if (depth) {
    ++stats_.curve_ticks;
  }
  plan_curve(clock_.monotonic_ns());
  // Going to sleep and waking up cost as well, and are not in the clock yet when it is read here.
  static constexpr int64_t kWakeUpNs = 20'000;
  const int64_t cpu_ns = base::thread_cpu_ns() - cpu_before_ns + kWakeUpNs;
  if (depth) {
    book(*depth, cpu_ns);
  } else {
    budget_.spend(cpu_ns);
    stats_.cpu_ns += cpu_ns;
  }
}

// What the tick at an interval may read. What an interval earns can always be spent at its end: the
// curves of cells live on savings, and cannot starve it.
std::optional<Sampler::Depth> Sampler::affordable_depth() const {
  const auto earned_ns =
      static_cast<int64_t>(budget_.share() * static_cast<double>(settings_.interval_ns));
  const auto affords = [&](const CostEstimate& cost) {
    return cost.ns() <= earned_ns || budget_.affords(cost.ns());
  };
  if (affords(full_cost_)) return Depth::kFull;
  if (affords(tree_cost_)) return Depth::kTree;
  return std::nullopt;
}

void Sampler::book(Depth depth, int64_t cpu_ns) {
  (depth == Depth::kFull ? full_cost_ : tree_cost_).add(cpu_ns);
  budget_.spend(cpu_ns);
  stats_.cpu_ns += cpu_ns;
}

// ---- a tick --------------------------------------------------------------------------------

void Sampler::read_sources(Depth depth) {
  for (const PlacedSource& placed : sources_) {
    const std::span<double> values = std::span(values_).subspan(placed.first, placed.count);
    if (depth == Depth::kFull) {
      placed.source->read(buffer_, values);
    } else {
      std::ranges::fill(values, metric::kAbsent);
    }
  }
}

ProcessTable::Pass Sampler::read_processes(ProcessTable::Moment moment, Depth depth) {
  const bool is_full = depth == Depth::kFull;
  const ProcessTable::Pass pass = processes_->update(
      buffer_, moment, is_full ? ProcessTable::Reach::kAll : ProcessTable::Reach::kTree);
  const std::span<double> values(values_);
  const std::span<double> user_values = values.subspan(kGroupMetrics.size(), kGroupMetrics.size());
  const GroupTotals& tree = processes_->totals(Group::kTree);
  fill_group(tree, values.subspan(0, kGroupMetrics.size()));
  stats_.io_unreadable = tree.io_unreadable;
  stats_.shared_in_full = tree.shared_in_full;
  if (is_full) {
    const GroupTotals& user = processes_->totals(Group::kUser);
    fill_group(user, user_values);
    stats_.user_io_unreadable = user.io_unreadable;
    stats_.user_shared_in_full = user.shared_in_full;
  } else {
    std::ranges::fill(user_values, metric::kAbsent);
  }
  return pass;
}

int64_t Sampler::take_tick(TickKind kind, Depth depth) {
  // What the tick itself costs is to fall outside the cell: so its start is read last, its end
  // first. The first tick of all has to look at every process there is.
  ProcessTable::Pass pass;
  if (kind == TickKind::kCellStart || kind == TickKind::kStart) {
    read_sources(depth);
    pass = read_processes(ProcessTable::Moment::kLast, depth);
  } else {
    const bool is_end = kind == TickKind::kCellEnd;
    pass = read_processes(is_end ? ProcessTable::Moment::kFirst : ProcessTable::Moment::kClocks,
                          depth);
    read_sources(depth);
  }
  // Two ticks never share a time: a rate between them could not be told.
  last_time_ns_ = std::max(pass.time_ns, last_time_ns_ + 1);
  sink_.append({last_time_ns_, kind, values_});
  return last_time_ns_;
}

}  // namespace jumper::sampler
