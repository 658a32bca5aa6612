// SPDX-License-Identifier: BSD-3-Clause
// Where the wall time of a thread goes: read at both ends of a cell by the thread that runs it.
// From getrusage(2), schedstat and stat of the thread in /proc, and the cpu.stat of the control
// group.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "jumper/kernfs/file.h"

namespace jumper::source {

// Totals since the thread began, or differences of two readings.
struct WallTimes {
  pid_t thread_id = 0;
  int64_t user_ns = 0;                  // on a CPU, in the program
  int64_t system_ns = 0;                // on a CPU, in the kernel
  std::optional<int64_t> run_delay_ns;  // ready to run, waiting for a CPU
  std::optional<int64_t> disk_wait_ns;  // waiting for block I/O; needs kernel.task_delayacct=1
  std::optional<int64_t>
      throttled_ns;           // the control groups around it held back by their CPU quotas
  uint64_t major_faults = 0;  // pages that had to come from storage
  uint64_t voluntary_switches = 0;
  uint64_t involuntary_switches = 0;

  bool operator==(const WallTimes&) const = default;
};

// What lies between two readings; absent when they are of different threads.
[[nodiscard]] std::optional<WallTimes> between(const WallTimes& from, const WallTimes& to);

class WallMeter {
 public:
  explicit WallMeter(const kernfs::KernelRoot& root);

  // Of the calling thread. The files of the thread that asked last stay open.
  [[nodiscard]] WallTimes read(kernfs::ReadBuffer& buffer);

 private:
  [[nodiscard]] std::optional<int64_t> read_throttled_ns(kernfs::ReadBuffer& buffer) const;

  const kernfs::KernelRoot& root_;
  bool has_delay_accounting_ = false;
  pid_t thread_id_ = 0;  // whose files are open
  kernfs::File schedstat_;
  kernfs::File stat_;
  std::vector<kernfs::File> cpu_stats_;  // of the groups around us that have a quota
};

}  // namespace jumper::source
