// SPDX-License-Identifier: BSD-3-Clause
// What is told of GPUs: what each card is, what it does now, and what each process has of it. Every
// number that a driver may refuse is optional; why it refused is told beside the card.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace jumper::gpu {

enum class Vendor : uint8_t { kNvidia, kAmd, kIntel, kOther };

// What cannot be measured on a card, and why: {"utilization of processes", "the driver says: not
// supported"}.
struct Absence {
  std::string what;
  std::string why;

  bool operator==(const Absence&) const = default;
};

// A card, or a MIG instance of one, which is measured like a card. Its place in the list of all is
// its number in columns and series.
struct Card {
  Vendor vendor = Vendor::kOther;
  std::string name;    // "NVIDIA H100 80GB HBM3"
  std::string uuid;    // as the vendor writes it; empty where there is none
  std::string bus_id;  // "0000:17:00.0"
  std::string driver;  // "NVIDIA 550.54.15", "amdgpu"
  std::optional<uint64_t> memory_bytes;
  std::optional<uint32_t> part_of;  // of a MIG instance: the place of its card
  bool is_divided = false;          // into MIG instances, which are measured instead of it
  bool is_chosen = true;            // by CUDA_VISIBLE_DEVICES and the like
  std::vector<Absence> absent;

  bool operator==(const Card&) const = default;
};

// Ratios are 0 to 1.
struct CardReading {
  std::optional<double> utilization;
  std::optional<double> bandwidth_utilization;
  std::optional<uint64_t> memory_used_bytes;
  std::optional<double> energy_joules;  // since the driver was loaded, or some other fixed time
  std::optional<double> power_watts;
  std::optional<double> sm_clock_hertz;
  std::optional<double> memory_clock_hertz;
  std::optional<double> temperature_celsius;
  std::optional<bool> is_power_throttled;
  std::optional<bool> is_thermal_throttled;
  std::optional<double> pcie_received_bytes_per_second;
  std::optional<double> pcie_sent_bytes_per_second;
  std::optional<uint64_t> nvlink_received_bytes;  // since some fixed time
  std::optional<uint64_t> nvlink_sent_bytes;
  std::optional<double> sm_active;
  std::optional<double> sm_occupancy;
  std::optional<double> tensor_active;
  std::optional<double> dram_active;
  // Whether the list of processes tells of this card, so that one without an entry has nothing of
  // it: of memory, of utilization, of bandwidth.
  bool has_process_memory = false;
  bool has_process_utilization = false;
  bool has_process_bandwidth = false;
  std::string trouble;  // why it does not answer at all; empty: it does
};

// What one process has of one card.
struct ProcessReading {
  size_t card = 0;
  pid_t pid = 0;  // in our own pid namespace
  std::optional<uint64_t> memory_bytes;
  std::optional<double> utilization;  // of the card, since the reading before
  std::optional<double> bandwidth_utilization;
};

}  // namespace jumper::gpu
