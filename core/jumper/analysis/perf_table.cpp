// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/analysis/perf_table.h"

#include <algorithm>
#include <array>
#include <utility>

#include "jumper/analysis/gpu_columns.h"
#include "jumper/analysis/gpu_readings.h"

namespace jumper::analysis {
namespace {

using metric::Metric;
using metric::SeriesKey;

constexpr double kBytesPerGb = 1024.0 * 1024 * 1024;
constexpr double kBytesPerMb = 1024.0 * 1024;

// The rows that say anything about the scope, in runs: most often all of them.
std::vector<store::RowRange> runs_of(const store::Snapshot& snapshot, metric::Scope scope) {
  std::vector<store::RowRange> runs;
  store::ColumnReader reader(snapshot, {{Metric::kCpuTime, scope, metric::kWhole},
                                        {Metric::kMemory, scope, metric::kWhole}});
  store::RowRange left{0, snapshot.rows()};
  while (!left.empty()) {
    const store::RowRange part = reader.move_to(left);
    left.begin = part.end;
    const std::span<const double> cpu = reader.values(0);
    const std::span<const double> memory = reader.values(1);
    for (size_t i = 0; i < part.size(); ++i) {
      const bool has_value = (!cpu.empty() && !metric::is_absent(cpu[i])) ||
                             (!memory.empty() && !metric::is_absent(memory[i]));
      if (!has_value) continue;
      const size_t row = part.begin + i;
      if (runs.empty() || runs.back().end != row) runs.push_back({row, row});
      runs.back().end = row + 1;
    }
  }
  return runs;
}

class TableMaker {
 public:
  TableMaker(const store::Snapshot& snapshot, metric::Scope scope)
      : snapshot_(snapshot), scope_(scope), runs_(runs_of(snapshot, scope)) {
    for (const store::RowRange& run : runs_) size_ += run.size();
    times_ns_.reserve(size_);
    store::ColumnReader reader(snapshot, {});
    // A start itself may say nothing of the scope: it counts for the next row that does.
    size_t behind = 0;  // the last of our rows
    for (const store::RowRange& run : runs_) {
      if (has_start(reader, {behind, run.begin})) starts_.push_back(times_ns_.size());
      behind = run.end;
      for (store::RowRange left = run; !left.empty();) {
        left.begin = reader.move_to(left).end;
        const std::span<const int64_t> times_ns = reader.times_ns();
        const std::span<const metric::TickKind> kinds = reader.kinds();
        for (size_t i = 0; i < kinds.size(); ++i) {
          if (kinds[i] == metric::TickKind::kStart) starts_.push_back(times_ns_.size() + i);
        }
        times_ns_.insert(times_ns_.end(), times_ns.begin(), times_ns.end());
      }
    }
  }

  [[nodiscard]] size_t size() const { return size_; }
  [[nodiscard]] const std::vector<int64_t>& times_ns() const { return times_ns_; }

  [[nodiscard]] std::vector<double> gauge(Metric metric, double per_unit) const {
    std::vector<double> values = raw({metric, scope_, metric::kWhole});
    for (double& value : values) value /= per_unit;
    return values;
  }

  // Since monitoring started: differences added up, so that neither the machine's uptime nor a
  // restart of the monitor shows.
  [[nodiscard]] std::vector<double> counter(const SeriesKey& key, double per_unit) const {
    std::vector<double> values = raw(key);
    double total = 0;
    double before = metric::kAbsent;
    auto start = starts_.begin();
    for (size_t i = 0; i < values.size(); ++i) {
      if (is_start(start, i)) before = metric::kAbsent;
      const double now = values[i];
      if (metric::is_absent(now)) continue;
      if (now >= before) total += now - before;  // false while there is none before
      before = now;
      values[i] = total / per_unit;
    }
    return values;
  }

