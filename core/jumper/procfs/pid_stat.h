// SPDX-License-Identifier: BSD-3-Clause
// /proc/PID/stat: who a process is and whose child (proc_pid_stat(5)).
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string_view>

#include "jumper/base/result.h"

namespace jumper::procfs {

struct PidStat {
  pid_t pid = 0;
  std::string_view command;  // into the parsed text; may hold spaces, parentheses, any byte
  char state = '?';
  pid_t parent_pid = 0;
  uint64_t flags = 0;  // PF_... of the kernel
  uint64_t minor_faults = 0;
  uint64_t major_faults = 0;
  uint64_t user_ticks = 0;  // of the process, in sysconf(_SC_CLK_TCK) per second
  uint64_t system_ticks = 0;
  uint64_t reaped_user_ticks = 0;    // of children that ended and were waited for (cutime)
  uint64_t reaped_system_ticks = 0;  // (cstime)
  int64_t thread_count = 0;
  uint64_t start_ticks = 0;  // since boot; with the pid it names a process for ever
  uint64_t virtual_bytes = 0;
  uint64_t resident_pages = 0;
  uint64_t ignored_signals = 0;       // bit n-1 for signal n, of the first 31
  uint64_t block_io_delay_ticks = 0;  // needs delay accounting; 0 without it

  // A process that ignores SIGCHLD never waits, so its children's CPU time reaches nobody.
  [[nodiscard]] bool ignores_child_exit() const;
  // It was forked and runs its parent's program still: its memory began as its parent's.
  [[nodiscard]] bool forked_without_exec() const;
};

[[nodiscard]] base::Result<PidStat> parse_pid_stat(std::string_view text);

}  // namespace jumper::procfs
