// SPDX-License-Identifier: BSD-3-Clause
// How collectors are started on the nodes of a Slurm job: by one job step that shares what the job
// has, through Slurm's own launcher (srun(1)). No port is opened, and no daemon stays.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "jumper/base/result.h"
#include "jumper/source/slurm_job.h"

namespace jumper::nodes {

// What is to be started, and what is to be expected of it.
struct Launch {
  std::vector<std::string> arguments;    // the program first
  std::vector<std::string> environment;  // NAME=VALUE
  uint32_t node_count = 1;
  std::vector<std::string> expected;  // the nodes' names, where they are known
};

struct LaunchRequest {
  std::string nodes;    // "all", a number, or a list of nodes as Slurm writes them
  std::string program;  // `jumper`, as all nodes see it
  double interval_seconds = 1;
};

// Refuses, in one line, what cannot be: no job, more nodes than it has, nodes of others.
// `environment` is that of this process, NAME=VALUE each.
[[nodiscard]] base::Result<Launch> plan_launch(const LaunchRequest& request,
                                               const std::optional<source::SlurmJob>& job,
                                               const std::vector<std::string>& environment);

[[nodiscard]] std::vector<std::string> environment_of_process();

}  // namespace jumper::nodes
