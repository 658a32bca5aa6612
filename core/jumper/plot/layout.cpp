// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/plot/layout.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>
#include <utility>

#include "jumper/base/text.h"
#include "jumper/plot/cell_marks.h"
#include "jumper/plot/panel.h"
#include "jumper/plot/text_metrics.h"

namespace jumper::plot {
namespace {

constexpr int kMarginPx = 12;
constexpr int kTitleSizePx = 14;
constexpr int kTitleRoomPx = 28;
constexpr int kColumnGapPx = 24;
constexpr int kRowGapPx = 10;
constexpr int kPanelHeightPx = 150;
constexpr int kAxisHeightPx = 34;  // under the lowest panel of a column
constexpr size_t kMostPanels = 64;

// What the chart shows of time: what was asked for, else all there is.
Span time_range(const Chart& chart) {
  const auto is_time = [](double seconds) { return std::abs(seconds) <= kLargestSeconds; };
  if (chart.range && is_time(chart.range->from_seconds) && is_time(chart.range->to_seconds) &&
      chart.range->to_seconds - chart.range->from_seconds > 1e-6) {
    return *chart.range;
  }
  std::optional<Span> all;
  const auto include = [&](double seconds) {
    if (!is_time(seconds)) return;
    if (!all) all = Span{seconds, seconds};
    all->from_seconds = std::min(all->from_seconds, seconds);
    all->to_seconds = std::max(all->to_seconds, seconds);
  };
  for (const Panel& panel : chart.panels) {
    for (const Series& series : panel.series) {
      const size_t count = std::min(series.x_seconds.size(), series.mean.size());
      for (size_t i = 0; i < count; ++i) {
        if (is_value(series.mean[i])) include(series.x_seconds[i]);
      }
    }
  }
  for (const CellMark& cell : chart.cells) {
    include(cell.span.from_seconds);
    include(cell.span.to_seconds);
  }
  if (!all) return {0, 1};
  if (all->to_seconds - all->from_seconds < 1e-6)
    return {all->from_seconds - 0.5, all->from_seconds + 0.5};
  return *all;
}

int column_count(const Chart& chart, size_t panels) {
  if (panels < 2) return 1;
  const int wanted = chart.columns > 0 ? chart.columns : panels >= 4 ? 2 : 1;
  return std::clamp(wanted, 1, 2);
}

// Whole pixels, so that what is crisp in one panel is so in all.
struct Grid {
  int width = 0;
  int height = 0;
  int columns = 1;
  int rows = 1;
  int top = 0;
  int column_width = 0;
  int row_height = 0;
  int cell_labels = 0;

  [[nodiscard]] Rect place(size_t panel) const {
    const int column = static_cast<int>(panel) % columns;
    const int row = static_cast<int>(panel) / columns;
    // The first row is higher by the labels of the cells, so that all plots are equally high.
    return {static_cast<double>(kMarginPx + column * (column_width + kColumnGapPx)),
            static_cast<double>(top + row * (row_height + kRowGapPx) + (row > 0 ? cell_labels : 0)),
            static_cast<double>(column_width),
            static_cast<double>(row_height + (row == 0 ? cell_labels : 0))};
  }
};

Grid make_grid(const Chart& chart, size_t panels) {
  Grid grid;
  grid.width = std::clamp(chart.width_px, 240, 8000);
  grid.columns = column_count(chart, panels);
  grid.rows = std::max(1, (static_cast<int>(panels) + grid.columns - 1) / grid.columns);
  grid.top = chart.title.empty() ? kMarginPx : kMarginPx + kTitleRoomPx;
  const int between = (grid.rows - 1) * kRowGapPx;
  grid.cell_labels = chart.cells.empty() ? 0 : kCellLabelHeightPx;
  const int around = grid.top + grid.cell_labels + between + kAxisHeightPx + kMarginPx;
  const int least = around + grid.rows * 70;
  grid.height = chart.height_px > 0 ? std::clamp(chart.height_px, std::min(least, 16000), 16000)
                                    : around + grid.rows * kPanelHeightPx;
  grid.row_height = std::max(40, (grid.height - around) / grid.rows);
  grid.column_width =
      (grid.width - 2 * kMarginPx - (grid.columns - 1) * kColumnGapPx) / grid.columns;
  return grid;
}

std::string description_of(const Chart& chart, size_t panels) {
  if (!chart.description.empty()) return chart.description;
  std::string text = base::count_of(panels, "panel");
  for (size_t i = 0; i < panels; ++i) text += (i == 0 ? ": " : ", ") + chart.panels[i].title;
  return text + "; " + base::count_of(chart.cells.size(), "cell");
}

}  // namespace

DisplayList layout(const Chart& chart) {
  const size_t panels = std::min(chart.panels.size(), kMostPanels);
  const Grid grid = make_grid(chart, panels);
  const Span range = time_range(chart);
  DisplayList list;
  list.width_px = grid.width;
  list.height_px = grid.height;
  list.title = chart.title;
  list.description = description_of(chart, panels);
  list.background = chart.theme.background;
  list.items.emplace_back(FillRect{
      {0, 0, static_cast<double>(grid.width), static_cast<double>(grid.height)}, list.background});
  if (!chart.title.empty()) {
    list.items.emplace_back(
        Text{{kMarginPx, kMarginPx + kTitleSizePx},
             fitted(chart.title, kTitleSizePx * 1.08, grid.width - 2 * kMarginPx),
             kTitleSizePx,
             Anchor::kStart,
             chart.theme.ink,
             true});
  }
  // Labels stand left of the panels: as wide as the widest of them needs, the same for all.
  double label_width = 0;
  const auto columns = static_cast<size_t>(grid.columns);
  for (size_t i = 0; i < panels; ++i) {
    label_width = std::max(label_width, value_label_width(chart.panels[i], grid.row_height));
  }
  for (size_t i = 0; i < panels; ++i) {
    draw_panel(list, {.chart = chart,
                      .panel = chart.panels[i],
                      .place = grid.place(i),
                      .label_width_px = std::ceil(label_width),
                      .range = range,
                      .has_cell_labels = !chart.cells.empty() && i < columns,
                      .has_time_labels = i + columns >= panels});
  }
  return list;
}

}  // namespace jumper::plot
