// SPDX-License-Identifier: BSD-3-Clause
// CUDA_VISIBLE_DEVICES: which cards a process may use, by number, by UUID or by its beginning, as
// CUDA reads it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace jumper::gpu {

// A card or a MIG instance, as the variable may name it.
struct NamedDevice {
  std::string name;  // the model's
  std::string uuid;
  std::optional<size_t> part_of = std::nullopt;  // of an instance: the place of its card
  std::optional<uint32_t> gpu_instance = std::nullopt;
  std::optional<uint32_t> compute_instance = std::nullopt;
};

struct VisibleDevices {
  std::vector<bool> is_chosen;  // one for each device
  // CUDA numbers the fastest card first unless CUDA_DEVICE_ORDER says PCI_BUS_ID. With cards of
  // several models that order is not known here: then numbers choose nothing, all count as chosen.
  bool is_order_unknown = false;
};

// `devices` are numbered by their PCI bus, cards before instances. Choosing a card that is divided
// chooses its instances (CUDA takes one of them), choosing an instance chooses its card too, whose
// energy it uses. The list ends at the first entry that names nothing.
[[nodiscard]] VisibleDevices visible_devices(std::optional<std::string_view> variable,
                                             std::optional<std::string_view> order,
                                             std::span<const NamedDevice> devices);

}  // namespace jumper::gpu
