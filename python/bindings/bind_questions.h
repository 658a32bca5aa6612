// SPDX-License-Identifier: BSD-3-Clause
// The questions that a running monitor and a recorded session both answer, bound once for both.
#pragma once

#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/variant.h>
#include <nanobind/stl/vector.h>

#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "jumper/monitor/monitor.h"
#include "jumper/report/advice.h"
#include "jumper/report/history.h"
#include "jumper/session/export_session.h"
#include "python/bindings/bind.h"

namespace jumper::bindings {

// A range of cells as text, or its first and last.
using CellChoice = std::optional<std::variant<std::string, std::pair<int64_t, int64_t>>>;

[[nodiscard]] inline const monitor::Session& session_of(const monitor::Session& session) {
  return session;
}
[[nodiscard]] inline monitor::Session session_of(const monitor::Monitor& monitor) {
  return unwrap(monitor.session());
}

[[nodiscard]] report::Report make_report(const monitor::Session& session, const CellChoice& cells,
                                         metric::Scope level);
[[nodiscard]] monitor::Plot make_plot(const monitor::Session& session, const CellChoice& cells,
                                      metric::Scope level);
[[nodiscard]] nb::dict perfdata(const monitor::Session& session, metric::Scope level);
// Without a level, the one that fits all nodes.
[[nodiscard]] report::NodesReport make_nodes_report(const monitor::Session& session,
                                                    const CellChoice& cells,
                                                    const std::optional<std::string>& level);
[[nodiscard]] monitor::Plot make_nodes_plot(const monitor::Session& session,
                                            const CellChoice& cells,
                                            const std::optional<std::string>& level);
[[nodiscard]] nb::dict nodes_perfdata(const monitor::Session& session,
                                      const std::optional<std::string>& level);
[[nodiscard]] std::optional<metric::Scope> level_of(const std::optional<std::string>& name);
[[nodiscard]] nb::dict cell_table(const monitor::Session& session);
[[nodiscard]] nb::list node_names(const monitor::Session& session);
[[nodiscard]] std::optional<std::string> advice_line(const monitor::Session& session);
[[nodiscard]] nb::dict resources_dict(const source::Resources& resources);
[[nodiscard]] nb::dict info_dict(const journal::Facts& facts);
[[nodiscard]] nb::dict stats_dict(const sampler::SamplerStats& stats);

template <typename Answerer>
void bind_questions(nb::class_<Answerer>& bound) {
  using ReleaseGil = nb::call_guard<nb::gil_scoped_release>;
  bound
      .def(
          "resolve_cells",
          [](const Answerer& self, const std::string& text) {
            const cells::CellRange range = unwrap(session_of(self).resolve_cells(text));
            return std::pair(range.first, range.last);
          },
          nb::arg("text"),
          "\"5\", \"2:8\", \":5\", \"3:\", \"-3:-1\" -> (first, last), both included.")
      .def(
          "report",
          [](const Answerer& self, const CellChoice& cells, const std::string& level) {
            return make_report(session_of(self), cells, unwrap(self.find_level(level)));
          },
          nb::arg("cells") = nb::none(), nb::arg("level") = "process", ReleaseGil(),
          "What a range of cells cost. Without a range all finished cells; without cells, all "
          "monitored time.")
      .def(
          "plot",
          [](const Answerer& self, const CellChoice& cells, const std::string& level) {
            return make_plot(session_of(self), cells, unwrap(self.find_level(level)));
          },
          nb::arg("cells") = nb::none(), nb::arg("level") = "process", ReleaseGil(),
          "All levels and cells over time, few enough points for a screen. `cells` and `level` are "
          "what is shown first.")
      .def(
          "perfdata",
          [](const Answerer& self, const std::string& level) {
            return perfdata(session_of(self), unwrap(self.find_level(level)));
          },
          nb::arg("level") = "process",
          nb::sig("def perfdata(self, level: str = 'process') -> dict[str, "
                  "numpy.typing.NDArray[typing.Any]]"),
          "One array per column, one element per sample. Absent is NaN; cell_index is int64, -1 "
          "outside cells.")
      .def(
          "nodes", [](const Answerer& self) { return node_names(session_of(self)); },
          nb::sig("def nodes(self) -> list[str]"),
          "The names of the nodes that are monitored; none where it is one only.")
      .def(
          "node",
          [](const Answerer& self, const std::string& name) {
            return unwrap(session_of(self).node(name));
          },
          nb::arg("name"), ReleaseGil(),
          "What was measured on that node, as a session with the same cells. JumperError: there is "
          "no such node.")
      .def(
          "nodes_report",
          [](const Answerer& self, const CellChoice& cells,
             const std::optional<std::string>& level) {
            return make_nodes_report(session_of(self), cells, level);
          },
          nb::arg("cells") = nb::none(), nb::arg("level") = nb::none(), ReleaseGil(),
          "What a range of cells cost on each node, and how evenly they were used. Without a "
          "level, "
          "slurm where all nodes have it, else system.")
      .def(
          "nodes_plot",
          [](const Answerer& self, const CellChoice& cells,
             const std::optional<std::string>& level) {
            return make_nodes_plot(session_of(self), cells, level);
          },
          nb::arg("cells") = nb::none(), nb::arg("level") = nb::none(), ReleaseGil(),
          "A line per node in each panel, and a view of each node.")
      .def(
          "nodes_perfdata",
          [](const Answerer& self, const std::optional<std::string>& level) {
            return nodes_perfdata(session_of(self), level);
          },
          nb::arg("level") = nb::none(),
          nb::sig("def nodes_perfdata(self, level: str | None = None) -> dict[str, typing.Any]"),
          "As perfdata, of all nodes one after the other; the first column, node, is a list of "
          "names.")
      .def(
          "export_nodes_perfdata",
          [](const Answerer& self, const std::string& path,
             const std::optional<std::string>& level) {
            check(session_of(self).export_nodes(path, level_of(level)));
          },
          nb::arg("path"), nb::arg("level") = nb::none(), ReleaseGil(),
          "Writes the performance data of all nodes as .csv or .json.")
      .def(
          "samples",
          [](const Answerer& self) { return sample_table(unwrap(session_of(self).snapshot())); },
          nb::sig("def samples(self) -> SampleTable"),
          "All samples so far, of all levels, for numpy, pandas, polars, pyarrow and DuckDB. "
          "JumperError: there are none.")
      .def(
          "cells", [](const Answerer& self) { return cell_table(session_of(self)); },
          nb::sig("def cells(self) -> dict[str, list[typing.Any]]"),
          "The history of finished cells: one list per column; absent is None.")
      .def(
          "history_text",
          [](const Answerer& self) { return report::history_text(session_of(self).cell_costs()); },
          ReleaseGil(), "The cell history as a table for a terminal.")
      .def(
          "history_html",
          [](const Answerer& self) { return report::history_html(session_of(self).cell_costs()); },
          ReleaseGil(), "The cell history as an HTML fragment: escaped, without scripts.")
      .def(
          "advice_text",
          [](const Answerer& self) { return report::to_text(unwrap(session_of(self).advice())); },
          ReleaseGil(),
          "What was asked for or may be used, what was used, and what would have been enough. "
          "JumperError: nothing was measured yet.")
      .def(
          "advice_json",
          [](const Answerer& self) { return report::to_json(unwrap(session_of(self).advice())); },
          ReleaseGil(), "The same as a JSON document; absent numbers are null.")
      .def(
          "advice_line", [](const Answerer& self) { return advice_line(session_of(self)); },
          ReleaseGil(),
          "In a Slurm job, what it used of what it asked for, in a few words; None elsewhere.")
      .def(
          "export_perfdata",
          [](const Answerer& self, const std::string& path, const std::string& level) {
            check(session_of(self).export_perf(path, unwrap(self.find_level(level))));
          },
          nb::arg("path"), nb::arg("level") = "process", ReleaseGil(),
          "Writes the performance data as .csv or .json. JumperError: another suffix, or the file "
          "cannot be written.")
      .def(
          "export_cell_history",
          [](const Answerer& self, const std::string& path) {
            check(session_of(self).export_history(path));
          },
          nb::arg("path"), ReleaseGil(), "Writes the cell history as .csv or .json.")
      .def(
          "export_session",
          [](const Answerer& self, const std::string& path) {
            check(session::export_session(path, session_of(self).recording()));
          },
          nb::arg("path"), ReleaseGil(),
          "Writes the whole session into a new or empty folder, or into a .zip file.");
}

}  // namespace jumper::bindings
