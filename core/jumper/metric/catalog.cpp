// SPDX-License-Identifier: BSD-3-Clause
#include <array>

#include "jumper/metric/metric.h"

namespace jumper::metric {
namespace {

constexpr double kNanosPerUnit = 1e9;

constexpr std::array kCatalog = {
    MetricInfo{Metric::kCpuTime, "cpu_seconds_total", Kind::kCounter, Unit::kSeconds, kNanosPerUnit, "cpu_seconds",
               "CPU time used, user and system; at the levels process and user with the children that ended"},
    MetricInfo{Metric::kMemory, "memory_bytes", Kind::kGauge, Unit::kBytes, 1, "memory",
               "memory in use: resident memory of the processes; on the machine, total less available"},
    MetricInfo{Metric::kMemoryResident, "memory_rss_bytes", Kind::kGauge, Unit::kBytes, 1, "memory_rss",
               "sum of the processes' resident set sizes; pages they share are counted once per process"},
    MetricInfo{Metric::kIoReadCalls, "io_read_operations_total", Kind::kCounter, Unit::kOperations, 1, "io_read_count",
               "read system calls; on the machine, read requests completed by its disks"},
    MetricInfo{Metric::kIoWriteCalls, "io_write_operations_total", Kind::kCounter, Unit::kOperations, 1,
               "io_write_count", "write system calls; on the machine, write requests completed by its disks"},
    MetricInfo{Metric::kIoReadBytes, "io_read_bytes_total", Kind::kCounter, Unit::kBytes, 1, "io_read",
               "bytes fetched from storage"},
    MetricInfo{Metric::kIoWriteBytes, "io_write_bytes_total", Kind::kCounter, Unit::kBytes, 1, "io_write",
               "bytes sent to storage"},
    MetricInfo{Metric::kIoReadChars, "io_read_chars_total", Kind::kCounter, Unit::kBytes, 1, "io_read_chars_total",
               "bytes passed by read calls, page cache, pipes and terminals included"},
    MetricInfo{Metric::kIoWriteChars, "io_write_chars_total", Kind::kCounter, Unit::kBytes, 1, "io_write_chars_total",
               "bytes passed by write calls, page cache, pipes and terminals included"},
    MetricInfo{Metric::kProcesses, "processes", Kind::kGauge, Unit::kCount, 1, "processes",
               "number of processes alive"},
};

constexpr bool in_enumeration_order() {
  for (size_t i = 0; i < kCatalog.size(); ++i) {
    if (static_cast<size_t>(kCatalog[i].metric) != i) return false;
  }
  return true;
}
static_assert(in_enumeration_order());

}  // namespace

std::span<const MetricInfo> catalog() { return kCatalog; }
const MetricInfo& info(Metric metric) { return kCatalog[static_cast<size_t>(metric)]; }

}  // namespace jumper::metric
