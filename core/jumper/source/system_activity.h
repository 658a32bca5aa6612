// SPDX-License-Identifier: BSD-3-Clause
// Memory that the machine moved to and from swap space, and page faults that had to wait for
// storage, from /proc/vmstat.
#pragma once

#include "jumper/source/source.h"

namespace jumper::source {

class SystemActivity final : public Source {
 public:
  explicit SystemActivity(const kernfs::KernelRoot& root);
  [[nodiscard]] std::string_view name() const override { return "swap and page faults"; }
  [[nodiscard]] std::vector<metric::SeriesKey> series() const override;
  void read(kernfs::ReadBuffer& buffer, std::span<double> values) override;

 private:
  kernfs::File file_;
  double bytes_per_page_;
};

}  // namespace jumper::source
