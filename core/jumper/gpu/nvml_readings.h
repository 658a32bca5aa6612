// SPDX-License-Identifier: BSD-3-Clause
// The numbers of one card at one moment. What the driver marks as not available, and what cannot be
// true, is absent.
#pragma once

#include <cstdint>
#include <optional>

#include "jumper/gpu/backend.h"
#include "jumper/gpu/card.h"
#include "jumper/gpu/nvml_asker.h"

namespace jumper::gpu::nvml {

// All but PCIe traffic, what GPM counts, and processes. Of a MIG instance the driver tells memory
// only.
void read_card(Depth depth, Asker& asker, CardReading& reading);

// Bytes per second over PCIe in one direction, from 20 ms of watching: that long it blocks.
[[nodiscard]] std::optional<double> read_pcie(Asker& asker, uint32_t direction);

// Reasons for low clocks as the driver gives them. Power: the limit of the card's software, or the
// brake that power supplies pull. Heat: software or hardware slow down for it. A slow-down by the
// hardware without either reason is power's: it is what drivers say that know no reasons yet, and
// what the protection against sudden load is.
[[nodiscard]] bool is_power_throttled(uint64_t reasons);
[[nodiscard]] bool is_thermal_throttled(uint64_t reasons);

}  // namespace jumper::gpu::nvml
