// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/cgroup/groups.h"

#include "jumper/base/parse.h"

namespace jumper::cgroup {
namespace {

bool names(std::string_view controllers, std::string_view controller) {
  while (!controllers.empty()) {
    const size_t comma = controllers.find(',');
    if (controllers.substr(0, comma) == controller) return true;
    controllers.remove_prefix(comma == std::string_view::npos ? controllers.size() : comma + 1);
  }
  return false;
}

}  // namespace

std::optional<Group> parse_group(std::string_view proc_cgroup, std::string_view controller) {
  std::optional<Group> group;
  while (!proc_cgroup.empty()) {
    const std::string_view line = base::next_line(proc_cgroup);
    const size_t first = line.find(':');
    if (first == std::string_view::npos) continue;
    const size_t second = line.find(':', first + 1);
    if (second == std::string_view::npos) continue;
    const std::string_view controllers = line.substr(first + 1, second - first - 1);
    const std::string_view path = line.substr(second + 1);
    if (!path.starts_with('/')) continue;
    if (names(controllers, controller)) return Group{1, std::string(path)};
    if (controllers.empty()) group = Group{2, std::string(path)};
  }
  return group;
}

std::vector<std::string> group_folders(const Group& group, std::string_view controller) {
  std::string mount = "fs/cgroup";
  if (group.version == 1) {
    mount += '/';
    mount += controller;
  }
  std::vector<std::string> folders;
  // A group outside of our namespace is shown with "..": of it, nothing can be seen but the top.
  const bool is_outside = group.path == "/.." || group.path.starts_with("/../");
  std::string path = group.path == "/" || is_outside ? "" : group.path;
  for (;;) {
    folders.push_back(mount + path);
    if (path.empty()) return folders;
    path.resize(path.rfind('/'));
  }
}

}  // namespace jumper::cgroup
