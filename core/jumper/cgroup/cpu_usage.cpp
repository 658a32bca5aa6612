// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/cgroup/cpu_usage.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <limits>
#include <memory>
#include <utility>

#include "jumper/base/parse.h"

namespace jumper::cgroup {
namespace {

constexpr std::string_view kController = "cpuacct";
// Groups below a group that are looked at. Who has more is no notebook.
constexpr int kMostGroups = 64;
// PROC_PID_INIT_INO of the kernel's include/linux/proc_ns.h.
constexpr std::string_view kFirstPidNamespace = "pid:[4026531836]";

base::UniqueFd open_folder(int at, const char* path) {
  if (at < 0) return {};
  return base::UniqueFd(::openat(at, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

bool has_file(const base::UniqueFd& folder, const char* name) {
  return ::faccessat(folder.get(), name, F_OK, 0) == 0;
}

// Files that the kernel makes in each group but the hierarchy's topmost, or there alone. What a
// container sees as the top is mostly a group of its own.
bool is_topmost(const base::UniqueFd& folder, int version) {
  return version == 1 ? has_file(folder, "release_agent") : !has_file(folder, "cgroup.events");
}

// Version 1 leaves processes outside of the reader's pid namespace out of cgroup.procs, where
// version 2 shows a 0: whether there are any can be told from the first namespace only.
bool is_in_first_pid_namespace(const kernfs::KernelRoot& root, pid_t pid) {
  std::array<char, 64> text{};
  const std::string path = std::to_string(pid) + "/ns/pid";
  const ssize_t length = ::readlinkat(root.proc_fd(), path.c_str(), text.data(), text.size());
  return length > 0 &&
         std::string_view(text.data(), static_cast<size_t>(length)) == kFirstPidNamespace;
}

// Where the group may be: what is mounted need not be the whole hierarchy, nor is its name fixed.
std::vector<std::string> folders_of(const Group& group) {
  const std::vector<std::string> mounts =
      group.version == 1 ? std::vector<std::string>{"fs/cgroup/cpuacct", "fs/cgroup/cpu,cpuacct"}
                         : std::vector<std::string>{"fs/cgroup", "fs/cgroup/unified"};
  std::vector<std::string> folders;
  for (const std::string& mount : mounts) {
    const bool is_outside = group.path == "/.." || group.path.starts_with("/../");
    std::string_view rest = group.path;
    if (rest == "/" || is_outside) rest = {};
    for (;;) {
      folders.push_back(mount + std::string(rest));
      if (rest.empty()) break;
      const size_t next = rest.find('/', 1);
      rest = next == std::string_view::npos ? std::string_view() : rest.substr(next);
    }
  }
  return folders;
}

// A group's pids, and with `groups_left` those of the groups below it.
bool add_processes(const base::UniqueFd& folder, int& groups_left, std::vector<pid_t>& pids,
                   kernfs::ReadBuffer& buffer) {
  // Opened each time: version 1 keeps showing what it showed when the file was opened.
  auto file = kernfs::File::open(folder.get(), "cgroup.procs");
  if (!file) return false;
  auto text = file->read_to_end(buffer);
  if (!text || !parse_procs(*text, pids)) return false;
  // Folders count those in them: with none below, there is nothing to list.
  struct stat about{};
  if (::fstat(folder.get(), &about) != 0) return false;
  if (about.st_nlink == 2) return true;
  base::UniqueFd listed = open_folder(folder.get(), ".");
  if (!listed.valid()) return false;
  const std::unique_ptr<DIR, int (*)(DIR*)> entries(::fdopendir(listed.get()), &::closedir);
  if (!entries) return false;
  static_cast<void>(listed.release());
  while (const dirent* entry = ::readdir(entries.get())) {
    const std::string_view name = entry->d_name;
    if (entry->d_type != DT_DIR || name == "." || name == "..") continue;
    if (--groups_left < 0) return false;
    const base::UniqueFd below = open_folder(folder.get(), entry->d_name);
    if (!below.valid()) continue;  // removed just now, so nobody was in it
    if (!add_processes(below, groups_left, pids, buffer)) return false;
  }
  return true;
}

}  // namespace

std::optional<int64_t> parse_usage_ns(std::string_view text, int version) {
  std::optional<int64_t> number;
  if (version == 1) {
    number = base::parse_number<int64_t>(base::trim(text));
  } else {
    while (!text.empty() && !number) {
      std::string_view line = base::next_line(text);
      if (base::next_word(line) != "usage_usec") continue;
      number = base::next_number<int64_t>(line);
      if (!number) return std::nullopt;
    }
  }
  const int64_t nanos_per_unit = version == 1 ? 1 : 1000;
  if (!number || *number < 0) return std::nullopt;
  if (*number > std::numeric_limits<int64_t>::max() / nanos_per_unit) return std::nullopt;
  return *number * nanos_per_unit;
}

bool parse_procs(std::string_view text, std::vector<pid_t>& pids) {
  while (!text.empty()) {
    const auto pid = base::parse_number<pid_t>(base::next_line(text));
    if (!pid || *pid < 0) return false;
    pids.push_back(*pid);
  }
  return true;
}

bool is_within(std::string_view path, std::string_view outer) {
  // Shown with "..": outside of all that our namespace sees.
  if (path == "/.." || path.starts_with("/../") || !path.starts_with(outer)) return false;
  return outer == "/" || path.size() == outer.size() || path[outer.size()] == '/';
}

std::optional<CpuGroup> CpuGroup::find(const kernfs::KernelRoot& root, pid_t pid) {
  const std::string path = std::to_string(pid) + "/cgroup";
  auto proc_cgroup = kernfs::read_once(root.proc_fd(), path.c_str());
  if (!proc_cgroup) return std::nullopt;
  // On a hybrid system a process is in a group of both: that of version 2 shows all there is.
  const std::optional<Group> version2 = parse_group(*proc_cgroup, "");
  const std::optional<Group> version1 = parse_group(*proc_cgroup, kController);
  for (const std::optional<Group>& group : {version2, version1}) {
    if (!group || (group->version == 1 && !is_in_first_pid_namespace(root, pid))) continue;
    for (const std::string& folder : folders_of(*group)) {
      if (auto found = open(root, *group, folder, pid)) return found;
    }
  }
  return std::nullopt;
}

std::optional<CpuGroup> CpuGroup::open(const kernfs::KernelRoot& root, const Group& group,
                                       const std::string& folder, pid_t pid) {
  base::UniqueFd opened = open_folder(root.sys_fd(), folder.c_str());
  if (!opened.valid() || is_topmost(opened, group.version)) return std::nullopt;
  // That the process is in it is the proof that it is the right folder.
  auto procs = kernfs::read_once(opened.get(), "cgroup.procs");
  std::vector<pid_t> pids;
  if (!procs || !parse_procs(*procs, pids)) return std::nullopt;
  if (std::ranges::find(pids, pid) == pids.end()) return std::nullopt;
  auto usage = kernfs::File::open(opened.get(), group.version == 1 ? "cpuacct.usage" : "cpu.stat");
  if (!usage) return std::nullopt;
  CpuGroup found(group, std::move(opened), std::move(*usage));
  kernfs::ReadBuffer buffer;
  if (!found.usage_ns(buffer)) return std::nullopt;
  return found;
}

std::optional<int64_t> CpuGroup::usage_ns(kernfs::ReadBuffer& buffer) const {
  auto text = usage_.read(buffer);
  return text ? parse_usage_ns(*text, group_.version) : std::nullopt;
}

std::optional<std::vector<pid_t>> CpuGroup::processes(kernfs::ReadBuffer& buffer) const {
  std::vector<pid_t> pids;
  int groups_left = kMostGroups;
  if (!add_processes(folder_, groups_left, pids, buffer)) return std::nullopt;
  return pids;
}

bool CpuGroup::holds(std::string_view proc_cgroup) const {
  const auto group = parse_group(proc_cgroup, group_.version == 1 ? kController : "");
  return group && group->version == group_.version && is_within(group->path, group_.path);
}

}  // namespace jumper::cgroup
