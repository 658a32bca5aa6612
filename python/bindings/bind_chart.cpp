// SPDX-License-Identifier: BSD-3-Clause
#include <nanobind/ndarray.h>
#include <nanobind/stl/string.h>

#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "jumper/plot/draw.h"
#include "python/bindings/bind.h"

namespace jumper::bindings {
namespace {

using Numbers = nb::ndarray<const double, nb::ndim<1>, nb::c_contig, nb::device::cpu>;

// What a description says under a name; nothing where it is absent or None.
std::optional<nb::object> entry(const nb::dict& description, const char* name) {
  if (!description.contains(name)) return std::nullopt;
  nb::object found = description[name];
  if (found.is_none()) return std::nullopt;
  return found;
}

// What is of another type than it should be is the user's mistake.
template <typename T>
T converted(nb::handle object, const char* name) {
  try {
    return nb::cast<T>(object);
  } catch (const nb::cast_error&) {
    throw JumperError{std::string("the chart's '") + name + "' is of the wrong type"};
  }
}

// Any text is fit to be drawn; lone surrogates become what UTF-8 has instead.
std::string text_of(nb::handle object) {
  const auto text = converted<nb::str>(object, "text");
  const auto bytes = nb::cast<nb::bytes>(text.attr("encode")("utf-8", "replace"));
  return {bytes.c_str(), bytes.size()};
}

std::string text_at(const nb::dict& description, const char* name) {
  const std::optional<nb::object> found = entry(description, name);
  return found ? text_of(*found) : "";
}

template <typename T>
T value_at(const nb::dict& description, const char* name, T otherwise) {
  const std::optional<nb::object> found = entry(description, name);
  return found ? converted<T>(*found, name) : otherwise;
}

// An array, or a sequence in which None is no number.
std::vector<double> numbers_at(const nb::dict& description, const char* name) {
  std::vector<double> numbers;
  const std::optional<nb::object> found = entry(description, name);
  if (!found) return numbers;
  Numbers array;
  if (nb::try_cast(*found, array)) {
    return {array.data(), array.data() + array.shape(0)};
  }
  const auto sequence = converted<nb::sequence>(*found, name);
  for (const nb::handle item : sequence) {
    numbers.push_back(item.is_none() ? std::numeric_limits<double>::quiet_NaN()
                                     : converted<double>(item, name));
  }
  return numbers;
}

template <typename Make>
auto list_at(const nb::dict& description, const char* name, Make make) {
  std::vector<decltype(make(nb::dict()))> list;
  const std::optional<nb::object> found = entry(description, name);
  if (!found) return list;
  const auto sequence = converted<nb::sequence>(*found, name);
  for (const nb::handle item : sequence) list.push_back(make(converted<nb::dict>(item, name)));
  return list;
}

void set_colour(const nb::dict& description, const char* name, plot::Colour& colour) {
  if (entry(description, name)) colour = unwrap(plot::parse_colour(text_at(description, name)));
}

plot::Theme theme_of(const nb::object& theme) {
  if (nb::isinstance<nb::str>(theme)) {
    const std::string name = text_of(theme);
    if (name == "dark") return plot::dark_theme();
    if (name == "light") return plot::light_theme();
    throw JumperError{"the theme of a chart is 'light' or 'dark'"};
  }
  const auto colours = converted<nb::dict>(theme, "theme");
  plot::Theme made = plot::light_theme();
  set_colour(colours, "background", made.background);
  set_colour(colours, "ink", made.ink);
  set_colour(colours, "quiet", made.quiet);
  set_colour(colours, "frame", made.frame);
  set_colour(colours, "grid", made.grid);
  set_colour(colours, "cell", made.cell);
  set_colour(colours, "cell_other", made.cell_other);
  set_colour(colours, "cell_failed", made.cell_failed);
  set_colour(colours, "limit", made.limit);
  return made;
}

plot::Unit unit_of(const std::string& name) {
  if (name.empty() || name == "count") return plot::Unit::kNumber;
  if (name == "percent") return plot::Unit::kPercent;
  if (name == "bytes") return plot::Unit::kBytes;
  if (name == "bytes/s") return plot::Unit::kBytesPerSecond;
  if (name == "1/s") return plot::Unit::kPerSecond;
  if (name == "watts") return plot::Unit::kWatts;
  if (name == "celsius") return plot::Unit::kCelsius;
  if (name == "hertz") return plot::Unit::kHertz;
  throw JumperError{
      "the unit of a panel is percent, bytes, bytes/s, 1/s, watts, celsius, hertz or count"};
}

plot::Span span_of(const nb::dict& span) {
  return {value_at<double>(span, "from", 0), value_at<double>(span, "to", 0)};
}

plot::Series series_of(const nb::dict& description) {
  return {.label = text_at(description, "label"),
          .colour = {},
          .x_seconds = numbers_at(description, "x"),
          .mean = numbers_at(description, "mean"),
          .low = numbers_at(description, "low"),
          .high = numbers_at(description, "high"),
          .is_rate = value_at<bool>(description, "rate", false)};
}

plot::Panel panel_of(const nb::dict& description, bool is_dark) {
  plot::Panel panel{.title = text_at(description, "title"),
                    .unit = unit_of(text_at(description, "unit")),
                    .series = {},
                    .limit = std::nullopt};
  panel.series =
      list_at(description, "series", [place = size_t{0}, is_dark](const nb::dict& item) mutable {
        plot::Series series = series_of(item);
        series.colour = plot::series_colour(place++, is_dark);
        set_colour(item, "colour", series.colour);
        return series;
      });
  if (const std::optional<nb::object> limit = entry(description, "limit")) {
    const auto item = converted<nb::dict>(*limit, "limit");
    panel.limit = plot::Limit{value_at<double>(item, "value", 0), text_at(item, "label")};
  }
  return panel;
}

plot::Chart chart_of(const nb::dict& description) {
  plot::Chart chart;
  chart.title = text_at(description, "title");
  chart.description = text_at(description, "description");
  if (const std::optional<nb::object> theme = entry(description, "theme"))
    chart.theme = theme_of(*theme);
  chart.width_px = value_at<int>(description, "width", chart.width_px);
  chart.height_px = value_at<int>(description, "height", chart.height_px);
  chart.columns = value_at<int>(description, "columns", chart.columns);
  const bool is_dark = chart.theme.background.green < 128;
  chart.panels =
      list_at(description, "panels", [&](const nb::dict& item) { return panel_of(item, is_dark); });
  chart.cells = list_at(description, "cells", [](const nb::dict& item) {
    return plot::CellMark{span_of(item), value_at<size_t>(item, "index", 0), text_at(item, "name"),
                          value_at<bool>(item, "failed", false)};
  });
  if (const std::optional<nb::object> range = entry(description, "range")) {
    chart.range = span_of(converted<nb::dict>(*range, "range"));
  }
  chart.idle = list_at(description, "idle", span_of);
  return chart;
}

nb::bytes draw(const nb::dict& description, const std::string& format, double scale, int quality) {
  const plot::Chart chart = chart_of(description);
  const std::string bytes = [&] {
    const nb::gil_scoped_release release;
    return unwrap(plot::draw(chart, format, {.scale = scale, .quality = quality}));
  }();
  return nb::bytes(bytes.data(), bytes.size());
}

}  // namespace

void bind_chart(nb::module_& module) {
  module.def(
      "draw_chart", &draw, nb::arg("chart"), nb::arg("format"), nb::arg("scale") = 1.0,
      nb::arg("quality") = 92,
      nb::sig("def draw_chart(chart: dict[str, typing.Any], format: str, scale: float = 1.0, "
              "quality: int = 92) -> bytes"),
      "The bytes of a picture: format 'svg', 'pdf', 'png' or 'jpg'; `scale` is that of the last "
      "two, `quality` that of the last.\n\n"
      "`chart`: title, description, theme ('light', 'dark', or a dict of colours '#rrggbb'), "
      "width, height and columns (0: as needed); panels: title, unit ('percent', 'bytes', "
      "'bytes/s', '1/s', 'count'), series (label, colour, x in seconds, mean, low, high, rate: "
      "whether values hold since the point before), limit (value, label); cells: from, to, index, "
      "name, failed; range (from, to); idle: from, to of "
      "time to "
      "be squeezed. Times are in seconds; what is not measured is NaN or None.");
}

}  // namespace jumper::bindings
