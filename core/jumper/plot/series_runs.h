// SPDX-License-Identifier: BSD-3-Clause
// Walks over what can be drawn of a series, and says where one run of it ends: at a gap, and where
// the axis leaves time out.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>

#include "jumper/plot/chart.h"
#include "jumper/plot/time_axis.h"

namespace jumper::plot {

struct RunValue {
  size_t index = 0;  // in the series
  size_t piece = 0;  // of the axis
  double x_seconds = 0;
  double mean = 0;
  double low = 0;  // the mean where there are no extremes
  double high = 0;
};

[[nodiscard]] inline bool has_band(const Series& series) {
  const size_t count = std::min(series.x_seconds.size(), series.mean.size());
  return series.low.size() >= count && series.high.size() >= count;
}

// Calls `builder.interrupt()` between runs, perhaps more than once, and `add(value)` for the
// values of each.
template <typename Builder, typename Add>
void walk_runs(const Series& series, const TimeAxis& time, Builder& builder, const Add& add) {
  const size_t count = std::min(series.x_seconds.size(), series.mean.size());
  const bool is_band = has_band(series);
  std::optional<size_t> last_piece;
  for (size_t i = 0; i < count; ++i) {
    const double x_seconds = series.x_seconds[i];
    const double mean = series.mean[i];
    if (!is_value(mean) || !(std::abs(x_seconds) <= kLargestSeconds)) {
      builder.interrupt();
      continue;
    }
    const std::optional<size_t> piece = time.piece_of(x_seconds);
    if (piece != last_piece) builder.interrupt();
    last_piece = piece;
    if (!piece) continue;
    add(RunValue{i, *piece, x_seconds, mean,
                 is_band && is_value(series.low[i]) ? series.low[i] : mean,
                 is_band && is_value(series.high[i]) ? series.high[i] : mean});
  }
}

}  // namespace jumper::plot
