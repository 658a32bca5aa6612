// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/report/sparkline.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>
#include <vector>

#include "jumper/analysis/plot_points.h"
#include "jumper/analysis/plot_selection.h"
#include "jumper/base/clock.h"
#include "jumper/base/text.h"
#include "jumper/report/plot_document.h"
#include "jumper/report/quantity.h"

namespace jumper::report {
namespace {

constexpr size_t kNameColumns = 17;
constexpr size_t kMostLabelColumns = 30;  // of the line of a node
constexpr size_t kNumberColumns = 12;

std::string value_text(double value, analysis::PlotUnit unit) {
  if (metric::is_absent(value)) return "n/a";
  switch (unit) {
    case analysis::PlotUnit::kPercent:
      return base::fixed(value, 1) + " %";
    case analysis::PlotUnit::kBytes:
      return bytes_text(value);
    case analysis::PlotUnit::kBytesPerSecond:
      return bytes_text(value) + "/s";
    case analysis::PlotUnit::kPerSecond:
      return base::fixed(value, 1) + "/s";
    case analysis::PlotUnit::kCount:
      return base::fixed(value, 1);
    case analysis::PlotUnit::kWatts:
      return base::fixed(value, 1) + " W";
    case analysis::PlotUnit::kCelsius:
      return base::fixed(value, 1) + " C";
    case analysis::PlotUnit::kHertz:
      return base::fixed(value / 1e6, 0) + " MHz";
  }
  return "n/a";
}

// What a terminal shows of the time.
struct Window {
  int64_t from_ns = 0;
  int64_t to_ns = 0;
  size_t columns = 0;
  size_t name_columns = kNameColumns;

