// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/plot/value_axis.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "jumper/base/text.h"

namespace jumper::plot {
namespace {

constexpr double kTickRoomPx = 26;

struct Scale {
  double size;
  const char* name;
};

// The largest whose size the value reaches, else the last.
template <size_t kCount>
Scale largest_of(const std::array<Scale, kCount>& scales, double largest) {
  const auto* const found =
      std::ranges::find_if(scales, [&](const Scale& scale) { return largest >= scale.size; });
  return found == scales.end() ? scales.back() : *found;
}

Scale scale_for(double largest, Unit unit) {
  constexpr std::array<Scale, 6> kBytes = {{{0x1p50, "PB"},
                                            {0x1p40, "TB"},
                                            {0x1p30, "GB"},
                                            {0x1p20, "MB"},
                                            {0x1p10, "kB"},
                                            {1, "bytes"}}};
  constexpr std::array<Scale, 3> kWatts = {{{1e6, "MW"}, {1e3, "kW"}, {1, "W"}}};
  constexpr std::array<Scale, 3> kHertz = {{{1e9, "GHz"}, {1e6, "MHz"}, {1, "Hz"}}};
  switch (unit) {
    case Unit::kPercent:
      return {1, "%"};
    case Unit::kBytes:
    case Unit::kBytesPerSecond:
      return largest_of(kBytes, largest);
    case Unit::kWatts:
      return largest_of(kWatts, largest);
    case Unit::kHertz:
      return largest_of(kHertz, largest);
    case Unit::kCelsius:
      return {1,
              "\xC2\xB0"
              "C"};
    case Unit::kNumber:
    case Unit::kPerSecond:
      break;
  }
  if (largest >= 1e9) return {1e9, "billions"};
  if (largest >= 1e6) return {1e6, "millions"};
  if (largest >= 1e4) return {1e3, "thousands"};
  return {1, ""};
}

double nice_step(double least) {
  const double power = std::pow(10, std::floor(std::log10(least)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= least * (1 - 1e-9)) return factor * power;
  }
  return 10 * power;
}

}  // namespace

bool is_value(double number) {
  return std::abs(number) <= kLargestValue;  // false for NaN
}

void ValueRange::include(double value) {
  if (!is_value(value)) return;
  if (is_empty()) {
    lowest = highest = value;
  } else {
    lowest = std::min(lowest, value);
    highest = std::max(highest, value);
  }
}

ValueAxis::ValueAxis(ValueRange values, Unit unit, double top_px, double bottom_px)
    : top_px_(top_px), bottom_px_(bottom_px) {
  double low = values.is_empty() ? 0 : std::min(values.lowest, 0.0);
  double high = values.is_empty() ? 0 : std::max(values.highest, 0.0);
  if (high - low < 1e-9) high = low + 1;
  // A load is read against all of the machine.
  if (unit == Unit::kPercent && low == 0 && high > 50 && high < 100) high = 100;
  const Scale scale = scale_for(std::max(high, -low), unit);
  scale_ = scale.size;
  unit_ = scale.name;
  if (unit == Unit::kBytesPerSecond) unit_ += "/s";
  if (unit == Unit::kPerSecond) unit_ = unit_.empty() ? "1/s" : unit_ + "/s";
  const double most_ticks = std::max(1.0, std::floor((bottom_px - top_px) / kTickRoomPx));
  step_ = nice_step((high - low) / scale_ / most_ticks);
  if (unit == Unit::kNumber && scale_ == 1 && high >= 1) step_ = std::max(step_, 1.0);
  // A tick at the top, unless that left much of the panel empty.
  const double steps = high / scale_ / step_;
  const double up = std::ceil(steps - 1e-6);
  to_ = (up - steps > 0.35 && up > 1 ? steps * 1.06 : up) * step_ * scale_;
  from_ = std::floor(low / scale_ / step_ + 1e-6) * step_ * scale_;
}

double ValueAxis::place(double value) const {
  const double share = std::clamp((value - from_) / (to_ - from_), -1.0, 2.0);
  return bottom_px_ - share * (bottom_px_ - top_px_);
}

std::vector<Tick> ValueAxis::ticks() const {
  const int decimals =
      step_ >= 1 ? 0 : std::min(12, static_cast<int>(std::ceil(-std::log10(step_) - 1e-9)));
  const double first = std::round(from_ / scale_ / step_);
  std::vector<Tick> ticks;
  for (int i = 0; i < 100; ++i) {
    const double at = (first + i) * step_ + 0.0;
    if (at * scale_ > to_ + step_ * scale_ * 1e-6) break;
    ticks.push_back({place(at * scale_), base::fixed(at, decimals)});
  }
  return ticks;
}

}  // namespace jumper::plot
