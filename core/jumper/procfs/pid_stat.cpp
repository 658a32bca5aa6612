// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/procfs/pid_stat.h"

#include <csignal>

#include "jumper/procfs/detail.h"

namespace jumper::procfs {
namespace {
constexpr std::string_view kFile = "/proc/PID/stat";
}  // namespace

bool PidStat::ignores_child_exit() const {
  return ((ignored_signals >> static_cast<unsigned>(SIGCHLD - 1)) & 1U) != 0;
}

bool PidStat::forked_without_exec() const {
  constexpr uint64_t kForkNoExec = 0x40;  // PF_FORKNOEXEC; include/linux/sched.h
  return (flags & kForkNoExec) != 0;
}

// The name stands unescaped between parentheses and a process chooses its own, line breaks and
// parentheses included. Behind it come only numbers, so the last ')' of the text ends it.
base::Result<PidStat> parse_pid_stat(std::string_view text) {
  const size_t open = text.find('(');
  const size_t close = text.rfind(')');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) {
    return detail::parse_error(kFile, "the name in parentheses");
  }
  PidStat stat;
  const auto pid = base::parse_number<pid_t>(base::trim(text.substr(0, open)));
  if (!pid || *pid < 0) return detail::parse_error(kFile, "the pid");
  stat.pid = *pid;
  stat.command = text.substr(open + 1, close - open - 1);

  std::string_view rest = text.substr(close + 1);
  const std::string_view state = base::next_word(rest);
  if (state.size() != 1) return detail::parse_error(kFile, "the state");
  stat.state = state.front();

  // Columns by their numbers in proc_pid_stat(5), where the first is the pid.
  detail::Columns columns(rest);
  columns
      .take(stat.parent_pid)             // 4 ppid
      .skip(4)                           // 5-8 pgrp, session, tty_nr, tpgid
      .take(stat.flags)                  // 9 flags
      .take(stat.minor_faults)           // 10 minflt
      .skip(1)                           // 11 cminflt
      .take(stat.major_faults)           // 12 majflt
      .skip(1)                           // 13 cmajflt
      .take(stat.user_ticks)             // 14 utime
      .take(stat.system_ticks)           // 15 stime
      .take(stat.reaped_user_ticks)      // 16 cutime
      .take(stat.reaped_system_ticks)    // 17 cstime
      .skip(2)                           // 18-19 priority, nice
      .take(stat.thread_count)           // 20 num_threads
      .skip(1)                           // 21 itrealvalue
      .take(stat.start_ticks)            // 22 starttime
      .take(stat.virtual_bytes)          // 23 vsize
      .take(stat.resident_pages)         // 24 rss
      .skip(8)                           // 25-32 rsslim ... blocked
      .take(stat.ignored_signals)        // 33 sigignore
      .skip(8)                           // 34-41 sigcatch ... policy
      .take(stat.block_io_delay_ticks);  // 42 delayacct_blkio_ticks
  if (!columns.ok() || stat.parent_pid < 0) return detail::parse_error(kFile, "a column");
  return stat;
}

}  // namespace jumper::procfs
