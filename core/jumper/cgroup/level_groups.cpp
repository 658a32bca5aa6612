// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/cgroup/level_groups.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "jumper/base/parse.h"
#include "jumper/cgroup/cpu_quota.h"
#include "jumper/cgroup/cpu_usage.h"
#include "jumper/cgroup/groups.h"
#include "jumper/kernfs/file.h"

namespace jumper::cgroup {
namespace {

// Version 1 writes "no limit" as the largest multiple of a page: anything near 2^63 means none.
constexpr uint64_t kUnlimitedBytes = uint64_t{1} << 62U;
constexpr uint32_t kMostCpus = 1U << 20U;

bool has_file(const kernfs::KernelRoot& root, const std::string& path) {
  return root.sys_fd() >= 0 && ::faccessat(root.sys_fd(), path.c_str(), F_OK, 0) == 0;
}

std::optional<std::string> read_text(const kernfs::KernelRoot& root, const std::string& path) {
  auto text = kernfs::read_once(root.sys_fd(), path.c_str());
  return text ? std::optional(std::string(base::trim(*text))) : std::nullopt;
}

// Files that the kernel makes in each group but the hierarchy's topmost, or there alone.
bool is_of_whole_machine(const kernfs::KernelRoot& root, const LevelGroup& group) {
  return group.version == 1 ? has_file(root, group.folder + "/release_agent")
                            : !has_file(root, group.folder + "/cgroup.events");
}

// Where a hierarchy is mounted, below /sys. On a hybrid system version 2 has a folder of its own.
std::optional<std::string> mount_of(const kernfs::KernelRoot& root, const Group& group,
                                    std::string_view controller) {
  std::vector<std::string> mounts = {"fs/cgroup", "fs/cgroup/unified"};
  if (group.version == 1) {
    mounts = {"fs/cgroup/" + std::string(controller)};
    if (controller.starts_with("cpu")) mounts.emplace_back("fs/cgroup/cpu,cpuacct");
  }
  for (std::string& mount : mounts) {
    if (has_file(root, mount + "/cgroup.procs")) return std::move(mount);
  }
  return std::nullopt;
}

std::optional<uint64_t> memory_limit_in(const kernfs::KernelRoot& root, const LevelGroup& group,
                                        const char* version1, const char* version2) {
  const auto text = read_text(root, group.folder + (group.version == 1 ? version1 : version2));
  if (!text) return std::nullopt;
  const auto bytes = base::parse_number<uint64_t>(*text);  // "max" is no number
  return bytes && *bytes < kUnlimitedBytes ? bytes : std::nullopt;
}

std::optional<double> quota_in(const kernfs::KernelRoot& root, const LevelGroup& group) {
  if (group.version == 2) {
    const auto text = read_text(root, group.folder + "/cpu.max");
    return text ? parse_cpu_max(*text) : std::nullopt;
  }
  const auto quota = read_text(root, group.folder + "/cpu.cfs_quota_us");
  const auto period = read_text(root, group.folder + "/cpu.cfs_period_us");
  return quota && period ? parse_cpu_max(*quota + " " + *period) : std::nullopt;
}

bool has_limit(const kernfs::KernelRoot& root, const LevelGroup& group) {
  return memory_limit_in(root, group, "/memory.limit_in_bytes", "/memory.max") ||
         (group.version == 2 && memory_limit_in(root, group, "", "/memory.high")) ||
         quota_in(root, group);
}

// A group of the container's, by the controller that shows it.
struct Anchor {
  std::string controller;  // of version 1; empty in version 2
  std::string path;        // as /proc/PID/cgroup has it
  std::string below;       // the same below the mount: empty is what is mounted
};

std::string path_below_mount(const kernfs::KernelRoot& root, const std::string& mount,
                             const std::string& path) {
  const bool is_outside = path == "/.." || path.starts_with("/../");
  if (path == "/" || is_outside || !has_file(root, mount + path + "/cgroup.procs")) return {};
  return path;
}

std::optional<Anchor> find_anchor(const kernfs::KernelRoot& root, const Group& group,
                                  const char* controller, bool must_be_limited) {
  const auto mount = mount_of(root, group, controller);
  if (!mount) return std::nullopt;
  Anchor anchor;
  if (group.version == 1) anchor.controller = controller;
  anchor.below = path_below_mount(root, *mount, group.path);
  // Where only the group is mounted, as in a container of version 1, its path is not seen there.
  const bool is_seen = group.path == "/" || !anchor.below.empty();
  for (;;) {
    const LevelGroup at{group.version, *mount + anchor.below};
    const bool is_wanted = must_be_limited ? has_limit(root, at) : anchor.below.empty();
    if (is_wanted && !is_of_whole_machine(root, at)) break;
    if (anchor.below.empty()) return std::nullopt;
    anchor.below.resize(anchor.below.rfind('/'));
  }
  anchor.path = !is_seen ? group.path : anchor.below.empty() ? "/" : anchor.below;
  return anchor;
}

// What the same group is called by another controller; absent where that does not have it, as
// systemd makes groups of version 1 only for the controllers that a service asks for.
std::optional<LevelGroup> group_of(const kernfs::KernelRoot& root, std::string_view proc_cgroup,
                                   const Anchor& anchor, const char* controller) {
  const auto own = parse_group(proc_cgroup, controller);
  if (!own || (own->version == 2) != anchor.controller.empty()) return std::nullopt;
  const auto mount = mount_of(root, *own, controller);
  if (!mount || !is_within(own->path, anchor.path)) return std::nullopt;
  LevelGroup group{own->version, *mount + anchor.below};
  if (!has_file(root, group.folder + "/cgroup.procs") || is_of_whole_machine(root, group))
    return std::nullopt;
  return group;
}

std::vector<std::string> folders_inside(const kernfs::KernelRoot& root,
                                        std::string_view proc_cgroup,
                                        const std::optional<LevelGroup>& memory) {
  const auto own = parse_group(proc_cgroup, "memory");
  if (!own || !memory) return {};
  const auto mount = mount_of(root, *own, "memory");
  if (!mount) return {};
  std::vector<std::string> folders;
  std::string folder = *mount + path_below_mount(root, *mount, own->path);
  for (; folder.size() > memory->folder.size(); folder.resize(folder.rfind('/')))
    folders.push_back(folder);
  folders.push_back(memory->folder);
  return folders;
}

}  // namespace

std::optional<LevelGroups> find_container_groups(const kernfs::KernelRoot& root) {
  const auto proc_cgroup = kernfs::read_once(root.proc_fd(), "self/cgroup");
  if (!proc_cgroup) return std::nullopt;
  std::optional<Anchor> anchor;
  for (const bool must_be_limited : {true, false}) {
    for (const char* controller : {"memory", "cpu"}) {
      const auto group = parse_group(*proc_cgroup, controller);
      if (!anchor && group) anchor = find_anchor(root, *group, controller, must_be_limited);
    }
  }
  if (!anchor) return std::nullopt;
  LevelGroups groups;
  groups.cpu_time = group_of(root, *proc_cgroup, *anchor, "cpuacct");
  groups.cpu = group_of(root, *proc_cgroup, *anchor, "cpu");
  groups.cpuset = group_of(root, *proc_cgroup, *anchor, "cpuset");
  groups.memory = group_of(root, *proc_cgroup, *anchor, "memory");
  groups.io = group_of(root, *proc_cgroup, *anchor, "blkio");
  groups.memory_folders = folders_inside(root, *proc_cgroup, groups.memory);
  groups.member_controller = anchor->controller;
  groups.member_path = anchor->path;
  return groups;
}

std::optional<std::string_view> job_path(std::string_view path) {
  constexpr std::string_view kJob = "/job_";
  for (size_t at = path.find(kJob); at != std::string_view::npos; at = path.find(kJob, at + 1)) {
    size_t end = at + kJob.size();
    while (end < path.size() && path[end] >= '0' && path[end] <= '9') ++end;
    const bool is_number = end > at + kJob.size() && (end == path.size() || path[end] == '/');
    if (is_number && path.substr(0, at).find("slurm") != std::string_view::npos)
      return path.substr(0, end);
  }
  return std::nullopt;
}

std::optional<LevelGroups> find_job_groups(const kernfs::KernelRoot& root) {
  const auto proc_cgroup = kernfs::read_once(root.proc_fd(), "self/cgroup");
  if (!proc_cgroup) return std::nullopt;
  LevelGroups groups;
  bool is_found = false;
  const auto find = [&](const char* controller) -> std::optional<LevelGroup> {
    const auto own = parse_group(*proc_cgroup, controller);
    const auto path = own ? job_path(own->path) : std::nullopt;
    if (!path) return std::nullopt;
    if (!is_found) {
      is_found = true;
      groups.member_controller = own->version == 1 ? controller : "";
      groups.member_path = *path;
    }
    const auto mount = mount_of(root, *own, controller);
    if (!mount) return std::nullopt;
    LevelGroup group{own->version, *mount + std::string(*path)};
    if (!has_file(root, group.folder + "/cgroup.procs")) return std::nullopt;
    return group;
  };
  // Of version 1 the one that Slurm always makes comes first: with it, it ends jobs.
  static_cast<void>(find("freezer"));
  groups.memory = find("memory");
  groups.cpu_time = find("cpuacct");
  groups.cpu = find("cpu");
  groups.cpuset = find("cpuset");
  groups.io = find("blkio");
  static_cast<void>(find("devices"));
  groups.memory_folders = folders_inside(root, *proc_cgroup, groups.memory);
  return is_found ? std::optional(groups) : std::nullopt;
}

bool is_member(const LevelGroups& groups, std::string_view proc_cgroup) {
  const auto group = parse_group(proc_cgroup, groups.member_controller);
  const int version = groups.member_controller.empty() ? 2 : 1;
  return group && group->version == version && is_within(group->path, groups.member_path);
}

std::optional<uint32_t> count_cpus(std::string_view list) {
  uint64_t count = 0;
  for (;;) {
    const size_t comma = list.find(',');
    const std::string_view part = list.substr(0, comma);
    const size_t dash = part.find('-');
    const auto first = base::parse_number<uint32_t>(part.substr(0, dash));
    const auto last = dash == std::string_view::npos
                          ? first
                          : base::parse_number<uint32_t>(part.substr(dash + 1));
    if (!first || !last || *last < *first || *last >= kMostCpus) return std::nullopt;
    count += *last - *first + 1;
    if (comma == std::string_view::npos) break;
    list.remove_prefix(comma + 1);
  }
  return count <= kMostCpus ? std::optional(static_cast<uint32_t>(count)) : std::nullopt;
}

GroupLimits read_group_limits(const kernfs::KernelRoot& root, const LevelGroups& groups) {
  constexpr std::string_view kTop = "fs/cgroup";
  GroupLimits limits;
  const auto lower_cpus = [&](std::optional<double> cpus) {
    if (cpus && (!limits.cpus || *cpus < *limits.cpus)) limits.cpus = cpus;
  };
  // Up to the mount; above that the files are not there.
  const auto upwards = [&](std::optional<LevelGroup> group, auto visit) {
    if (!group) return;
    for (; group->folder.size() >= kTop.size(); group->folder.resize(group->folder.rfind('/')))
      visit(*group);
  };
  upwards(groups.memory, [&](const LevelGroup& group) {
    const bool is_v1 = group.version == 1;
    const auto bytes = memory_limit_in(root, group, "/memory.limit_in_bytes", "/memory.max");
    if (!bytes || (limits.memory_bytes && *limits.memory_bytes <= *bytes)) return;
    limits.memory_bytes = bytes;
    limits.memory_where =
        root.sys_path() + "/" + group.folder + (is_v1 ? "/memory.limit_in_bytes" : "/memory.max");
  });
  upwards(groups.cpu, [&](const LevelGroup& group) { lower_cpus(quota_in(root, group)); });
  if (groups.cpuset) {
    for (const char* name : {"/cpuset.effective_cpus", "/cpuset.cpus.effective", "/cpuset.cpus"}) {
      const auto text = read_text(root, groups.cpuset->folder + name);
      if (!text || text->empty()) continue;
      if (const auto count = count_cpus(*text)) lower_cpus(*count);
      break;
    }
  }
  return limits;
}

}  // namespace jumper::cgroup
