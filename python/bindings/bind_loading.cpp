// SPDX-License-Identifier: BSD-3-Clause
#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>
#include <nanobind/stl/vector.h>

#include <utility>

#include "jumper/session/cell_rows.h"
#include "jumper/session/csv_table.h"
#include "jumper/session/io_totals.h"
#include "python/bindings/arrays.h"
#include "python/bindings/bind.h"

namespace jumper::bindings {
namespace {

nb::dict read_csv(const std::string& path, const std::vector<std::string>& texts,
                  const std::vector<std::string>& numbers) {
  base::Result<std::vector<session::CsvColumn>> columns = [&] {
    const nb::gil_scoped_release release;
    return session::read_csv_table(path, texts, numbers);
  }();
  nb::dict table;
  for (session::CsvColumn& column : unwrap(std::move(columns))) {
    table[nb::cast(column.name)] =
        column.is_text ? nb::cast(column.texts) : nb::cast(to_array(std::move(column.numbers)));
  }
  return table;
}

std::string io_kind(const std::vector<double>& times, std::vector<std::vector<double>> columns) {
  std::vector<std::vector<double>*> parts;
  for (std::vector<double>& column : columns) {
    column.resize(times.size());
    parts.push_back(&column);
  }
  switch (session::kind_of(parts, times)) {
    case session::IoKind::kTotals:
      return "totals";
    case session::IoKind::kDivided:
      return "divided";
    case session::IoKind::kRates:
      return "rates";
  }
  return "";
}

}  // namespace

void bind_loading(nb::module_& module) {
  module.def("read_csv", &read_csv, nb::arg("path"), nb::arg("texts"), nb::arg("numbers"),
             nb::sig("def read_csv(path: str, texts: list[str], numbers: list[str]) -> dict[str, "
                     "typing.Any]"),
             "The columns of a CSV file: an array for numbers, NaN where there is none, a list for "
             "text. `texts` are text whatever they hold, `numbers` must be numbers. JumperError: "
             "where it is no such table.");
  module.def("io_kind", &io_kind, nb::arg("times"), nb::arg("columns"),
             "What the I/O columns of a file are: totals, each total divided by the time since the "
             "row before, or rates.");
  module.def("python_strings", &session::python_strings, nb::arg("text"),
             "The strings of a list as Python writes it; none where it is no such list.");
}

}  // namespace jumper::bindings
