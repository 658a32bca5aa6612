// SPDX-License-Identifier: BSD-3-Clause
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "jumper/base/atomic_file.h"
#include "jumper/base/clock.h"
#include "jumper/base/text.h"
#include "jumper/monitor/plot.h"
#include "jumper/report/plot_document.h"
#include "python/bindings/arrays.h"
#include "python/bindings/bind.h"

namespace jumper::bindings {
namespace {

using monitor::Plot;
using report::PlotDocument;
using ReleaseGil = nb::call_guard<nb::gil_scoped_release>;

Plot load(const nb::bytes& document) {
  const std::string_view bytes(document.c_str(), document.size());
  const nb::gil_scoped_release release;
  return unwrap(Plot::load(bytes));
}

Plot select(const Plot& self, const std::vector<std::string>& panels) {
  std::vector<size_t> places;
  for (const std::string& name : panels) {
    const auto place = analysis::find_panel(name);
    if (!place) throw JumperError{"unknown metric '" + base::one_line(name, 40) + "'"};
    places.push_back(*place);
  }
  const nb::gil_scoped_release release;
  return self.selected(places);
}

nb::list panels() {
  nb::list list;
  for (const analysis::PanelInfo& panel : analysis::plot_panels()) {
    nb::list aliases;
    for (const std::string_view alias : panel.aliases) {
      if (!alias.empty()) aliases.append(nb::str(alias.data(), alias.size()));
    }
    list.append(nb::make_tuple(nb::str(panel.key.data(), panel.key.size()), aliases));
  }
  return list;
}

nb::bytes bytes_of(const base::Result<std::string>& result) {
  const std::string bytes = unwrap(result);
  return nb::bytes(bytes.data(), bytes.size());
}

nb::bytes draw(const Plot& self, const std::string& format, const std::string& theme, double scale,
               int quality) {
  if (theme != "light" && theme != "dark")
    throw JumperError{"the theme of a plot is 'light' or 'dark'"};
  const auto picture = [&] {
    const nb::gil_scoped_release release;
    return self.draw(format, theme == "dark", {.scale = scale, .quality = quality});
  }();
  return bytes_of(picture);
}

nb::bytes small_picture(const Plot& self, int width, size_t most_bytes) {
  const auto picture = [&] {
    const nb::gil_scoped_release release;
    return self.small_picture(width, most_bytes);
  }();
  return bytes_of(picture);
}

std::string_view unit_of(plot::Unit unit) {
  switch (unit) {
    case plot::Unit::kNumber:
      return "count";
    case plot::Unit::kPercent:
      return "percent";
    case plot::Unit::kBytes:
      return "bytes";
    case plot::Unit::kBytesPerSecond:
      return "bytes/s";
    case plot::Unit::kPerSecond:
      return "1/s";
  }
  return "count";
}

std::string colour_of(const plot::Colour& colour) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text = "#";
  for (const uint8_t part : {colour.red, colour.green, colour.blue}) {
    text += kDigits[part / 16U];
    text += kDigits[part % 16U];
  }
  return text;
}

nb::dict series_dict(plot::Series series) {
  nb::dict made;
  made["label"] = to_python_text(series.label);
  made["colour"] = to_python_text(colour_of(series.colour));
  made["x"] = to_array(std::move(series.x_seconds));
  made["mean"] = to_array(std::move(series.mean));
  made["rate"] = series.is_rate;
  if (!series.low.empty()) {
    made["low"] = to_array(std::move(series.low));
    made["high"] = to_array(std::move(series.high));
  }
  return made;
}

// In the form that draw_chart takes.
nb::dict chart(const Plot& self) {
  plot::Chart chart = self.chart();
  nb::list panels;
  for (plot::Panel& panel : chart.panels) {
    nb::list series;
    for (plot::Series& one : panel.series) series.append(series_dict(std::move(one)));
    nb::dict made;
    made["title"] = to_python_text(panel.title);
    made["unit"] = to_python_text(std::string(unit_of(panel.unit)));
    made["series"] = series;
    if (panel.limit) {
      nb::dict limit;
      limit["value"] = panel.limit->value;
      limit["label"] = to_python_text(panel.limit->label);
      made["limit"] = limit;
    }
    panels.append(made);
  }
  nb::list cells;
  for (const plot::CellMark& cell : chart.cells) {
    nb::dict made;
    made["from"] = cell.span.from_seconds;
    made["to"] = cell.span.to_seconds;
    made["index"] = cell.index;
    made["name"] = to_python_text(cell.name);
    made["failed"] = cell.has_failed;
    cells.append(made);
  }
  nb::dict range;
  range["from"] = chart.range->from_seconds;
  range["to"] = chart.range->to_seconds;
  nb::dict made;
  made["title"] = to_python_text(chart.title);
  made["range"] = range;
  made["panels"] = panels;
  made["cells"] = cells;
  return made;
}

void write_file(const std::string& path, const nb::bytes& content) {
  const std::string_view bytes(content.c_str(), content.size());
  const nb::gil_scoped_release release;
  check(base::write_file(path, bytes));
}

}  // namespace

