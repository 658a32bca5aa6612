// SPDX-License-Identifier: BSD-3-Clause
// What the kernel counts for a control group as a whole: CPU time and how long a quota held it
// back, memory with its files told apart, how often its limit was reached, I/O and pressure. It is
// the same for whoever is or was in the group. A file that is not there has no series; a group that
// was removed has no values any more, whatever comes in its place: files stay open.
#pragma once

#include <optional>
#include <vector>

#include "jumper/cgroup/io_usage.h"
#include "jumper/cgroup/level_groups.h"
#include "jumper/source/source.h"

namespace jumper::source {

class GroupCounters final : public Source {
 public:
  GroupCounters(const kernfs::KernelRoot& root, const cgroup::LevelGroups& groups,
                metric::Scope scope);
  [[nodiscard]] std::string_view name() const override;
  [[nodiscard]] std::vector<metric::SeriesKey> series() const override;
  void read(kernfs::ReadBuffer& buffer, std::span<double> values) override;

 private:
  void find_series();
  void read_all(kernfs::ReadBuffer& buffer);
  void read_cpu(kernfs::ReadBuffer& buffer);
  void read_memory(kernfs::ReadBuffer& buffer);
  void read_events(kernfs::ReadBuffer& buffer);
  void read_pressure(kernfs::ReadBuffer& buffer);
  void read_io(kernfs::ReadBuffer& buffer);
  void read_io_stat(kernfs::ReadBuffer& buffer);
  void read_blkio(kernfs::ReadBuffer& buffer);
  [[nodiscard]] bool is_counted(const cgroup::DeviceNumber& device);
  [[nodiscard]] double& at(metric::Metric metric) { return all_[static_cast<size_t>(metric)]; }

  const kernfs::KernelRoot& root_;
  metric::Scope scope_;
  int memory_version_ = 2;
  int cpu_version_ = 2;
  int io_version_ = 2;
  kernfs::File cpu_usage_;  // version 1: cpuacct.usage
  kernfs::File cpu_stat_;   // version 2: with the usage as well
  kernfs::File memory_usage_;
  kernfs::File memory_stat_;
  kernfs::File memory_highest_;
  // Version 1 counts such events in the group alone in which they happen: from our own up to this.
  std::vector<kernfs::File> memory_events_;
  std::vector<kernfs::File> limit_hits_;  // version 1
  kernfs::File cpu_pressure_;
  kernfs::File memory_pressure_;
  kernfs::File io_pressure_;
  kernfs::File io_bytes_;  // version 2: all of it
  kernfs::File io_requests_;

  struct Device {
    cgroup::DeviceNumber number;
    bool is_counted = true;
  };
  std::vector<Device> devices_;          // those seen so far
  std::vector<metric::Metric> metrics_;  // those that have a series, in its order
  std::vector<double> all_;              // of each metric of the catalogue
};

}  // namespace jumper::source
