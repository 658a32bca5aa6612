// SPDX-License-Identifier: BSD-3-Clause
// /proc/PID/task/TID/schedstat: CPU time and run-queue wait of one thread
// (kernel: Documentation/scheduler/sched-stats.rst).
#pragma once

#include <cstdint>
#include <string_view>

#include "jumper/base/result.h"

namespace jumper::procfs {

struct Schedstat {
  uint64_t cpu_ns = 0;
  uint64_t run_delay_ns = 0;  // ready to run, waiting for a CPU
  uint64_t timeslices = 0;

  bool operator==(const Schedstat&) const = default;
};

[[nodiscard]] base::Result<Schedstat> parse_schedstat(std::string_view text);

}  // namespace jumper::procfs
