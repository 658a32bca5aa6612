// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/report/plot_document.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <string_view>
#include <vector>

#include "jumper/analysis/node_plot.h"
#include "jumper/analysis/plot_selection.h"
#include "jumper/base/base64.h"
#include "jumper/base/clock.h"
#include "jumper/base/json.h"
#include "jumper/base/parse.h"
#include "jumper/base/text.h"
#include "jumper/report/plot_columns.h"
#include "jumper/report/quantity.h"
#include "jumper/report/report.h"

namespace jumper::report {
namespace {

// Of values, between the lowest and the highest of a curve: of samples, and of means of many.
constexpr double kSteps = 16'383;
constexpr double kMeanSteps = 1023;
constexpr size_t kLabelColumns = 72;
constexpr size_t kLabelBytes = 16'000;  // of all cells' labels together

class DocumentWriter {
 public:
  DocumentWriter(const analysis::PlotData& data, PlotPart part)
      : data_(data),
        is_whole_(part == PlotPart::kWhole),
        panels_(data.is_selection ? data.panels : analysis::all_panels(data.has_gpus)) {}

  [[nodiscard]] std::string write() {
    json_.begin_object().field("format", kPlotFormat).field("version", kPlotVersion);
    json_.field("title", std::string_view(is_whole_ ? plot_title(data_) : ""));
    json_.field("start_ms", data_.origin_wall_ns / 1'000'000);
    json_.field("tick", base::seconds(kPlotTickNs));
    json_.field("from", ticks(data_.from_ns)).field("to", ticks(data_.to_ns));
    const bool has_views =
        std::ranges::any_of(data_.levels, [](const auto& level) { return !level.view.empty(); });
    if (has_views) json_.field("views", "nodes");
    if (!data_.node.empty()) json_.field("node", std::string_view(data_.node));
    json_.field("level", data_.shown_view.empty() ? metric::scope_name(data_.shown_level)
                                                  : std::string_view(data_.shown_view));
    json_.field("selection", data_.is_selection);
    json_.key("range");
    if (data_.first_cell && data_.last_cell) {
      json_.begin_array().value(uint64_t{*data_.first_cell}).value(uint64_t{*data_.last_cell});
      json_.end_array();
    } else {
      json_.null();
    }
    write_panels();
    write_cells();
    write_levels();
    json_.field("data", std::string_view(base::to_base64(bytes_)));
    json_.end_object();
    return without_markup(json_.text());
  }

 private:
  [[nodiscard]] int64_t ticks(int64_t time_ns) const {
    return (time_ns - data_.origin_ns) / kPlotTickNs;
  }

  static std::string without_markup(std::string_view json) {
    std::string safe;
    safe.reserve(json.size());
    for (const char c : json) {
      if (c == '<') {
        safe += "\\u003c";  // it stands in texts only, never in JSON itself
      } else {
        safe += c;
      }
    }
    return safe;
  }

  void write_panels() {
    json_.key("panels").begin_array();
    for (const size_t place : panels_) {
      if (!is_whole_) break;
      const analysis::PanelInfo& panel = analysis::plot_panels()[place];
      const bool is_shown = std::ranges::find(data_.panels, place) != data_.panels.end();
      json_.begin_object().field("key", panel.key).field("title", panel.title);
      json_.field("unit", analysis::unit_name(panel.unit)).field("shown", is_shown);
      json_.key("curves").begin_array();
      for (const auto& curve : panel.curves) {
        if (curve) json_.value(curve->label);
      }
      json_.end_array().end_object();
    }
    json_.end_array();
  }

  // Times as the growth of their differences: a steady pace costs next to nothing.
  void append_times(std::span<const int64_t> times_ns) {
    std::vector<int64_t> steps;
    steps.reserve(times_ns.size());
    int64_t before = 0;
    for (const int64_t time_ns : times_ns) {
      const int64_t tick = ticks(time_ns);
      steps.push_back(tick - before);
      before = tick;
    }
    append_column(bytes_, steps);
  }

  void write_cells() {
    const size_t columns =
        std::min(kLabelColumns, kLabelBytes / std::max<size_t>(data_.cells.size(), 1));
    std::vector<int64_t> starts_ns;
    std::vector<int64_t> ends_ns;
    std::string status;
    for (const auto& cell : data_.cells) {
      starts_ns.push_back(cell->start_ns);
      ends_ns.push_back(cell->end_ns);
      status += cells::status_name(cell->status).front();
    }
    json_.key("cells").begin_object();
    json_.field("first", uint64_t{data_.cells.empty() ? 0 : data_.cells.front()->index});
    json_.field("status", std::string_view(status));
    json_.key("labels").begin_array();
    for (const auto& cell : data_.cells) {
      std::string_view source = base::trim(cell->source);
      json_.value(std::string_view(base::one_line(base::trim(base::next_line(source)), columns)));
    }
    json_.end_array().end_object();
    append_times(starts_ns);
    append_times(ends_ns);
  }

