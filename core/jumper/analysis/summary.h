// SPDX-License-Identifier: BSD-3-Clause
// What stretches of time cost at one level: averages, extremes and totals, made from counters and
// gauges when they are asked for. Only time inside the stretches counts.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "jumper/metric/sample.h"
#include "jumper/store/snapshot.h"

namespace jumper::analysis {

struct Interval {
  int64_t from_ns = 0;
  int64_t to_ns = 0;
};

struct Spread {
  double average = 0;  // weighted by time
  double minimum = 0;
  double maximum = 0;
};

struct Summary {
  metric::Scope scope = metric::Scope::kProcess;
  int64_t measured_ns = 0;  // time between samples inside the intervals
  size_t measured_intervals = 0;
  size_t samples = 0;
  double cpus = 1;  // how many CPUs 100 % stands for

  std::optional<Spread> cpu_percent;
  std::optional<double> cpu_seconds;
  std::optional<Spread> memory_bytes;
  std::optional<double> memory_change_bytes;  // over all intervals, each from its start to its end
  std::optional<double> io_read_bytes;
  std::optional<double> io_write_bytes;
  std::optional<double> io_read_calls;
  std::optional<double> io_write_calls;
  std::optional<double> most_processes;

  // Of GPUs: the average over the level's cards, the most memory that any one of them had, and the
  // energy of those that the level's processes were on.
  std::optional<double> gpu_utilization;  // 0 to 1
  std::optional<double> gpu_memory_peak_bytes;
  std::optional<double> gpu_energy_joules;

  // How many CPUs were busy on average.
  [[nodiscard]] std::optional<double> cores_used() const;
};

struct SummaryOptions {
  metric::Scope scope = metric::Scope::kProcess;
  double cpus = 1;
  // Samples that lie closer together than this are taken together for the extremes of rates, so
  // that an extra sample at a cell's edge does not make one.
  int64_t shortest_rate_ns = 50'000'000;
};

[[nodiscard]] Summary summarize(const store::Snapshot& snapshot,
                                std::span<const Interval> intervals, const SummaryOptions& options);

class GpuSummarizer;

// Summaries one after the other, of the same snapshot: what was decoded for one serves the next
// where that lies close by, so they are best asked for in order of time. Of one thread.
class Summarizer {
 public:
  // The snapshot must outlive it.
  Summarizer(const store::Snapshot& snapshot, const SummaryOptions& options);
  ~Summarizer();
  Summarizer(const Summarizer&) = delete;
  Summarizer& operator=(const Summarizer&) = delete;

  [[nodiscard]] Summary summarize(std::span<const Interval> intervals);

 private:
  const store::Snapshot& snapshot_;
  SummaryOptions options_;
  std::optional<int64_t> thinned_until_ns_;
  store::ColumnReader reader_;
  std::unique_ptr<GpuSummarizer> gpus_;  // null: no GPU was ever measured at the level
};

}  // namespace jumper::analysis
