// SPDX-License-Identifier: BSD-3-Clause
// I/O of the machine's disks, from /proc/diskstats. Only whole devices at the bottom count:
// partitions, device mapper, md and loop devices pass on the same bytes and would count them twice.
#pragma once

#include <string>

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
  kernfs::File file_;
  std::vector<std::string> devices_;
};

}  // namespace jumper::source
