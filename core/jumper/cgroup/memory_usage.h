// SPDX-License-Identifier: BSD-3-Clause
// How much memory a control group has, what of it the kernel can take back, and how often it killed
// a process there for want of memory (kernel: memory.current, memory.stat and memory.events in
// Documentation/admin-guide/cgroup-v2.rst; memory.usage_in_bytes, memory.stat and
// memory.oom_control in cgroup-v1/memory.rst).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace jumper::cgroup {

// Pages of files, which are dropped or written back before anything is killed: all of the group and
// of the groups below it. Absent where memory.stat does not tell.
[[nodiscard]] std::optional<uint64_t> parse_file_pages(std::string_view memory_stat, int version);

// The line "oom_kill N" of memory.events or memory.oom_control; absent before Linux 4.13.
[[nodiscard]] std::optional<uint64_t> parse_oom_kills(std::string_view text);

// The lines "max N" and "high N" of memory.events: how often memory was about to go over the limit,
// and how often it was over memory.high.
struct MemoryEvents {
  std::optional<uint64_t> limit_hits;
  std::optional<uint64_t> high_hits;
  std::optional<uint64_t> oom_kills;

  bool operator==(const MemoryEvents&) const = default;
};
[[nodiscard]] MemoryEvents parse_memory_events(std::string_view text);

}  // namespace jumper::cgroup
