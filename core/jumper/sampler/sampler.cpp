// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/sampler/sampler.h"

#include <pthread.h>
#include <sys/prctl.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <system_error>

#include "jumper/source/system_cpu.h"
#include "jumper/source/system_disk.h"
#include "jumper/source/system_memory.h"

namespace jumper::sampler {

using metric::Metric;
using metric::Scope;
using metric::TickKind;

namespace {

constexpr std::array kGroupMetrics = {
    Metric::kCpuTime,      Metric::kMemory,      Metric::kMemoryResident, Metric::kIoReadCalls, Metric::kIoWriteCalls,
    Metric::kIoReadBytes,  Metric::kIoWriteBytes, Metric::kIoReadChars,   Metric::kIoWriteChars, Metric::kProcesses,
};

// In the order of kGroupMetrics.
void fill_group(const GroupTotals& totals, std::span<double> values) {
  const auto put = [&](size_t at, auto value) { values[at] = static_cast<double>(value); };
  put(0, totals.cpu_ns);
  put(1, totals.resident_bytes);
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

Sampler::Sampler(const kernfs::KernelRoot& root, const base::Clock& clock, const base::ProcessClocks& clocks,
                 ProcessTable::Options options, metric::TickSink& sink)
    : root_(root), clock_(clock), clocks_(clocks), options_(options), sink_(sink) {}

Sampler::~Sampler() { stop(); }

base::Status Sampler::start(int64_t period_ns) {
  if (thread_.joinable()) return base::Done{};
  int64_t start_ns = 0;
  {
    const std::scoped_lock lock(mutex_);
    sources_.clear();
    sources_.push_back(std::make_unique<source::SystemCpu>(root_));
    sources_.push_back(std::make_unique<source::SystemMemory>(root_));
    sources_.push_back(std::make_unique<source::SystemDisk>(root_));
    processes_ = std::make_unique<ProcessTable>(root_, clock_, clocks_, options_);

    std::vector<metric::SeriesKey> series;
    for (const Scope scope : {Scope::kProcess, Scope::kUser}) {
      for (const Metric metric : kGroupMetrics) series.push_back({metric, scope, metric::kWhole});
    }
    for (const auto& source : sources_) {
      for (const metric::SeriesKey& key : source->series()) series.push_back(key);
    }
    values_.assign(series.size(), metric::kAbsent);
    sink_.begin(std::make_shared<const metric::Schema>(std::move(series)));

    stopping_ = false;
    running_ = true;
    started_ns_ = clock_.monotonic_ns();
    take_tick(TickKind::kStart);
    start_ns = last_time_ns_;
  }
  try {
    const BlockSignals block;
    thread_ = std::thread(&Sampler::run, this, start_ns, period_ns);
  } catch (const std::system_error& error) {
    const std::scoped_lock lock(mutex_);
    running_ = false;
    return base::Error{base::ErrorCode::kIo, "cannot start the sampling thread: " + error.code().message(),
                       error.code().value()};
  }
  return base::Done{};
}

void Sampler::stop() {
  if (!thread_.joinable()) return;
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
  const std::scoped_lock lock(mutex_);
  take_tick(TickKind::kStop);
  running_ = false;
  running_before_ns_ += last_time_ns_ - started_ns_;
}

int64_t Sampler::tick_now(TickKind kind) {
  const std::scoped_lock lock(mutex_);
  if (!running_) return clock_.monotonic_ns();
  const int64_t cpu_before_ns = base::thread_cpu_ns();
  const int64_t time_ns = take_tick(kind);
  ++stats_.edge_ticks;
  stats_.cpu_ns += base::thread_cpu_ns() - cpu_before_ns;
  return time_ns;
}

SamplerStats Sampler::stats() const {
  const std::scoped_lock lock(mutex_);
  SamplerStats stats = stats_;
  stats.running_ns = running_before_ns_ + (running_ ? clock_.monotonic_ns() - started_ns_ : 0);
  return stats;
}

void Sampler::run(int64_t start_ns, int64_t period_ns) {
  ::pthread_setname_np(::pthread_self(), "jumper-sampler");
  ::prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
  Schedule schedule(start_ns, period_ns);
  const int64_t cpu_at_start_ns = base::thread_cpu_ns();
  int64_t cpu_booked_ns = cpu_at_start_ns;
  uint64_t missed_booked = 0;

  std::unique_lock lock(mutex_);
  while (!stopping_) {
    const std::chrono::steady_clock::time_point deadline{std::chrono::nanoseconds(schedule.deadline_ns())};
    if (wake_.wait_until(lock, deadline, [this] { return stopping_; })) break;
    take_tick(TickKind::kPeriodic);
    ++stats_.ticks;
    schedule.advance(clock_.monotonic_ns());
    stats_.missed_ticks += schedule.missed() - missed_booked;
    missed_booked = schedule.missed();
    // The wake-up is part of the cost: everything this thread used, not just the reading.
    const int64_t cpu_now_ns = base::thread_cpu_ns();
    stats_.cpu_ns += cpu_now_ns - cpu_booked_ns;
    cpu_booked_ns = cpu_now_ns;
  }
}

void Sampler::read_sources() {
  size_t at = 2 * kGroupMetrics.size();
  for (const auto& source : sources_) {
    const size_t count = source->series().size();
    source->read(buffer_, std::span(values_).subspan(at, count));
    at += count;
  }
}

ProcessTable::Pass Sampler::read_processes(ProcessTable::Moment moment) {
  const ProcessTable::Pass pass = processes_->update(buffer_, moment);
  const std::span<double> values(values_);
  const GroupTotals& tree = processes_->totals(Group::kTree);
  const GroupTotals& user = processes_->totals(Group::kUser);
  fill_group(tree, values.subspan(0, kGroupMetrics.size()));
  fill_group(user, values.subspan(kGroupMetrics.size(), kGroupMetrics.size()));
  stats_.io_unreadable = tree.io_unreadable;
  stats_.user_io_unreadable = user.io_unreadable;
  return pass;
}

int64_t Sampler::take_tick(TickKind kind) {
  // What the tick itself costs is to fall outside the cell: so its start is read last, its end first.
  ProcessTable::Pass pass;
  if (kind == TickKind::kCellStart) {
    read_sources();
    pass = read_processes(ProcessTable::Moment::kLast);
  } else {
    pass = read_processes(ProcessTable::Moment::kFirst);
    read_sources();
  }
  // Two ticks never share a time: a rate between them could not be told.
  last_time_ns_ = std::max(pass.time_ns, last_time_ns_ + 1);
  sink_.append({last_time_ns_, kind, values_});
  return last_time_ns_;
}

}  // namespace jumper::sampler
