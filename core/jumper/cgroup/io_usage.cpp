// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/cgroup/io_usage.h"

#include "jumper/base/parse.h"

namespace jumper::cgroup {
namespace {

std::optional<DeviceNumber> next_device(std::string_view& line) {
  const std::string_view word = base::next_word(line);
  const size_t colon = word.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto major = base::parse_number<uint32_t>(word.substr(0, colon));
  const auto minor = base::parse_number<uint32_t>(word.substr(colon + 1));
  if (!major || !minor) return std::nullopt;
  return DeviceNumber{*major, *minor};
}

}  // namespace

std::optional<DeviceIo> parse_io_stat_line(std::string_view line) {
  const auto device = next_device(line);
  if (!device) return std::nullopt;
  DeviceIo io;
  io.device = *device;
  while (!line.empty()) {
    const std::string_view word = base::next_word(line);
    const size_t equals = word.find('=');
    if (equals == std::string_view::npos) continue;
    const std::string_view key = word.substr(0, equals);
    uint64_t* const place = key == "rbytes"   ? &io.read_bytes
                            : key == "wbytes" ? &io.write_bytes
                            : key == "rios"   ? &io.read_requests
                            : key == "wios"   ? &io.write_requests
                                              : nullptr;
    if (place == nullptr) continue;
    const auto number = base::parse_number<uint64_t>(word.substr(equals + 1));
    if (!number) return std::nullopt;
    *place = *number;
  }
  return io;
}

std::optional<DeviceCount> parse_blkio_line(std::string_view line) {
  const auto device = next_device(line);
  if (!device) return std::nullopt;
  const std::string_view kind = base::next_word(line);
  if (kind != "Read" && kind != "Write") return std::nullopt;
  const auto count = base::next_number<uint64_t>(line);
  if (!count) return std::nullopt;
  return DeviceCount{*device, kind == "Write", *count};
}

}  // namespace jumper::cgroup
