// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/cgroup/memory_usage.h"

#include "jumper/base/parse.h"

namespace jumper::cgroup {
namespace {

// The number behind a key at the beginning of a line.
std::optional<uint64_t> find_number(std::string_view text, std::string_view key) {
  while (!text.empty()) {
    std::string_view line = base::next_line(text);
    if (!line.starts_with(key) || line.size() == key.size() || !base::is_blank(line[key.size()]))
      continue;
    line.remove_prefix(key.size());
    return base::next_number<uint64_t>(line);
  }
  return std::nullopt;
}

}  // namespace

std::optional<uint64_t> parse_file_pages(std::string_view memory_stat, int version) {
  const bool is_v1 = version == 1;  // whose lines without "total_" leave out the groups below
  const auto inactive = find_number(memory_stat, is_v1 ? "total_inactive_file" : "inactive_file");
  const auto active = find_number(memory_stat, is_v1 ? "total_active_file" : "active_file");
  if (!inactive || !active || *inactive > UINT64_MAX - *active) return std::nullopt;
  return *inactive + *active;
}

std::optional<uint64_t> parse_oom_kills(std::string_view text) {
  return find_number(text, "oom_kill");
}

MemoryEvents parse_memory_events(std::string_view text) {
  return {find_number(text, "max"), find_number(text, "high"), find_number(text, "oom_kill")};
}

}  // namespace jumper::cgroup
