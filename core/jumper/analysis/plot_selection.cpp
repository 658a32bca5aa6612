// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/analysis/plot_selection.h"

#include <algorithm>
#include <utility>

#include "jumper/analysis/plot_points.h"

namespace jumper::analysis {
namespace {

constexpr int64_t kShortestNs = 1'000'000;  // of what can be shown

bool is_asked_for(const PlotData& data, const cells::Cell& cell) {
  return !data.first_cell || !data.last_cell ||
         (cell.index >= *data.first_cell && cell.index <= *data.last_cell);
}

cells::CellList cells_asked_for(const PlotData& data) {
  cells::CellList chosen;
  for (const auto& cell : data.cells) {
    if (is_asked_for(data, *cell)) chosen.push_back(cell);
  }
  return chosen;
}

PlotWindow exact_window(const PlotData& data) {
  if (!data.first_cell || data.is_selection) return {data.from_ns, data.to_ns};
  const cells::CellList chosen = cells_asked_for(data);
  if (chosen.empty()) return {data.from_ns, data.to_ns};
  const int64_t from_ns = chosen.front()->start_ns;
  return {from_ns, std::max(chosen.back()->end_ns, from_ns + kShortestNs)};
}

// The points within the window; where none is at its edge, the next one outside, too.
PointGroup points_in(const PlotLevel& level, const PlotWindow& window) {
  const auto& times = level.times_ns;
  auto begin = std::ranges::upper_bound(times, window.from_ns);
  auto end = std::ranges::lower_bound(times, window.to_ns);
  if (begin != times.begin()) --begin;
  if (end != times.end()) ++end;
  return {static_cast<size_t>(begin - times.begin()), static_cast<size_t>(end - times.begin())};
}

// Whether the curve tells anything of the window. A point behind it does if it is a rate, or if
// there is a level before it, too.
bool tells_of(const PlotLevel& level, const PlotCurve& curve, const PlotWindow& window) {
  for (size_t i = 0; i < curve.mean.size(); ++i) {
    if (metric::is_absent(curve.mean[i]) || level.times_ns[i] < window.from_ns) continue;
    if (level.times_ns[i] <= window.to_ns) return true;
    const bool holds_back = is_rate(plot_panels()[curve.panel].unit);
    return !level.is_start[i] && i > 0 && (holds_back || !metric::is_absent(curve.mean[i - 1]));
  }
  return false;
}

// A rate at the window's start or before it speaks of what was before.
void forget_before(const PlotLevel& level, PlotCurve& curve, const PlotWindow& window) {
  for (size_t i = 0; i < level.times_ns.size() && level.times_ns[i] <= window.from_ns; ++i) {
    for (std::vector<double>* values : {&curve.mean, &curve.low, &curve.high}) {
      if (i < values->size()) (*values)[i] = metric::kAbsent;
    }
  }
}

template <typename Values>
Values part_of(const Values& values, const PointGroup& points) {
  if (values.empty()) return {};
  return {values.begin() + static_cast<std::ptrdiff_t>(points.begin),
          values.begin() + static_cast<std::ptrdiff_t>(points.end)};
}

PlotLevel cropped(const PlotLevel& level, const std::vector<size_t>& panels,
                  const PlotWindow& window) {
  const PointGroup points = points_in(level, window);
  PlotLevel made;
  made.scope = level.scope;
  made.memory_limit_bytes = level.memory_limit_bytes;
  made.view = level.view;
  made.cpus = level.cpus;
  made.times_ns = part_of(level.times_ns, points);
  made.is_start = part_of(level.is_start, points);
  for (const PlotCurve& curve : level.curves) {
    if (std::ranges::find(panels, curve.panel) == panels.end()) continue;
    PlotCurve part{curve.panel,
                   curve.curve,
                   part_of(curve.mean, points),
                   part_of(curve.low, points),
                   part_of(curve.high, points),
                   curve.label};
    if (is_rate(plot_panels()[curve.panel].unit)) forget_before(made, part, window);
    if (tells_of(made, part, window)) made.curves.push_back(std::move(part));
  }
  return made;
}

PlotData selection_of(const PlotData& data, const std::vector<size_t>& panels,
                      const PlotWindow& window) {
  PlotData made;
  made.origin_ns = data.origin_ns;
  made.origin_wall_ns = data.origin_wall_ns;
  made.from_ns = window.from_ns;
  made.to_ns = window.to_ns;
  made.first_cell = data.first_cell;
  made.last_cell = data.last_cell;
  made.shown_level = data.shown_level;
  made.shown_view = data.shown_view;
  made.node = data.node;
  made.has_gpus = data.has_gpus;
  made.panels = panels.empty() ? data.panels : panels;
  made.is_selection = true;
  made.cells = cells_asked_for(data);
  for (const PlotLevel& level : data.levels) {
    if (data.is_shown(level)) made.levels.push_back(cropped(level, made.panels, window));
  }
  return made;
}

}  // namespace

PlotWindow first_window(const PlotData& data) {
  PlotWindow window = exact_window(data);
  if (data.is_selection || data.cells.empty()) return window;
  const cells::CellList chosen = cells_asked_for(data);
  if (chosen.empty()) return window;
  if (chosen.front() == data.cells.front() && data.from_ns < window.to_ns)
    window.from_ns = data.from_ns;
  if (chosen.back() == data.cells.back() && data.to_ns > window.from_ns) window.to_ns = data.to_ns;
  return window;
}

PlotData first_view(const PlotData& data) {
  return selection_of(data, data.panels, first_window(data));
}

PlotData selected(const PlotData& data, const std::vector<size_t>& panels) {
  return selection_of(data, panels, exact_window(data));
}

PlotData thinned(PlotData data, size_t points) {
  for (PlotLevel& level : data.levels) {
    if (level.times_ns.size() > points) level = thinned(level, points);
  }
  return data;
}

}  // namespace jumper::analysis
