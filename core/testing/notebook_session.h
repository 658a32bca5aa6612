// SPDX-License-Identifier: BSD-3-Clause
// Ticks as a monitored notebook makes them, without end: 40 series at 10 Hz while cells compute,
// allocate, read and wait, with the noise that real counters have. The same for the same seed.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "jumper/metric/sample.h"

namespace jumper::testing {

struct NotebookOptions {
  uint64_t seed = 1;
  int64_t period_ns = 100'000'000;
  // More samples in young cells, of the process's own tree only: then the other series are absent.
  bool has_curves = false;
};

class NotebookSession {
 public:
  explicit NotebookSession(NotebookOptions options = {})
      : options_(options),
        state_(options.seed * 0x9E3779B97F4A7C15U + 1),
        values_(schema()->size(), 0) {
    for (double& value : values_) value = 1e9 + std::floor(uniform() * 1e6) * 4096;
    shown_ = values_;
  }

  [[nodiscard]] static std::shared_ptr<const metric::Schema> schema() {
    using metric::Metric;
    using metric::Scope;
    constexpr std::array kGroup = {
        Metric::kCpuTime,      Metric::kMemory,      Metric::kMemoryResident, Metric::kIoReadCalls,
        Metric::kIoWriteCalls, Metric::kIoReadBytes, Metric::kIoWriteBytes,   Metric::kIoReadChars,
        Metric::kIoWriteChars, Metric::kProcesses};
    std::vector<metric::SeriesKey> series;
    for (const Scope scope : {Scope::kProcess, Scope::kUser}) {
      for (const Metric metric : kGroup) series.push_back({metric, scope, metric::kWhole});
    }
    series.push_back({Metric::kCpuTime, Scope::kSystem, metric::kWhole});
    for (int32_t cpu = 0; cpu < static_cast<int32_t>(kCpus); ++cpu)
      series.push_back({Metric::kCpuTime, Scope::kSystem, cpu});
    for (const Metric metric : {Metric::kMemory, Metric::kIoReadCalls, Metric::kIoWriteCalls,
                                Metric::kIoReadBytes, Metric::kIoWriteBytes}) {
      series.push_back({metric, Scope::kSystem, metric::kWhole});
    }
    return std::make_shared<const metric::Schema>(std::move(series));
  }

  // The next tick; its values are valid until the one after it.
  [[nodiscard]] metric::Tick next() {
    if (first_) {
      first_ = false;
      return {now_ns_, metric::TickKind::kStart, shown_};
    }
    metric::TickKind kind = metric::TickKind::kPeriodic;
    const int64_t to_edge_ns = phase_end_ns_ - now_ns_;
    int64_t step_ns = std::max<int64_t>(next_grid_ns_ + noise_ns() - now_ns_, 1);
    bool is_full = true;
    if (options_.has_curves && in_cell_) {
      const int64_t curve_ns =
          std::max<int64_t>(5'000'000, (now_ns_ - phase_start_ns_) / 50) + noise_ns();
      is_full = curve_ns >= step_ns;
      step_ns = std::min(step_ns, curve_ns);
    }
    if (to_edge_ns <= step_ns) {
      step_ns = std::max<int64_t>(to_edge_ns, 1);
      kind = in_cell_ ? metric::TickKind::kCellEnd : metric::TickKind::kCellStart;
      is_full = true;
    }
    now_ns_ += step_ns;
    while (next_grid_ns_ <= now_ns_) next_grid_ns_ += options_.period_ns;
    run(static_cast<double>(step_ns));
    shown_ = values_;
    if (!is_full) std::fill(shown_.begin() + kGroupSize, shown_.end(), metric::kAbsent);
    if (kind != metric::TickKind::kPeriodic) next_phase();
    return {now_ns_, kind, shown_};
  }

 private:
  static constexpr size_t kGroupSize = 10;
  static constexpr size_t kCpus = 14;
  static constexpr double kClockTickNs = 1e7;
  enum class Work { kIdle, kCompute, kParallel, kAllocate, kRead };

  double uniform() {  // splitmix64
    uint64_t bits = state_ += 0x9E3779B97F4A7C15U;
    bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9U;
    bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EBU;
    return static_cast<double>((bits ^ (bits >> 31)) >> 11) * 0x1p-53;
  }
  bool chance(double share) { return uniform() < share; }
  int64_t noise_ns() { return static_cast<int64_t>(60'000 - 90'000 * std::log(1 - uniform())); }
  double pages(double bytes) { return std::floor(uniform() * bytes / 4096) * 4096; }

