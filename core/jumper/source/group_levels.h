// SPDX-License-Identifier: BSD-3-Clause
// The levels that only some processes have: the container (or control group with a limit) that the
// process is in, and its Slurm job. Found once, when monitoring starts; why there is none of them
// is said in one line.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "jumper/cgroup/level_groups.h"
#include "jumper/metric/scope.h"
#include "jumper/source/slurm_job.h"

namespace jumper::source {

struct GroupLevel {
  metric::Scope scope = metric::Scope::kContainer;
  // Absent where the job has no control groups: then its processes are known by their environment.
  std::optional<cgroup::LevelGroups> groups;
  std::string job_id;  // of such a job, and the node that we are on
  std::string node_name;
  cgroup::GroupLimits limits;

  bool operator==(const GroupLevel&) const = default;
};

struct GroupLevels {
  std::optional<GroupLevel> container;
  std::optional<GroupLevel> slurm;
  // Where they are absent.
  std::string no_container;
  std::string no_slurm;
};

// `job` is what the environment says.
[[nodiscard]] GroupLevels find_group_levels(const kernfs::KernelRoot& root,
                                            const std::optional<SlurmJob>& job);

// What 100 % and the end of memory are at one level; absent where the level's own groups do not
// say, and then they are those of the process.
struct LevelLimits {
  metric::Scope scope = metric::Scope::kProcess;
  std::optional<double> cpus;
  std::optional<uint64_t> memory_bytes;
  std::string memory_reason;

  bool operator==(const LevelLimits&) const = default;
};
[[nodiscard]] std::vector<LevelLimits> limits_of(const GroupLevels& levels);

}  // namespace jumper::source
