// SPDX-License-Identifier: BSD-3-Clause
// Which process a session is of, and whether that still lives, as far as can be told from here.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

#include "jumper/journal/recording.h"
#include "jumper/kernfs/kernel_root.h"

namespace jumper::journal {

// Where we are.
struct Machine {
  std::string host;                       // as uname(2) gives it
  std::string boot_id;                    // empty where the kernel does not tell it
  std::optional<int64_t> booted_wall_ns;  // btime of /proc/stat (proc_stat(5))

  bool operator==(const Machine&) const = default;
};
[[nodiscard]] Machine read_machine(const kernfs::KernelRoot& root);

// Field 22 of /proc/PID/stat; absent when there is no such process, or it has ended and only waits
// to be waited for.
[[nodiscard]] std::optional<uint64_t> read_start_ticks(const kernfs::KernelRoot& root, pid_t pid);

// The process we are in, for the header of its journal.
[[nodiscard]] Origin origin_of_process(const kernfs::KernelRoot& root);

// Another machine, or another container of this one (pids mean something else there).
[[nodiscard]] bool is_elsewhere(const Origin& origin, const Machine& here);

// What runs elsewhere, we cannot see: it counts as alive until nothing was written for this long,
// or for three intervals.
inline constexpr int64_t kSilentNs = 120 * base::kNanosPerSecond;

// Whether the session of a journal goes on. `quiet_ns`: how long ago the journal was written to.
[[nodiscard]] bool is_alive(const Origin& origin, double interval_seconds, int64_t quiet_ns,
                            const Machine& here, const kernfs::KernelRoot& root);

}  // namespace jumper::journal