  void next_phase() {
    in_cell_ = !in_cell_;
    phase_start_ns_ = now_ns_;
    // Cells of 50 ms to a minute, most of them short; about as much time between them.
    phase_end_ns_ = now_ns_ + static_cast<int64_t>(5e7 * std::exp(uniform() * 7.1));
    static constexpr std::array kWorks = {Work::kCompute, Work::kParallel, Work::kAllocate,
                                          Work::kRead, Work::kIdle};
    work_ = in_cell_ ? kWorks[static_cast<size_t>(uniform() * kWorks.size())] : Work::kIdle;
  }

  void run(double step_ns) {
    const double cores = work_ == Work::kParallel ? 7.5
                         : work_ == Work::kIdle   ? 0.002
                         : work_ == Work::kRead   ? 0.3
                                                  : 0.99;
    const double cpu_ns = std::floor(cores * step_ns * (0.97 + 0.03 * uniform()) + uniform() * 2e5);
    const std::span<double> tree = std::span(values_).first(kGroupSize);
    const std::span<double> user = std::span(values_).subspan(kGroupSize, kGroupSize);
    const std::span<double> system = std::span(values_).subspan(2 * kGroupSize);
    const auto both = [&](size_t series, double change) {
      tree[series] += change;
      user[series] += change;
    };
    both(0, cpu_ns);
    user[0] += std::floor(step_ns * 0.01 * uniform());
    double resident = 0;
    if (work_ == Work::kAllocate) resident = chance(0.9) ? pages(2e7) : -pages(6e7);
    if (work_ != Work::kIdle && chance(0.2)) resident += pages(1e5);
    resident = std::max(resident, 4096 * 1000 - tree[1]);
    for (const size_t series : {1U, 2U}) both(series, resident);
    if (chance(0.1)) {
      const double others = pages(4e4) - 4096 * 4;
      for (const size_t series : {1U, 2U}) user[series] += others;
    }
    if (work_ == Work::kRead) {
      const double calls = std::floor(200 * uniform());
      both(3, calls);
      both(7, calls * 65'536);
      const double missed = chance(0.6) ? pages(calls * 65'536) : 0;
      both(5, missed);
      system[kCpus + 2] += std::ceil(missed / 131'072);
      system[kCpus + 4] += missed;
    }
    if (chance(work_ == Work::kIdle ? 0.3 : 0.6)) {  // messages to and from the front end
      both(3, 2);
      both(4, 3);
      both(7, 200 + std::floor(uniform() * 900));
      both(8, 300 + std::floor(uniform() * 900));
    }
    if (chance(0.05)) {
      both(6, pages(4e4));
      system[kCpus + 3] += 3;
      system[kCpus + 5] += pages(3e5);
    }
    if (chance(0.01)) user[9] = 20 + std::floor(uniform() * 4);
    run_system(cpu_ns, resident, step_ns);
    tree[9] = work_ == Work::kParallel ? 9 : 1;
  }

  // The machine's own counters: CPU time in clock ticks, memory that never stands still.
  void run_system(double cpu_ns, double resident, double step_ns) {
    const std::span<double> system = std::span(values_).subspan(2 * kGroupSize);
    double sum = 0;
    for (size_t cpu = 0; cpu < kCpus; ++cpu) {
      const double share = std::clamp(cpu_ns - static_cast<double>(cpu) * step_ns, 0.0, step_ns);
      owed_[cpu] += share + (chance(0.04) ? step_ns * 0.2 * uniform() : 0);
      const double ticks = std::floor(owed_[cpu] / kClockTickNs) * kClockTickNs;
      owed_[cpu] -= ticks;
      system[1 + cpu] += ticks;
      sum += ticks;
    }
    system[0] += sum;
    system[kCpus + 1] += resident + (chance(0.7) ? pages(4e5) - 4096 * 49 : 0);
  }

  NotebookOptions options_;
  uint64_t state_;
  std::vector<double> values_;
  std::vector<double> shown_;
  std::array<double, kCpus> owed_{};
  bool first_ = true;
  bool in_cell_ = false;
  Work work_ = Work::kIdle;
  int64_t now_ns_ = 3'600'000'000'000;
  int64_t next_grid_ns_ = now_ns_ + options_.period_ns;
  int64_t phase_start_ns_ = now_ns_;
  int64_t phase_end_ns_ = now_ns_ + 1'000'000'000;
};

}  // namespace jumper::testing
