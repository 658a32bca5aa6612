// SPDX-License-Identifier: BSD-3-Clause
// /proc/PID/status: the user and the memory high-water mark of a process (proc_pid_status(5)).
// Dear to read (10 us and more): for new processes and cell edges, not for every tick.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "jumper/base/result.h"

namespace jumper::procfs {

struct PidStatus {
  std::string name;  // unescaped by nobody: as the kernel writes it
  uid_t real_uid = 0;
  uid_t effective_uid = 0;
  uint64_t thread_count = 0;
  // Absent for kernel threads and zombies, which have no memory.
  std::optional<uint64_t> peak_resident_bytes;  // VmHWM
  std::optional<uint64_t> resident_bytes;       // VmRSS
  std::optional<uint64_t> swap_bytes;           // VmSwap

  bool operator==(const PidStatus&) const = default;
};

[[nodiscard]] base::Result<PidStatus> parse_pid_status(std::string_view text);

}  // namespace jumper::procfs
