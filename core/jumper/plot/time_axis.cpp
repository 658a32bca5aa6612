// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/plot/time_axis.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <utility>

#include "jumper/base/text.h"

namespace jumper::plot {
namespace {

constexpr double kGapPx = 8;            // that squeezed time takes
constexpr double kMostGapShare = 0.25;  // of the axis, for all gaps
constexpr int kMostTicksOfPiece = 200;

std::string two_digits(int64_t number) {
  return (number < 10 ? "0" : "") + std::to_string(number);
}

// The shortest pleasant distance of at least `least` seconds.
double nice_step(double least) {
  for (int exponent = -9; exponent <= 0; ++exponent) {
    const double power = std::pow(10, exponent);
    for (const double factor : {1.0, 2.0, 5.0}) {
      if (factor * power >= least && factor * power <= 5.0001) return factor * power;
    }
  }
  constexpr std::array<double, 17> kSteps = {10,    15,    30,    60,     120,   300,
                                             600,   900,   1800,  3600,   7200,  10800,
                                             21600, 43200, 86400, 172800, 432000};
  for (const double step : kSteps) {
    if (step >= least) return step;
  }
  double step = 864000;
  while (step < least) step *= 10;
  return step;
}

std::string seconds_label(double seconds, double step) {
  const int decimals =
      step >= 1 ? 0 : std::min(9, static_cast<int>(std::ceil(-std::log10(step) - 1e-9)));
  return base::fixed(seconds, decimals);
}

std::string clock_label(double seconds, double step, bool has_hours) {
  const auto whole = static_cast<int64_t>(std::floor(std::abs(seconds) + 1e-6));
  std::string text = seconds < 0 && whole > 0 ? "-" : "";
  if (has_hours) {
    text += std::to_string(whole / 3600) + ":" + two_digits(whole / 60 % 60);
    return step < 60 ? text + ":" + two_digits(whole % 60) : text;
  }
  text += std::to_string(whole / 60) + ":" + two_digits(whole % 60);
  if (step >= 1) return text;
  return text + seconds_label(std::abs(seconds) - static_cast<double>(whole), step).substr(1);
}

std::vector<Span> merged(std::vector<Span> spans, Span range) {
  std::erase_if(spans, [&](const Span& span) {
    const bool is_seen = span.to_seconds > range.from_seconds &&
                         span.from_seconds < range.to_seconds &&
                         span.to_seconds > span.from_seconds;  // not so for NaN
    return !is_seen;
  });
  std::ranges::sort(spans, {}, &Span::from_seconds);
  std::vector<Span> merged;
  for (const Span& span : spans) {
    if (!merged.empty() && span.from_seconds <= merged.back().to_seconds) {
      merged.back().to_seconds = std::max(merged.back().to_seconds, span.to_seconds);
    } else {
      merged.push_back(span);
    }
  }
  return merged;
}

}  // namespace

TimeAxis::TimeAxis(Span range, std::vector<Span> idle, double left_px, double right_px)
    : left_px_(left_px), right_px_(right_px) {
  std::vector<Span> shown;
  double from = range.from_seconds;
  for (const Span& span : merged(std::move(idle), range)) {
    if (span.from_seconds > from) shown.push_back({from, span.from_seconds});
    from = span.to_seconds;
  }
  if (from < range.to_seconds) shown.push_back({from, range.to_seconds});
  if (shown.empty()) shown.push_back(range);
  lay_out(shown);
}

void TimeAxis::lay_out(const std::vector<Span>& shown) {
  const double width = right_px_ - left_px_;
  const auto gaps = static_cast<double>(shown.size() - 1);
  const double gap = gaps > 0 ? std::min(kGapPx, width * kMostGapShare / gaps) : 0;
  double seconds = 0;
  for (const Span& span : shown) seconds += span.to_seconds - span.from_seconds;
  const double scale = (width - gap * gaps) / seconds;
  double left = left_px_;
  for (const Span& span : shown) {
    const double right = left + (span.to_seconds - span.from_seconds) * scale;
    pieces_.push_back({span, left, right});
    left = right + gap;
  }
  pieces_.back().right_px = right_px_;
}

std::optional<size_t> TimeAxis::piece_of(double seconds) const {
  const auto after = std::ranges::upper_bound(
      pieces_, seconds, {}, [](const Piece& piece) { return piece.span.from_seconds; });
  if (after == pieces_.begin()) return 0;
  const auto found = static_cast<size_t>(after - pieces_.begin()) - 1;
  if (seconds > pieces_[found].span.to_seconds && found + 1 < pieces_.size()) return std::nullopt;
  return found;
}

double TimeAxis::place(double seconds) const {
  const double width = right_px_ - left_px_;
  const std::optional<size_t> found = piece_of(seconds);
  if (!found) {
    const auto next = std::ranges::upper_bound(
        pieces_, seconds, {}, [](const Piece& piece) { return piece.span.from_seconds; });
    return next->left_px;
  }
  const Piece& piece = pieces_[*found];
  const double share =
      (seconds - piece.span.from_seconds) / (piece.span.to_seconds - piece.span.from_seconds);
  const double place = piece.left_px + share * (piece.right_px - piece.left_px);
  if (std::isnan(place)) return piece.left_px;  // a piece too short to have a width
  return std::clamp(place, left_px_ - 4 * width, right_px_ + 4 * width);
}

TimeTicks TimeAxis::ticks(double room_px) const {
  double seconds = 0;
  double pixels = 0;
  for (const Piece& piece : pieces_) {
    seconds += piece.span.to_seconds - piece.span.from_seconds;
    pixels += piece.right_px - piece.left_px;
  }
  const double step = nice_step(room_px * seconds / std::max(pixels, 1.0));
  const double latest = std::max(std::abs(pieces_.front().span.from_seconds),
                                 std::abs(pieces_.back().span.to_seconds));
  const bool has_hours = latest >= 3600;
  TimeTicks result;
  result.unit = latest < 120 ? "s" : !has_hours ? "min:s" : step < 60 ? "h:min:s" : "h:min";
  double last_px = left_px_ - 2 * room_px;
  for (const Piece& piece : pieces_) {
    const double first = std::ceil(piece.span.from_seconds / step - 1e-9);
    for (int i = 0; i < kMostTicksOfPiece; ++i) {
      const double at = (first + i) * step + 0.0;  // never -0
      if (at > piece.span.to_seconds + step * 1e-9) break;
      const double place_px = place(at);
      if (place_px - last_px < room_px * 0.7) continue;
      last_px = place_px;
      result.ticks.push_back(
          {place_px, latest < 120 ? seconds_label(at, step) : clock_label(at, step, has_hours)});
    }
  }
  return result;
}

}  // namespace jumper::plot
