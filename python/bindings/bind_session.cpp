// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/journal/recording.h"
#include "jumper/monitor/open_session.h"
#include "jumper/monitor/session.h"
#include "jumper/report/resources.h"
#include "python/bindings/bind_questions.h"

namespace jumper::bindings {

using monitor::Session;

void bind_session(nb::module_& module) {
  nb::class_<Session> bound(
      module, "Session",
      "A session that does not change: read from a journal, imported, or one node's of many. It "
      "answers what a Monitor answers.");
  bound
      .def_static(
          "open",
          [](const std::string& path) { return Session(unwrap(monitor::open_session(path))); },
          nb::arg("path"), nb::call_guard<nb::gil_scoped_release>(),
          "Reads a journal (also one that is being written), an exported folder or .zip, or the "
          "session of that id. JumperError: it is none of these, or cannot be read.")
      .def_prop_ro(
          "source", [](const Session& self) { return self.facts().source; },
          "Where it comes from, in words.")
      .def_prop_ro("notes", [](const Session& self) { return self.facts().notes; })
      .def_prop_ro(
          "default_level",
          [](const Session& self) { return std::string(metric::scope_name(self.default_level())); },
          "The level that is asked where none is named.")
      .def_prop_ro("started", &Session::started)
      .def_prop_ro("running", [](const Session&) { return false; })
      .def_prop_ro("inherited", [](const Session&) { return false; })
      .def_prop_ro("cell_open", [](const Session&) { return false; })
      .def_prop_ro(
          "cell_count", [](const Session& self) { return self.cells().size(); },
          "How many cells it has.")
      .def_prop_ro("interval_seconds",
                   [](const Session& self) { return self.facts().interval_seconds; })
      .def(
          "levels",
          [](const Session& self) {
            std::vector<std::string> names;
            for (const metric::Scope scope : self.facts().levels)
              names.emplace_back(metric::scope_name(scope));
            return names;
          },
          "The levels that were measured.")
      .def(
          "resources_text",
          [](const Session& self) { return report::to_text(self.facts().resources); },
          "The CPUs and memory there were, and which limits said so.")
      .def(
          "resources", [](const Session& self) { return resources_dict(self.facts().resources); },
          nb::sig("def resources(self) -> dict[str, typing.Any]"))
      .def(
          "info", [](const Session& self) { return info_dict(self.facts()); },
          nb::sig("def info(self) -> dict[str, typing.Any]"),
          "When it started and stopped (seconds), CPUs, memory limits (GB by level), pid and uid.")
      .def(
          "stats", [](const Session& self) { return stats_dict(self.facts().stats); },
          nb::sig("def stats(self) -> dict[str, typing.Any]"),
          "Samples taken and missed, and the CPU seconds that sampling itself used.");
  bind_questions(bound);
}

}  // namespace jumper::bindings
