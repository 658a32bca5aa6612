// SPDX-License-Identifier: BSD-3-Clause
// The control group that a process is in, and what CPU time the kernel has counted for it: all that
// processes used while they were in it or in a group below, whatever became of them (kernel:
// cpu.stat in Documentation/admin-guide/cgroup-v2.rst, cpuacct.usage in cgroup-v1/cpuacct.rst).
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "jumper/base/fd.h"
#include "jumper/cgroup/groups.h"
#include "jumper/kernfs/file.h"
#include "jumper/kernfs/kernel_root.h"

namespace jumper::cgroup {

// Version 2: usage_usec of cpu.stat; version 1: the number that is all of cpuacct.usage.
[[nodiscard]] std::optional<int64_t> parse_usage_ns(std::string_view text, int version);

// The pids of cgroup.procs, added to `pids`; false where the text is something else. 0, a process
// outside of our pid namespace, is one of them.
[[nodiscard]] bool parse_procs(std::string_view text, std::vector<pid_t>& pids);

// Whether a process that is in `path` is in the group `outer` or in one below it.
[[nodiscard]] bool is_within(std::string_view path, std::string_view outer);

// A group that counts, held open: when it is removed, or another comes in its place, it falls
// silent.
class CpuGroup {
 public:
  // The group that `pid` is in itself; absent where none can be found, where it is the one of the
  // whole machine, and where it would not show all processes in it.
  static std::optional<CpuGroup> find(const kernfs::KernelRoot& root, pid_t pid);

  [[nodiscard]] std::optional<int64_t> usage_ns(kernfs::ReadBuffer& buffer) const;
  // The processes in it and in the groups below it; absent where that cannot be told.
  [[nodiscard]] std::optional<std::vector<pid_t>> processes(kernfs::ReadBuffer& buffer) const;
  // Whether a process with this /proc/PID/cgroup is among them.
  [[nodiscard]] bool holds(std::string_view proc_cgroup) const;

 private:
  CpuGroup(Group group, base::UniqueFd folder, kernfs::File usage)
      : group_(std::move(group)), folder_(std::move(folder)), usage_(std::move(usage)) {}

  static std::optional<CpuGroup> open(const kernfs::KernelRoot& root, const Group& group,
                                      const std::string& folder, pid_t pid);

  Group group_;
  base::UniqueFd folder_;
  kernfs::File usage_;
};

}  // namespace jumper::cgroup
