// SPDX-License-Identifier: BSD-3-Clause
// The memory limits of the control groups that a process is in: the group's own and those of the
// groups around it. Version 1 and 2 (kernel: Documentation/admin-guide/cgroup-v{1,2}).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "jumper/kernfs/kernel_root.h"

namespace jumper::cgroup {

struct MemoryLimit {
  uint64_t bytes = 0;
  std::string where;  // the file that says so, as seen by us

  bool operator==(const MemoryLimit&) const = default;
};

// The path of the group that holds the memory controller, out of /proc/PID/cgroup.
struct MemoryGroup {
  int version = 2;
  std::string path;  // begins with '/'

  bool operator==(const MemoryGroup&) const = default;
};
[[nodiscard]] std::optional<MemoryGroup> parse_memory_group(std::string_view proc_cgroup);

// The lowest limit over the group of the calling process and all groups around it that we can
// see; absent when none is set or readable.
[[nodiscard]] std::optional<MemoryLimit> find_memory_limit(const kernfs::KernelRoot& root);

}  // namespace jumper::cgroup
