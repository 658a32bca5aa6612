// SPDX-License-Identifier: BSD-3-Clause
// /proc/PID/fdinfo/N of an open file of a graphics driver: which client of which card it is, what
// its engines worked for it and what memory it holds (Documentation/gpu/drm-usage-stats.rst, since
// kernel 5.19). What a driver does not tell, and what is garbled, is absent.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace jumper::gpu {

// A class of engines of one kind: "gfx", "compute", "render", "rcs", "copy", ...
struct DrmEngine {
  std::string name;
  std::optional<uint64_t> busy_ns;
  // Of a clock of the card: how many cycles it worked, and how many there were (xe).
  std::optional<uint64_t> busy_cycles;
  std::optional<uint64_t> all_cycles;
  std::optional<uint64_t> highest_hertz;
  uint32_t capacity = 1;  // how many engines the class has

  bool operator==(const DrmEngine&) const = default;
};

// A kind of memory: "vram", "vram0", "local0", "gtt", "system", ...
struct DrmRegion {
  std::string name;
  std::optional<uint64_t> resident_bytes;  // that are there now
  std::optional<uint64_t> memory_bytes;    // the older key; amdgpu's other name for the resident
  std::optional<uint64_t> total_bytes;     // with those that were moved out, or never touched

  bool operator==(const DrmRegion&) const = default;
};

struct DrmFdinfo {
  std::string driver;  // "amdgpu"
  std::string bus_id;  // "0000:03:00.0"; empty for what is no PCI device
  std::optional<uint64_t> client_id;
  std::vector<DrmEngine> engines;
  std::vector<DrmRegion> regions;

  bool operator==(const DrmFdinfo&) const = default;
};

// Absent where the text names no driver: the file is none of a graphics driver, or its kernel is
// too old to tell.
[[nodiscard]] std::optional<DrmFdinfo> parse_drm_fdinfo(std::string_view text);

// What the client holds of the card's own memory; where the card has none (integrated in a
// processor), of the machine's. Absent where the driver does not tell.
[[nodiscard]] std::optional<uint64_t> memory_of(const DrmFdinfo& info);

}  // namespace jumper::gpu
