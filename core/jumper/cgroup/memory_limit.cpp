// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/cgroup/memory_limit.h"

#include "jumper/base/parse.h"
#include "jumper/cgroup/groups.h"
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

const char* limit_file(int version) {
  return version == 1 ? "/memory.limit_in_bytes" : "/memory.max";
}

}  // namespace

std::optional<LimitedGroup> find_limited_group(const kernfs::KernelRoot& root) {
  if (root.sys_fd() < 0) return std::nullopt;
  auto proc_cgroup = kernfs::read_once(root.proc_fd(), "self/cgroup");
  if (!proc_cgroup) return std::nullopt;
  const auto group = parse_group(*proc_cgroup, "memory");
  if (!group) return std::nullopt;
  std::optional<LimitedGroup> lowest;
  for (const std::string& folder : group_folders(*group, "memory")) {
    const auto bytes = read_limit(root, folder + limit_file(group->version));
    if (bytes && (!lowest || *bytes < lowest->limit_bytes))
      lowest = LimitedGroup{group->version, folder, *bytes};
  }
  return lowest;
}

std::optional<MemoryLimit> find_memory_limit(const kernfs::KernelRoot& root) {
  const auto group = find_limited_group(root);
  if (!group) return std::nullopt;
  const std::string file = group->folder + limit_file(group->version);
  return MemoryLimit{group->limit_bytes, root.sys_path() + "/" + file};
}

}  // namespace jumper::cgroup
