// SPDX-License-Identifier: BSD-3-Clause
// What the monitored process may use: CPUs and memory, and which limit says so.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "jumper/kernfs/kernel_root.h"

namespace jumper::source {

struct Resources {
  std::vector<int> usable_cpus;  // the affinity of this process: what 100 % means
  uint32_t online_cpus = 0;
  std::optional<uint64_t> physical_bytes;
  std::optional<uint64_t> available_bytes;
  std::optional<uint64_t> swap_bytes;
  std::optional<uint64_t> address_space_bytes;  // RLIMIT_AS, where it is set
  // The lowest of the limits that hold for memory, and where it comes from.
  std::optional<uint64_t> memory_limit_bytes;
  std::string memory_limit_reason;
  std::string kernel;  // release, as uname(2) gives it
};

[[nodiscard]] Resources read_resources(const kernfs::KernelRoot& root);

// {0,1,2,5} -> "0-2,5", as the kernel writes lists of CPUs.
[[nodiscard]] std::string cpu_list(const std::vector<int>& cpus);

}  // namespace jumper::source
