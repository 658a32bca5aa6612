// SPDX-License-Identifier: BSD-3-Clause
// The Slurm job that a process runs in, as its environment tells (srun(1), sbatch(1), OUTPUT
// ENVIRONMENT VARIABLES). What a user can set, a user can set wrongly: limits that really hold are
// read from control groups.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace jumper::source {

struct SlurmJob {
  std::string id;         // SLURM_JOB_ID, of digits; of a job array, the task's own
  std::string node_name;  // the node we are on; empty in a shell of salloc, which is on none
  std::string node_list;  // of the job, as Slurm writes lists
  uint32_t nodes = 1;     // of the job, not of the step
  std::optional<uint32_t> cpus_on_node;
  std::optional<uint32_t> cpus_per_task;
  std::optional<uint32_t> tasks;
  // --mem or --mem-per-cpu, where the job asked for either.
  std::optional<uint64_t> memory_per_node_bytes;
  std::optional<uint64_t> memory_per_cpu_bytes;
  std::vector<std::string> gpus;  // of this node: SLURM_STEP_GPUS, else SLURM_JOB_GPUS
  bool is_step = false;           // started by srun

  bool operator==(const SlurmJob&) const = default;
};

// One variable of the environment; empty where it is not set.
using Environment = std::function<std::string(const char* name)>;

// Absent outside a job, and where the id is none.
[[nodiscard]] std::optional<SlurmJob> read_slurm_job(const Environment& environment);
// Of this process.
[[nodiscard]] std::optional<SlurmJob> read_slurm_job();

inline constexpr size_t kMostNodes = 65'536;

// "n[1-3,07],gpu1" -> n1 n2 n3 n07 gpu1. Absent where the text is no such list, or longer than
// kMostNodes.
[[nodiscard]] std::optional<std::vector<std::string>> expand_node_list(std::string_view text);

// "2(x3),4" -> 2, 2, 2, 4: how SLURM_JOB_CPUS_PER_NODE tells a number for each node of the list.
[[nodiscard]] std::optional<std::vector<uint32_t>> expand_per_node(std::string_view text);

}  // namespace jumper::source
