// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/sampler/sampler.h"

#include <pthread.h>
#include <sys/prctl.h>

#include <algorithm>
#include <cmath>
#include <ctime>
#include <limits>
#include <system_error>
#include <utility>

#include "jumper/base/block_signals.h"
#include "jumper/sampler/cadence.h"

namespace jumper::sampler {

using metric::TickKind;

namespace {

// Of the tree, memory, I/O and new members are looked at no more often than this. The clocks are of
// every tick.
constexpr int64_t kDetailsPeriodNs = 4'000'000;

// The part of the budget that may go into walks through page tables; and what may, of one core,
// where there is no budget.
constexpr double kWalkPart = 0.5;
constexpr double kWalkShareUnlimited = 0.02;
constexpr size_t kMostLargest = 3;  // of the processes that a watcher is told
constexpr int kMostWalksAtOnce = 64;

std::optional<gpu::Readout> edge_of(gpu::Poller& gpus) {
  const auto request = gpus.request_edge();
  return request ? gpus.wait_for_edge(*request) : std::nullopt;
}

}  // namespace

Sampler::Sampler(const kernfs::KernelRoot& root, const base::Clock& clock,
                 const base::ProcessClocks& clocks, ProcessTable::Options options,
                 metric::TickSink& sink)
    : root_(root),
      clock_(clock),
      options_(options),
      sink_(sink),
      clocks_(clocks, options.self_pid, options.written) {}

std::optional<int64_t> ClocksWithoutSampler::process_cpu_ns(pid_t pid) const {
  const auto cpu_ns = clocks_.process_cpu_ns(pid);
  if (!cpu_ns || pid != self_pid_) return cpu_ns;
  return std::max<int64_t>(*cpu_ns - left_out_ns(), 0);
}

int64_t ClocksWithoutSampler::left_out_ns() const {
  int64_t sampler_ns = used_before_ns_;
  if (helpers_ != nullptr) sampler_ns += helpers_->cpu_ns;
  if (gpus_ != nullptr) sampler_ns += gpus_->cpu_ns();
  timespec used{};
  if (thread_clock_ && ::clock_gettime(*thread_clock_, &used) == 0) {
    sampler_ns += used.tv_sec * base::kNanosPerSecond + used.tv_nsec;
  }
  return sampler_ns;
}

Sampler::~Sampler() {
  stop();
}

void Sampler::set_watcher(ProcessWatcher* watcher) {
  watcher_ = watcher;
}

base::Status Sampler::start(const SamplerOptions& options) {
  if (options.interval_ns <= 0) return base::bad_input("the interval must be longer than nothing");
  const std::scoped_lock thread_lock(thread_mutex_);
  if (thread_.joinable()) return base::Done{};
  int64_t start_ns = 0;
  std::optional<gpu::Readout> gpu_edge;
  if (options.gpus != nullptr) {
    options.gpus->set_listener([this](const gpu::Readout& readout) { take_gpu_readout(readout); });
    gpu_edge = edge_of(*options.gpus);
  }
  {
    const std::scoped_lock lock(mutex_);
    settings_ = options;
    gpu_edge_ = std::move(gpu_edge);
    gpu_cpu_before_ns_ = options.gpus != nullptr ? options.gpus->cpu_ns() : 0;
    clocks_.set_gpus(options.gpus);
    budget_ = Budget(options.budget_share);
    walk_budget_ = Budget(budget_.is_limited() ? kWalkPart * budget_.share() : kWalkShareUnlimited);
    wall_meter_.emplace(root_);
    peak_meter_.emplace(root_);
    processes_.reset();
    series_ = make_sources();
    begin_gpus();
    ProcessTable::Options following = options_;
    following.details_period_ns = kDetailsPeriodNs;
    following.gpus = options.gpus;
    for (const auto& level : followed_)
      (level->group == Group::kJob ? following.job : following.container) = &level->members;
    processes_ = std::make_unique<ProcessTable>(root_, clock_, clocks_, following);
    values_.assign(series_.size(), metric::kAbsent);
    last_values_ = values_;
    sink_.begin(std::make_shared<const metric::Schema>(series_));

    stopping_ = false;
    running_ = true;
    cell_start_ns_.reset();
    curve_due_ns_.reset();
    peak_was_reset_ = false;
    started_ns_ = clock_.monotonic_ns();
    const int64_t cpu_before_ns = base::thread_cpu_ns();
    tiers_.choose_all();
    take_tick(TickKind::kStart);
    stats_.cpu_ns += base::thread_cpu_ns() - cpu_before_ns;
    start_ns = last_time_ns_;
  }
  try {
    const base::BlockSignals block;
    thread_ = std::thread(&Sampler::run, this, start_ns);
  } catch (const std::system_error& error) {
    if (options.gpus != nullptr) options.gpus->set_listener(nullptr);
    const std::scoped_lock lock(mutex_);
    running_ = false;
    return base::Error{base::ErrorCode::kIo,
                       "cannot start the sampling thread: " + error.code().message(),
                       error.code().value()};
  }
  // Not before: what comes ahead of the first tick is not kept.
  if (options.gpus != nullptr) options.gpus->read_now();
  return base::Done{};
}

void Sampler::stop() {
  const std::scoped_lock thread_lock(thread_mutex_);
  if (!thread_.joinable()) return;
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify();
  thread_.join();
  gpu::Poller* const gpus = gpus_to_ask();
  std::optional<gpu::Readout> gpu_edge;
  if (gpus != nullptr) {
    gpu_edge = edge_of(*gpus);
    gpus->set_listener(nullptr);
  }
  {
    const std::scoped_lock lock(mutex_);
    take_last_tick(gpus, std::move(gpu_edge));
  }
  const std::scoped_lock edges_are_taken(edge_mutex_);
}

void Sampler::take_last_tick(gpu::Poller* gpus, std::optional<gpu::Readout> gpu_edge) {
  gpu_edge_ = std::move(gpu_edge);
  if (gpus != nullptr) gpu_cpu_ns_ += gpus->cpu_ns() - gpu_cpu_before_ns_;
  const int64_t cpu_before_ns = base::thread_cpu_ns();
  tiers_.choose_all();
  take_tick(TickKind::kStop);
  stats_.cpu_ns += base::thread_cpu_ns() - cpu_before_ns;
  running_ = false;
  running_before_ns_ += last_time_ns_ - started_ns_;
}

void Sampler::run_between_ticks(const std::function<void()>& action) {
  const std::scoped_lock lock(mutex_);
  action();
}

SamplerStats Sampler::stats() const {
  const std::scoped_lock lock(mutex_);
  SamplerStats stats = stats_;
  for (const Tier& tier : tiers_.all()) {
    if (tier.left_out > 0) stats.left_out.push_back({std::string(tier.name), tier.left_out});
  }
  stats.cpu_ns += gpu_cpu_ns_;
  if (running_ && settings_.gpus != nullptr)
    stats.cpu_ns += settings_.gpus->cpu_ns() - gpu_cpu_before_ns_;
  stats.running_ns = running_before_ns_ + (running_ ? clock_.monotonic_ns() - started_ns_ : 0);
  return stats;
}

// ---- on the caller's thread ----------------------------------------------------------------

int64_t Sampler::tick_now(TickKind kind) {
  const std::scoped_lock lock(mutex_);
  return running_ ? take_edge_tick(kind) : clock_.monotonic_ns();
}

std::optional<CellEdge> Sampler::begin_cell() {
  const std::scoped_lock edge_lock(edge_mutex_);
  std::optional<CellEdge> edge;
  bool must_wake = false;
  auto gpu_edge = read_gpu_edge();
  {
    const std::scoped_lock lock(mutex_);
    if (!running_) return std::nullopt;
    gpu_edge_ = std::move(gpu_edge);
    edge.emplace();
    peak_was_reset_ = settings_.exact_peak && peak_meter_->reset();
    edge->largest_child_bytes = source::PeakMeter::largest_child_bytes();
    edge->time_ns = take_edge_tick(TickKind::kCellStart);
    cell_start_ns_ = edge->time_ns;
    plan_curve(edge->time_ns);
    must_wake = curve_due_ns_ && *curve_due_ns_ < sleeping_until_ns_;
    edge->wall = wall_meter_->read(buffer_);
  }
  // The thread sleeps towards a deadline that may be far off: now there is a nearer one.
  if (must_wake) wake_.notify();
  return edge;
}

std::optional<CellEdge> Sampler::end_cell() {
  const std::scoped_lock edge_lock(edge_mutex_);
  CellEdge edge;
  gpu::Poller* gpus = nullptr;
  std::optional<uint64_t> request;
  std::optional<int64_t> start_ns;
  {
    const std::scoped_lock lock(mutex_);
    if (!running_) return std::nullopt;
    gpus = settings_.gpus;
    if (gpus != nullptr) request = gpus->request_edge();
    edge.wall = wall_meter_->read(buffer_);
    edge.time_ns =
        take_edge_tick(TickKind::kCellEnd, request ? Delivery::kWhenGpusAnswer : Delivery::kNow);
    if (peak_was_reset_) edge.peak_resident_bytes = peak_meter_->own_peak_bytes(buffer_);
    edge.largest_child_bytes = source::PeakMeter::largest_child_bytes();
    start_ns = std::exchange(cell_start_ns_, std::nullopt);
    curve_due_ns_.reset();
  }
  if (!request) return edge;
  const auto readout = gpus->wait_for_edge(*request);
  // A reading from before the cell began, which edges close to each other share, tells nothing of
  // it.
  const bool is_of_cell = readout && start_ns && readout->time_ns > *start_ns;
  const std::scoped_lock lock(mutex_);
  deliver_held(is_of_cell ? &*readout : nullptr);
  return edge;
}

int64_t Sampler::take_edge_tick(TickKind kind, Delivery delivery) {
  const int64_t cpu_before_ns = base::thread_cpu_ns();
  const int64_t now_ns = clock_.monotonic_ns();
  budget_.earn(now_ns);
  choose_for_edge(now_ns);
  const int64_t time_ns = take_tick(kind, delivery);
  ++stats_.edge_ticks;
  book(base::thread_cpu_ns() - cpu_before_ns);
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
  booked_cpu_ns_ = 0;
  tell_watcher(lock);
  while (!stopping_) {
    sleeping_until_ns_ = next_due_ns(schedule);
    wake_.wait_until(lock, sleeping_until_ns_);
    if (stopping_) break;
    const int64_t due_ns = next_due_ns(schedule);
    if (clock_.monotonic_ns() < due_ns) continue;  // woken to see a nearer deadline
    take_due_tick(schedule, due_ns);
    find_shared_pages(schedule, lock);
    tell_watcher(lock);
  }
  thread_cpu_ns_ += base::thread_cpu_ns();
  clocks_.set_thread(std::nullopt, thread_cpu_ns_);
}

// Between ticks, and without the lock: a cell that begins or ends does not wait for it.
void Sampler::find_shared_pages(const Schedule& schedule, std::unique_lock<std::mutex>& lock) {
  walk_budget_.earn(clock_.monotonic_ns());
  for (int count = 0; count < kMostWalksAtOnce && !stopping_; ++count) {
    const int64_t now_ns = clock_.monotonic_ns();
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
    const int64_t cpu_ns = unbooked_cpu_ns();
    walk_budget_.spend(cpu_ns);
    budget_.spend(cpu_ns);
    stats_.cpu_ns += cpu_ns;
    ++stats_.page_walks;
  }
}

void Sampler::tell_watcher(std::unique_lock<std::mutex>& lock) {
  if (watcher_ == nullptr || stopping_) return;
  const GroupTotals& tree = processes_->totals(Group::kTree);
  if (!watcher_->wants_processes(last_time_ns_, tree.memory_bytes)) return;
  const LargestProcesses largest{last_time_ns_, tree.processes, processes_->largest(kMostLargest)};
  const uint64_t calls_before = walk_buffer_.read_calls();
  const uint64_t bytes_before = walk_buffer_.bytes_read();
  lock.unlock();
  watcher_->take_processes(largest, walk_buffer_);
  lock.lock();
  buffer_.count_calls(walk_buffer_.read_calls() - calls_before,
                      walk_buffer_.bytes_read() - bytes_before);
  const int64_t cpu_ns = unbooked_cpu_ns();
  budget_.spend(cpu_ns);
  stats_.cpu_ns += cpu_ns;
}

int64_t Sampler::next_due_ns(const Schedule& schedule) const {
  return curve_due_ns_ ? std::min(*curve_due_ns_, schedule.deadline_ns()) : schedule.deadline_ns();
}

void Sampler::plan_curve(int64_t now_ns) {
  curve_due_ns_.reset();
  if (!cell_start_ns_) return;
  int64_t period_ns = curve_period_ns(now_ns - *cell_start_ns_, settings_.interval_ns);
  for (const PlacedSource& placed : sources_) {
    if (const auto hurried_ns = placed.watch.period_ns())
      period_ns = std::min(period_ns, *hurried_ns);
  }
  if (period_ns >= settings_.interval_ns) return;
  curve_due_ns_ = now_ns + std::max(period_ns, budget_.wait_ns(base_cost_.ns()));
}

// To wake up and find that a tick cannot be paid costs half as much as the tick: where that is
// known before, the thread sleeps on. Else it could spend on waking up all that it earns.
void Sampler::plan_next(Schedule& schedule) {
  const int64_t now_ns = clock_.monotonic_ns();
  const int64_t cost_ns = base_cost_.ns();
  if (cost_ns > interval_earnings_ns())
    stats_.stretched_ticks += schedule.skip_until(now_ns + budget_.wait_ns(cost_ns));
  plan_curve(now_ns);
}

int64_t Sampler::interval_earnings_ns() const {
  if (!budget_.is_limited()) return std::numeric_limits<int64_t>::max();
  return std::llround(budget_.share() * static_cast<double>(settings_.interval_ns));
}

void Sampler::take_due_tick(Schedule& schedule, int64_t due_ns) {
  const int64_t now_ns = clock_.monotonic_ns();
  budget_.earn(now_ns);
  const bool is_at_interval = now_ns >= schedule.deadline_ns();
  const bool is_taken = choose_affordable(now_ns, is_at_interval);
  if (is_taken) take_tick(TickKind::kPeriodic);
  if (is_at_interval) {
    const uint64_t missed_before = schedule.missed();
    schedule.advance(clock_.monotonic_ns());
    stats_.missed_ticks += schedule.missed() - missed_before;
    ++(is_taken ? stats_.ticks : stats_.stretched_ticks);
    ++stats_.wake_ups;
    stats_.late_sum_ns += now_ns - due_ns;
    stats_.late_max_ns = std::max(stats_.late_max_ns, now_ns - due_ns);
  } else if (is_taken) {
    ++stats_.curve_ticks;
  }
  const int64_t cpu_ns = unbooked_cpu_ns();
  if (is_taken) {
    book(cpu_ns);
  } else {
    budget_.spend(cpu_ns);
    stats_.cpu_ns += cpu_ns;
  }
  plan_next(schedule);
}

// What the sampling thread used since this was last asked: going to sleep and waking up, as well.
int64_t Sampler::unbooked_cpu_ns() {
  const int64_t booked_ns = std::exchange(booked_cpu_ns_, base::thread_cpu_ns());
  return booked_cpu_ns_ - booked_ns;
}

// Takes note of what a tick cost, its extras told apart.
void Sampler::book(int64_t cpu_ns) {
  // The extras were timed by the wall clock: where the thread was interrupted, they seem to have
  // taken more than everything.
  base_cost_.add(std::max(cpu_ns - extra_cost_ns_, cpu_ns / 8));
  budget_.spend(cpu_ns);
  stats_.cpu_ns += cpu_ns;
}

}  // namespace jumper::sampler
