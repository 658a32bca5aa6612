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
#include "jumper/report/resources.h"
#include "python/bindings/bind_questions.h"

namespace jumper::bindings {
namespace {

using monitor::Monitor;
using ReleaseGil = nb::call_guard<nb::gil_scoped_release>;

// Of what may come from outside: within a century.
int64_t to_nanos(double seconds) {
  constexpr double kMostSeconds = 3e9;
  return seconds >= 0 ? std::llround(std::min(seconds, kMostSeconds) * 1e9) : 0;
}

cells::CellStatus parse_status(const std::string& name) {
  for (const auto status :
       {cells::CellStatus::kOk, cells::CellStatus::kError, cells::CellStatus::kInterrupted}) {
    if (name == cells::status_name(status)) return status;
  }
  throw JumperError{"unknown cell status '" + name + "': use ok, error or interrupted"};
}

void start(Monitor& self, double interval_seconds, double budget_percent, bool exact_peak,
           bool journal, const std::string& journal_folder, uint64_t journal_max_bytes,
           bool keeps_source, bool oom_guard, const std::string& nodes,
           const std::string& nodes_program) {
  monitor::StartOptions options;
  options.interval_seconds = interval_seconds;
  options.budget_percent = budget_percent;
  options.exact_peak = exact_peak;
  options.oom_guard = oom_guard;
  if (!nodes.empty()) options.nodes = {nodes, nodes_program};
  if (journal) options.journal = {journal_folder, journal_max_bytes, keeps_source, JUMPER_VERSION};
  check(self.start(options));
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
  nb::class_<Monitor> bound(
      module, "Monitor",
      "Samples this process, its descendants, its user and its machine on a native thread, and "
      "keeps the\n"
      "cells that ran. Times are seconds on CLOCK_MONOTONIC, as time.perf_counter() gives them.");
  bound
      .def(nb::new_([](std::string proc_root, std::string sys_root) {
             return unwrap(Monitor::create({.proc_path = std::move(proc_root),
                                            .sys_path = std::move(sys_root),
                                            .count_self = true}));
           }),
           nb::kw_only(), nb::arg("proc_root") = "/proc", nb::arg("sys_root") = "/sys",
           "Opens the kernel's folders; starts nothing.")
      .def("start", &start, nb::arg("interval_seconds") = 1.0, nb::kw_only(),
           nb::arg("budget_percent") = 0.5, nb::arg("exact_peak") = true,
           nb::arg("journal") = false, nb::arg("journal_folder") = "",
           nb::arg("journal_max_bytes") = journal::WriterOptions{}.max_bytes,
           nb::arg("keeps_source") = true, nb::arg("oom_guard") = false, nb::arg("nodes") = "",
           nb::arg("nodes_program") = "", ReleaseGil(),
           "Starts sampling every `interval_seconds`, for at most `budget_percent` of one core (0: "
           "no limit).\n"
           "`exact_peak` sets the kernel's high-water mark of memory back at each cell, which "
           "changes ru_maxrss.\n"
           "`journal` writes the session to a file in `journal_folder`, or where JUMPER_DIR says, "
           "of "
           "at most about `journal_max_bytes`; with `keeps_source`, the source of cells is in it.\n"
           "`oom_guard` sends SIGINT to the main thread when the cell that runs is about to reach "
           "the "
           "memory limit.\n"
           "`nodes`, inside a Slurm job, measures other nodes, too: all, how many, or a list of "
           "names; `nodes_program` is the\n"
           "command jumper, as they see it.\n"
           "JumperError: it runs already, or a number is out of range.")
      .def(
          "stop", [](Monitor& self) { check(self.stop()); }, ReleaseGil(),
          "Stops sampling; what was measured stays. JumperError: it does not run.")
      .def_prop_ro("running", &Monitor::running)
      .def_prop_ro("started", &Monitor::started, "Whether it ever ran, so that there may be data.")
      .def_prop_ro("inherited", &Monitor::inherited,
                   "True in a child made by fork(): there, nothing is measured.")
      .def_prop_ro("journal_path", &Monitor::journal_path,
                   "The file that the session is written to; empty where there is none.")
      .def_prop_ro(
          "journal_problem",
          [](const Monitor& self) {
            const base::Status status = self.journal_status();
            return status ? std::optional<std::string>() : status.error().message;
          },
          "Why the session is not written to a journal although that was asked for; else None.")
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
      .def("take_guard_reason", &Monitor::take_guard_reason,
           "Why the cell that ended last was interrupted by the guard, once; None if it was not.")
      .def_prop_ro(
          "memory_warning",
          [](const Monitor& self) {
            const auto told = self.memory_forecast();
            return told ? std::optional(told->text()) : std::nullopt;
          },
          "That memory will reach its limit soon, and in how many seconds; None while it will not.")
      .def_prop_ro("cell_count", &Monitor::cell_count, "How many cells have finished.")
      .def(
          "recent_plot",
          [](const Monitor& self, double seconds, const std::string& level) {
            return unwrap(self.recent_plot(unwrap(self.find_level(level)), to_nanos(seconds)));
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
      .def(
          "resources_text", [](const Monitor& self) { return report::to_text(self.resources()); },
          "The CPUs and memory this process may use, and which limits say so.")
      .def(
          "resources", [](const Monitor& self) { return resources_dict(self.resources()); },
          nb::sig("def resources(self) -> dict[str, typing.Any]"))
      .def(
          "info", [](const Monitor& self) { return info_dict(self.info()); },
          nb::sig("def info(self) -> dict[str, typing.Any]"),
          "When it started and stopped (seconds), CPUs, memory limits (GB by level), pid and uid.")
      .def(
          "stats", [](const Monitor& self) { return stats_dict(self.stats()); },
          nb::sig("def stats(self) -> dict[str, typing.Any]"),
          "Samples taken and missed, and the CPU seconds that sampling itself used.");
  bind_questions(bound);
}

}  // namespace jumper::bindings
