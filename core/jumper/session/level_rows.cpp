// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/session/level_rows.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <string>

#include "jumper/base/parse.h"
#include "jumper/base/text.h"
#include "jumper/session/csv_reader.h"
#include "jumper/session/manifest.h"
#include "jumper/session/moment.h"

namespace jumper::session {
namespace {

using metric::Metric;

constexpr double kBytesPerGb = 1024.0 * 1024 * 1024;
constexpr double kLargest = 9007199254740992.0;  // 2^53
constexpr double kMostPercent = 1e6;
constexpr int32_t kMostCpus = 65'536;
constexpr int32_t kMostGpus = 1024;
constexpr std::string_view kCpuPercent = "cpu_util_avg";
constexpr std::string_view kPerCpu = "cpu_util_";
constexpr std::array<std::string_view, 7> kNeeded = {
    "time", "memory", "io_read_count", "io_write_count", "io_read", "io_write", kCpuPercent};
constexpr std::array kIo = {Metric::kIoReadCalls, Metric::kIoWriteCalls, Metric::kIoReadBytes,
                            Metric::kIoWriteBytes};

// A column that becomes a series, with what its rows say.
struct Column {
  size_t position = 0;  // in the file
  metric::SeriesKey key;
  enum class Kind : uint8_t {
    kValue,    // times `per_unit` is what we store
    kPercent,  // of so many CPUs, since the row before
    kTotal,    // of I/O, perhaps divided
  };
  Kind kind = Kind::kValue;
  double factor = 1;
  std::vector<double> values;  // as the file has them
};

// GB and percent in the file, bytes and ratios for us; else as the catalogue says.
double factor_of(const metric::MetricInfo& info) {
  const bool is_gb = info.metric == Metric::kMemory || info.metric == Metric::kMemoryResident ||
                     info.metric == Metric::kGpuMemory;
  if (info.unit == metric::Unit::kRatio) return info.stored_per_unit / 100;
  return is_gb ? kBytesPerGb : info.stored_per_unit;
}

// "gpu_util_avg", "gpu_power": over all cards; "gpu_util_3": of one. Extremes over cards are made
// anew from those of each.
std::optional<metric::SeriesKey> gpu_series_of(std::string_view column, metric::Scope level) {
  for (const metric::MetricInfo& info : metric::catalog()) {
    if (!info.name.starts_with("gpu_") || !column.starts_with(info.column)) continue;
    const std::string_view rest = column.substr(info.column.size());
    if (rest.empty() || rest == "_avg")
      return metric::SeriesKey{info.metric, level, metric::kWhole};
    if (rest.front() != '_') continue;
    const auto card = base::parse_number<int32_t>(rest.substr(1));
    if (card && *card >= 0 && *card < kMostGpus)
      return metric::SeriesKey{info.metric, level, *card};
  }
  return std::nullopt;
}

class LevelReader {
 public:
  LevelReader(CsvReader reader, metric::Scope level, double cpus)
      : reader_(std::move(reader)), level_(level), cpus_(cpus) {}

  base::Result<LevelRows> read() {
    if (auto problem = find_columns(); !problem.empty()) return base::bad_input(problem);
    rows_.level = level_;
    for (;;) {
      const auto has_row = reader_.next();
      if (!has_row) return has_row.error();
      if (!*has_row) break;
      if (auto added = add_row(); !added) return added.error();
    }
    convert();
    return std::move(rows_);
  }

 private:
  std::string find_columns() {
    std::string missing;
    for (const std::string_view name : kNeeded) {
      if (reader_.column(name)) continue;
      missing += (missing.empty() ? "" : ", ") + std::string(name);
    }
    if (!missing.empty()) return "it lacks the columns " + missing;
    time_at_ = *reader_.column("time");
    for (const metric::MetricInfo& info : metric::catalog()) {
      const auto at = reader_.column(info.column);
      if (!at || info.name.starts_with("gpu_")) continue;
      const bool is_io = std::ranges::find(kIo, info.metric) != kIo.end();
      columns_.push_back({*at,
                          {info.metric, level_, metric::kWhole},
                          is_io ? Column::Kind::kTotal : Column::Kind::kValue,
                          factor_of(info),
                          {}});
    }
    rows_.has_cpu_seconds = reader_.column(metric::info(Metric::kCpuTime).column).has_value();
    if (!rows_.has_cpu_seconds) add_percent(*reader_.column(kCpuPercent), metric::kWhole, cpus_);
    for (size_t at = 0; at < reader_.names().size(); ++at) {
      const std::string_view name = reader_.names()[at];
      if (const auto key = gpu_series_of(name, level_)) {
        rows_.has_gpu_columns = true;
        columns_.push_back(
            {at, *key, Column::Kind::kValue, factor_of(metric::info(key->metric)), {}});
      }
      // At other levels the Python JUmPER copied the average into the columns of all CPUs.
      if (level_ != metric::Scope::kSystem || !name.starts_with(kPerCpu)) continue;
      const auto cpu = base::parse_number<int32_t>(name.substr(kPerCpu.size()));
      if (cpu && *cpu >= 0 && *cpu < kMostCpus) add_percent(at, *cpu, 1);
    }
    return "";
  }
  void add_percent(size_t at, int32_t instance, double cpus) {
    constexpr double kNanosPerPercentSecond = 1e9 / 100;
    columns_.push_back({at,
                        {Metric::kCpuTime, level_, instance},
                        Column::Kind::kPercent,
                        cpus * kNanosPerPercentSecond,
                        {}});
  }

