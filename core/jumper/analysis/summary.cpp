// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/analysis/summary.h"

#include "jumper/analysis/series_walk.h"
#include "jumper/base/clock.h"

namespace jumper::analysis {

using metric::Metric;

std::optional<double> Summary::cores_used() const {
  if (!cpu_seconds || measured_ns <= 0) return std::nullopt;
  return *cpu_seconds / base::seconds(measured_ns);
}

Summary summarize(const store::Snapshot& snapshot, std::span<const Interval> intervals,
                  const SummaryOptions& options) {
  Summary summary;
  summary.scope = options.scope;
  summary.cpus = options.cpus;

  const auto key = [&](Metric metric) {
    return metric::SeriesKey{metric, options.scope, metric::kWhole};
  };
  CounterWalk cpu(options.shortest_rate_ns);
  GaugeWalk memory;
  GaugeWalk processes;
  for (const Interval& interval : intervals) {
    const int64_t measured_before_ns = cpu.time_ns();
    cpu.add(snapshot, key(Metric::kCpuTime), interval);
    if (cpu.time_ns() > measured_before_ns) ++summary.measured_intervals;
    memory.add(snapshot, key(Metric::kMemory), interval);
    processes.add(snapshot, key(Metric::kProcesses), interval);
  }
  const auto total = [&](Metric metric) -> std::optional<double> {
    CounterWalk walk(options.shortest_rate_ns);
    for (const Interval& interval : intervals) walk.add(snapshot, key(metric), interval);
    return walk.measured() ? std::optional(walk.total()) : std::nullopt;
  };

  summary.measured_ns = cpu.time_ns();
  summary.samples = memory.samples();
  if (const auto rate = cpu.rate()) {
    // CPU nanoseconds per nanosecond are CPUs; 100 % is all of them.
    const double percent = 100.0 / options.cpus;
    summary.cpu_percent =
        Spread{rate->average * percent, rate->minimum * percent, rate->maximum * percent};
    summary.cpu_seconds = cpu.total() / 1e9;
  }
  summary.memory_bytes = memory.spread();
  summary.memory_change_bytes = memory.change();
  summary.io_read_bytes = total(Metric::kIoReadBytes);
  summary.io_write_bytes = total(Metric::kIoWriteBytes);
  summary.io_read_calls = total(Metric::kIoReadCalls);
  summary.io_write_calls = total(Metric::kIoWriteCalls);
  if (const auto spread = processes.spread()) summary.most_processes = spread->maximum;
  return summary;
}

}  // namespace jumper::analysis
