// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/source/system_activity.h"

#include <unistd.h>

#include <algorithm>

#include "jumper/procfs/vmstat.h"

namespace jumper::source {

using metric::Metric;
using metric::Scope;

SystemActivity::SystemActivity(const kernfs::KernelRoot& root)
    : bytes_per_page_(static_cast<double>(::sysconf(_SC_PAGESIZE))) {
  if (auto file = kernfs::File::open(root.proc_fd(), "vmstat")) file_ = std::move(*file);
}

std::vector<metric::SeriesKey> SystemActivity::series() const {
  return {{Metric::kSwapInBytes, Scope::kSystem, metric::kWhole},
          {Metric::kSwapOutBytes, Scope::kSystem, metric::kWhole},
          {Metric::kMajorFaults, Scope::kSystem, metric::kWhole},
          {Metric::kOomKills, Scope::kSystem, metric::kWhole}};
}

void SystemActivity::read(kernfs::ReadBuffer& buffer, std::span<double> values) {
  std::ranges::fill(values, metric::kAbsent);
  if (!file_.is_open()) return;
  const auto text = file_.read(buffer);
  if (!text) return;
  const auto vmstat = procfs::parse_vmstat(*text);
  if (!vmstat) return;
  // Absent times a size is absent.
  values[0] = metric::or_absent(vmstat->swapped_in_pages) * bytes_per_page_;
  values[1] = metric::or_absent(vmstat->swapped_out_pages) * bytes_per_page_;
  values[2] = static_cast<double>(vmstat->major_faults);
  values[3] = metric::or_absent(vmstat->oom_kills);
}

}  // namespace jumper::source
