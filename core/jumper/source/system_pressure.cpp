// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/source/system_pressure.h"

#include <algorithm>

#include "jumper/procfs/pressure.h"

namespace jumper::source {
namespace {

using metric::Metric;

// A file of /proc/pressure, and where its numbers go. What all tasks lost for want of a CPU is no
// number of a whole machine: one of them has it.
struct Place {
  const char* path;
  size_t some;
  size_t full;
};
constexpr size_t kNowhere = 5;
constexpr std::array<Metric, kNowhere> kMetrics = {
    Metric::kPressureCpuSome, Metric::kPressureMemorySome, Metric::kPressureMemoryFull,
    Metric::kPressureIoSome, Metric::kPressureIoFull};
constexpr std::array<Place, 3> kPlaces = {{
    {"pressure/cpu", 0, kNowhere},
    {"pressure/memory", 1, 2},
    {"pressure/io", 3, 4},
}};

double nanos(const procfs::Stall& stall) {
  return static_cast<double>(stall.total_us) * 1000;
}

}  // namespace

SystemPressure::SystemPressure(const kernfs::KernelRoot& root) {
  kernfs::ReadBuffer buffer;
  for (size_t i = 0; i < kPlaces.size(); ++i) {
    auto file = kernfs::File::open(root.proc_fd(), kPlaces[i].path);
    // Where PSI is switched off the files may open and yet not read: not to be tried on every tick.
    if (file && file->read(buffer)) files_[i] = std::move(*file);
  }
}

std::vector<metric::SeriesKey> SystemPressure::series() const {
  std::vector<metric::SeriesKey> keys;
  keys.reserve(kMetrics.size());
  for (const Metric metric : kMetrics) {
    keys.push_back({metric, metric::Scope::kSystem, metric::kWhole});
  }
  return keys;
}

void SystemPressure::read(kernfs::ReadBuffer& buffer, std::span<double> values) {
  std::ranges::fill(values, metric::kAbsent);
  for (size_t i = 0; i < kPlaces.size(); ++i) {
    if (!files_[i].is_open()) continue;
    const auto text = files_[i].read(buffer);
    if (!text) continue;
    const auto pressure = procfs::parse_pressure(*text);
    if (!pressure) continue;
    values[kPlaces[i].some] = nanos(pressure->some);
    if (kPlaces[i].full != kNowhere && pressure->full) {
      values[kPlaces[i].full] = nanos(*pressure->full);
    }
  }
}

}  // namespace jumper::source
