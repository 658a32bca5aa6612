// SPDX-License-Identifier: BSD-3-Clause
// CPU time of the machine and of each of its CPUs, and its context switches, from /proc/stat.
#pragma once

#include "jumper/procfs/stat.h"
#include "jumper/source/source.h"

namespace jumper::source {

class SystemCpu final : public Source {
 public:
  explicit SystemCpu(const kernfs::KernelRoot& root);
  [[nodiscard]] std::string_view name() const override { return "system cpu"; }
  [[nodiscard]] std::vector<metric::SeriesKey> series() const override;
  void read(kernfs::ReadBuffer& buffer, std::span<double> values) override;

 private:
  kernfs::File file_;
  procfs::SystemStat stat_;
  std::vector<int> cpus_;  // those online when the source was made
  double nanos_per_tick_;
};

}  // namespace jumper::source
