// SPDX-License-Identifier: BSD-3-Clause
// What is to be drawn: panels of curves over one time axis, with the cells behind them. Plain
// numbers; where nothing was measured, or a number is out of all bounds, there is a gap.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace jumper::plot {

struct Colour {
  uint8_t red = 0;
  uint8_t green = 0;
  uint8_t blue = 0;
  uint8_t alpha = 255;

  bool operator==(const Colour&) const = default;
};

struct Theme {
  Colour background{255, 255, 255};
  Colour ink{31, 35, 40};
  Colour quiet{95, 103, 112};
  Colour frame{196, 201, 208};
  Colour grid{31, 35, 40, 22};
  Colour cell{31, 35, 40, 11};
  Colour cell_other{31, 35, 40, 24};
  Colour cell_failed{208, 69, 60, 36};
  Colour limit{208, 69, 60};

  bool operator==(const Theme&) const = default;
};

[[nodiscard]] Theme light_theme();
[[nodiscard]] Theme dark_theme();

// The colour of a panel's series by its place, where nobody chose another.
[[nodiscard]] Colour series_colour(size_t place, bool is_dark);

enum class Unit : uint8_t {
  kNumber,
  kPercent,
  kBytes,
  kBytesPerSecond,
  kPerSecond,
  kWatts,
  kCelsius,
  kHertz,
};

struct Span {
  double from_seconds = 0;
  double to_seconds = 0;

  bool operator==(const Span&) const = default;
};

struct Series {
  std::string label;  // empty: the panel's title says it
  Colour colour;
  std::vector<double> x_seconds;  // ascending
  std::vector<double> mean;       // NaN: not measured
  // Extremes of what a point stands for; both as long as `mean`, or empty.
  std::vector<double> low;
  std::vector<double> high;
  bool is_rate = false;  // a point speaks of the time since the one before, not of its moment

  bool operator==(const Series&) const = default;
};

struct Limit {
  double value = 0;
  std::string label;

  bool operator==(const Limit&) const = default;
};

struct Panel {
  std::string title;
  Unit unit = Unit::kNumber;
  std::vector<Series> series;
  std::optional<Limit> limit;

  bool operator==(const Panel&) const = default;
};

struct CellMark {
  Span span;
  size_t index = 0;
  std::string name;  // shown where there is room
  bool has_failed = false;

  bool operator==(const CellMark&) const = default;
};

struct Chart {
  std::string title;
  std::string description;  // for those who cannot see the picture
  Theme theme;
  int width_px = 1000;
  int height_px = 0;  // 0: as the panels need
  int columns = 0;    // 0: two from four panels on
  int step_px = 0;    // steps so wide, for a small file; 0: lines through all points
  std::vector<Panel> panels;
  std::vector<CellMark> cells;
  std::optional<Span> range;  // absent: all there is
  std::vector<Span> idle;     // squeezed to a narrow gap

  bool operator==(const Chart&) const = default;
};

// Beyond these, a number is taken as not measured.
inline constexpr double kLargestValue = 1e18;
inline constexpr double kLargestSeconds = 1e11;

}  // namespace jumper::plot
