// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/source/system_memory.h"

#include "jumper/procfs/meminfo.h"

namespace jumper::source {

SystemMemory::SystemMemory(const kernfs::KernelRoot& root) {
  if (auto file = kernfs::File::open(root.proc_fd(), "meminfo")) file_ = std::move(*file);
}

std::vector<metric::SeriesKey> SystemMemory::series() const {
  return {{metric::Metric::kMemory, metric::Scope::kSystem, metric::kWhole}};
}

void SystemMemory::read(kernfs::ReadBuffer& buffer, std::span<double> values) {
  values[0] = metric::kAbsent;
  if (!file_.is_open()) return;
  auto text = file_.read(buffer);
  if (!text) return;
  const auto memory = procfs::parse_meminfo(*text);
  if (!memory || memory->available_bytes > memory->total_bytes) return;
  total_bytes_ = static_cast<double>(memory->total_bytes);
  values[0] = static_cast<double>(memory->total_bytes - memory->available_bytes);
}

}  // namespace jumper::source
