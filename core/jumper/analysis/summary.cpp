// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/analysis/summary.h"

#include <array>
#include <vector>

#include "jumper/analysis/gpu_summary.h"
#include "jumper/analysis/series_walk.h"
#include "jumper/base/clock.h"

namespace jumper::analysis {

using metric::Metric;

namespace {

// In the order in which they are read.
enum Read : uint8_t { kCpu, kMemory, kProcesses, kReadBytes, kWriteBytes, kReadCalls, kWriteCalls };
constexpr std::array kMetrics = {Metric::kCpuTime,     Metric::kMemory,       Metric::kProcesses,
                                 Metric::kIoReadBytes, Metric::kIoWriteBytes, Metric::kIoReadCalls,
                                 Metric::kIoWriteCalls};

metric::SeriesKey key_of(Read read, metric::Scope scope) {
  return {kMetrics[read], scope, metric::kWhole};
}

std::vector<metric::SeriesKey> keys_of(metric::Scope scope) {
  std::vector<metric::SeriesKey> keys;
  keys.reserve(kMetrics.size());
  for (const Metric metric : kMetrics) keys.push_back({metric, scope, metric::kWhole});
  return keys;
}

// All series side by side, so that what they share is decoded once.
class Walks {
 public:
  explicit Walks(int64_t shortest_rate_ns) : cpu_(shortest_rate_ns) {}

  void add(store::ColumnReader& reader) {
    cpu_.add(run_of(reader, kCpu));
    memory_.add(run_of(reader, kMemory));
    processes_.add(run_of(reader, kProcesses));
    for (size_t i = 0; i < io_.size(); ++i) io_[i].add(run_of(reader, kReadBytes + i));
  }
  void add_thinned(const store::Snapshot& snapshot, metric::Scope scope, const Interval& interval) {
    memory_.add_thinned(snapshot, key_of(kMemory, scope), interval);
    processes_.add_thinned(snapshot, key_of(kProcesses, scope), interval);
  }
  void end_interval() {
    cpu_.end_interval();
    if (cpu_.time_ns() > measured_before_ns_) ++measured_intervals_;
    measured_before_ns_ = cpu_.time_ns();
    memory_.end_interval();
    for (TotalWalk& io : io_) io.end_interval();
  }
  [[nodiscard]] Summary summary(double cpus) const;

 private:
  CounterWalk cpu_;
  GaugeWalk memory_;
  HighestWalk processes_;
  std::array<TotalWalk, 4> io_;
  size_t measured_intervals_ = 0;
  int64_t measured_before_ns_ = 0;  // the interval
};

Summary Walks::summary(double cpus) const {
  Summary summary;
  summary.measured_ns = cpu_.time_ns();
  summary.measured_intervals = measured_intervals_;
  summary.samples = memory_.samples();
  if (const auto rate = cpu_.rate()) {
    // CPU nanoseconds per nanosecond are CPUs; 100 % is all of them.
    const double percent = 100.0 / cpus;
    summary.cpu_percent =
        Spread{rate->average * percent, rate->minimum * percent, rate->maximum * percent};
    summary.cpu_seconds = cpu_.total() / 1e9;
  }
  summary.memory_bytes = memory_.spread();
  summary.memory_change_bytes = memory_.change();
  summary.io_read_bytes = io_[0].total();
  summary.io_write_bytes = io_[1].total();
  summary.io_read_calls = io_[2].total();
  summary.io_write_calls = io_[3].total();
  summary.most_processes = processes_.highest();
  return summary;
}

}  // namespace

std::optional<double> Summary::cores_used() const {
  if (!cpu_seconds || measured_ns <= 0) return std::nullopt;
  return *cpu_seconds / base::seconds(measured_ns);
}

Summary summarize(const store::Snapshot& snapshot, std::span<const Interval> intervals,
                  const SummaryOptions& options) {
  return Summarizer(snapshot, options).summarize(intervals);
}

Summarizer::Summarizer(const store::Snapshot& snapshot, const SummaryOptions& options)
    : snapshot_(snapshot),
      options_(options),
      thinned_until_ns_(snapshot.thinned_until_ns()),
      reader_(snapshot, keys_of(options.scope)),
      gpus_(GpuSummarizer::make(snapshot, options.scope)) {}
Summarizer::~Summarizer() = default;

Summary Summarizer::summarize(std::span<const Interval> intervals) {
  Walks walks(options_.shortest_rate_ns);
  for (const Interval& interval : intervals) {
    for_each_run(snapshot_, reader_, interval, [&] { walks.add(reader_); });
    if (thinned_until_ns_ >= interval.from_ns)
      walks.add_thinned(snapshot_, options_.scope, interval);
    walks.end_interval();
  }
  Summary summary = walks.summary(options_.cpus);
  summary.scope = options_.scope;
  summary.cpus = options_.cpus;
  if (gpus_) gpus_->fill(summary, intervals);
  return summary;
}

}  // namespace jumper::analysis