  // Percent of `cpus` CPUs since the row before.
  [[nodiscard]] std::vector<double> cpu_percent(int32_t instance, double cpus) const {
    std::vector<double> values = raw({Metric::kCpuTime, scope_, instance});
    double before = metric::kAbsent;
    int64_t before_ns = 0;
    auto start = starts_.begin();
    for (size_t i = 0; i < values.size(); ++i) {
      if (is_start(start, i)) before = metric::kAbsent;
      const double now = values[i];
      if (metric::is_absent(now)) continue;
      values[i] = metric::kAbsent;
      if (now >= before) {
        values[i] = (now - before) / static_cast<double>(times_ns_[i] - before_ns) * 100 / cpus;
      }
      before = now;
      before_ns = times_ns_[i];
    }
    return values;
  }

 private:
  using Starts = std::vector<size_t>;

  [[nodiscard]] static bool has_start(store::ColumnReader& reader, store::RowRange rows) {
    bool found = false;
    while (!rows.empty() && !found) {
      rows.begin = reader.move_to(rows).end;
      found = reader.has_start();
    }
    return found;
  }

  // For indices in rising order; `next` moves along.
  [[nodiscard]] bool is_start(Starts::const_iterator& next, size_t index) const {
    bool is_one = false;
    for (; next != starts_.end() && *next == index; ++next) is_one = true;
    return is_one;
  }

  [[nodiscard]] std::vector<double> raw(const SeriesKey& key) const {
    std::vector<double> values;
    values.reserve(size_);
    store::ColumnReader reader(snapshot_, {key});
    for (store::RowRange left : runs_) {
      while (!left.empty()) {
        const store::RowRange part = reader.move_to(left);
        left.begin = part.end;
        const std::span<const double> run = reader.values(0);
        values.insert(values.end(), run.begin(), run.end());
        if (run.empty()) values.resize(values.size() + part.size(), metric::kAbsent);
      }
    }
    return values;
  }

  const store::Snapshot& snapshot_;
  metric::Scope scope_;
  std::vector<store::RowRange> runs_;
  size_t size_ = 0;  // of all runs
  std::vector<int64_t> times_ns_;
  Starts starts_;  // indices of rows over whose beginning no difference reaches, some perhaps twice
};

std::vector<int64_t> cells_of(const std::vector<int64_t>& times_ns, const cells::CellList& cells) {
  std::vector<int64_t> indices(times_ns.size(), kNoCell);
  size_t at = 0;
  for (const auto& cell : cells) {
    // The tick at a cell's start speaks of the time before it.
    while (at < times_ns.size() && times_ns[at] <= cell->start_ns) ++at;
    for (; at < times_ns.size() && times_ns[at] <= cell->end_ns; ++at) {
      indices[at] = static_cast<int64_t>(cell->index);
    }
  }
  return indices;
}

// Metrics whose columns are named one by one, because users were told their names and units. The
// columns of all others follow them, as the catalogue has them.
bool is_given(Metric metric) {
  constexpr std::array kGiven = {
      Metric::kCpuTime,      Metric::kMemory,      Metric::kMemoryResident, Metric::kIoReadCalls,
      Metric::kIoWriteCalls, Metric::kIoReadBytes, Metric::kIoWriteBytes};
  return std::ranges::find(kGiven, metric) != kGiven.end();
}

// Builds the table column by column, in the order of the contract.
class TableBuilder {
 public:
  TableBuilder(const store::Snapshot& snapshot, const PerfTableOptions& options)
      : snapshot_(snapshot),
        options_(options),
        maker_(snapshot, options.scope),
        keys_(snapshot.series()) {}

  [[nodiscard]] PerfTable build(const cells::CellList& cells) {
    add_times();
    table_.cell_index = cells_of(maker_.times_ns(), cells);
    add_cpu();
    add_memory_and_io();
    const GpuColumns gpus(snapshot_, options_.scope, keys_, maker_.times_ns());
    add_all(gpus.usual());
    add_others();
    add_all(gpus.others());
    return std::move(table_);
  }

