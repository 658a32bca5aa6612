// SPDX-License-Identifier: BSD-3-Clause
// /proc/PID/io: what a process, with the children it has waited for, read and wrote
// (proc_pid_io(5)).
#pragma once

#include <cstdint>
#include <string_view>

#include "jumper/base/result.h"

namespace jumper::procfs {

struct PidIo {
  uint64_t read_chars = 0;  // bytes passed by read calls, page cache and pipes included
  uint64_t write_chars = 0;
  uint64_t read_calls = 0;
  uint64_t write_calls = 0;
  uint64_t read_bytes = 0;   // bytes fetched from storage
  uint64_t write_bytes = 0;  // bytes sent, or to be sent, to storage
  uint64_t cancelled_write_bytes =
      0;  // written pages that were dropped (file truncated or removed)

  bool operator==(const PidIo&) const = default;
};

[[nodiscard]] base::Result<PidIo> parse_pid_io(std::string_view text);

}  // namespace jumper::procfs
