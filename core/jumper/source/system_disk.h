// SPDX-License-Identifier: BSD-3-Clause
// I/O of the machine's disks, from their files in /sys/block or, where there are many, from
// /proc/diskstats. Only whole devices at the bottom count: partitions, device mapper, md and loop
// devices pass on the same bytes and would count them twice.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "jumper/procfs/diskstats.h"
#include "jumper/source/source.h"

namespace jumper::source {

class SystemDisk final : public Source {
 public:
  explicit SystemDisk(const kernfs::KernelRoot& root);
  [[nodiscard]] std::string_view name() const override { return "disks"; }
  [[nodiscard]] std::vector<metric::SeriesKey> series() const override;
  void read(kernfs::ReadBuffer& buffer, std::span<double> values) override;

  // The devices that are counted, found in /sys/block.
  [[nodiscard]] const std::vector<std::string>& devices() const { return devices_; }

 private:
  [[nodiscard]] std::optional<procfs::DiskCounters> read_each(kernfs::ReadBuffer& buffer) const;
  [[nodiscard]] std::optional<procfs::DiskCounters> read_all(kernfs::ReadBuffer& buffer) const;

  std::vector<kernfs::File> of_devices_;  // each device's own, in use where there are few
  kernfs::File of_all_;
  std::vector<std::string> devices_;
};

}  // namespace jumper::source
