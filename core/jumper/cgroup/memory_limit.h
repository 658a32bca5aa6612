// SPDX-License-Identifier: BSD-3-Clause
// The memory limits of the control groups that a process is in: the group's own and those of the
// groups around it. Version 1 and 2 (kernel: Documentation/admin-guide/cgroup-v{1,2}).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "jumper/kernfs/kernel_root.h"

namespace jumper::cgroup {

struct MemoryLimit {
  uint64_t bytes = 0;
  std::string where;  // the file that says so, as seen by us
  int version = 2;

  bool operator==(const MemoryLimit&) const = default;
};

// The group that sets a limit.
struct LimitedGroup {
  int version = 2;
  std::string folder;  // below /sys
  uint64_t limit_bytes = 0;
  std::string file = "memory.max";  // of the group, that says so

  bool operator==(const LimitedGroup&) const = default;
};

// All limits over the group of the calling process and the groups around it that we can see, from
// the inside out. Of version 2, memory.high is one too: what grows beyond it is slowed down until
// it hardly moves.
[[nodiscard]] std::vector<LimitedGroup> find_limited_groups(const kernfs::KernelRoot& root);

// The group with the lowest limit over the group of the calling process and all groups around it
// that we can see; absent when none has one, or it cannot be read.
[[nodiscard]] std::optional<LimitedGroup> find_limited_group(const kernfs::KernelRoot& root);

// How a limit is told: with its file.
[[nodiscard]] MemoryLimit as_limit(const kernfs::KernelRoot& root, const LimitedGroup& group);

// The lowest limit over the group of the calling process and all groups around it that we can
// see; absent when none is set or readable.
[[nodiscard]] std::optional<MemoryLimit> find_memory_limit(const kernfs::KernelRoot& root);

}  // namespace jumper::cgroup
