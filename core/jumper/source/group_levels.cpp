// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/source/group_levels.h"

namespace jumper::source {
namespace {

GroupLevel level_of(const kernfs::KernelRoot& root, metric::Scope scope,
                    std::optional<cgroup::LevelGroups> groups) {
  GroupLevel level;
  level.scope = scope;
  if (groups) level.limits = cgroup::read_group_limits(root, *groups);
  level.groups = std::move(groups);
  return level;
}

}  // namespace

GroupLevels find_group_levels(const kernfs::KernelRoot& root, const std::optional<SlurmJob>& job) {
  GroupLevels levels;
  if (auto groups = cgroup::find_container_groups(root)) {
    levels.container = level_of(root, metric::Scope::kContainer, std::move(groups));
  } else {
    levels.no_container =
        "level 'container' exists only inside a container or a control group with a limit, and "
        "this "
        "process is in none";
  }
  if (auto groups = cgroup::find_job_groups(root)) {
    levels.slurm = level_of(root, metric::Scope::kSlurm, std::move(groups));
  } else if (job && !job->node_name.empty()) {
    levels.slurm = level_of(root, metric::Scope::kSlurm, std::nullopt);
    levels.slurm->job_id = job->id;
    levels.slurm->node_name = job->node_name;
    levels.slurm->limits.cpus = job->cpus_on_node;
  } else if (job) {
    levels.no_slurm =
        "level 'slurm' has nothing to measure here: this shell of salloc is on no node of job " +
        job->id + "; use srun --overlap to start on one, or %perfmonitor_start --nodes all";
  } else {
    levels.no_slurm = "level 'slurm' exists only inside a Slurm job";
  }
  return levels;
}

std::vector<LevelLimits> limits_of(const GroupLevels& levels) {
  std::vector<LevelLimits> all;
  for (const std::optional<GroupLevel>* level : {&levels.container, &levels.slurm}) {
    if (!*level) continue;
    const cgroup::GroupLimits& limits = (*level)->limits;
    LevelLimits of_level{(*level)->scope, limits.cpus, limits.memory_bytes, {}};
    if (limits.memory_bytes) of_level.memory_reason = "cgroup " + limits.memory_where;
    all.push_back(std::move(of_level));
  }
  return all;
}

}  // namespace jumper::source
