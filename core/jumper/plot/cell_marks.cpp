// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/plot/cell_marks.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "jumper/base/text.h"
#include "jumper/plot/panel.h"
#include "jumper/plot/text_metrics.h"

namespace jumper::plot {
namespace {

constexpr double kLabelPaddingPx = 3;

// The longest that fits of "3 name 2.3 s", "3 2.3 s" and "3".
std::string label_of(const CellMark& cell, double room_px) {
  const std::string index = std::to_string(cell.index);
  const std::string duration = short_duration(cell.span.to_seconds - cell.span.from_seconds);
  std::string full = index + " \xC2\xB7 " + duration;
  if (!cell.name.empty()) {
    // Some characters of a name say more than none.
    const double left = room_px - text_width(full + " \xC2\xB7 ", kLabelSizePx);
    const std::string name = fitted(cell.name, kLabelSizePx, left);
    if (left > 40 && !name.empty()) return index + " \xC2\xB7 " + name + " \xC2\xB7 " + duration;
  }
  if (text_width(full, kLabelSizePx) <= room_px) return full;
  return text_width(index, kLabelSizePx) <= room_px ? index : "";
}

}  // namespace

std::string short_duration(double seconds) {
  if (seconds < 0.0009995) return base::fixed(seconds * 1e6, 0) + " us";
  if (seconds < 0.9995) return base::fixed(seconds * 1e3, 0) + " ms";
  if (seconds < 9.95) return base::fixed(seconds, 1) + " s";
  if (seconds < 119.5) return base::fixed(seconds, 0) + " s";
  const auto whole = static_cast<int64_t>(std::llround(seconds));
  const auto join = [](int64_t left, int64_t right, const char* unit) {
    return std::to_string(left) + (right < 10 ? ":0" : ":") + std::to_string(right) + unit;
  };
  if (whole < 3600) return join(whole / 60, whole % 60, " min");
  return join(whole / 3600, whole / 60 % 60, " h");
}

void draw_cells(DisplayList& list, const std::vector<CellMark>& cells, const TimeAxis& time,
                const CellArea& area, const Theme& theme) {
  double drawn_to = area.plot.left;  // cells narrower than a pixel share one
  for (const CellMark& cell : cells) {
    if (!(std::abs(cell.span.from_seconds) <= kLargestSeconds) ||
        !(std::abs(cell.span.to_seconds) <= kLargestSeconds)) {
      continue;
    }
    const double left = std::max(std::round(time.place(cell.span.from_seconds)), drawn_to);
    const double right = std::min(std::round(time.place(cell.span.to_seconds)), area.plot.right());
    if (right - left < 1) continue;
    drawn_to = right;
    const double top = area.plot.top - (area.has_labels ? kCellLabelHeightPx : 0);
    const Colour shade = cell.has_failed       ? theme.cell_failed
                         : cell.index % 2 == 0 ? theme.cell
                                               : theme.cell_other;
    list.items.emplace_back(FillRect{{left, top, right - left, area.plot.bottom() - top}, shade});
    if (!area.has_labels) continue;
    const std::string label = label_of(cell, right - left - 2 * kLabelPaddingPx);
    if (label.empty()) continue;
    list.items.emplace_back(Text{{left + kLabelPaddingPx, area.plot.top - 3},
                                 label,
                                 kLabelSizePx,
                                 Anchor::kStart,
                                 theme.quiet});
  }
}

}  // namespace jumper::plot
