// SPDX-License-Identifier: BSD-3-Clause
#include <nanobind/stl/string.h>

#include "jumper/base/clock.h"
#include "jumper/report/plot_document.h"
#include "jumper/report/sparkline.h"
#include "python/bindings/bind.h"

namespace jumper::bindings {

using report::PlotDocument;

void bind_plot(nb::module_& module) {
  nb::class_<PlotDocument>(module, "Plot", "What a plot shows. Does not change.")
      .def_prop_ro(
          "title", [](const PlotDocument& plot) { return report::plot_title(plot.data); },
          "Level, cells and duration, in one line.")
      .def_prop_ro(
          "has_data", [](const PlotDocument& plot) { return plot.data.most_points() > 1; },
          "Whether there are samples enough for a curve.")
      .def(
          "json", [](const PlotDocument& plot) { return plot.json; },
          "For the front end (frontend/src/protocol.ts): a JSON document without '<', safe within "
          "a "
          "script element.")
      .def_prop_ro(
          "to",
          [](const PlotDocument& plot) {
            return base::seconds(plot.data.to_ns - plot.data.origin_ns);
          },
          "When its last sample was taken, in seconds since monitoring started.")
      .def(
          "text",
          [](const PlotDocument& plot, size_t width) {
            return report::plot_text(plot.data, width);
          },
          nb::arg("width") = 60,
          "For a terminal: curves `width` characters wide, with mean, lowest and highest value.");
}

}  // namespace jumper::bindings
