// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/session/export.h"

#include <algorithm>
#include <array>
#include <vector>

#include "jumper/base/atomic_file.h"
#include "jumper/base/clock.h"
#include "jumper/base/json.h"
#include "jumper/base/text.h"
#include "jumper/session/trace.h"

namespace jumper::session {
namespace {

constexpr double kBytesPerGb = 1024.0 * 1024 * 1024;
constexpr double kBytesPerMb = 1024.0 * 1024;

std::string lower(std::string_view text) {
  std::string lowered(text);
  std::ranges::transform(lowered, lowered.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return lowered;
}

// RFC 4180. NULs are taken out: no reader of CSV takes them.
void append_csv_text(std::string& out, std::string_view bytes) {
  std::string text = base::valid_utf8(bytes);
  std::erase(text, '\0');
  if (text.find_first_of(",\"\r\n") == std::string::npos) {
    out += text;
    return;
  }
  out += '"';
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

// A Python list of strings, which is what readers of the Python JUmPER's files expect here.
std::string python_list(const std::vector<std::string>& items) {
  std::string text = "[";
  for (const std::string& item : items) {
    if (text.size() > 1) text += ", ";
    text += '\'';
    for (const char c : base::valid_utf8(item)) {
      if (c == '\'' || c == '\\') {
        text += '\\';
        text += c;
      } else if (c == '\n') {
        text += "\\n";
      } else if (c == '\r') {
        text += "\\r";
      } else if (c == '\0') {
        text += "\\x00";
      } else {
        text += c;
      }
    }
    text += '\'';
  }
  return text + "]";
}

std::optional<double> scaled(const std::optional<double>& value, double per_unit) {
  return value ? std::optional(*value / per_unit) : std::nullopt;
}

// The numbers of one history record, in the order of the columns behind `raw_cell` and
// `cell_magics`.
struct Measure {
  std::string_view name;
  std::optional<double> value;
};

std::array<Measure, 5> times_of(const cells::Cell& cell) {
  return {{{"start_time", base::seconds(cell.start_ns)},
           {"end_time", base::seconds(cell.end_ns)},
           {"duration", base::seconds(cell.duration_ns())},
           {"wallclock_start_time", base::seconds(cell.wall_start_ns)},
           {"wallclock_end_time", base::seconds(cell.wall_end_ns)}}};
}

// Those of GPUs where any cell of the history has them.
std::vector<Measure> costs_of(const analysis::CellCost& cost, bool with_gpus) {
  std::vector<Measure> costs = {
      {"cpu_seconds", cost.summary.cpu_seconds},
      {"memory_peak", scaled(cost.peak_bytes, kBytesPerGb)},
      {"memory_retained", scaled(cost.summary.memory_change_bytes, kBytesPerGb)},
      {"io_read_mb", scaled(cost.summary.io_read_bytes, kBytesPerMb)},
      {"io_write_mb", scaled(cost.summary.io_write_bytes, kBytesPerMb)}};
  if (!with_gpus) return costs;
  costs.push_back({"gpu_util_avg", scaled(cost.summary.gpu_utilization, 0.01)});
  costs.push_back({"gpu_mem_peak", scaled(cost.summary.gpu_memory_peak_bytes, kBytesPerGb)});
  costs.push_back({"gpu_energy", cost.summary.gpu_energy_joules});
  return costs;
}

// The node of one row after the other, for tables that have them.
class NodeColumn {
 public:
  explicit NodeColumn(const analysis::PerfTable& table) : nodes_(table.nodes) {}

  [[nodiscard]] bool is_there() const { return !nodes_.empty(); }
  [[nodiscard]] std::string_view next() {
    while (at_ < nodes_.size() && row_ == nodes_[at_].rows) {
      ++at_;
      row_ = 0;
    }
    if (at_ == nodes_.size()) return {};
    ++row_;
    return nodes_[at_].name;
  }

 private:
  const std::vector<analysis::NodeRows>& nodes_;
  size_t at_ = 0;
  size_t row_ = 0;  // of that node
};

void append_measure(std::string& out, const Measure& measure) {
  out += ',';
  if (measure.value) out += base::shortest(*measure.value);
}

}  // namespace

base::Result<FileFormat> format_of(std::string_view path) {
  const size_t slash = path.rfind('/');
  const std::string_view name = slash == std::string_view::npos ? path : path.substr(slash + 1);
  const size_t dot = name.rfind('.');
  const std::string suffix = dot == std::string_view::npos ? "" : lower(name.substr(dot));
  if (suffix == ".csv") return FileFormat::kCsv;
  if (lower(name).ends_with(".trace.json")) return FileFormat::kTrace;
  if (suffix == ".json") return FileFormat::kJson;
  return base::bad_input("'" + base::one_line(path, 200) + "' should end in .csv or .json");
}

std::string to_csv(const analysis::PerfTable& table) {
  NodeColumn nodes(table);
  std::string text = nodes.is_there() ? "node," : "";
  for (size_t i = 0; i < table.columns.size(); ++i) {
    if (i == table.cell_index_position) text += "cell_index,";
    text += table.columns[i].name;
    text += i + 1 < table.columns.size() ? ',' : '\n';
  }
  for (size_t row = 0; row < table.cell_index.size(); ++row) {
    if (nodes.is_there()) {
      append_csv_text(text, nodes.next());
      text += ',';
    }
    for (size_t i = 0; i < table.columns.size(); ++i) {
      if (i == table.cell_index_position) {
        if (table.cell_index[row] != analysis::kNoCell)
          text += std::to_string(table.cell_index[row]);
        text += ',';
      }
      text += base::shortest(table.columns[i].values[row]);
      text += i + 1 < table.columns.size() ? ',' : '\n';
    }
  }
  return text;
}

std::string to_json(const analysis::PerfTable& table) {
  NodeColumn nodes(table);
  base::JsonWriter json(2);
  json.begin_array();
  for (size_t row = 0; row < table.cell_index.size(); ++row) {
    json.begin_object();
    if (nodes.is_there()) json.field("node", nodes.next());
    for (size_t i = 0; i < table.columns.size(); ++i) {
      if (i == table.cell_index_position) {
        json.key("cell_index");
        table.cell_index[row] == analysis::kNoCell ? json.null()
                                                   : json.value(table.cell_index[row]);
      }
      json.field(table.columns[i].name, table.columns[i].values[row]);
    }
    json.end_object();
  }
  json.end_array();
  return json.take() + "\n";
}

std::string history_to_csv(std::span<const analysis::CellCost> costs) {
  std::string text =
      "cell_index,raw_cell,start_time,end_time,duration,wallclock_start_time,wallclock_end_time,"
      "cell_magics,status";
  const bool with_gpus = analysis::have_gpus(costs);
  for (const Measure& measure : costs_of({}, with_gpus)) text += "," + std::string(measure.name);
  text += '\n';
  for (const analysis::CellCost& cost : costs) {
    const cells::Cell& cell = *cost.cell;
    text += std::to_string(cell.index) + ",";
    append_csv_text(text, cell.source);
    for (const Measure& measure : times_of(cell)) append_measure(text, measure);
    text += ',';
    append_csv_text(text, python_list(cell.magics));
    text += ',';
    text += cells::status_name(cell.status);
    for (const Measure& measure : costs_of(cost, with_gpus)) append_measure(text, measure);
    text += '\n';
  }
  return text;
}

std::string history_to_json(std::span<const analysis::CellCost> costs) {
  const bool with_gpus = analysis::have_gpus(costs);
  base::JsonWriter json(2);
  json.begin_array();
  for (const analysis::CellCost& cost : costs) {
    const cells::Cell& cell = *cost.cell;
    json.begin_object();
    json.field("cell_index", uint64_t{cell.index});
    json.field("raw_cell", std::string_view(cell.source));
    for (const Measure& measure : times_of(cell)) json.field(measure.name, measure.value);
    json.key("cell_magics").begin_array();
    for (const std::string& magic : cell.magics) json.value(std::string_view(magic));
    json.end_array();
    json.field("status", cells::status_name(cell.status));
    for (const Measure& measure : costs_of(cost, with_gpus))
      json.field(measure.name, measure.value);
    json.end_object();
  }
  json.end_array();
  return json.take() + "\n";
}

base::Status export_perf(const std::string& path, const analysis::PerfTable& table) {
  const auto format = format_of(path);
  if (!format) return format.error();
  return base::write_file(path, *format == FileFormat::kCsv ? to_csv(table) : to_json(table));
}

base::Status export_perf(const std::string& path, const analysis::PerfTable& table,
                         std::span<const analysis::CellCost> costs, metric::Scope level) {
  const auto format = format_of(path);
  if (!format) return format.error();
  if (*format != FileFormat::kTrace) return export_perf(path, table);
  if (table.nodes.size() > 1)
    return base::bad_input("a trace is of one node: choose one, or write a .csv or .json");
  return base::write_file(path, trace_json(table, costs, metric::scope_name(level)));
}

base::Status export_history(const std::string& path, std::span<const analysis::CellCost> costs) {
  const auto format = format_of(path);
  if (!format) return format.error();
  return base::write_file(
      path, *format == FileFormat::kCsv ? history_to_csv(costs) : history_to_json(costs));
}

}  // namespace jumper::session
