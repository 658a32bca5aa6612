// SPDX-License-Identifier: BSD-3-Clause
// Memory as it counts against the limit of the control group that limits us: what the group has,
// less pages of files, which the kernel takes back first. And the processes that it killed there
// for want of memory. Without such a limit nothing is opened, and nothing is read.
#pragma once

#include <optional>

#include "jumper/cgroup/memory_limit.h"
#include "jumper/source/source.h"

namespace jumper::source {

class LimitMemory final : public Source {
 public:
  LimitMemory(const kernfs::KernelRoot& root, const std::optional<cgroup::LimitedGroup>& group);
  [[nodiscard]] std::string_view name() const override { return "memory limit"; }
  [[nodiscard]] std::vector<metric::SeriesKey> series() const override;
  void read(kernfs::ReadBuffer& buffer, std::span<double> values) override;
  [[nodiscard]] std::optional<double> limit() const override { return limit_bytes_; }

 private:
  int version_ = 2;
  std::optional<double> limit_bytes_;
  kernfs::File usage_;
  kernfs::File stat_;
};

class GroupOomKills final : public Source {
 public:
  GroupOomKills(const kernfs::KernelRoot& root, const std::optional<cgroup::LimitedGroup>& group);
  [[nodiscard]] std::string_view name() const override { return "memory limit's kills"; }
  [[nodiscard]] std::vector<metric::SeriesKey> series() const override;
  void read(kernfs::ReadBuffer& buffer, std::span<double> values) override;

 private:
  kernfs::File events_;
};

}  // namespace jumper::source
