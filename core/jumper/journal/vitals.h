// SPDX-License-Identifier: BSD-3-Clause
// What a post-mortem wants to know besides the samples, written every ten seconds or so and when
// memory has grown by much: the largest processes, and how often the kernel has killed for want of
// memory.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "jumper/kernfs/file.h"
#include "jumper/kernfs/kernel_root.h"

namespace jumper::journal {

// Processes that the kernel killed for want of memory, since boot or since the group was made.
struct OomKills {
  std::string group_file;    // says that of the control group; below /sys; empty: none does
  uint64_t group_inode = 0;  // of that file: another group of the same name has another
  std::optional<uint64_t> group;
  std::optional<uint64_t> machine;  // oom_kill of /proc/vmstat

  bool operator==(const OomKills&) const = default;
};

// memory.events (version 2) or memory.oom_control (version 1): the line oom_kill, since Linux 4.13.
[[nodiscard]] std::optional<uint64_t> parse_group_oom_kills(std::string_view text);
// Of the group that the calling process is in, and of the machine. Reads are counted in the buffer.
[[nodiscard]] OomKills read_oom_kills(const kernfs::KernelRoot& root, kernfs::ReadBuffer& buffer);
// The same counts as `before`, now; that of the group is absent when the group is gone.
[[nodiscard]] OomKills read_again(const kernfs::KernelRoot& root, const OomKills& before);

struct Vitals {
  struct Process {
    pid_t pid = 0;
    std::string name;  // its comm: any bytes
    uint64_t memory_bytes = 0;

    bool operator==(const Process&) const = default;
  };

  int64_t time_ns = 0;
  uint32_t processes = 0;        // of the tree
  std::vector<Process> largest;  // a few of them, the largest first
  OomKills oom_kills;

  bool operator==(const Vitals&) const = default;
};

// The payload of a frame of type kVitals, and back. Absent: that is not what such a frame holds.
[[nodiscard]] std::string encode_vitals(const Vitals& vitals);
[[nodiscard]] std::optional<Vitals> decode_vitals(std::string_view payload);

}  // namespace jumper::journal
