// SPDX-License-Identifier: BSD-3-Clause
// The control groups that a level speaks of: of the container that a process is in, or of its Slurm
// job (kernel: Documentation/admin-guide/cgroup-v2.rst, cgroup-v1/cgroups.rst; cgroups(7)).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "jumper/kernfs/kernel_root.h"

namespace jumper::cgroup {

// The group that holds one controller's files.
struct LevelGroup {
  int version = 2;
  std::string folder;  // below /sys

  bool operator==(const LevelGroup&) const = default;
};

// In version 2 all are the same group; in version 1 each controller has a hierarchy of its own,
// and not every one of them may have the group.
struct LevelGroups {
  std::optional<LevelGroup> cpu_time;  // cpuacct
  std::optional<LevelGroup> cpu;
  std::optional<LevelGroup> cpuset;
  std::optional<LevelGroup> memory;
  std::optional<LevelGroup> io;  // blkio

  // Folders of the groups between the one that this process is in itself and that of `memory`, both
  // included, the innermost first: version 1 counts some things in each of them alone.
  std::vector<std::string> memory_folders;

  // Who belongs to it: whoever is, by this controller (empty: version 2), in this group or below.
  std::string member_controller;
  std::string member_path;

  bool operator==(const LevelGroups&) const = default;
};

// The nearest group around this process that has a limit of memory or CPU time of its own; where
// none has, what it sees as the topmost group, unless that is the whole machine's.
[[nodiscard]] std::optional<LevelGroups> find_container_groups(const kernfs::KernelRoot& root);

// The groups of the Slurm job that this process is in. What counts is where it is, not what its
// environment says: each path of /proc/self/cgroup that has "slurm" and "/job_<n>" in it, up to
// there.
[[nodiscard]] std::optional<LevelGroups> find_job_groups(const kernfs::KernelRoot& root);

// "/slurm/uid_0/job_7/step_0" -> "/slurm/uid_0/job_7"; absent where the path is of no job.
[[nodiscard]] std::optional<std::string_view> job_path(std::string_view path);

// Whether a process with this /proc/PID/cgroup belongs to it.
[[nodiscard]] bool is_member(const LevelGroups& groups, std::string_view proc_cgroup);

struct GroupLimits {
  std::optional<double> cpus;  // the lower one of its CPUs and its quota
  std::optional<uint64_t> memory_bytes;
  std::string memory_where;  // the file that says so

  bool operator==(const GroupLimits&) const = default;
};

// Of the group and of all groups around it that can be seen.
[[nodiscard]] GroupLimits read_group_limits(const kernfs::KernelRoot& root,
                                            const LevelGroups& groups);

// How many CPUs a list as "0-3,7" names; absent where it is no list, or an empty one.
[[nodiscard]] std::optional<uint32_t> count_cpus(std::string_view list);

}  // namespace jumper::cgroup