  base::Status add_row() {
    const auto here = [&](const std::string& what) {
      return base::bad_input("line " + std::to_string(reader_.line()) + ": " + what);
    };
    const auto time = reader_.number(time_at_);
    if (!time) return time.error();
    const auto time_ns = to_nanos(*time);
    if (!time_ns) return here("'time' is no time");
    if (!rows_.times_ns.empty() && *time_ns < rows_.times_ns.back())
      return here("the time goes backwards");
    // Of two rows at one time the later one knows more.
    const bool replaces = !rows_.times_ns.empty() && *time_ns == rows_.times_ns.back();
    if (!replaces) {
      rows_.times_ns.push_back(*time_ns);
      seconds_.push_back(*time);
    }
    for (Column& column : columns_) {
      const auto value = reader_.number(column.position);
      if (!value) return value.error();
      if (replaces) {
        column.values.back() = *value;
      } else {
        column.values.push_back(*value);
      }
    }
    return base::Done{};
  }

  void convert() {
    std::vector<std::vector<double>*> io;
    for (Column& column : columns_) {
      if (column.kind == Column::Kind::kTotal) io.push_back(&column.values);
    }
    rows_.io_kind = kind_of(io, seconds_);
    for (std::vector<double>* values : io) {
      rows_.io_values += static_cast<size_t>(
          std::ranges::count_if(*values, [](double value) { return !metric::is_absent(value); }));
      rows_.io_values_lost += make_totals(*values, seconds_, rows_.io_kind);
    }
    leave_out_bandwidth();
    for (Column& column : columns_) {
      if (column.kind == Column::Kind::kPercent) make_counter(column);
      for (double& value : column.values) value = stored(value, column);
      rows_.series.push_back({column.key, std::move(column.values)});
    }
  }

  // The Python JUmPER writes 0 for the bandwidth of GPUs, whatever they do: that is no measurement.
  void leave_out_bandwidth() {
    if (rows_.has_cpu_seconds) return;
    const auto is_bandwidth = [](const Column& column) {
      return column.key.metric == Metric::kGpuBandwidthUtil;
    };
    const bool are_all_zero = std::ranges::all_of(columns_, [&](const Column& column) {
      return !is_bandwidth(column) ||
             std::ranges::all_of(column.values, [](double value) { return !(value > 0); });
    });
    if (are_all_zero && std::erase_if(columns_, is_bandwidth) > 0)
      rows_.is_gpu_bandwidth_left_out = true;
  }

  // Percentages hold since the row before; a counter of CPU time gives them back.
  void make_counter(Column& column) const {
    double total = 0;
    double before = metric::kAbsent;
    for (size_t i = 0; i < column.values.size(); ++i) {
      double& value = column.values[i];
      const bool is_usable = value >= 0 && value <= kMostPercent;
      if (i > 0 && !is_usable) {
        value = metric::kAbsent;
        continue;
      }
      if (i > 0) total += value * (seconds_[i] - before) * column.factor;
      before = seconds_[i];
      value = total;
    }
  }

  double stored(double value, const Column& column) {
    const double factor = column.kind == Column::Kind::kPercent ? 1 : column.factor;
    const double whole = std::round(value * factor);
    if (metric::is_absent(value) || (whole >= 0 && whole <= kLargest)) return whole;
    ++rows_.values_left_out;
    return metric::kAbsent;
  }

  CsvReader reader_;
  metric::Scope level_;
  double cpus_;
  size_t time_at_ = 0;
  std::vector<Column> columns_;
  std::vector<double> seconds_;  // the times as the file has them
  LevelRows rows_;
};

}  // namespace

base::Result<LevelRows> level_rows_from_csv(std::string_view text, metric::Scope level,
                                            double cpus) {
  const std::string file = perf_file_name(level);
  auto reader = CsvReader::open(text);
  if (!reader) return base::bad_input(file + ": " + reader.error().message);
  auto rows = LevelReader(*std::move(reader), level, cpus).read();
  if (!rows) return base::bad_input(file + ": " + rows.error().message);
  return rows;
}

}  // namespace jumper::session
