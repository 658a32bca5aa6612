// SPDX-License-Identifier: BSD-3-Clause
// The axis of time: where a time stands, with idle time squeezed, and the ticks.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "jumper/plot/chart.h"

namespace jumper::plot {

struct Tick {
  double place_px = 0;
  std::string label;

  bool operator==(const Tick&) const = default;
};

struct TimeTicks {
  std::vector<Tick> ticks;
  std::string unit;  // "s", "min:s", "h:min", "h:min:s"
};

class TimeAxis {
 public:
  // A stretch of time that is shown as it went by.
  struct Piece {
    Span span;
    double left_px = 0;
    double right_px = 0;
  };

  // `range` is finite and has a length; the idle spans may be in any order.
  TimeAxis(Span range, std::vector<Span> idle, double left_px, double right_px);

  // The piece that a time is in; none in squeezed time. Times before and after all of them belong
  // to the first and the last.
  [[nodiscard]] std::optional<size_t> piece_of(double seconds) const;
  // Never far outside the axis.
  [[nodiscard]] double place(double seconds) const;
  [[nodiscard]] const std::vector<Piece>& pieces() const { return pieces_; }
  [[nodiscard]] double left_px() const { return left_px_; }
  [[nodiscard]] double right_px() const { return right_px_; }
  // At least `room_px` apart.
  [[nodiscard]] TimeTicks ticks(double room_px) const;

 private:
  void lay_out(const std::vector<Span>& shown);

  double left_px_;
  double right_px_;
  std::vector<Piece> pieces_;  // at least one, ascending
};

}  // namespace jumper::plot
