// SPDX-License-Identifier: BSD-3-Clause
#include <nanobind/stl/string.h>

#include <exception>

#include "jumper/report/nodes.h"
#include "jumper/report/report.h"
#include "python/bindings/bind.h"

namespace jumper::bindings {

void bind_errors(nb::module_& module) {
  PyObject* type = PyErr_NewExceptionWithDoc(
      "jumper_extension._core.JumperError",
      "A user's mistake, or a failure outside the monitor. Its text is one line that says "
      "what was wrong and what would be right.",
      PyExc_Exception, nullptr);
  module.attr("JumperError") = nb::steal(type);
  nb::register_exception_translator(
      [](const std::exception_ptr& thrown, void* exception_type) {
        try {
          std::rethrow_exception(thrown);
        } catch (const JumperError& error) {
          PyErr_SetString(static_cast<PyObject*>(exception_type), error.message.c_str());
        }
      },
      type);
}

nb::object to_python_text(const std::string& bytes) {
  return nb::steal(
      PyUnicode_DecodeUTF8(bytes.data(), static_cast<Py_ssize_t>(bytes.size()), "surrogateescape"));
}

namespace {

nb::object spread(const std::optional<analysis::Spread>& value) {
  if (!value) return nb::none();
  nb::dict dict;
  dict["average"] = value->average;
  dict["minimum"] = value->minimum;
  dict["maximum"] = value->maximum;
  return dict;
}

nb::dict summary(const report::Report& report) {
  nb::dict dict;
  const analysis::Summary& numbers = report.summary;
  dict["level"] = nb::cast(std::string(metric::scope_name(report.scope)));
  dict["first_cell"] = report.cells ? nb::cast(report.cells->first) : nb::none();
  dict["last_cell"] = report.cells ? nb::cast(report.cells->last) : nb::none();
  dict["cells"] = report.cells ? report.cells->size() : 0;
  dict["duration_seconds"] = report.duration_seconds;
  dict["cpus"] = numbers.cpus;
  dict["cpu_percent"] = spread(numbers.cpu_percent);
  dict["cpu_seconds"] = or_none(numbers.cpu_seconds);
  dict["cores_used"] = or_none(numbers.cores_used());
  dict["memory_bytes"] = spread(numbers.memory_bytes);
  dict["memory_peak_bytes"] = report.peak ? nb::cast(report.peak->bytes) : nb::none();
  dict["memory_peak_exact"] = report.peak ? nb::cast(report.peak->is_exact) : nb::none();
  dict["memory_change_bytes"] = or_none(numbers.memory_change_bytes);
  dict["memory_limit_bytes"] = or_none(report.memory_limit_bytes);
  dict["io_read_bytes"] = or_none(numbers.io_read_bytes);
  dict["io_write_bytes"] = or_none(numbers.io_write_bytes);
  dict["io_read_count"] = or_none(numbers.io_read_calls);
  dict["io_write_count"] = or_none(numbers.io_write_calls);
  dict["processes_max"] = or_none(numbers.most_processes);
  return dict;
}

}  // namespace

void bind_report(nb::module_& module) {
  nb::class_<report::Report>(module, "Report",
                             "What a range of cells cost at one level. Does not change.")
      .def(
          "text", [](const report::Report& report) { return report::to_text(report); },
          "The report as plain text, for a terminal.")
      .def(
          "json", [](const report::Report& report) { return report::to_json(report); },
          "The report as a JSON document; absent numbers are null.")
      .def(
          "html", [](const report::Report& report) { return report::to_html(report); },
          "The report as an HTML fragment: escaped, with its own style, without scripts.")
      .def("summary", &summary, nb::sig("def summary(self) -> dict[str, typing.Any]"),
           "The numbers of the report; absent ones are None.");
  nb::class_<report::NodesReport>(
      module, "NodesReport",
      "What a range of cells cost on each node of a job, and how evenly they were used.")
      .def(
          "text", [](const report::NodesReport& report) { return report::to_text(report); },
          "The report as plain text, for a terminal.")
      .def(
          "json", [](const report::NodesReport& report) { return report::to_json(report); },
          "The report as a JSON document; absent numbers are null.")
      .def(
          "html", [](const report::NodesReport& report) { return report::to_html(report); },
          "The report as an HTML fragment: escaped, with its own style, without scripts.")
      .def(
          "summary",
          [](const report::NodesReport& report) {
            const std::string json = report::to_json(report);
            return nb::module_::import_("json").attr("loads")(nb::str(json.data(), json.size()));
          },
          nb::sig("def summary(self) -> dict[str, typing.Any]"), "The JSON document as a dict.");
}

}  // namespace jumper::bindings
