// SPDX-License-Identifier: BSD-3-Clause
// Memory in use on the machine, from /proc/meminfo.
#pragma once

#include "jumper/source/source.h"

namespace jumper::source {

class SystemMemory final : public Source {
 public:
  explicit SystemMemory(const kernfs::KernelRoot& root);
  [[nodiscard]] std::string_view name() const override { return "system memory"; }
  [[nodiscard]] std::vector<metric::SeriesKey> series() const override;
  void read(kernfs::ReadBuffer& buffer, std::span<double> values) override;
  [[nodiscard]] std::optional<double> limit() const override { return total_bytes_; }

 private:
  kernfs::File file_;
  std::optional<double> total_bytes_;
};

}  // namespace jumper::source
