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

}  // namespace

std::optional<MemoryLimit> find_memory_limit(const kernfs::KernelRoot& root) {
  if (root.sys_fd() < 0) return std::nullopt;
  auto proc_cgroup = kernfs::read_once(root.proc_fd(), "self/cgroup");
  if (!proc_cgroup) return std::nullopt;
  const auto group = parse_group(*proc_cgroup, "memory");
  if (!group) return std::nullopt;
  std::optional<MemoryLimit> lowest;
  for (const std::string& folder : group_folders(*group, "memory")) {
    const std::string file =
        folder + (group->version == 1 ? "/memory.limit_in_bytes" : "/memory.max");
    if (const auto bytes = read_limit(root, file); bytes && (!lowest || *bytes < lowest->bytes)) {
      lowest = MemoryLimit{*bytes, root.sys_path() + "/" + file};
    }
  }
  return lowest;
}

}  // namespace jumper::cgroup
