// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/nodes/srun.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <optional>

#include "jumper/base/parse.h"
#include "jumper/base/text.h"

namespace jumper::nodes {
namespace {

constexpr size_t kLongestQuote = 80;

// Settings that a job's shell has for its own steps would act on ours: number of tasks, binding,
// buffering.
bool is_passed_on(std::string_view variable) {
  if (variable.starts_with("SLURM_CONF=")) return true;
  constexpr std::array<std::string_view, 6> kDropped = {"SLURM_",  "SLURMD_", "SRUN_",
                                                        "SBATCH_", "SALLOC_", "PMI"};
  return std::ranges::none_of(
      kDropped, [&](std::string_view prefix) { return variable.starts_with(prefix); });
}

struct Choice {
  uint32_t count = 0;
  std::string list;  // for srun's -w; empty: it chooses
  std::vector<std::string> expected;
};

std::string node_names(const std::vector<std::string>& names) {
  std::string text;
  for (size_t i = 0; i < names.size() && i < 8; ++i) text += (i == 0 ? "" : ", ") + names[i];
  if (names.size() > 8) text += " and " + std::to_string(names.size() - 8) + " more";
  return base::one_line(text, 4 * kLongestQuote);
}

base::Result<Choice> choose(const std::string& nodes, const source::SlurmJob& job) {
  const auto of_job = source::expand_node_list(job.node_list);
  const uint32_t job_count = of_job ? static_cast<uint32_t>(of_job->size()) : job.nodes;
  Choice choice;
  if (nodes == "all") {
    choice.count = job_count;
    if (of_job) choice.expected = *of_job;
    return choice;
  }
  if (const auto number = base::parse_number<uint32_t>(nodes)) {
    if (*number == 0 || *number > job_count) {
      return base::bad_input("--nodes " + nodes + ": job " + job.id + " has " +
                             base::count_of(job_count, "node") + ": give a number from 1 to " +
                             std::to_string(job_count) + ", or all");
    }
    choice.count = *number;
    if (*number == job_count && of_job) choice.expected = *of_job;
    return choice;
  }
  auto named = source::expand_node_list(nodes);
  if (!named) {
    return base::bad_input("--nodes '" + base::one_line(nodes, kLongestQuote) +
                           "' is no list of nodes: give all, a number, or names as in n[1-3],n7");
  }
  for (const std::string& name : *named) {
    if (!of_job || std::ranges::find(*of_job, name) != of_job->end()) continue;
    return base::bad_input("--nodes: job " + job.id + " has no node '" +
                           base::one_line(name, kLongestQuote) + "': it has " +
                           node_names(*of_job));
  }
  std::ranges::sort(*named);
  named->erase(std::ranges::unique(*named).begin(), named->end());
  choice.count = static_cast<uint32_t>(named->size());
  choice.list = nodes;
  choice.expected = std::move(*named);
  return choice;
}

}  // namespace

base::Result<Launch> plan_launch(const LaunchRequest& request,
                                 const std::optional<source::SlurmJob>& job,
                                 const std::vector<std::string>& environment) {
  if (!job) {
    return base::bad_input(
        "--nodes works inside a Slurm job only, and this process is in none (SLURM_JOB_ID is not "
        "set)");
  }
  const auto choice = choose(request.nodes, *job);
  if (!choice) return choice.error();
  const std::string count = std::to_string(choice->count);
  Launch launch;
  launch.node_count = choice->count;
  launch.expected = choice->expected;
  // --overlap and --mem=0: it shares what the job's other steps hold, and takes nothing from them.
  // --no-kill and no killing on a bad exit: one node's end is not the others'. Never --label or
  // --unbuffered: they tear lines (docs/nodes.md).
  launch.arguments = {"srun",
                      "--jobid=" + job->id,
                      "--overlap",
                      "--mem=0",
                      "--cpu-bind=none",
                      "--no-kill",
                      "--kill-on-bad-exit=0",
                      "--nodes=" + count,
                      "--ntasks=" + count,
                      "--ntasks-per-node=1",
                      "--job-name=jumper"};
  if (!choice->list.empty()) launch.arguments.push_back("--nodelist=" + choice->list);
  launch.arguments.insert(launch.arguments.end(),
                          {request.program, "record", "--lines", "--interval",
                           base::shortest(request.interval_seconds), "-o", "-"});
  for (const std::string& variable : environment) {
    if (is_passed_on(variable)) launch.environment.push_back(variable);
  }
  return launch;
}

std::vector<std::string> environment_of_process() {
  std::vector<std::string> variables;
  for (char** variable = environ; variable != nullptr && *variable != nullptr; ++variable)
    variables.emplace_back(*variable);
  return variables;
}

}  // namespace jumper::nodes