  [[nodiscard]] int64_t edge_ns(size_t column) const {
    return from_ns +
           static_cast<int64_t>(static_cast<double>(to_ns - from_ns) * static_cast<double>(column) /
                                static_cast<double>(columns));
  }
  [[nodiscard]] size_t column_of(int64_t time_ns) const {
    const double share = static_cast<double>(time_ns - from_ns) /
                         static_cast<double>(std::max<int64_t>(to_ns - from_ns, 1));
    return static_cast<size_t>(
        std::clamp(share * static_cast<double>(columns), 0.0, static_cast<double>(columns - 1)));
  }
};

// The mean of every column. A point holds back to the one before it.
std::vector<double> resampled(const analysis::PlotLevel& level, std::span<const double> values,
                              const Window& window) {
  std::vector<double> made;
  size_t begin = 0;
  for (size_t column = 0; column < window.columns; ++column) {
    const int64_t from_ns = window.edge_ns(column);
    const int64_t to_ns = window.edge_ns(column + 1);
    while (begin < values.size() && level.times_ns[begin] <= from_ns) ++begin;
    size_t end = begin;
    while (end < values.size() && level.times_ns[end] <= to_ns) ++end;
    // Without a point of its own, it is the next one that speaks of the column.
    if (end == begin && end < values.size()) ++end;
    made.push_back(analysis::mean_of(level.times_ns, values, {begin, end}));
  }
  return made;
}

std::string cell_row(const analysis::PlotData& data, const Window& window) {
  std::string row(window.columns, ' ');
  size_t free_from = 0;
  for (const auto& cell : data.cells) {
    if (cell->end_ns < window.from_ns || cell->start_ns > window.to_ns) continue;
    const size_t column = window.column_of(std::max(cell->start_ns, window.from_ns));
    const std::string index = std::to_string(cell->index);
    if (column < free_from || column + index.size() > window.columns) continue;
    row.replace(column, index.size(), index);
    free_from = column + index.size() + 1;
  }
  while (!row.empty() && row.back() == ' ') row.pop_back();
  return row;
}

std::string curve_name(const analysis::PlotCurve& curve) {
  const analysis::PanelInfo& panel = analysis::plot_panels()[curve.panel];
  std::string name(panel.title);
  const std::string label = curve.label.empty() ? std::string(panel.curves[curve.curve]->label)
                                                : base::one_line(curve.label, kMostLabelColumns);
  return label.empty() ? name : name + " " + label;
}

std::string curve_line(const analysis::PlotLevel& level, const analysis::PlotCurve& curve,
                       const Window& window) {
  const analysis::PanelInfo& panel = analysis::plot_panels()[curve.panel];
  const auto first = std::ranges::lower_bound(level.times_ns, window.from_ns);
  const auto last = std::ranges::upper_bound(level.times_ns, window.to_ns);
  const analysis::PointGroup visible = {static_cast<size_t>(first - level.times_ns.begin()),
                                        static_cast<size_t>(last - level.times_ns.begin())};
  const bool has_extremes = !curve.low.empty();
  const double lowest = analysis::lowest_of(has_extremes ? curve.low : curve.mean, visible);
  const double highest = analysis::highest_of(has_extremes ? curve.high : curve.mean, visible);
  const double mean = analysis::mean_of(level.times_ns, curve.mean, visible);
  const double top = panel.unit == analysis::PlotUnit::kPercent ? std::fmax(100, highest) : highest;
  std::string line = base::pad_right(curve_name(curve), window.name_columns);
  line += sparkline(resampled(level, curve.mean, window), 0, top);
  for (const double number : {mean, lowest, highest})
    line += base::pad_left(value_text(number, panel.unit), kNumberColumns);
  return line + '\n';
}

}  // namespace

std::string sparkline(std::span<const double> values, double lowest, double highest) {
  constexpr std::array<std::string_view, 8> kBlocks = {
      "\xE2\x96\x81", "\xE2\x96\x82", "\xE2\x96\x83", "\xE2\x96\x84",
      "\xE2\x96\x85", "\xE2\x96\x86", "\xE2\x96\x87", "\xE2\x96\x88"};
  constexpr double kTop = kBlocks.size() - 1;
  std::string line;
  for (const double value : values) {
    if (metric::is_absent(value)) {
      line += ' ';
      continue;
    }
    const double share = highest > lowest ? (value - lowest) / (highest - lowest) : 0;
    line += kBlocks[static_cast<size_t>(std::llround(std::clamp(share, 0.0, 1.0) * kTop))];
  }
  return line;
}

std::string plot_text(const analysis::PlotData& all, size_t width) {
  const analysis::PlotData data = analysis::first_view(all);
  std::string text = plot_title(all) + '\n';
  const analysis::PlotLevel* level = data.shown();
  if (level == nullptr || level->times_ns.size() < 2 || width == 0)
    return text + "No data yet: it takes at least two samples.\n";
  Window window = {data.from_ns, data.to_ns, width};
  for (const analysis::PlotCurve& curve : level->curves) {
    if (!curve.label.empty())
      window.name_columns = std::max(window.name_columns, base::code_points(curve_name(curve)) + 1);
  }
  text += std::string(window.name_columns + width, ' ');
  for (const std::string_view heading : {"mean", "lowest", "highest"})
    text += base::pad_left(heading, kNumberColumns);
  text += '\n';
  for (const size_t panel : data.panels) {
    const analysis::PanelInfo& info = analysis::plot_panels()[panel];
    bool is_measured = false;
    for (const analysis::PlotCurve& curve : level->curves) {
      if (curve.panel != panel) continue;
      text += curve_line(*level, curve, window);
      is_measured = true;
    }
    if (!is_measured) text += base::pad_right(info.title, window.name_columns) + "no data\n";
  }
  const std::string cells = cell_row(data, window);
  if (!cells.empty()) text += base::pad_right("Cells", window.name_columns) + cells + '\n';
  if (level->cpus > 0) text += "CPU: 100 % = " + cpus_text(level->cpus) + '\n';
  if (level->memory_limit_bytes)
    text += "Memory limit: " + bytes_text(*level->memory_limit_bytes) + '\n';
  return text;
}

}  // namespace jumper::report
