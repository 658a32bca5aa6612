// SPDX-License-Identifier: BSD-3-Clause
// Drivers name processes by their pids in the first pid namespace, or in ours, depending on their
// version. Within a container these are different numbers; here it is found out whose they are.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "jumper/kernfs/kernel_root.h"

namespace jumper::gpu {

class PidNames {
 public:
  // `device_prefix` begins the names of the driver's device files: who has one open may be meant.
  // The root must outlive this.
  PidNames(const kernfs::KernelRoot& root, std::string device_prefix);

  // Our pid of the process that the driver calls `pid`. In the first namespace that is the same;
  // else it is ours where that process uses the driver, or where exactly one process that does is
  // called so in a namespace within ours. Absent where nobody can tell.
  [[nodiscard]] std::optional<pid_t> ours(uint32_t pid);
  // A new reading begins: what was not found is looked for again now and then.
  void next_reading();

  [[nodiscard]] bool is_first_namespace() const { return is_first_namespace_; }

 private:
  struct Name {
    std::optional<pid_t> ours;
    uint64_t start_ticks = 0;  // of that process: with its pid it is the same for ever
    uint32_t looked_at = 0;    // in which reading
  };
  struct Inner {
    pid_t ours = 0;
    bool is_ambiguous = false;
  };

  [[nodiscard]] std::optional<pid_t> look_up(pid_t pid);
  [[nodiscard]] bool uses_driver(pid_t pid) const;
  [[nodiscard]] std::optional<uint64_t> start_ticks(pid_t pid) const;
  void list_inner_names();

  const kernfs::KernelRoot& root_;
  std::string device_prefix_;
  bool is_first_namespace_ = false;
  uint32_t reading_ = 1;
  uint32_t listed_at_ = 0;          // in which reading the inner names were
  std::map<uint32_t, Name> names_;  // by the driver's pid
  std::map<pid_t, Inner> inner_;    // by the innermost pid
};

// The pids of a process in all namespaces from ours on inwards, out of /proc/PID/status; empty
// where there are none.
[[nodiscard]] std::vector<pid_t> parse_namespace_pids(std::string_view status);

}  // namespace jumper::gpu
