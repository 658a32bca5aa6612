// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/gpu/nvml_cards.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "jumper/base/text.h"
#include "jumper/gpu/visible_devices.h"

namespace jumper::gpu::nvml {
namespace {

// Machines have 16 cards at most, cards 7 instances: more than these are no count.
constexpr uint32_t kMostCards = 256;
constexpr uint32_t kMostInstances = 64;
constexpr uint64_t kMostMemoryBytes = 1ULL << 50U;

using Text = std::array<char, 96>;

// What the library wrote, as far as it goes and as far as it can be shown.
std::string shown(const Text& text) {
  const std::string_view all(text.data(), text.size());
  return base::one_line(all.substr(0, all.find('\0')), text.size());
}

std::string text_of(const Library& library, Function<Handle, char*, uint32_t> Functions::* function,
                    Handle handle) {
  Text text{};
  const Code code =
      library.call(function, handle, text.data(), static_cast<uint32_t>(text.size() - 1));
  return code == Code::kSuccess ? shown(text) : std::string();
}

std::string hexadecimal(uint32_t number, size_t width) {
  std::string text;
  for (; number > 0 || text.size() < width; number >>= 4U) {
    text.insert(text.begin(), "0123456789abcdef"[number & 0xFU]);
  }
  return text;
}

// As the kernel writes it: "0000:17:00.0".
std::string bus_id_of(const Library& library, Handle handle) {
  PciInfo info;
  if (library.call(&Functions::pci_info, handle, &info) != Code::kSuccess) return {};
  return hexadecimal(info.domain, 4) + ":" + hexadecimal(info.bus, 2) + ":" +
         hexadecimal(info.device, 2) + ".0";
}

std::optional<uint64_t> memory_of(const Library& library, Handle handle) {
  MemoryV2 memory{.version = version_of<MemoryV2>(2)};
  uint64_t total = 0;
  if (library.call(&Functions::memory, handle, &memory) == Code::kSuccess) {
    total = memory.total;
  } else {
    Memory old;
    if (library.call(&Functions::memory_v1, handle, &old) != Code::kSuccess) return std::nullopt;
    total = old.total;
  }
  if (total == 0 || total > kMostMemoryBytes) return std::nullopt;
  return total;
}

void describe(const Library& library, Device& device, Card& card) {
  card.name = text_of(library, &Functions::name, device.handle);
  if (card.name.empty()) card.name = device.is_instance ? "MIG instance" : "NVIDIA GPU";
  card.uuid = text_of(library, &Functions::uuid, device.handle);
  card.bus_id = bus_id_of(library, device.handle);
  card.memory_bytes = memory_of(library, device.handle);
  device.is_known = true;
}

std::string driver_of(const Library& library) {
  Text text{};
  const Code code =
      library.call(&Functions::driver_version, text.data(), static_cast<uint32_t>(text.size() - 1));
  return code == Code::kSuccess ? "NVIDIA " + shown(text) : "NVIDIA";
}

// Whether the card is not for us, rather than broken.
bool is_hidden(Code code) {
  return code == Code::kNoPermission || code == Code::kOperatingSystem ||
         code == Code::kInvalidArgument || code == Code::kNotFound;
}

std::optional<uint32_t> instance_id(const Library& library,
                                    Function<Handle, uint32_t*> Functions::* function,
                                    Handle handle) {
  uint32_t id = kNone32;
  if (library.call(function, handle, &id) != Code::kSuccess || id == kNone32) return std::nullopt;
  return id;
}

void add_instance(const Library& library, Handle handle, uint32_t index, size_t parent,
                  Cards& cards) {
  Device device{.handle = handle, .index = index, .is_instance = true, .parent = parent};
  device.gpu_instance = instance_id(library, &Functions::gpu_instance, handle);
  device.compute_instance = instance_id(library, &Functions::compute_instance, handle);
  Card card;
  card.vendor = Vendor::kNvidia;
  describe(library, device, card);
  card.part_of = static_cast<uint32_t>(parent);
  card.driver = cards.cards[parent].driver;
  if (card.bus_id.empty()) card.bus_id = cards.cards[parent].bus_id;
  card.absent.push_back(
      Absence{"energy, power, clocks, temperature, throttling, PCIe and NVLink traffic",
              "the driver tells it of the whole card"});
  for (Device& one : cards.devices) {
    if (!one.is_instance || one.parent != parent || one.gpu_instance != device.gpu_instance) {
      continue;
    }
    one.shares_gpu_instance = device.shares_gpu_instance = true;
  }
  cards.devices.push_back(std::move(device));
  cards.cards.push_back(std::move(card));
}

// Calls `see` with the index and the handle of each instance of a card.
template <typename See>
void each_instance(const Library& library, Handle parent, See see) {
  uint32_t mode = 0;
  uint32_t pending = 0;
  if (library.call(&Functions::mig_mode, parent, &mode, &pending) != Code::kSuccess) return;
  if (mode != kMigEnabled) return;
  uint32_t count = 0;
  if (library.call(&Functions::most_mig_devices, parent, &count) != Code::kSuccess) return;
  for (uint32_t index = 0; index < std::min(count, kMostInstances); ++index) {
    Handle handle = nullptr;
    const Code code = library.call(&Functions::mig_by_index, parent, index, &handle);
    if (code == Code::kSuccess && handle != nullptr) see(index, handle);
  }
}

void add_instances(const Library& library, size_t parent, Cards& cards) {
  if (cards.devices[parent].handle == nullptr) return;
  each_instance(library, cards.devices[parent].handle, [&](uint32_t index, Handle handle) {
    add_instance(library, handle, index, parent, cards);
    cards.cards[parent].is_divided = true;
  });
  if (!cards.cards[parent].is_divided) return;
  const std::string why = "its MIG instances tell it";
  for (const Item item : {Item::kUtilization, Item::kProcesses, Item::kProcessUtilization}) {
    cards.devices[parent].refusals.refuse(item, why, true, cards.cards[parent].absent);
  }
}

}  // namespace

base::Result<Cards> list_cards(const Library& library) {
  uint32_t count = 0;
  const Code counted = library.call(&Functions::device_count, &count);
  if (counted != Code::kSuccess) {
    return base::Error{base::ErrorCode::kIo,
                       "the NVIDIA driver does not tell its cards: " + words_of(counted), 0};
  }
  Cards cards;
  const std::string driver = driver_of(library);
  std::optional<Code> hidden;
  for (uint32_t index = 0; index < std::min(count, kMostCards); ++index) {
    Device device{.index = index};
    Card card;
    card.vendor = Vendor::kNvidia;
    card.name = "NVIDIA GPU";
    card.driver = driver;
    const Code code = library.call(&Functions::handle_by_index, index, &device.handle);
    if (is_hidden(code)) {
      hidden = code;
      continue;
    }
    if (code == Code::kSuccess && device.handle != nullptr) {
      describe(library, device, card);
    } else {
      device.handle = nullptr;
      device.is_known = false;
      device.trouble = words_of(code);
    }
    cards.devices.push_back(std::move(device));
    cards.cards.push_back(std::move(card));
  }
  if (cards.cards.empty()) {
    return base::Error{base::ErrorCode::kNotFound,
                       hidden ? "the NVIDIA driver lets this process use none of its " +
                                    base::count_of(std::min(count, kMostCards), "card") + ": " +
                                    words_of(*hidden)
                              : "the NVIDIA driver has no cards",
                       0};
  }
  const size_t card_count = cards.cards.size();
  for (size_t parent = 0; parent < card_count; ++parent) add_instances(library, parent, cards);
  return cards;
}

void mark_chosen(const Variables& variables, Cards& cards) {
  std::vector<NamedDevice> names;
  names.reserve(cards.cards.size());
  for (size_t place = 0; place < cards.cards.size(); ++place) {
    const Card& card = cards.cards[place];
    const Device& device = cards.devices[place];
    NamedDevice name{.name = card.name,
                     .uuid = card.uuid,
                     .gpu_instance = device.gpu_instance,
                     .compute_instance = device.compute_instance};
    if (card.part_of) name.part_of = *card.part_of;
    names.push_back(std::move(name));
  }
  const std::optional<std::string> variable = variables("CUDA_VISIBLE_DEVICES");
  const std::optional<std::string> order = variables("CUDA_DEVICE_ORDER");
  const VisibleDevices visible = visible_devices(variable, order, names);
  for (size_t place = 0; place < cards.cards.size(); ++place) {
    cards.cards[place].is_chosen = visible.is_chosen[place];
    if (!visible.is_order_unknown) continue;
    cards.cards[place].absent.push_back(
        Absence{"whether CUDA_VISIBLE_DEVICES names it",
                "CUDA numbers the fastest card first; UUIDs, or CUDA_DEVICE_ORDER=PCI_BUS_ID, "
                "would say which"});
  }
}

bool find_again(const Library& library, Cards& cards, size_t place) {
  Device& device = cards.devices[place];
  Card& card = cards.cards[place];
  Handle handle = nullptr;
  if (device.is_instance) {
    const Handle parent = cards.devices[device.parent].handle;
    if (parent == nullptr) return false;
    each_instance(library, parent, [&](uint32_t, Handle candidate) {
      if (text_of(library, &Functions::uuid, candidate) == card.uuid) handle = candidate;
    });
  } else if (card.uuid.empty() || !library.has(&Functions::handle_by_uuid)) {
    if (library.call(&Functions::handle_by_index, device.index, &handle) != Code::kSuccess) {
      handle = nullptr;
    }
  } else if (library.call(&Functions::handle_by_uuid, card.uuid.c_str(), &handle) !=
             Code::kSuccess) {
    handle = nullptr;
  }
  if (handle == nullptr) return false;
  device.handle = handle;
  if (!device.is_known) describe(library, device, card);
  return true;
}

}  // namespace jumper::gpu::nvml
