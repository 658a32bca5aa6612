// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/session/trace.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "jumper/base/clock.h"
#include "jumper/base/json.h"
#include "jumper/base/text.h"
#include "jumper/metric/sample.h"

namespace jumper::session {
namespace {

using analysis::PerfColumn;
using analysis::PerfTable;
using base::JsonWriter;

constexpr int kProcess = 1;  // all of it is shown as one process
constexpr int kCells = 1;    // its only thread
constexpr size_t kNameColumns = 60;
constexpr double kMicrosPerSecond = 1e6;

const PerfColumn* find_column(const PerfTable& table, std::string_view name) {
  const auto found = std::ranges::find(table.columns, name, &PerfColumn::name);
  return found == table.columns.end() ? nullptr : &*found;
}

// A column's curve: its name for people, and whether it is a total, shown as a rate.
struct Curve {
  std::string name;
  const PerfColumn* column;
  bool is_total = false;
};

// The columns that say something on their own; the others repeat these in another unit.
std::vector<Curve> curves_of(const PerfTable& table) {
  std::vector<Curve> curves;
  for (const PerfColumn& column : table.columns) {
    const std::string_view name = column.name;
    if (name.starts_with("cpu_util_") && name != "cpu_util_min" && name != "cpu_util_max") {
      curves.push_back({column.name + " (%)", &column});
    } else if (name == "memory" || name == "memory_rss") {
      curves.push_back({column.name + " (GB)", &column});
    } else if (name == "io_read_mb" || name == "io_write_mb" || name == "io_read_count" ||
               name == "io_write_count" || name.ends_with("_total")) {
      curves.push_back({column.name + "/s", &column, true});
    } else if (name == "processes") {
      curves.push_back({column.name, &column});
    }
  }
  return curves;
}

class TraceWriter {
 public:
  explicit TraceWriter(double from_seconds) : from_seconds_(from_seconds) {}

  void name_parts(std::string_view level) {
    begin("process_name", "M").key("args").begin_object();
    json_.field("name", std::string_view("JUmPER, level " + std::string(level))).end_object();
    json_.end_object();
    begin("thread_name", "M").key("args").begin_object();
    json_.field("name", "cells").end_object();
    json_.end_object();
  }

  void add(const analysis::CellCost& cost) {
    const cells::Cell& cell = *cost.cell;
    const std::string name =
        "[" + std::to_string(cell.index) + "] " + base::one_line(cell.source, kNameColumns);
    begin(name, "X").field("cat", "cell");
    json_.field("ts", micros(base::seconds(cell.start_ns)))
        .field("dur", static_cast<double>(cell.duration_ns()) / 1e3);
    if (cell.status == cells::CellStatus::kError) json_.field("cname", "terrible");
    json_.key("args").begin_object();
    json_.field("status", cells::status_name(cell.status))
        .field("source", std::string_view(cell.source));
    if (cost.summary.cpu_seconds) json_.field("cpu_seconds", *cost.summary.cpu_seconds);
    if (cost.peak_bytes) json_.field("memory_peak_bytes", *cost.peak_bytes);
    json_.end_object().end_object();
  }

  void add(const Curve& curve, const std::vector<double>& times) {
    std::optional<size_t> before;  // the row before that has a value
    for (size_t row = 0; row < times.size(); ++row) {
      double value = curve.column->values[row];
      if (metric::is_absent(value)) continue;
      if (curve.is_total) {
        const double gap = before ? times[row] - times[*before] : 0;
        const double change = before ? value - curve.column->values[*before] : 0;
        before = row;
        if (gap <= 0 || change < 0) continue;
        value = change / gap;
      }
      begin(curve.name, "C").field("ts", micros(times[row])).key("args").begin_object();
      json_.field("value", value).end_object();
      json_.end_object();
    }
  }

  void begin_trace() {
    json_.begin_object();
    json_.field("displayTimeUnit", "ms").key("traceEvents").begin_array();
  }
  std::string end_trace() {
    json_.end_array().end_object();
    return json_.take() + "\n";
  }

 private:
  JsonWriter& begin(std::string_view name, const char* phase) {
    json_.begin_object();
    return json_.field("name", name).field("ph", phase).field("pid", kProcess).field("tid", kCells);
  }
  [[nodiscard]] double micros(double seconds) const {
    return (seconds - from_seconds_) * kMicrosPerSecond;
  }

  double from_seconds_;
  JsonWriter json_{0};
};

}  // namespace

std::string trace_json(const PerfTable& table, std::span<const analysis::CellCost> costs,
                       std::string_view level) {
  const PerfColumn* time = find_column(table, "time");
  const std::vector<double> none;
  const std::vector<double>& times = time == nullptr ? none : time->values;
  double from_seconds = times.empty() ? 0 : times.front();
  if (!costs.empty() && (times.empty() || base::seconds(costs[0].cell->start_ns) < from_seconds))
    from_seconds = base::seconds(costs[0].cell->start_ns);
  TraceWriter trace(from_seconds);
  trace.begin_trace();
  trace.name_parts(level);
  for (const analysis::CellCost& cost : costs) trace.add(cost);
  for (const Curve& curve : curves_of(table)) trace.add(curve, times);
  return trace.end_trace();
}

}  // namespace jumper::session