void bind_plot(nb::module_& module) {
  nb::class_<Plot>(module, "Plot", "What a plot shows. Does not change.")
      .def_static(
          "load", &load, nb::arg("document"),
          "The plot in a document made by `file` or `json`. JumperError: it is none. Nothing "
          "in it is executed.")
      .def_static("panels", &panels, nb::sig("def panels() -> list[tuple[str, list[str]]]"),
                  "What `select` takes: the name of every panel, and its other names.")
      .def(
          "select", &select, nb::arg("panels"),
          "Just these panels (none: those shown) at the level shown, over just the cells that were "
          "asked for.")
      .def_prop_ro(
          "title", [](const Plot& self) { return self.title(); },
          "Level, cells and duration, in one line.")
      .def_prop_ro(
          "has_data", [](const Plot& self) { return self.has_data(); },
          "Whether there are samples enough for a curve.")
      .def_prop_ro(
          "to",
          [](const Plot& self) { return base::seconds(self.data().to_ns - self.data().origin_ns); },
          "When its last sample was taken, in seconds since monitoring started.")
      .def("json", &Plot::json, ReleaseGil(),
           "For the front end (frontend/src/protocol.ts): a JSON document without '<', safe within "
           "a script element.")
      .def("file", &Plot::file, ReleaseGil(), "The same document with more detail, for `load`.")
      .def("csv", &Plot::csv, ReleaseGil(),
           "The curves of what is seen first, as a table: a row per point.")
      .def("text", &Plot::text, nb::arg("width") = 60, ReleaseGil(),
           "For a terminal: curves `width` characters wide, with mean, lowest and highest value.")
      .def("draw", &draw, nb::arg("format"), nb::arg("theme") = "light", nb::arg("scale") = 1.0,
           nb::arg("quality") = 92, "What is seen first as a picture: see `draw_chart`.")
      .def("small_picture", &small_picture, nb::arg("width"), nb::arg("most_bytes"),
           "What is seen first as a PNG of twice that width, with at most about so many bytes.")
      .def("chart", &chart, nb::sig("def chart(self) -> dict[str, typing.Any]"),
           "What is seen first, as `draw_chart` takes it.");
  nb::class_<PlotDocument>(module, "PlotTail", "What a live view has to replace.")
      .def(
          "json", [](const PlotDocument& tail) { return tail.json; },
          "For the front end, like a plot's: without its title and panels.")
      .def_prop_ro(
          "to",
          [](const PlotDocument& tail) {
            return base::seconds(tail.data.to_ns - tail.data.origin_ns);
          },
          "When its last sample was taken, in seconds since monitoring started.");
  module.def(
      "write_file", &write_file, nb::arg("path"), nb::arg("content"),
      "Writes a file as a whole; if that fails, with JumperError, an old one stays as it was.");
}

}  // namespace jumper::bindings
