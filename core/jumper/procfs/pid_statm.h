// SPDX-License-Identifier: BSD-3-Clause
// /proc/PID/statm: memory of a process in pages (proc_pid_statm(5)).
#pragma once

#include <cstdint>
#include <string_view>

#include "jumper/base/result.h"

namespace jumper::procfs {

struct PidStatm {
  uint64_t virtual_pages = 0;
  uint64_t resident_pages = 0;
  uint64_t shared_pages = 0;  // resident pages of files and shared memory

  bool operator==(const PidStatm&) const = default;
};

[[nodiscard]] base::Result<PidStatm> parse_pid_statm(std::string_view text);

}  // namespace jumper::procfs
