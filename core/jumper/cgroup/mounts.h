// SPDX-License-Identifier: BSD-3-Clause
// Where the control groups are mounted (/proc/self/mountinfo, proc_pid_mountinfo(5)), and so which
// folders are ours: a mount may show the whole hierarchy, or only what lies below a container's own
// group.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "jumper/cgroup/groups.h"
#include "jumper/kernfs/kernel_root.h"

namespace jumper::cgroup {

struct Mount {
  int version = 2;
  std::string root;     // the group that the mount's top shows; "/.." where it is outside our view
  std::string folder;   // where it is, below /sys
  std::string options;  // of version 1: its controllers are among them

  bool operator==(const Mount&) const = default;
};

// The mounts of control groups below /sys; others cannot be read through a KernelRoot.
[[nodiscard]] std::vector<Mount> parse_mounts(std::string_view mountinfo);

// The folders of a group and of all groups around it, the innermost first, by where its controller
// is mounted: on a hybrid system version 2 is not at the top. Absent where it is mounted nowhere.
[[nodiscard]] std::optional<std::vector<std::string>> mounted_folders(
    const Group& group, std::string_view controller, const std::vector<Mount>& mounts);

// The group of the calling process that holds one controller.
struct OwnFolders {
  int version = 2;
  std::vector<std::string> folders;  // below /sys, the innermost first
};
// Absent where no hierarchy has the controller. Without mountinfo, the usual places.
[[nodiscard]] std::optional<OwnFolders> find_own_folders(const kernfs::KernelRoot& root,
                                                         std::string_view controller);

}  // namespace jumper::cgroup
