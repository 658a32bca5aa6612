// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/cgroup/memory_limit.h"

#include <algorithm>

#include "jumper/base/parse.h"
#include "jumper/cgroup/mounts.h"
#include "jumper/kernfs/file.h"

namespace jumper::cgroup {
namespace {

// Version 1 writes "no limit" as the largest multiple of a page: anything near 2^63 means none.
constexpr uint64_t kUnlimitedBytes = uint64_t{1} << 62U;

std::optional<uint64_t> read_limit(const kernfs::KernelRoot& root, const std::string& path) {
  auto text = kernfs::read_once(root.sys_fd(), path.c_str());
  if (!text) return std::nullopt;
  const auto bytes = base::parse_number<uint64_t>(base::trim(*text));  // "max" is no number
  if (!bytes || *bytes >= kUnlimitedBytes) return std::nullopt;
  return bytes;
}

}  // namespace

std::vector<LimitedGroup> find_limited_groups(const kernfs::KernelRoot& root) {
  std::vector<LimitedGroup> groups;
  const auto own = find_own_folders(root, "memory");
  if (!own) return groups;
  const auto add = [&](const std::string& folder, const std::string& file) {
    const auto bytes = read_limit(root, folder + "/" + file);
    if (bytes) groups.push_back({own->version, folder, *bytes, file});
  };
  for (const std::string& folder : own->folders) {
    if (own->version == 1) {
      add(folder, "memory.limit_in_bytes");
    } else {
      add(folder, "memory.max");
      add(folder, "memory.high");
    }
  }
  return groups;
}

std::optional<LimitedGroup> find_limited_group(const kernfs::KernelRoot& root) {
  const std::vector<LimitedGroup> groups = find_limited_groups(root);
  const auto lowest = std::ranges::min_element(groups, {}, &LimitedGroup::limit_bytes);
  return lowest == groups.end() ? std::nullopt : std::optional(*lowest);
}

MemoryLimit as_limit(const kernfs::KernelRoot& root, const LimitedGroup& group) {
  return {group.limit_bytes, root.sys_path() + "/" + group.folder + "/" + group.file,
          group.version};
}

std::optional<MemoryLimit> find_memory_limit(const kernfs::KernelRoot& root) {
  const auto group = find_limited_group(root);
  return group ? std::optional(as_limit(root, *group)) : std::nullopt;
}

}  // namespace jumper::cgroup
