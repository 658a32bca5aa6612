// SPDX-License-Identifier: BSD-3-Clause
// What the monitored process may use: CPUs, memory and GPUs, and which limits say so.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "jumper/gpu/status.h"
#include "jumper/kernfs/kernel_root.h"
#include "jumper/metric/scope.h"
#include "jumper/source/limits.h"

namespace jumper::source {

struct Resources {
  std::vector<int> usable_cpus;  // the affinity of this process
  uint32_t online_cpus = 0;
  std::optional<uint64_t> physical_bytes;
  std::optional<uint64_t> available_bytes;
  std::optional<uint64_t> swap_bytes;
  std::optional<uint64_t> address_space_bytes;  // RLIMIT_AS, where it is set
  // The lowest of the limits that hold for memory, and where it comes from.
  std::optional<uint64_t> memory_limit_bytes;
  std::string memory_limit_reason;
  std::string kernel;  // release, as uname(2) gives it
  // All that hold, the lowest first; empty where a session does not tell.
  std::vector<Limit> cpu_limits;
  std::vector<Limit> memory_limits;
  std::vector<GpuChoice> gpu_choices;
  gpu::Status gpu;  // as far as somebody has looked

  // By the number of CPUs in the affinity, or of all where it is not known; at least 1.
  [[nodiscard]] double countable_cpus() const;
  // By the lowest limit, which need not be a whole number: 1.5 with a quota.
  [[nodiscard]] double effective_cpus() const;
};

[[nodiscard]] Resources read_resources(const kernfs::KernelRoot& root, const Variables& variables);
// With the environment of this process.
[[nodiscard]] Resources read_resources(const kernfs::KernelRoot& root);

// What 100 % of CPU means at a level: all CPUs of the machine for `system`, else the effective
// ones.
[[nodiscard]] double cpus_of(const Resources& resources, metric::Scope level);
// The most CPUs that can be busy at a level, whatever quotas and requests say: for a short time
// more than a quota can.
[[nodiscard]] double most_cpus_of(const Resources& resources, metric::Scope level);
// Which limit that is; empty where it is the whole machine, or the session does not tell.
[[nodiscard]] std::string cpus_reason(const Resources& resources, metric::Scope level);

// {0,1,2,5} -> "0-2,5", as the kernel writes lists of CPUs.
[[nodiscard]] std::string cpu_list(const std::vector<int>& cpus);

}  // namespace jumper::source
