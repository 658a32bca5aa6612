// SPDX-License-Identifier: BSD-3-Clause
// What the kernel counts for a control group as a whole: CPU time and how long a quota held it
// back, memory with its files told apart, and I/O; the rest is in group_events.h. It is the same
// for whoever is or was in the group. A file that is not there has no series.
#pragma once

#include <vector>

#include "jumper/cgroup/io_usage.h"
#include "jumper/cgroup/level_groups.h"
#include "jumper/source/group_source.h"

namespace jumper::source {

class GroupCounters final : public GroupSource {
 public:
  GroupCounters(const kernfs::KernelRoot& root, const cgroup::LevelGroups& groups,
                metric::Scope scope);
  [[nodiscard]] std::string_view name() const override;

 private:
  void read_all(kernfs::ReadBuffer& buffer) override;
  void read_cpu(kernfs::ReadBuffer& buffer);
  void read_memory(kernfs::ReadBuffer& buffer);
  void read_io(kernfs::ReadBuffer& buffer);
  void read_io_stat(kernfs::ReadBuffer& buffer);
  void read_blkio(kernfs::ReadBuffer& buffer);
  [[nodiscard]] bool is_counted(const cgroup::DeviceNumber& device);

  const kernfs::KernelRoot& root_;
  int memory_version_ = 2;
  int cpu_version_ = 2;
  int io_version_ = 2;
  kernfs::File cpu_usage_;  // version 1: cpuacct.usage
  kernfs::File cpu_stat_;   // version 2: with the usage as well
  kernfs::File memory_usage_;
  kernfs::File memory_stat_;
  kernfs::File io_bytes_;  // version 2: all of it
  kernfs::File io_requests_;

  struct Device {
    cgroup::DeviceNumber number;
    bool is_counted = true;
  };
  std::vector<Device> devices_;  // those seen so far
};

}  // namespace jumper::source
