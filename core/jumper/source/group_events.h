// SPDX-License-Identifier: BSD-3-Clause
// What changes rarely of a control group, and tells of want: the most memory it ever had, how often
// its limit was reached, whom the kernel killed for that, and pressure. Beside group_counters.h, as
// it need not be read as often.
#pragma once

#include <vector>

#include "jumper/cgroup/level_groups.h"
#include "jumper/source/group_source.h"

namespace jumper::source {

class GroupEvents final : public GroupSource {
 public:
  GroupEvents(const kernfs::KernelRoot& root, const cgroup::LevelGroups& groups,
              metric::Scope scope);
  [[nodiscard]] std::string_view name() const override;

 private:
  void read_all(kernfs::ReadBuffer& buffer) override;
  void read_memory_events(kernfs::ReadBuffer& buffer);
  void read_pressure(kernfs::ReadBuffer& buffer);

  int memory_version_ = 2;
  kernfs::File memory_highest_;
  // Version 1 counts such events in the group alone in which they happen: from our own up to this.
  std::vector<kernfs::File> memory_events_;
  std::vector<kernfs::File> limit_hits_;  // version 1
  kernfs::File cpu_pressure_;
  kernfs::File memory_pressure_;
  kernfs::File io_pressure_;
};

}  // namespace jumper::source
