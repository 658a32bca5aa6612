// SPDX-License-Identifier: BSD-3-Clause
// The CPUs that the control groups around a process leave to it (kernel: cpuset.cpus.effective in
// Documentation/admin-guide/cgroup-v2.rst; admin-guide/cgroup-v1/cpusets.rst).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "jumper/kernfs/kernel_root.h"

namespace jumper::cgroup {

struct CpuSet {
  uint32_t cpus = 0;  // how many
  std::string where;  // the file that says so
  int version = 2;

  bool operator==(const CpuSet&) const = default;
};

// How many CPUs a list as the kernel writes it has: "0-2,5" -> 4. Absent where there are none, or
// the text is no such list.
[[nodiscard]] std::optional<uint32_t> count_cpu_list(std::string_view text);

// The sets of the group of the calling process and of all groups around it, from the inside out.
[[nodiscard]] std::vector<CpuSet> find_cpu_sets(const kernfs::KernelRoot& root);

}  // namespace jumper::cgroup
