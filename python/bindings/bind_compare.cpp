// SPDX-License-Identifier: BSD-3-Clause
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "jumper/monitor/compare.h"
#include "jumper/monitor/monitor.h"
#include "jumper/report/compare.h"
#include "python/bindings/bind.h"

namespace jumper::bindings {
namespace {

using analysis::Comparison;
using monitor::Monitor;
using monitor::Session;
using SessionPtr = std::shared_ptr<const Session>;

// What is being measured is compared as it is now.
SessionPtr session_in(const nb::object& object) {
  if (const Monitor* running = nullptr; nb::try_cast(object, running))
    return std::make_shared<const Session>(unwrap(running->session()));
  if (const Session* recorded = nullptr; nb::try_cast(object, recorded))
    return {recorded, [](const Session*) {}};  // which the caller keeps
  throw nb::type_error("compare() takes a Monitor or a Session");
}

monitor::ComparedSide side_of(const SessionPtr& session, const std::string& name,
                              const std::optional<std::string>& cells) {
  monitor::ComparedSide side{session.get(), name, std::nullopt};
  if (cells) side.cells = unwrap(session->resolve_cells(*cells));
  return side;
}

Comparison compare(const nb::object& a, const nb::object& b, const std::string& a_name,
                   const std::string& b_name, const std::optional<std::string>& a_cells,
                   const std::optional<std::string>& b_cells) {
  const SessionPtr a_session = session_in(a);
  const SessionPtr b_session = a.is(b) ? a_session : session_in(b);
  const nb::gil_scoped_release release;
  return unwrap(
      monitor::compare(side_of(a_session, a_name, a_cells), side_of(b_session, b_name, b_cells)));
}

}  // namespace

void bind_compare(nb::module_& module) {
  nb::class_<Comparison>(module, "Comparison",
                         "Two cells or two sessions beside each other. Does not change.")
      .def("text", &report::compare_text, "As plain text of at most 100 columns.")
      .def("json", &report::compare_json, "As a JSON document; absent numbers are null.")
      .def("html", &report::compare_html,
           "As an HTML fragment: escaped, with its own style, without scripts.");
  module.def("compare", &compare, nb::arg("a"), nb::arg("b"), nb::kw_only(), nb::arg("a_name"),
             nb::arg("b_name"), nb::arg("a_cells") = nb::none(), nb::arg("b_cells") = nb::none(),
             nb::sig("def compare(a: Monitor | Session, b: Monitor | Session, *, a_name: str, "
                     "b_name: str, a_cells: str | None = None, b_cells: str | None = None) -> "
                     "Comparison"),
             "Compares two sessions, or ranges of their cells. Two single cells are compared "
             "whatever they ran,\n"
             "else cells of the same source. JumperError: there is no such cell.");
}

}  // namespace jumper::bindings
