// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/gpu/nvml_readings.h"

#include <array>
#include <bit>
#include <optional>

namespace jumper::gpu::nvml {
namespace {

// Beyond these a number is nonsense, among them all that mean "not available".
constexpr uint32_t kMostMilliwatts = 10'000'000;
constexpr uint32_t kMostMegahertz = 100'000;
constexpr uint32_t kMostCelsius = 250;
constexpr uint32_t kMostPercent = 100;
constexpr uint64_t kMostMemoryBytes = 1ULL << 50U;
constexpr uint64_t kMostMillijoules = 1ULL << 60U;
constexpr uint64_t kMostKib = 1ULL << 53U;
constexpr uint32_t kMostKibPerSecond = 2'000'000'000;

template <typename Number>
std::optional<double> scaled(Number value, Number most, double factor) {
  if (value > most) return std::nullopt;
  return static_cast<double>(value) * factor;
}

void read_memory(Asker& asker, CardReading& reading) {
  constexpr auto kItem = Item::kMemory;
  if (!asker.may_ask(kItem)) return;
  const Library& library = asker.library();
  std::optional<uint64_t> used;
  MemoryV2 memory{.version = version_of<MemoryV2>(2)};
  Code code = library.call(&Functions::memory, asker.device().handle, &memory);
  if (code == Code::kSuccess) {
    used = memory.used;
  } else if (code == Code::kFunctionNotFound || code == Code::kArgumentVersionMismatch ||
             code == Code::kNotSupported) {
    Memory old;
    code = library.call(&Functions::memory_v1, asker.device().handle, &old);
    used = old.used;
  }
  if (!asker.settle(kItem, code) || *used > kMostMemoryBytes) return;
  const std::optional<uint64_t>& total = asker.card().memory_bytes;
  if (!total || *used <= *total) reading.memory_used_bytes = used;
}

void read_energy(Asker& asker, CardReading& reading) {
  unsigned long long millijoules = kNone64;
  if (!asker.ask(Item::kEnergy, &Functions::energy, &millijoules)) return;
  reading.energy_joules = scaled<uint64_t>(millijoules, kMostMillijoules, 1e-3);
}

void read_utilization(Asker& asker, CardReading& reading) {
  Utilization utilization{kNone32, kNone32};
  if (!asker.ask(Item::kUtilization, &Functions::utilization, &utilization)) return;
  reading.utilization = scaled(utilization.gpu_percent, kMostPercent, 1e-2);
  reading.bandwidth_utilization = scaled(utilization.memory_percent, kMostPercent, 1e-2);
}

void read_power(Asker& asker, CardReading& reading) {
  uint32_t milliwatts = kNone32;
  if (!asker.ask(Item::kPower, &Functions::power, &milliwatts)) return;
  reading.power_watts = scaled(milliwatts, kMostMilliwatts, 1e-3);
}

void read_clocks(Asker& asker, CardReading& reading) {
  uint32_t megahertz = kNone32;
  if (asker.ask(Item::kSmClock, &Functions::clock, kClockSm, &megahertz)) {
    reading.sm_clock_hertz = scaled(megahertz, kMostMegahertz, 1e6);
  }
  megahertz = kNone32;
  if (asker.ask(Item::kMemoryClock, &Functions::clock, kClockMemory, &megahertz)) {
    reading.memory_clock_hertz = scaled(megahertz, kMostMegahertz, 1e6);
  }
}

void read_temperature(Asker& asker, CardReading& reading) {
  uint32_t celsius = kNone32;
  if (asker.library().has(&Functions::temperature)) {
    if (!asker.ask(Item::kTemperature, &Functions::temperature, kSensorGpu, &celsius)) return;
  } else {
    Temperature temperature{.version = version_of<Temperature>(1), .sensor = kSensorGpu};
    if (!asker.ask(Item::kTemperature, &Functions::temperature_v, &temperature)) return;
    if (temperature.celsius >= 0) celsius = static_cast<uint32_t>(temperature.celsius);
  }
  reading.temperature_celsius = scaled(celsius, kMostCelsius, 1);
}

void read_throttling(Asker& asker, CardReading& reading) {
  unsigned long long reasons = kNone64;
  if (!asker.ask(Item::kThrottling, &Functions::clock_reasons, &reasons) || reasons == kNone64) {
    return;
  }
  reading.is_power_throttled = is_power_throttled(reasons);
  reading.is_thermal_throttled = is_thermal_throttled(reasons);
}

std::optional<uint64_t> bytes_of(const FieldValue& field) {
  uint64_t kib = 0;
  if (field.type == ValueType::kUnsignedLongLong || field.type == ValueType::kUnsignedLong) {
    kib = std::bit_cast<uint64_t>(field.value);
  } else if (field.type == ValueType::kUnsignedInt) {
    kib = std::bit_cast<std::array<uint32_t, 2>>(field.value)[0];
    if (kib == kNone32) return std::nullopt;
  } else {
    return std::nullopt;
  }
  if (kib > kMostKib) return std::nullopt;
  return kib * 1024;
}

void read_nvlink(Asker& asker, CardReading& reading) {
  std::array<FieldValue, 2> fields{};
  fields[0].field = kFieldNvlinkReceivedKib;
  fields[1].field = kFieldNvlinkSentKib;
  for (FieldValue& field : fields) {
    field.scope = kAllLinks;
    field.code = Code::kUnknown;  // what the library leaves alone is not taken for an answer
  }
  if (!asker.ask(Item::kNvlink, &Functions::field_values, static_cast<int>(fields.size()),
                 fields.data())) {
    return;
  }
  // A card without links says so here.
  if (fields[0].code == Code::kInvalidArgument) fields[0].code = Code::kNotSupported;
  if (asker.settle(Item::kNvlink, fields[0].code)) {
    reading.nvlink_received_bytes = bytes_of(fields[0]);
  }
  if (fields[1].code == Code::kSuccess) reading.nvlink_sent_bytes = bytes_of(fields[1]);
}

}  // namespace

bool is_thermal_throttled(uint64_t reasons) {
  return (reasons & (kReasonSoftwareThermal | kReasonHardwareThermal)) != 0;
}

bool is_power_throttled(uint64_t reasons) {
  if ((reasons & (kReasonSoftwarePowerCap | kReasonPowerBrake)) != 0) return true;
  return (reasons & kReasonHardwareSlowdown) != 0 && !is_thermal_throttled(reasons);
}

void read_card(Depth depth, Asker& asker, CardReading& reading) {
  // Energy first: of all numbers it is the one whose moment matters.
  if (!asker.device().is_instance) read_energy(asker, reading);
  read_memory(asker, reading);
  if (depth == Depth::kEdge || asker.device().is_instance) return;
  read_utilization(asker, reading);
  read_power(asker, reading);
  read_clocks(asker, reading);
  read_temperature(asker, reading);
  read_throttling(asker, reading);
  read_nvlink(asker, reading);
}

std::optional<double> read_pcie(Asker& asker, uint32_t direction) {
  uint32_t kib = kNone32;
  if (!asker.ask(Item::kPcie, &Functions::pcie_throughput, direction, &kib)) return std::nullopt;
  return scaled(kib, kMostKibPerSecond, 1024);
}

}  // namespace jumper::gpu::nvml
