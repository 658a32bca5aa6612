// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/source/system_cpu.h"

#include <unistd.h>

#include <algorithm>

namespace jumper::source {

using metric::Metric;
using metric::Scope;

SystemCpu::SystemCpu(const kernfs::KernelRoot& root)
    : nanos_per_tick_(1e9 / static_cast<double>(::sysconf(_SC_CLK_TCK))) {
  if (auto file = kernfs::File::open(root.proc_fd(), "stat")) file_ = std::move(*file);
  if (!file_.is_open()) return;
  kernfs::ReadBuffer buffer;
  auto text = file_.read(buffer);
  if (!text || !procfs::parse_stat(*text, stat_)) return;
  for (const procfs::CpuLine& line : stat_.cpus) cpus_.push_back(line.cpu);
}

std::vector<metric::SeriesKey> SystemCpu::series() const {
  std::vector<metric::SeriesKey> keys = {{Metric::kCpuTime, Scope::kSystem, metric::kWhole}};
  for (const int cpu : cpus_) keys.push_back({Metric::kCpuTime, Scope::kSystem, cpu});
  keys.push_back({Metric::kContextSwitches, Scope::kSystem, metric::kWhole});
  return keys;
}

void SystemCpu::read(kernfs::ReadBuffer& buffer, std::span<double> values) {
  std::ranges::fill(values, metric::kAbsent);
  if (!file_.is_open()) return;
  auto text = file_.read(buffer);
  if (!text || !procfs::parse_stat(*text, stat_)) return;
  values[0] = static_cast<double>(stat_.total.busy()) * nanos_per_tick_;
  values.back() = metric::or_absent(stat_.context_switches);
  // A CPU that has gone offline since is simply not among the lines.
  size_t at = 0;
  for (const procfs::CpuLine& line : stat_.cpus) {
    while (at < cpus_.size() && cpus_[at] < line.cpu) ++at;
    if (at < cpus_.size() && cpus_[at] == line.cpu) {
      values[1 + at] = static_cast<double>(line.ticks.busy()) * nanos_per_tick_;
    }
  }
}

}  // namespace jumper::source
