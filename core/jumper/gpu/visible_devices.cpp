// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/gpu/visible_devices.h"

#include <algorithm>
#include <cstddef>

#include "jumper/base/parse.h"

namespace jumper::gpu {
namespace {

// Takes the next entry, up to a comma, off the front of `list`.
std::string_view next_entry(std::string_view& list) {
  const size_t end = list.find(',');
  const std::string_view entry = base::trim(list.substr(0, end));
  list.remove_prefix(end == std::string_view::npos ? list.size() : end + 1);
  return entry;
}

char lower(char letter) {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

bool begins_with(std::string_view text, std::string_view start) {
  return start.size() <= text.size() &&
         std::equal(start.begin(), start.end(), text.begin(),
                    [](char one, char other) { return lower(one) == lower(other); });
}

// "GPU-6a2b" names the one card whose UUID begins so; "MIG-..." the one instance.
std::optional<size_t> by_uuid(std::string_view entry, std::span<const NamedDevice> devices) {
  std::optional<size_t> found;
  for (size_t place = 0; place < devices.size(); ++place) {
    if (!begins_with(devices[place].uuid, entry)) continue;
    if (devices[place].uuid.size() == entry.size()) return place;
    if (found) return std::nullopt;
    found = place;
  }
  return found;
}

// "MIG-GPU-6a2b.../1/0", as drivers before R470 named instances: card, GPU instance, compute
// instance.
std::optional<size_t> by_instance(std::string_view entry, std::span<const NamedDevice> devices) {
  constexpr std::string_view kStart = "MIG-";
  const size_t first = entry.find('/');
  if (first == std::string_view::npos || !begins_with(entry, kStart)) return std::nullopt;
  const size_t second = entry.find('/', first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  const auto card = by_uuid(entry.substr(kStart.size(), first - kStart.size()), devices);
  const auto gpu = base::parse_number<uint32_t>(entry.substr(first + 1, second - first - 1));
  const auto compute = base::parse_number<uint32_t>(entry.substr(second + 1));
  if (!card || !gpu || !compute) return std::nullopt;
  for (size_t place = 0; place < devices.size(); ++place) {
    const NamedDevice& device = devices[place];
    if (device.part_of == card && device.gpu_instance == gpu &&
        device.compute_instance == compute) {
      return place;
    }
  }
  return std::nullopt;
}

void choose(size_t place, std::span<const NamedDevice> devices, std::vector<bool>& is_chosen) {
  is_chosen[place] = true;
  if (devices[place].part_of) {
    if (*devices[place].part_of < devices.size()) is_chosen[*devices[place].part_of] = true;
    return;
  }
  for (size_t other = 0; other < devices.size(); ++other) {
    if (devices[other].part_of == place) is_chosen[other] = true;
  }
}

}  // namespace

VisibleDevices visible_devices(std::optional<std::string_view> variable,
                               std::optional<std::string_view> order,
                               std::span<const NamedDevice> devices) {
  VisibleDevices visible{.is_chosen = std::vector<bool>(devices.size(), !variable)};
  if (!variable) return visible;
  size_t cards = 0;
  bool are_equal = true;
  for (const NamedDevice& device : devices) {
    if (device.part_of) continue;
    are_equal = are_equal && device.name == devices[0].name;
    ++cards;
  }
  const bool is_order_known = are_equal || order == "PCI_BUS_ID";
  std::string_view list = *variable;
  while (!list.empty()) {
    const std::string_view entry = next_entry(list);
    std::optional<size_t> place;
    if (const auto number = base::parse_number<int64_t>(entry)) {
      if (*number < 0 || static_cast<uint64_t>(*number) >= cards) break;
      visible.is_order_unknown = visible.is_order_unknown || !is_order_known;
      place = static_cast<size_t>(*number);
    } else if (begins_with(entry, "MIG-GPU-")) {
      place = by_instance(entry, devices);
    } else if (begins_with(entry, "GPU-") || begins_with(entry, "MIG-")) {
      place = by_uuid(entry, devices);
    }
    if (!place) break;
    choose(*place, devices, visible.is_chosen);
  }
  if (visible.is_order_unknown) visible.is_chosen.assign(devices.size(), true);
  return visible;
}

}  // namespace jumper::gpu
