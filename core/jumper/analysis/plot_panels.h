// SPDX-License-Identifier: BSD-3-Clause
// The panels that a plot can have: which metrics share an axis, and the names to ask for them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "jumper/metric/metric.h"

namespace jumper::analysis {

enum class PlotUnit : uint8_t {
  kPercent,
  kBytes,
  kBytesPerSecond,
  kPerSecond,
  kCount,
  kWatts,
  kCelsius,
  kHertz,
};

// "percent", "bytes", "bytes/s", "1/s", "count", "watts", "celsius", "hertz".
[[nodiscard]] std::string_view unit_name(PlotUnit unit);
// Whether a value speaks of the time since the point before, not of a moment.
[[nodiscard]] bool is_rate(PlotUnit unit);

struct CurveInfo {
  metric::Metric metric;
  std::string_view label;  // empty where the panel's title says it
};

// Curves that share an axis.
struct PanelInfo {
  std::string_view key;
  std::string_view title;
  PlotUnit unit;
  bool is_shown = false;  // from the start; the others are for those who add them
  std::array<std::optional<CurveInfo>, 4> curves;
  // Other names: those of the metrics in it, and of the Python JUmPER.
  std::array<std::string_view, 4> aliases = {};
  bool is_per_card = false;  // a curve of the first metric for each GPU, labelled with its number
};

// Every panel there can be, in the order in which they are shown.
[[nodiscard]] std::span<const PanelInfo> plot_panels();

// Their places, and of those only that are shown from the start. Where there are no GPUs, those
// about them are left out; they come last, so that the places of the others stay.
[[nodiscard]] std::vector<size_t> all_panels(bool has_gpus);
[[nodiscard]] std::vector<size_t> usual_panels(bool has_gpus);
[[nodiscard]] bool is_of_gpus(const PanelInfo& panel);

// The place of the panel with that key or other name.
[[nodiscard]] std::optional<size_t> find_panel(std::string_view name);

}  // namespace jumper::analysis
