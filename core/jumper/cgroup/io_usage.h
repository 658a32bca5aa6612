// SPDX-License-Identifier: BSD-3-Clause
// What a control group read from and wrote to devices (kernel: io.stat in
// Documentation/admin-guide/cgroup-v2.rst; blkio.throttle.io_service_bytes and .io_serviced in
// cgroup-v1/blkio-controller.rst).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace jumper::cgroup {

struct DeviceNumber {
  uint32_t major = 0;
  uint32_t minor = 0;

  bool operator==(const DeviceNumber&) const = default;
};

// One device's line of io.stat, "8:0 rbytes=4096 wbytes=0 rios=1 wios=0 ...". Absent for what is no
// such line; a device that counted nothing has none of the numbers, which are 0 then.
struct DeviceIo {
  DeviceNumber device;
  uint64_t read_bytes = 0;
  uint64_t write_bytes = 0;
  uint64_t read_requests = 0;
  uint64_t write_requests = 0;

  bool operator==(const DeviceIo&) const = default;
};
[[nodiscard]] std::optional<DeviceIo> parse_io_stat_line(std::string_view line);

// One line of a version 1 file, "8:0 Read 4096". Absent for other kinds of lines, as "8:0 Sync 0"
// and "Total 4096".
struct DeviceCount {
  DeviceNumber device;
  bool is_write = false;
  uint64_t count = 0;

  bool operator==(const DeviceCount&) const = default;
};
[[nodiscard]] std::optional<DeviceCount> parse_blkio_line(std::string_view line);

}  // namespace jumper::cgroup
