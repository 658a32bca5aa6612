// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/cgroup/memory_limit.h"

#include "jumper/base/parse.h"
#include "jumper/kernfs/file.h"

namespace jumper::cgroup {
namespace {

// Version 1 writes "no limit" as the largest multiple of a page: anything near 2^63 means none.
constexpr uint64_t kUnlimitedBytes = uint64_t{1} << 62U;

bool holds_memory(std::string_view controllers) {
  while (!controllers.empty()) {
    const size_t comma = controllers.find(',');
    if (controllers.substr(0, comma) == "memory") return true;
    controllers.remove_prefix(comma == std::string_view::npos ? controllers.size() : comma + 1);
  }
  return false;
}

std::optional<uint64_t> read_limit(const kernfs::KernelRoot& root, const std::string& path) {
  auto text = kernfs::read_once(root.sys_fd(), path.c_str());
  if (!text) return std::nullopt;
  const auto bytes = base::parse_number<uint64_t>(base::trim(*text));  // "max" is no number
  if (!bytes || *bytes >= kUnlimitedBytes) return std::nullopt;
  return bytes;
}

}  // namespace

std::optional<MemoryGroup> parse_memory_group(std::string_view proc_cgroup) {
  std::optional<MemoryGroup> group;
  while (!proc_cgroup.empty()) {
    std::string_view line = base::next_line(proc_cgroup);
    const size_t first = line.find(':');
    if (first == std::string_view::npos) continue;
    const size_t second = line.find(':', first + 1);
    if (second == std::string_view::npos) continue;
    const std::string_view controllers = line.substr(first + 1, second - first - 1);
    const std::string_view path = line.substr(second + 1);
    if (!path.starts_with('/')) continue;
    // On a hybrid system the memory controller sits in one hierarchy; version 1 is named there.
    if (holds_memory(controllers)) return MemoryGroup{1, std::string(path)};
    if (controllers.empty()) group = MemoryGroup{2, std::string(path)};
  }
  return group;
}

std::optional<MemoryLimit> find_memory_limit(const kernfs::KernelRoot& root) {
  if (root.sys_fd() < 0) return std::nullopt;
  auto proc_cgroup = kernfs::read_once(root.proc_fd(), "self/cgroup");
  if (!proc_cgroup) return std::nullopt;
  auto group = parse_memory_group(*proc_cgroup);
  if (!group) return std::nullopt;
  const std::string mount = group->version == 1 ? "fs/cgroup/memory" : "fs/cgroup";
  const std::string file = group->version == 1 ? "/memory.limit_in_bytes" : "/memory.max";

  // Inside a container the path may be the host's, of which we see only the end: what is missing
  // on the way is passed over, and the top of what is mounted is always looked at.
  std::optional<MemoryLimit> lowest;
  std::string path = group->path == "/" ? "" : group->path;
  for (;;) {
    const std::string name = mount + path + file;
    if (const auto bytes = read_limit(root, name); bytes && (!lowest || *bytes < lowest->bytes)) {
      lowest = MemoryLimit{*bytes, root.sys_path() + "/" + name};
    }
    if (path.empty()) return lowest;
    path.resize(path.rfind('/'));
  }
}

}  // namespace jumper::cgroup
