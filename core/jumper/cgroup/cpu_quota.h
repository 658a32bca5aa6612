// SPDX-License-Identifier: BSD-3-Clause
// The CPU quota of the control groups around a process, and how long it held them back (kernel:
// Documentation/scheduler/sched-bwc.rst; cpu.max and cpu.stat in cgroup-v2.rst).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "jumper/kernfs/kernel_root.h"

namespace jumper::cgroup {

struct CpuQuota {
  double cpus = 0;        // how many CPUs' worth of time the group may use
  std::string where;      // the file that says so
  std::string stat_path;  // the group's cpu.stat, relative to /sys
  int version = 2;

  bool operator==(const CpuQuota&) const = default;
};

// cpu.max: "200000 100000" -> 2; "max 100000" -> absent.
[[nodiscard]] std::optional<double> parse_cpu_max(std::string_view text);

// throttled_usec (version 2) or throttled_time (version 1) of cpu.stat, in nanoseconds.
[[nodiscard]] std::optional<int64_t> parse_throttled_ns(std::string_view cpu_stat);

// The quotas of the group of the calling process and of all groups around it, from the inside out.
[[nodiscard]] std::vector<CpuQuota> find_cpu_quotas(const kernfs::KernelRoot& root);
// The lowest of them.
[[nodiscard]] std::optional<CpuQuota> find_cpu_quota(const kernfs::KernelRoot& root);

}  // namespace jumper::cgroup