  void write_levels() {
    json_.key("levels").begin_array();
    for (const analysis::PlotLevel& level : data_.levels) {
      json_.begin_object().field("name", analysis::view_name(level));
      if (!level.view.empty()) json_.field("scope", metric::scope_name(level.scope));
      json_.field("points", uint64_t{level.times_ns.size()});
      json_.field("memory_limit", level.memory_limit_bytes);
      if (level.cpus > 0) json_.field("cpus", level.cpus);
      append_times(level.times_ns);
      json_.key("curves").begin_array();
      for (const analysis::PlotCurve& curve : level.curves) {
        const auto panel = std::ranges::find(panels_, curve.panel);
        if (panel != panels_.end())
          write_curve(curve, static_cast<size_t>(panel - panels_.begin()));
      }
      json_.end_array().end_object();
    }
    json_.end_array();
  }

  void write_curve(const analysis::PlotCurve& curve, size_t panel) {
    const bool has_extremes = !curve.low.empty();
    double lowest = metric::kAbsent;
    double highest = metric::kAbsent;
    for (const double value : has_extremes ? curve.low : curve.mean)
      lowest = std::fmin(lowest, value);
    for (const double value : has_extremes ? curve.high : curve.mean)
      highest = std::fmax(highest, value);
    const double step =
        highest > lowest ? (highest - lowest) / (has_extremes ? kMeanSteps : kSteps) : 1;
    json_.begin_object().field("panel", uint64_t{panel}).field("curve", uint64_t{curve.curve});
    json_.field("base", lowest).field("step", step).field("extremes", has_extremes);
    if (!curve.label.empty()) json_.field("label", std::string_view(curve.label));
    json_.end_object();
    const auto steps = [&](const std::vector<double>& values) {
      std::vector<int64_t> numbers;
      numbers.reserve(values.size());
      for (const double value : values) {
        numbers.push_back(metric::is_absent(value) ? kAbsentNumber
                                                   : std::llround((value - lowest) / step));
      }
      return numbers;
    };
    const std::vector<int64_t> means = steps(curve.mean);
    append_column(bytes_, means);
    if (!has_extremes) return;
    for (const auto* extremes : {&curve.low, &curve.high}) {
      std::vector<int64_t> distances = steps(*extremes);
      for (size_t i = 0; i < distances.size(); ++i) {
        if (distances[i] != kAbsentNumber) distances[i] = std::abs(distances[i] - means[i]);
      }
      append_column(bytes_, distances);
    }
  }

  const analysis::PlotData& data_;
  bool is_whole_;
  std::vector<size_t> panels_;  // those of which the document tells
  base::JsonWriter json_{0};
  std::vector<uint8_t> bytes_;
};

}  // namespace

PlotDocument plot_document(const analysis::PlotData& data, size_t most_bytes, PlotPart part) {
  constexpr size_t kFewestPoints = 60;
  PlotDocument document;
  size_t points = data.most_points();
  document.data = data;
  document.json = DocumentWriter(data, part).write();
  while (document.json.size() > most_bytes && points > kFewestPoints) {
    const double share =
        static_cast<double>(most_bytes) / static_cast<double>(document.json.size());
    // Never by less than a tenth, so that this ends, nor at once to very little: what is not points
    // does not shrink, and means come with their extremes.
    const auto next =
        static_cast<size_t>(static_cast<double>(points) * std::clamp(share, 0.3, 0.9));
    points = std::max(next, kFewestPoints);
    document.data = analysis::thinned(data, points);
    document.json = DocumentWriter(document.data, part).write();
  }
  return document;
}

std::string plot_title(const analysis::PlotData& data) {
  std::string title;
  if (data.shown_view == analysis::kAllNodesView) {
    title = "All nodes, level ";
  } else if (!data.node.empty() || !data.shown_view.empty()) {
    const std::string& node = data.shown_view.empty() ? data.node : data.shown_view;
    title = "Node " + base::one_line(node, kNodeColumns) + ", level ";
  } else {
    title = "Level ";
  }
  title += metric::scope_name(data.shown_level);
  const auto add_cells = [&](size_t first, size_t last) {
    title += first == last ? ", cell " : ", cells ";
    title += std::to_string(first);
    if (first != last) title += " to " + std::to_string(last);
  };
  if (data.first_cell && data.last_cell) {
    add_cells(*data.first_cell, *data.last_cell);
  } else if (!data.cells.empty()) {
    add_cells(data.cells.front()->index, data.cells.back()->index);
  }
  if (data.most_points() > 1) {
    const analysis::PlotWindow window = analysis::first_window(data);
    title += ", " + duration_text(base::seconds(window.to_ns - window.from_ns));
  }
  return title;
}

}  // namespace jumper::report
