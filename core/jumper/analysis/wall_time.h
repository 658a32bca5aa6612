// SPDX-License-Identifier: BSD-3-Clause
// Where a cell's wall time went: the thread that ran it was on a CPU, waited for one, was held back
// by a quota, waited for a disk, waited while others it had put to work were busy, or did nothing.
// The parts add up to the cell's duration.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "jumper/cells/cell.h"
#include "jumper/store/snapshot.h"

namespace jumper::analysis {

enum class WallPart : uint8_t {
  kUser,       // on a CPU, in the program
  kSystem,     // on a CPU, in the kernel
  kRunQueue,   // ready to run, waiting for a CPU
  kThrottled,  // ready to run, held back by the control group's CPU quota
  kDisk,       // waiting for block I/O
  kOthers,     // asleep while its own child processes or other threads were on a CPU
  kIdle,       // asleep: timers, network, input, locks, and what none of the others explains
};

struct WallShare {
  WallPart part = WallPart::kIdle;
  double seconds = 0;
};

[[nodiscard]] std::string_view wall_part_name(WallPart part);

// `tree_cpu_seconds` is the CPU time of the whole process tree within the cell. Empty when the
// cell's thread was not measured. Parts that cannot be measured here (the disk without delay
// accounting) are missing, and their time is in kIdle.
[[nodiscard]] std::vector<WallShare> wall_time(const cells::Cell& cell,
                                               std::optional<double> tree_cpu_seconds);

// Of several cells, added up part by part.
[[nodiscard]] std::vector<WallShare> wall_time_of(
    const store::Snapshot& snapshot, std::span<const std::shared_ptr<const cells::Cell>> cells);

}  // namespace jumper::analysis