 private:
  void add(std::string name, std::vector<double> values) {
    table_.columns.push_back({std::move(name), std::move(values)});
  }
  void add_all(std::vector<PerfColumn> columns) {
    for (PerfColumn& column : columns) table_.columns.push_back(std::move(column));
  }
  [[nodiscard]] SeriesKey whole(Metric metric) const {
    return {metric, options_.scope, metric::kWhole};
  }
  [[nodiscard]] bool has(Metric metric) const {
    return std::ranges::find(keys_, whole(metric)) != keys_.end();
  }

  void add_times() {
    std::vector<double> time;
    std::vector<double> timestamp;
    time.reserve(maker_.size());
    timestamp.reserve(maker_.size());
    for (const int64_t time_ns : maker_.times_ns()) {
      time.push_back(static_cast<double>(time_ns - options_.clock_offset_ns) / 1e9);
      timestamp.push_back(static_cast<double>(time_ns + options_.wall_minus_monotonic_ns) / 1e9);
    }
    add("time", std::move(time));
    add("timestamp", std::move(timestamp));
  }

  void add_cpu() {
    std::vector<std::pair<int32_t, std::vector<double>>> per_cpu;
    for (const SeriesKey& key : keys_) {
      if (key.metric == Metric::kCpuTime && key.scope == options_.scope &&
          key.instance != metric::kWhole) {
        per_cpu.emplace_back(key.instance, maker_.cpu_percent(key.instance, 1));
      }
    }
    // A CPU that came online later comes last among the series.
    std::ranges::sort(per_cpu, {}, [](const auto& entry) { return entry.first; });
    std::vector<double> average = maker_.cpu_percent(metric::kWhole, options_.cpus);
    std::vector<double> lowest = average;
    std::vector<double> highest = average;
    for (size_t row = 0; row < maker_.size(); ++row) {
      bool first = true;
      for (const auto& [cpu, percent] : per_cpu) {
        if (metric::is_absent(percent[row])) continue;
        lowest[row] = first ? percent[row] : std::min(lowest[row], percent[row]);
        highest[row] = first ? percent[row] : std::max(highest[row], percent[row]);
        first = false;
      }
    }
    add("cpu_util_avg", std::move(average));
    add("cpu_util_min", std::move(lowest));
    add("cpu_util_max", std::move(highest));
    for (auto& [cpu, percent] : per_cpu) add("cpu_util_" + std::to_string(cpu), std::move(percent));
    add("cpu_seconds",
        maker_.counter(whole(Metric::kCpuTime), metric::info(Metric::kCpuTime).stored_per_unit));
  }

  void add_memory_and_io() {
    add("memory", maker_.gauge(Metric::kMemory, kBytesPerGb));
    if (has(Metric::kMemoryResident))
      add("memory_rss", maker_.gauge(Metric::kMemoryResident, kBytesPerGb));
    for (const Metric metric : {Metric::kIoReadCalls, Metric::kIoWriteCalls, Metric::kIoReadBytes,
                                Metric::kIoWriteBytes}) {
      add(std::string(metric::info(metric).column), maker_.counter(whole(metric), 1));
    }
    add("io_read_mb", maker_.counter(whole(Metric::kIoReadBytes), kBytesPerMb));
    add("io_write_mb", maker_.counter(whole(Metric::kIoWriteBytes), kBytesPerMb));
  }

  void add_others() {
    for (const metric::MetricInfo& info : metric::catalog()) {
      if (is_given(info.metric) || is_gpu(info.metric) || !has(info.metric)) continue;
      add(std::string(info.column), info.kind == metric::Kind::kCounter
                                        ? maker_.counter(whole(info.metric), info.stored_per_unit)
                                        : maker_.gauge(info.metric, info.stored_per_unit));
    }
  }

  const store::Snapshot& snapshot_;
  const PerfTableOptions& options_;
  TableMaker maker_;
  std::vector<SeriesKey> keys_;
  PerfTable table_;
};

}  // namespace

PerfTable make_perf_table(const store::Snapshot& snapshot, const cells::CellList& cells,
                          const PerfTableOptions& options) {
  return TableBuilder(snapshot, options).build(cells);
}

}  // namespace jumper::analysis
