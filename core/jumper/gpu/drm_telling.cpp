// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/gpu/drm_telling.h"

#include <algorithm>
#include <cctype>
#include <utility>

namespace jumper::gpu {

void add_absence(Card& card, std::string what, std::string why) {
  const auto known = std::ranges::find(card.absent, what, &Absence::what);
  if (known == card.absent.end()) card.absent.push_back({std::move(what), std::move(why)});
}

void apply_telling(const DrmTelling& telling, Depth depth, Card& card, CardReading& reading) {
  reading.has_process_memory = telling.memory;
  reading.has_process_utilization = depth == Depth::kFull && telling.engines &&
                                    !telling.has_hidden_work && !telling.has_untimed_clients;
  if (!telling.memory) {
    add_absence(card, "memory of processes", card.driver + " does not tell it in fdinfo");
  }
  if (!telling.engines) {
    add_absence(card, "utilization of processes", card.driver + " does not tell it in fdinfo");
  } else if (telling.has_hidden_work) {
    add_absence(card, "utilization of processes",
                "a process computes through ROCm, whose queues the kernel does not time");
  }
  if (telling.has_hidden_processes) {
    add_absence(card, "some processes", "their open files may not be looked at");
  }
}

std::string name_by_numbers(Vendor vendor, const DrmCard& card) {
  std::string name = "GPU";
  if (vendor == Vendor::kAmd) name = "AMD GPU";
  if (vendor == Vendor::kIntel) name = "Intel GPU";
  if (vendor == Vendor::kNvidia) name = "NVIDIA GPU";
  std::string numbers = card.pci_id.empty() ? card.driver : card.pci_id;
  std::ranges::transform(numbers, numbers.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return name + " " + numbers;
}

}  // namespace jumper::gpu
