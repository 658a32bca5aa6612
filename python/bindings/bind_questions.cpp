// SPDX-License-Identifier: BSD-3-Clause
#include "python/bindings/bind_questions.h"

#include <utility>

#include "jumper/base/clock.h"
#include "jumper/monitor/level.h"
#include "python/bindings/arrays.h"

namespace jumper::bindings {
namespace {

using monitor::Session;

constexpr double kBytesPerGb = 1024.0 * 1024 * 1024;

nb::object maybe_seconds(const std::optional<int64_t>& nanos) {
  return nanos ? nb::cast(base::seconds(*nanos)) : nb::none();
}

std::optional<cells::CellRange> resolve(const Session& self, const CellChoice& choice) {
  if (!choice) return std::nullopt;
  if (const auto* text = std::get_if<std::string>(&*choice))
    return unwrap(self.resolve_cells(*text));
  const auto& [first, last] = std::get<std::pair<int64_t, int64_t>>(*choice);
  return unwrap(self.resolve_cells(std::to_string(first) + ":" + std::to_string(last)));
}

}  // namespace

report::Report make_report(const Session& self, const CellChoice& cells, metric::Scope scope) {
  const auto range = resolve(self, cells);
  return unwrap(self.report(range, scope));
}

monitor::Plot make_plot(const Session& self, const CellChoice& cells, metric::Scope scope) {
  const auto range = resolve(self, cells);
  return unwrap(self.plot(range, scope));
}

std::optional<metric::Scope> level_of(const std::optional<std::string>& name) {
  if (!name) return std::nullopt;
  return unwrap(monitor::parse_level(*name));
}

report::NodesReport make_nodes_report(const Session& self, const CellChoice& cells,
                                      const std::optional<std::string>& level) {
  const auto scope = level_of(level);
  return unwrap(self.nodes_report(resolve(self, cells), scope));
}

monitor::Plot make_nodes_plot(const Session& self, const CellChoice& cells,
                              const std::optional<std::string>& level) {
  const auto scope = level_of(level);
  return unwrap(self.nodes_plot(resolve(self, cells), scope));
}

nb::list node_names(const Session& self) {
  nb::list names;
  for (const journal::NodeRecording& node : self.nodes()) names.append(to_python_text(node.name));
  return names;
}

namespace {

nb::dict columns_of(analysis::PerfTable table) {
  nb::dict columns;
  if (!table.nodes.empty()) {
    nb::list nodes;
    for (const analysis::NodeRows& rows : table.nodes) {
      const nb::object name = to_python_text(rows.name);
      for (size_t i = 0; i < rows.rows; ++i) nodes.append(name);
    }
    columns["node"] = nodes;
  }
  for (size_t i = 0; i < table.columns.size(); ++i) {
    if (i == table.cell_index_position)
      columns["cell_index"] = to_array(std::move(table.cell_index));
    columns[table.columns[i].name.c_str()] = to_array(std::move(table.columns[i].values));
  }
  return columns;
}

}  // namespace

nb::dict perfdata(const Session& self, metric::Scope scope) {
  return columns_of([&] {
    const nb::gil_scoped_release release;
    return unwrap(self.perf_table(scope));
  }());
}

nb::dict nodes_perfdata(const Session& self, const std::optional<std::string>& level) {
  const auto scope = level_of(level);
  return columns_of([&] {
    const nb::gil_scoped_release release;
    return unwrap(self.nodes_table(scope));
  }());
}

namespace {

// A column of the cell history out of one value per cell.
template <typename Value>
nb::list column(const std::vector<analysis::CellCost>& costs, Value value) {
  nb::list list;
  for (const analysis::CellCost& cost : costs) list.append(value(cost));
  return list;
}

nb::object scaled(const std::optional<double>& value, double per_unit) {
  return value ? nb::cast(*value / per_unit) : nb::none();
}

}  // namespace

nb::dict cell_table(const Session& self) {
  const auto costs = [&] {
    const nb::gil_scoped_release release;
    return self.cell_costs();
  }();
  constexpr double kBytesPerMb = 1024.0 * 1024;
  using Cost = analysis::CellCost;
  nb::dict table;
  const auto add = [&](const char* name, auto value) { table[name] = column(costs, value); };
  add("cell_index", [](const Cost& cost) { return nb::cast(cost.cell->index); });
  add("raw_cell", [](const Cost& cost) { return to_python_text(cost.cell->source); });
  add("start_time", [](const Cost& cost) { return nb::cast(base::seconds(cost.cell->start_ns)); });
  add("end_time", [](const Cost& cost) { return nb::cast(base::seconds(cost.cell->end_ns)); });
  add("duration",
      [](const Cost& cost) { return nb::cast(base::seconds(cost.cell->duration_ns())); });
  add("wallclock_start_time",
      [](const Cost& cost) { return nb::cast(base::seconds(cost.cell->wall_start_ns)); });
  add("wallclock_end_time",
      [](const Cost& cost) { return nb::cast(base::seconds(cost.cell->wall_end_ns)); });
  add("cell_magics", [](const Cost& cost) {
    nb::list magics;
    for (const std::string& magic : cost.cell->magics) magics.append(to_python_text(magic));
    return nb::object(std::move(magics));
  });
  add("status", [](const Cost& cost) {
    return nb::cast(std::string(cells::status_name(cost.cell->status)));
  });
  add("cpu_seconds", [](const Cost& cost) { return or_none(cost.summary.cpu_seconds); });
  add("memory_peak", [](const Cost& cost) { return scaled(cost.peak_bytes, kBytesPerGb); });
  add("memory_retained",
      [](const Cost& cost) { return scaled(cost.summary.memory_change_bytes, kBytesPerGb); });
  add("io_read_mb",
      [](const Cost& cost) { return scaled(cost.summary.io_read_bytes, kBytesPerMb); });
  add("io_write_mb",
      [](const Cost& cost) { return scaled(cost.summary.io_write_bytes, kBytesPerMb); });
  if (!analysis::have_gpus(costs)) return table;
  add("gpu_util_avg", [](const Cost& cost) { return scaled(cost.summary.gpu_utilization, 0.01); });
  add("gpu_mem_peak",
      [](const Cost& cost) { return scaled(cost.summary.gpu_memory_peak_bytes, kBytesPerGb); });
  add("gpu_energy", [](const Cost& cost) { return or_none(cost.summary.gpu_energy_joules); });
  return table;
}

namespace {

nb::list limits_list(const std::vector<source::Limit>& limits) {
  nb::list list;
  for (const source::Limit& limit : limits) {
    nb::dict one;
    one["amount"] = limit.amount;
    one["reason"] = to_python_text(limit.reason);
    one["is_enforced"] = limit.is_enforced;
    list.append(one);
  }
  return list;
}

}  // namespace

// The cards, in the order of their numbers in columns.
nb::list gpu_list(const gpu::Status& status) {
  nb::list cards;
  for (const gpu::Card& card : status.cards) {
    nb::dict one;
    one["name"] = to_python_text(card.name);
    one["uuid"] = to_python_text(card.uuid);
    one["bus_id"] = to_python_text(card.bus_id);
    one["driver"] = to_python_text(card.driver);
    one["memory_bytes"] = or_none(card.memory_bytes);
    one["chosen"] = card.is_chosen;
    one["part_of"] = or_none(card.part_of);
    one["divided"] = card.is_divided;
    nb::dict absent;
    for (const gpu::Absence& absence : card.absent) {
      absent[to_python_text(absence.what)] = to_python_text(absence.why);
    }
    one["absent"] = absent;
    cards.append(one);
  }
  return cards;
}

nb::dict resources_dict(const source::Resources& resources) {
  nb::dict dict;
  dict["usable_cpus"] = resources.usable_cpus;
  dict["online_cpus"] = resources.online_cpus;
  dict["memory_limit_bytes"] = or_none(resources.memory_limit_bytes);
  dict["memory_limit_reason"] = resources.memory_limit_reason;
  dict["physical_memory_bytes"] = or_none(resources.physical_bytes);
  dict["available_memory_bytes"] = or_none(resources.available_bytes);
  dict["swap_bytes"] = or_none(resources.swap_bytes);
  dict["kernel"] = resources.kernel;
  dict["effective_cpus"] = resources.effective_cpus();
  dict["cpu_limits"] = limits_list(resources.cpu_limits);
  dict["memory_limits"] = limits_list(resources.memory_limits);
  nb::list choices;
  for (const source::GpuChoice& choice : resources.gpu_choices) {
    nb::dict one;
    one["variable"] = choice.variable;
    nb::list ids;
    for (const std::string& id : choice.ids) ids.append(to_python_text(id));
    one["ids"] = ids;
    choices.append(one);
  }
  dict["gpu_choices"] = choices;
  dict["gpus"] = gpu_list(resources.gpu);
  return dict;
}

std::optional<std::string> advice_line(const Session& self) {
  if (!self.facts().job) return std::nullopt;
  const auto advice = self.advice();
  if (!advice) return std::nullopt;
  return report::advice_line(*advice);
}

nb::dict info_dict(const journal::Facts& info) {
  nb::dict limits;
  for (const metric::Scope scope : info.levels) {
    const auto bytes = journal::memory_end_of(info, scope).bytes;
    if (bytes)
      limits[std::string(metric::scope_name(scope)).c_str()] =
          static_cast<double>(*bytes) / kBytesPerGb;
  }
  nb::dict dict;
  dict["start_time"] = maybe_seconds(info.start_ns);
  dict["stop_time"] = maybe_seconds(info.stop_ns);
  dict["wallclock_start_time"] = maybe_seconds(info.wall_start_ns);
  dict["wallclock_stop_time"] = maybe_seconds(info.wall_stop_ns);
  dict["num_cpus"] = info.resources.usable_cpus.size();
  dict["num_system_cpus"] = info.resources.online_cpus;
  dict["cpu_handles"] = info.resources.usable_cpus;
  dict["memory_limits"] = limits;
  dict["pid"] = info.origin.pid;
  dict["uid"] = info.origin.uid;
  return dict;
}

nb::dict stats_dict(const sampler::SamplerStats& stats) {
  nb::dict dict;
  dict["ticks"] = stats.ticks;
  dict["curve_ticks"] = stats.curve_ticks;
  dict["edge_ticks"] = stats.edge_ticks;
  nb::dict left_out;
  for (const auto& [what, ticks] : stats.left_out)
    left_out[nb::str(what.data(), what.size())] = ticks;
  dict["left_out"] = left_out;
  dict["stretched_ticks"] = stats.stretched_ticks;
  dict["missed_ticks"] = stats.missed_ticks;
  dict["cpu_seconds"] = base::seconds(stats.cpu_ns);
  dict["elapsed_seconds"] = base::seconds(stats.running_ns);
  return dict;
}

}  // namespace jumper::bindings
