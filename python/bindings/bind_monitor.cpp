// SPDX-License-Identifier: BSD-3-Clause
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/unique_ptr.h>
#include <nanobind/stl/variant.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <cmath>
#include <utility>
#include <variant>

#include "jumper/monitor/monitor.h"
#include "jumper/report/history.h"
#include "jumper/report/resources.h"
#include "python/bindings/arrays.h"
#include "python/bindings/bind.h"

namespace jumper::bindings {
namespace {

using monitor::Monitor;
using CellChoice = std::optional<std::variant<std::string, std::pair<int64_t, int64_t>>>;
using ReleaseGil = nb::call_guard<nb::gil_scoped_release>;

constexpr double kBytesPerGb = 1024.0 * 1024 * 1024;

double to_seconds(int64_t nanos) {
  return base::seconds(nanos);
}

// Of what may come from outside: within a century.
int64_t to_nanos(double seconds) {
  constexpr double kMostSeconds = 3e9;
  return seconds >= 0 ? std::llround(std::min(seconds, kMostSeconds) * 1e9) : 0;
}

nb::object maybe_seconds(const std::optional<int64_t>& nanos) {
  return nanos ? nb::cast(to_seconds(*nanos)) : nb::none();
}

cells::CellStatus parse_status(const std::string& name) {
  for (const auto status :
       {cells::CellStatus::kOk, cells::CellStatus::kError, cells::CellStatus::kInterrupted}) {
    if (name == cells::status_name(status)) return status;
  }
  throw JumperError{"unknown cell status '" + name + "': use ok, error or interrupted"};
}

std::optional<cells::CellRange> resolve(const Monitor& self, const CellChoice& choice) {
  if (!choice) return std::nullopt;
  if (const auto* text = std::get_if<std::string>(&*choice))
    return unwrap(self.resolve_cells(*text));
  const auto& [first, last] = std::get<std::pair<int64_t, int64_t>>(*choice);
  return unwrap(self.resolve_cells(std::to_string(first) + ":" + std::to_string(last)));
}

report::Report make_report(const Monitor& self, const CellChoice& cells, const std::string& level) {
  const auto scope = unwrap(Monitor::find_level(level));
  const auto range = resolve(self, cells);
  return unwrap(self.report(range, scope));
}

monitor::Plot make_plot(const Monitor& self, const CellChoice& cells, const std::string& level) {
  const auto scope = unwrap(Monitor::find_level(level));
  const auto range = resolve(self, cells);
  return unwrap(self.plot(range, scope));
}

nb::dict perfdata(const Monitor& self, const std::string& level) {
  const auto scope = unwrap(Monitor::find_level(level));
  analysis::PerfTable table = [&] {
    const nb::gil_scoped_release release;
    return unwrap(self.perf_table(scope));
  }();
  nb::dict columns;
  for (size_t i = 0; i < table.columns.size(); ++i) {
    if (i == table.cell_index_position)
      columns["cell_index"] = to_array(std::move(table.cell_index));
    columns[table.columns[i].name.c_str()] = to_array(std::move(table.columns[i].values));
  }
  return columns;
}

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

nb::dict cell_table(const Monitor& self) {
  const auto costs = [&] {
    const nb::gil_scoped_release release;
    return unwrap(self.cell_costs());
  }();
  constexpr double kBytesPerMb = 1024.0 * 1024;
  using Cost = analysis::CellCost;
  nb::dict table;
  const auto add = [&](const char* name, auto value) { table[name] = column(costs, value); };
  add("cell_index", [](const Cost& cost) { return nb::cast(cost.cell->index); });
  add("raw_cell", [](const Cost& cost) { return to_python_text(cost.cell->source); });
  add("start_time", [](const Cost& cost) { return nb::cast(to_seconds(cost.cell->start_ns)); });
  add("end_time", [](const Cost& cost) { return nb::cast(to_seconds(cost.cell->end_ns)); });
  add("duration", [](const Cost& cost) { return nb::cast(to_seconds(cost.cell->duration_ns())); });
  add("wallclock_start_time",
      [](const Cost& cost) { return nb::cast(to_seconds(cost.cell->wall_start_ns)); });
  add("wallclock_end_time",
      [](const Cost& cost) { return nb::cast(to_seconds(cost.cell->wall_end_ns)); });
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
  return table;
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
  return dict;
}

nb::dict info_dict(const Monitor& self) {
  const Monitor::Info info = self.info();
  nb::dict limits;
  const auto limit = info.resources.memory_limit_bytes;
  const auto physical = info.resources.physical_bytes;
  for (const metric::Scope scope : self.levels()) {
    const auto& bytes = scope == metric::Scope::kSystem ? physical : limit;
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
  dict["pid"] = info.pid;
  dict["uid"] = info.uid;
  return dict;
}

nb::dict stats_dict(const Monitor& self) {
  const sampler::SamplerStats stats = self.stats();
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
  dict["cpu_seconds"] = to_seconds(stats.cpu_ns);
  dict["elapsed_seconds"] = to_seconds(stats.running_ns);
  return dict;
}

std::vector<std::string> level_names(const Monitor& self) {
  std::vector<std::string> names;
  for (const metric::Scope scope : self.levels()) names.emplace_back(metric::scope_name(scope));
  return names;
}

// Python's text may hold lone surrogates, which UTF-8 has no place for.
std::string to_bytes(const nb::str& text) {
  const nb::object bytes = nb::steal(PyUnicode_AsEncodedString(text.ptr(), "utf-8", "replace"));
  if (!bytes.is_valid()) throw nb::python_error();
  return {PyBytes_AS_STRING(bytes.ptr()), static_cast<size_t>(PyBytes_GET_SIZE(bytes.ptr()))};
}

size_t begin_cell(Monitor& self, const nb::str& source, const std::vector<nb::str>& magics) {
  std::vector<std::string> magic_texts;
  for (const nb::str& magic : magics) magic_texts.push_back(to_bytes(magic));
  return unwrap(self.begin_cell(to_bytes(source), std::move(magic_texts)));
}

}  // namespace

void bind_monitor(nb::module_& module) {
  nb::class_<Monitor>(
      module, "Monitor",
      "Samples this process, its descendants, its user and its machine on a native thread, and "
      "keeps the\n"
      "cells that ran. Times are seconds on CLOCK_MONOTONIC, as time.perf_counter() gives them.")
      .def(nb::new_([](std::string proc_root, std::string sys_root) {
             return unwrap(Monitor::create({.proc_path = std::move(proc_root),
                                            .sys_path = std::move(sys_root),
                                            .count_self = true}));
           }),
           nb::kw_only(), nb::arg("proc_root") = "/proc", nb::arg("sys_root") = "/sys",
           "Opens the kernel's folders; starts nothing.")
      .def(
          "start",
          [](Monitor& self, double interval_seconds, double budget_percent, bool exact_peak) {
            check(self.start({interval_seconds, budget_percent, exact_peak}));
          },
          nb::arg("interval_seconds") = 1.0, nb::kw_only(), nb::arg("budget_percent") = 0.5,
          nb::arg("exact_peak") = true, ReleaseGil(),
          "Starts sampling every `interval_seconds`, for at most `budget_percent` of one core (0: "
          "no limit).\n"
          "`exact_peak` sets the kernel's high-water mark of memory back at each cell, which "
          "changes ru_maxrss.\n"
          "JumperError: it runs already, or a number is out of range.")
      .def(
          "stop", [](Monitor& self) { check(self.stop()); }, ReleaseGil(),
          "Stops sampling; what was measured stays. JumperError: it does not run.")
      .def_prop_ro("running", &Monitor::running)
      .def_prop_ro("started", &Monitor::started, "Whether it ever ran, so that there may be data.")
      .def_prop_ro("inherited", &Monitor::inherited,
                   "True in a child made by fork(): there, nothing is measured.")
      .def_prop_ro("interval_seconds", &Monitor::interval_seconds)
      .def("levels", &level_names, "The levels that can be measured here.")
      .def("begin_cell", &begin_cell, nb::arg("source"), nb::arg("magics") = std::vector<nb::str>(),
           "Opens a cell and returns its index, counted from 0. JumperError: one is open.")
      .def(
          "end_cell",
          [](Monitor& self, const std::string& status) {
            check(self.end_cell(parse_status(status)));
          },
          nb::arg("status") = "ok",
          "Ends the open cell as `ok`, `error` or `interrupted`. JumperError: none is open.")
      .def(
          "discard_cell", [](Monitor& self) { check(self.discard_cell()); },
          "Forgets the open cell; the next one gets its index.")
      .def_prop_ro("cell_open", &Monitor::cell_open)
      .def_prop_ro("cell_count", &Monitor::cell_count, "How many cells have finished.")
      .def(
          "resolve_cells",
          [](const Monitor& self, const std::string& text) {
            const cells::CellRange range = unwrap(self.resolve_cells(text));
            return std::pair(range.first, range.last);
          },
          nb::arg("text"),
          "\"5\", \"2:8\", \":5\", \"3:\", \"-3:-1\" -> (first, last), both included.")
      .def("report", &make_report, nb::arg("cells") = nb::none(), nb::arg("level") = "process",
           ReleaseGil(),
           "What a range of cells cost. Without a range all finished cells; without cells, all "
           "monitored time.")
      .def(
          "plot", &make_plot, nb::arg("cells") = nb::none(), nb::arg("level") = "process",
          ReleaseGil(),
          "All levels and cells over time, few enough points for a screen. `cells` and `level` are "
          "what is shown first.")
      .def(
          "recent_plot",
          [](const Monitor& self, double seconds, const std::string& level) {
            return unwrap(self.recent_plot(unwrap(Monitor::find_level(level)), to_nanos(seconds)));
          },
          nb::arg("seconds"), nb::arg("level") = "process", ReleaseGil(),
          "The last so many seconds, the running cell among the cells: where a live view starts.")
      .def(
          "plot_after",
          [](const Monitor& self, double after, double seconds) {
            return unwrap(self.plot_after(to_nanos(after), to_nanos(seconds)));
          },
          nb::arg("after"), nb::arg("seconds"), ReleaseGil(),
          "What a live view lacks that has all up to `after` (a plot's `to`); of the last so many "
          "seconds.")
      .def("perfdata", &perfdata, nb::arg("level") = "process",
           nb::sig("def perfdata(self, level: str = 'process') -> dict[str, "
                   "numpy.typing.NDArray[typing.Any]]"),
           "One array per column, one element per sample. Absent is NaN; cell_index is int64, -1 "
           "outside cells.")
      .def(
          "samples", [](const Monitor& self) { return sample_table(unwrap(self.snapshot())); },
          nb::sig("def samples(self) -> SampleTable"),
          "All samples so far, of all levels, for numpy, pandas, polars, pyarrow and DuckDB. "
          "JumperError: there are none.")
      .def("cells", &cell_table, nb::sig("def cells(self) -> dict[str, list[typing.Any]]"),
           "The history of finished cells: one list per column; absent is None.")
      .def(
          "history_text",
          [](const Monitor& self) { return report::history_text(unwrap(self.cell_costs())); },
          ReleaseGil(), "The cell history as a table for a terminal.")
      .def(
          "history_html",
          [](const Monitor& self) { return report::history_html(unwrap(self.cell_costs())); },
          ReleaseGil(), "The cell history as an HTML fragment: escaped, without scripts.")
      .def(
          "resources_text", [](const Monitor& self) { return report::to_text(self.resources()); },
          "The CPUs and memory this process may use, and which limits say so.")
      .def(
          "resources", [](const Monitor& self) { return resources_dict(self.resources()); },
          nb::sig("def resources(self) -> dict[str, typing.Any]"))
      .def(
          "export_perfdata",
          [](const Monitor& self, const std::string& path, const std::string& level) {
            check(self.export_perf(path, unwrap(Monitor::find_level(level))));
          },
          nb::arg("path"), nb::arg("level") = "process", ReleaseGil(),
          "Writes the performance data as .csv or .json. JumperError: another suffix, or the file "
          "cannot be written.")
      .def(
          "export_cell_history",
          [](const Monitor& self, const std::string& path) { check(self.export_history(path)); },
          nb::arg("path"), ReleaseGil(), "Writes the cell history as .csv or .json.")
      .def("info", &info_dict, nb::sig("def info(self) -> dict[str, typing.Any]"),
           "When it started and stopped (seconds), CPUs, memory limits (GB by level), pid and uid.")
      .def("stats", &stats_dict, nb::sig("def stats(self) -> dict[str, typing.Any]"),
           "Samples taken and missed, and the CPU seconds that sampling itself used.");
}

}  // namespace jumper::bindings
