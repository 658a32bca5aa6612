// SPDX-License-Identifier: BSD-3-Clause
// /proc/diskstats and /sys/block/DEVICE/stat: I/O of block devices (kernel:
// Documentation/admin-guide/iostats.rst).
#pragma once

#include <cstdint>
#include <string_view>

#include "jumper/base/result.h"

namespace jumper::procfs {

// A sector in diskstats is 512 bytes whatever the device's own sector size is.
inline constexpr uint64_t kDiskstatsSectorBytes = 512;

struct DiskCounters {
  uint64_t reads = 0;  // requests completed
  uint64_t read_sectors = 0;
  uint64_t writes = 0;
  uint64_t write_sectors = 0;
  uint64_t in_flight = 0;
  uint64_t busy_ms = 0;  // time with at least one request in flight
};

struct DiskLine : DiskCounters {
  std::string_view name;  // into the parsed text
};

// One line of /proc/diskstats; an error when it is not one.
[[nodiscard]] base::Result<DiskLine> parse_disk_line(std::string_view line);

// The content of /sys/block/DEVICE/stat: the same columns, for one device.
[[nodiscard]] base::Result<DiskCounters> parse_block_stat(std::string_view text);

}  // namespace jumper::procfs
