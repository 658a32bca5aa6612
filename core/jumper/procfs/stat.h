// SPDX-License-Identifier: BSD-3-Clause
// /proc/stat: CPU time of the machine by CPU and kind, forks, context switches (proc_stat(5)).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "jumper/base/result.h"

namespace jumper::procfs {

// In ticks of sysconf(_SC_CLK_TCK) per second since boot.
struct CpuTicks {
  uint64_t user = 0;  // guest time included
  uint64_t nice = 0;
  uint64_t system = 0;
  uint64_t idle = 0;
  uint64_t iowait = 0;
  uint64_t irq = 0;
  uint64_t softirq = 0;
  uint64_t steal = 0;

  bool operator==(const CpuTicks&) const = default;
  // Time in which work was done for this machine: not idle, not waiting, not stolen.
  [[nodiscard]] uint64_t busy() const { return user + nice + system + irq + softirq; }
};

struct CpuLine {
  int cpu = 0;
  CpuTicks ticks;
  bool operator==(const CpuLine&) const = default;
};

struct SystemStat {
  CpuTicks total;
  std::vector<CpuLine> cpus;  // online CPUs only, ascending
  std::optional<uint64_t> context_switches;
  std::optional<uint64_t> forks;  // processes and threads made since boot
  std::optional<uint64_t> boot_time_seconds;
  std::optional<uint64_t> running;
  std::optional<uint64_t> blocked;
};

// Fills `into` anew, keeping its memory: a steady tick allocates nothing.
[[nodiscard]] base::Status parse_stat(std::string_view text, SystemStat& into);

}  // namespace jumper::procfs
