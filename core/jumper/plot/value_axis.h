// SPDX-License-Identifier: BSD-3-Clause
// The axis of values: its range, and ticks in a unit that suits it.
#pragma once

#include <string>
#include <vector>

#include "jumper/plot/chart.h"
#include "jumper/plot/time_axis.h"

namespace jumper::plot {

// What a panel's values span; `lowest` > `highest` where there are none.
struct ValueRange {
  double lowest = 1;
  double highest = 0;

  [[nodiscard]] bool is_empty() const { return lowest > highest; }
  void include(double value);  // unless it is absent
  bool operator==(const ValueRange&) const = default;
};

// Whether a number is one: not NaN, not infinite, not beyond kLargestValue.
[[nodiscard]] bool is_value(double number);

class ValueAxis {
 public:
  // From 0, or from below it where there are values there.
  ValueAxis(ValueRange values, Unit unit, double top_px, double bottom_px);

  [[nodiscard]] double place(double value) const;
  [[nodiscard]] double highest() const { return to_; }
  // "%", "GB", "MB/s", ...; empty for plain numbers.
  [[nodiscard]] const std::string& unit() const { return unit_; }
  [[nodiscard]] std::vector<Tick> ticks() const;

 private:
  double top_px_;
  double bottom_px_;
  double from_ = 0;
  double to_ = 1;
  double scale_ = 1;  // one of the unit, in base units
  double step_ = 1;
  std::string unit_;
};

}  // namespace jumper::plot
