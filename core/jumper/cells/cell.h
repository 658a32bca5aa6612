// SPDX-License-Identifier: BSD-3-Clause
// One execution of a notebook cell: what was run, when, and how it ended.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "jumper/source/wall_meter.h"

namespace jumper::cells {

// The numbers stand in journals. Killed: the process ended while the cell ran.
enum class CellStatus : uint8_t { kRunning, kOk, kError, kInterrupted, kKilled };

[[nodiscard]] constexpr std::string_view status_name(CellStatus status) {
  switch (status) {
    case CellStatus::kRunning:
      return "running";
    case CellStatus::kOk:
      return "ok";
    case CellStatus::kError:
      return "error";
    case CellStatus::kInterrupted:
      return "interrupted";
    case CellStatus::kKilled:
      return "killed";
  }
  return "unknown";
}

// What the two ends of a cell say, besides the ticks there.
struct CellReadings {
  // The monitored process's memory high-water mark within the cell; absent where the kernel does
  // not let us reset it.
  std::optional<uint64_t> peak_resident_bytes;
  // The largest child that was waited for within the cell, where it was the largest ever.
  std::optional<uint64_t> child_peak_bytes;
  std::optional<source::WallTimes> wall_times;  // of the thread that ran the cell

  bool operator==(const CellReadings&) const = default;
};

struct Cell {
  size_t index = 0;
  std::string source;               // as typed: any bytes
  std::vector<std::string> magics;  // the line magics in it, without their percent sign
  int64_t start_ns = 0;  // CLOCK_MONOTONIC; where sampled, the time of the tick at this edge
  int64_t end_ns = 0;
  int64_t wall_start_ns = 0;  // since the epoch
  int64_t wall_end_ns = 0;
  CellStatus status = CellStatus::kRunning;
  CellReadings readings;  // taken at its two ends

  bool operator==(const Cell&) const = default;
  [[nodiscard]] int64_t duration_ns() const { return end_ns - start_ns; }
};

}  // namespace jumper::cells
