// SPDX-License-Identifier: BSD-3-Clause
// Which control groups a process is in (/proc/PID/cgroup, cgroups(7)), and where their files are.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace jumper::cgroup {

// The group that holds one controller.
struct Group {
  int version = 2;
  std::string path;  // begins with '/'

  bool operator==(const Group&) const = default;
};

// On a hybrid system a controller sits in one hierarchy: version 1 where it is named there, else 2.
[[nodiscard]] std::optional<Group> parse_group(std::string_view proc_cgroup,
                                               std::string_view controller);

// The folders of a group and of all groups around it, below /sys, the innermost first. Inside a
// container the path may be the host's, of which only the end is seen; the top of what is mounted
// is always among them.
[[nodiscard]] std::vector<std::string> group_folders(const Group& group,
                                                     std::string_view controller);

}  // namespace jumper::cgroup
