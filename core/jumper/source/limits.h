// SPDX-License-Identifier: BSD-3-Clause
// The limits that hold for a process, each with who says so: CPUs, memory, GPUs. What the kernel
// enforces comes from affinity, control groups and rlimits; what is only said from the environment,
// as Slurm and JupyterHub set it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "jumper/kernfs/kernel_root.h"
#include "jumper/source/slurm_job.h"

namespace jumper::source {

struct Limit {
  double amount = 0;        // CPUs, or bytes
  std::string reason;       // the exact file or variable: "cgroup v2 /sys/fs/cgroup/a/cpu.max"
  bool is_enforced = true;  // by the kernel; else it is only said, and can be exceeded

  bool operator==(const Limit&) const = default;
};

// Which GPUs a process is to see; a list of none hides all.
struct GpuChoice {
  std::vector<std::string> ids;
  std::string variable;  // of the environment

  bool operator==(const GpuChoice&) const = default;
};

// One variable; absent where it is not set, which is not the same as empty.
using Variables = std::function<std::optional<std::string>(const char* name)>;
[[nodiscard]] Variables variables_of_process();

// "2147483648", "2G", "512.5M" (of 1024); absent for 0, which means none, and for anything else.
[[nodiscard]] std::optional<uint64_t> parse_hub_bytes(std::string_view text);

// What affinity leaves, and of how many.
struct CpuFacts {
  uint32_t usable = 0;
  uint32_t online = 0;
};
// All of them, the lowest first: that one holds. Of equal ones the nearest to the process is first,
// and what the kernel enforces before what is only said.
[[nodiscard]] std::vector<Limit> cpu_limits(const kernfs::KernelRoot& root,
                                            const Variables& variables, const CpuFacts& facts);

struct MemoryFacts {
  std::optional<uint64_t> physical_bytes;
  std::optional<uint64_t> address_space_bytes;  // RLIMIT_AS
};
[[nodiscard]] std::vector<Limit> memory_limits(const kernfs::KernelRoot& root,
                                               const Variables& variables,
                                               const MemoryFacts& facts);

// The variables that choose GPUs, those with the fewest first.
[[nodiscard]] std::vector<GpuChoice> gpu_choices(const Variables& variables);

}  // namespace jumper::source
