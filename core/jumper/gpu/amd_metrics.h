// SPDX-License-Identifier: BSD-3-Clause
// gpu_metrics of amdgpu's sysfs: the firmware's own table, in a layout that its first bytes name
// (struct gpu_metrics_v1_0 and following in the kernel's kgd_pp_interface.h). Energy and what holds
// the card back are in no other file.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace jumper::gpu {

struct AmdMetrics {
  uint8_t format = 0;   // 1: cards; 2: processors with graphics
  uint8_t content = 0;  // 3 of "v1.3"

  std::optional<uint64_t> energy_units;
  // Of 2^-16 J each, as the kernel says of this layout. Of the older ones it says nothing.
  bool is_unit_documented = false;
  // Where the firmware's counter has but 32 bits, so that it starts again after 65,536 J.
  bool has_short_energy = false;

  // Now; in layouts that say so for all kinds of cards alike.
  std::optional<bool> is_power_throttled;
  std::optional<bool> is_thermal_throttled;
  // Counters that grow while the card is held back, in other layouts.
  std::optional<uint32_t> power_throttled_ticks;
  std::optional<uint32_t> thermal_throttled_ticks;

  bool operator==(const AmdMetrics&) const = default;
};

// Absent for a layout that is not known, and for what is shorter than its layout.
[[nodiscard]] std::optional<AmdMetrics> parse_amd_metrics(std::string_view bytes);

}  // namespace jumper::gpu
