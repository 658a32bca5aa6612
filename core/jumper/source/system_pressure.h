// SPDX-License-Identifier: BSD-3-Clause
// How long the machine's tasks had to wait for a CPU, for memory and for I/O, from /proc/pressure.
// Absent on a kernel without PSI.
#pragma once

#include <array>

#include "jumper/source/source.h"

namespace jumper::source {

class SystemPressure final : public Source {
 public:
  explicit SystemPressure(const kernfs::KernelRoot& root);
  [[nodiscard]] std::string_view name() const override { return "pressure"; }
  [[nodiscard]] std::vector<metric::SeriesKey> series() const override;
  void read(kernfs::ReadBuffer& buffer, std::span<double> values) override;

 private:
  std::array<kernfs::File, 3> files_;  // cpu, memory, io
};

}  // namespace jumper::source
