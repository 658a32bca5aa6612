// SPDX-License-Identifier: BSD-3-Clause
// What the parts of the process table share: process_table.cpp, process_finding.cpp,
// process_reading.cpp, process_accounting.cpp, process_group.cpp. Not for others to include.
#pragma once

#include <sys/types.h>

#include <array>
#include <charconv>
#include <cstring>

#include "jumper/procfs/pid_stat.h"
#include "jumper/sampler/process_table.h"

namespace jumper::sampler::detail {

inline constexpr size_t kTree = static_cast<size_t>(Group::kTree);
inline constexpr size_t kUser = static_cast<size_t>(Group::kUser);
inline constexpr size_t kContainer = static_cast<size_t>(Group::kContainer);
inline constexpr size_t kJob = static_cast<size_t>(Group::kJob);

// "PID/name" without allocating.
class PidPath {
 public:
  PidPath(pid_t pid, const char* name) {
    char* end = std::to_chars(text_.data(), text_.data() + text_.size(), pid).ptr;
    if (name[0] != '\0') *end++ = '/';
    std::strncpy(end, name, static_cast<size_t>(text_.data() + text_.size() - 1 - end));
  }
  [[nodiscard]] const char* c_str() const { return text_.data(); }

 private:
  std::array<char, 48> text_{};
};

// Somebody is just waiting for it: its parent inherits, then it is taken off the list.
inline bool is_dead(const procfs::PidStat& stat) {
  return stat.state == 'X' || stat.state == 'x';
}

}  // namespace jumper::sampler::detail
