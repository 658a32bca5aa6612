// SPDX-License-Identifier: BSD-3-Clause
// A shared library that takes the place of NVIDIA's management library (libnvidia-ml.so.1) in tests
// and demonstrations. What it pretends is written in the file that the environment variable
// FAKE_NVML names; when that file changes, what it pretends changes too. To show it:
//
//   LD_LIBRARY_PATH=build/dev/core/fake_nvml FAKE_NVML=core/testing/fake_nvml/eight_cards.txt ...
//
// Without the variable there is no driver. The file has one statement in a line; # begins a
// comment, "..." holds blanks together.
//
// clang-format off
//   driver 550.54.15          the driver's version
//   cards N [KEY=VALUE ...]   adds N cards, all of that kind
//   card I [KEY=VALUE ...]    changes card I (from 0), or adds it as the last
//     name= uuid= gpm=yes mig=yes throttle=BITS (hexadecimal)
//     memory= reserved= used=        bytes; used: instead of what the processes have
//     util= band=                    percent; util: instead of what the processes use
//     power= energy=                 watts; joules before the start
//     sm_clock= mem_clock= (MHz) temperature=
//     pcie_rx= pcie_tx= nvlink_rx= nvlink_tx=    bytes per second
//     sm_util= occupancy= tensor= dram= graphics=   percent, for GPM
//   mig card=I [index= gi= ci= name= uuid= memory= used= sm_util= ...]   adds a MIG instance
//   process card=I pid=self|NUMBER [mig=INDEX] [memory=] [util=] [band=] [count=N]
//           [kind=compute|graphics|both|mps]    count: so many, with pids that follow each other
//   error FUNCTION CODE [card=I] [mig=INDEX] [after=SECONDS]
//                             CODE without NVML_ERROR_, or a number
//   missing FUNCTION          the library's driver does not know it
//   lost card=I [after=SECONDS]                  the card fell off the bus
//   hang FUNCTION [card=I] [after=SECONDS]       does not return until the file says otherwise
//   slow FUNCTION MILLISECONDS [card=I]
//   clock SECONDS             the cards' time stands still there; without it, it is CLOCK_MONOTONIC
//   wide_processes            entries of 32 bytes, as the first drivers of R535 gave
//   wrong_counts              lists of processes claim more entries than fit
//   separate_samples          each sample of a process's utilization, not their mean
//   garbage_samples N         N entries that nobody filled behind the samples of utilization
// clang-format on
//
// A FUNCTION is its name, with or without _v2 or _v3, or * for all that are about a card. A number
// is constant, or wave:LOW:HIGH:SECONDS[:PHASE], or step:LOW:HIGH:SECONDS[:PHASE], or na for "not
// available"; KiB, MiB, GiB and TiB may follow it. "after" counts from the first initialization.
//
// The build with FAKE_NVML_OLD lacks what a driver of R440 lacks.

#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <string>

#include "testing/fake_nvml/driver.h"

namespace {

using namespace jumper::testing::fake_nvml;
using namespace jumper::gpu::nvml;

// What the library's own declarations say for 64 bits.
using Long = unsigned long long;

constexpr double kSampleSeconds = 0.2;
constexpr double kRememberedSeconds = 20;

template <typename Number>
Number number_of(const Curve& curve, double now, double scale) {
  if (!curve.is_available()) return static_cast<Number>(-1);
  return static_cast<Number>(std::llround(curve.at(now) * scale));
}

bool is_on(const Process& process, const Target& target) {
  return process.card == target.index &&
         (target.instance == nullptr || process.instance == target.instance->index);
}

uint32_t pid_of(const Process& process) {
  return process.pid.value_or(static_cast<uint32_t>(::getpid()));
}

// Of the processes there, where the scenario does not say it of the card.
uint64_t used_memory(const Target& target) {
  const Curve used = curve_of(target.curves(), "used");
  if (used.is_available()) return number_of<uint64_t>(used, target.now, 1);
  double sum = 0;
  for (const Process& process : target.scenario->processes) {
    if (is_on(process, target) && process.memory.is_available()) {
      sum += process.memory.at(target.now);
    }
  }
  return static_cast<uint64_t>(sum);
}

uint32_t percent_of(const Target& target, const char* name, Curve Process::* of_process) {
  const auto found = target.curves().find(name);
  if (found != target.curves().end()) return number_of<uint32_t>(found->second, target.now, 1);
  double sum = 0;
  for (const Process& process : target.scenario->processes) {
    if (is_on(process, target)) sum += (process.*of_process).at(target.now);
  }
  return static_cast<uint32_t>(std::lround(std::min(sum, 100.0)));
}

Code put_text(const std::string& text, char* to, uint32_t length) {
  if (text.size() + 1 > length) return Code::kInsufficientSize;
  std::memcpy(to, text.c_str(), text.size() + 1);
  return Code::kSuccess;
}

using Wanted = bool (*)(const Process&);

// Entries of `size` bytes, as many as there are of that kind.
Code put_processes(const char* function, Handle handle, uint32_t* count, void* entries, size_t size,
                   Wanted wanted) {
  return Driver::the().about(function, handle, [&](const Target& target) {
    uint32_t found = 0;
    auto* to = static_cast<unsigned char*>(entries);
    for (const Process& process : target.scenario->processes) {
      if (!is_on(process, target) || !wanted(process)) continue;
      WideProcessInfo wide;
      wide.info.pid = pid_of(process);
      wide.info.memory_bytes = number_of<uint64_t>(process.memory, target.now, 1);
      for (const Instance& instance : target.card->instances) {
        if (process.instance != instance.index) continue;
        wide.info.gpu_instance = instance.gpu_instance;
        wide.info.compute_instance = instance.compute_instance;
      }
      if (found < *count && to != nullptr) std::memcpy(to + found * size, &wide, size);
      ++found;
    }
    const uint32_t room = *count;
    *count = found;
    if (target.scenario->has_wrong_counts) {
      *count = 0x7FFF'FFFF;
      return found > 1 ? Code::kInsufficientSize : Code::kSuccess;
    }
    return found > room || (found > 0 && to == nullptr) ? Code::kInsufficientSize : Code::kSuccess;
  });
}

bool computes(const Process& process) {
  return process.computes;
}
bool draws(const Process& process) {
  return process.draws;
}
[[maybe_unused]] bool is_mps(const Process& process) {
  return process.is_mps;
}

using Samples = std::vector<ProcessSample>;

// One mean for each process that ran since, or all its samples.
void add_samples(const Target& target, const Process& process, Long last_us, Samples& samples) {
  const double offset = Driver::the().wall_offset();
  ProcessSample sum{.pid = pid_of(process)};
  uint32_t count = 0;
  double sm = 0;
  double memory = 0;
  const double first = std::floor((target.now - kRememberedSeconds) / kSampleSeconds);
  for (double step = std::fmax(first, 1); step * kSampleSeconds <= target.now; ++step) {
    const double moment = step * kSampleSeconds;
    const auto time_us = static_cast<uint64_t>(std::llround((moment + offset) * 1e6));
    if (time_us <= last_us) continue;
    const double util = process.util.at(moment);
    if (util <= 0) continue;
    const double band = process.band.at(moment);
    ++count;
    sm += util;
    memory += band;
    sum.time_us = time_us;
    if (!target.scenario->has_separate_samples) continue;
    samples.push_back({.pid = sum.pid,
                       .time_us = time_us,
                       .sm_percent = static_cast<uint32_t>(std::lround(util)),
                       .memory_percent = static_cast<uint32_t>(std::lround(band))});
  }
  if (count == 0 || target.scenario->has_separate_samples) return;
  sum.sm_percent = static_cast<uint32_t>(std::lround(sm / count));
  sum.memory_percent = static_cast<uint32_t>(std::lround(memory / count));
  samples.push_back(sum);
}

void put_value(uint64_t kib, FieldValue& field) {
  field.type = ValueType::kUnsignedLongLong;
  field.code = Code::kSuccess;
  field.value = std::bit_cast<std::array<unsigned char, 8>>(kib);
}

void put_field(const Target& target, FieldValue& field) {
  const char* name = field.field == kFieldNvlinkReceivedKib ? "nvlink_rx"
                     : field.field == kFieldNvlinkSentKib   ? "nvlink_tx"
                                                            : "";
  const auto found = target.card->curves.find(name);
  if (found == target.card->curves.end() || field.scope != kAllLinks) {
    field.code = Code::kNotSupported;
  } else if (!found->second.is_available()) {
    put_value(kNone64, field);
  } else {
    put_value(static_cast<uint64_t>(Driver::the().total(target, name) / 1024), field);
  }
}

}  // namespace

#define EXPORTED extern "C" __attribute__((visibility("default")))

EXPORTED Code nvmlInit_v2() {
  Driver& driver = Driver::the();
  if (const auto code = driver.before("nvmlInit_v2", std::nullopt, std::nullopt)) return *code;
  const auto scenario = driver.scenario();
  if (!scenario->mistake.empty()) return Code::kUnknown;
  if (scenario->cards.empty() && std::getenv("FAKE_NVML") == nullptr) return Code::kDriverNotLoaded;
  driver.count_init(1);
  return Code::kSuccess;
}

EXPORTED Code nvmlInit() {
  return nvmlInit_v2();
}

EXPORTED Code nvmlShutdown() {
  Driver& driver = Driver::the();
  if (!driver.is_initialized()) return Code::kUninitialized;
  if (const auto code = driver.before("nvmlShutdown", std::nullopt, std::nullopt)) return *code;
  driver.count_init(-1);
  return Code::kSuccess;
}

EXPORTED Code nvmlSystemGetDriverVersion(char* version, uint32_t length) {
  Driver& driver = Driver::the();
  if (!driver.is_initialized()) return Code::kUninitialized;
  if (const auto code = driver.before("nvmlSystemGetDriverVersion", std::nullopt, std::nullopt)) {
    return *code;
  }
  return put_text(driver.scenario()->driver, version, length);
}

EXPORTED Code nvmlDeviceGetCount_v2(uint32_t* count) {
  Driver& driver = Driver::the();
  if (!driver.is_initialized()) return Code::kUninitialized;
  if (const auto code = driver.before("nvmlDeviceGetCount_v2", std::nullopt, std::nullopt)) {
    return *code;
  }
  const auto scenario = driver.scenario();
  *count =
      scenario->has_wrong_counts ? 0xFFFF'FF00U : static_cast<uint32_t>(scenario->cards.size());
  return Code::kSuccess;
}

EXPORTED Code nvmlDeviceGetHandleByIndex_v2(uint32_t index, Handle* handle) {
  Driver& driver = Driver::the();
  if (!driver.is_initialized()) return Code::kUninitialized;
  if (const auto code = driver.before("nvmlDeviceGetHandleByIndex_v2", index, std::nullopt)) {
    return *code;
  }
  if (index >= driver.scenario()->cards.size()) return Code::kInvalidArgument;
  *handle = driver.handle_of(index, std::nullopt);
  return Code::kSuccess;
}

EXPORTED Code nvmlDeviceGetHandleByUUID(const char* uuid, Handle* handle) {
  Driver& driver = Driver::the();
  if (!driver.is_initialized()) return Code::kUninitialized;
  const auto scenario = driver.scenario();
  for (size_t index = 0; index < scenario->cards.size(); ++index) {
    if (scenario->cards[index].uuid != uuid) continue;
    if (const auto code = driver.before("nvmlDeviceGetHandleByUUID", index, std::nullopt)) {
      return *code;
    }
    *handle = driver.handle_of(index, std::nullopt);
    return Code::kSuccess;
  }
  return Code::kNotFound;
}

EXPORTED Code nvmlDeviceGetName(Handle handle, char* name, uint32_t length) {
  return Driver::the().about("nvmlDeviceGetName", handle, [&](const Target& target) {
    return put_text(target.instance ? target.instance->name : target.card->name, name, length);
  });
}

EXPORTED Code nvmlDeviceGetUUID(Handle handle, char* uuid, uint32_t length) {
  return Driver::the().about("nvmlDeviceGetUUID", handle, [&](const Target& target) {
    return put_text(target.instance ? target.instance->uuid : target.card->uuid, uuid, length);
  });
}

EXPORTED Code nvmlDeviceGetPciInfo_v3(Handle handle, PciInfo* info) {
  return Driver::the().about("nvmlDeviceGetPciInfo_v3", handle, [&](const Target& target) {
    *info = PciInfo{.bus = target.card->bus};
    return Code::kSuccess;
  });
}

EXPORTED Code nvmlDeviceGetMemoryInfo(Handle handle, Memory* memory) {
  return Driver::the().about("nvmlDeviceGetMemoryInfo", handle, [&](const Target& target) {
    memory->total = number_of<uint64_t>(curve_of(target.curves(), "memory"), target.now, 1);
    const Curve reserved = curve_of(target.curves(), "reserved");
    memory->used = used_memory(target) + static_cast<uint64_t>(reserved.at(target.now));
    memory->free = memory->total - memory->used;
    return Code::kSuccess;
  });
}

EXPORTED Code nvmlDeviceGetUtilizationRates(Handle handle, Utilization* utilization) {
  return Driver::the().about("nvmlDeviceGetUtilizationRates", handle, [&](const Target& target) {
    if (target.instance != nullptr || target.card->is_mig) return Code::kNotSupported;
    utilization->gpu_percent = percent_of(target, "util", &Process::util);
    utilization->memory_percent = percent_of(target, "band", &Process::band);
    return Code::kSuccess;
  });
}

EXPORTED Code nvmlDeviceGetTotalEnergyConsumption(Handle handle, Long* millijoules) {
  constexpr const char* kName = "nvmlDeviceGetTotalEnergyConsumption";
  return Driver::the().about(kName, handle, [&](const Target& target) {
    if (target.instance != nullptr) return Code::kNotSupported;
    const Curve start = curve_of(target.card->curves, "energy");
    const double joules = start.at(target.now) + Driver::the().total(target, "power");
    *millijoules = start.is_available() ? static_cast<Long>(std::llround(joules * 1e3)) : kNone64;
    return Code::kSuccess;
  });
}

EXPORTED Code nvmlDeviceGetPowerUsage(Handle handle, uint32_t* milliwatts) {
  return Driver::the().about("nvmlDeviceGetPowerUsage", handle, [&](const Target& target) {
    if (target.instance != nullptr) return Code::kNotSupported;
    *milliwatts = number_of<uint32_t>(curve_of(target.card->curves, "power"), target.now, 1e3);
    return Code::kSuccess;
  });
}

EXPORTED Code nvmlDeviceGetClockInfo(Handle handle, uint32_t type, uint32_t* megahertz) {
  return Driver::the().about("nvmlDeviceGetClockInfo", handle, [&](const Target& target) {
    if (target.instance != nullptr) return Code::kNotSupported;
    const char* name = type == kClockMemory ? "mem_clock" : "sm_clock";
    *megahertz = number_of<uint32_t>(curve_of(target.card->curves, name), target.now, 1);
    return Code::kSuccess;
  });
}

EXPORTED Code nvmlDeviceGetTemperature(Handle handle, uint32_t sensor, uint32_t* celsius) {
  return Driver::the().about("nvmlDeviceGetTemperature", handle, [&](const Target& target) {
    if (target.instance != nullptr || sensor != kSensorGpu) return Code::kNotSupported;
    const Curve curve = curve_of(target.card->curves, "temperature");
    *celsius = number_of<uint32_t>(curve, target.now, 1);
    return Code::kSuccess;
  });
}

EXPORTED Code nvmlDeviceGetCurrentClocksThrottleReasons(Handle handle, Long* reasons) {
  constexpr const char* kName = "nvmlDeviceGetCurrentClocksThrottleReasons";
  return Driver::the().about(kName, handle, [&](const Target& target) {
    if (target.instance != nullptr) return Code::kNotSupported;
    *reasons = target.card->throttle;
    return Code::kSuccess;
  });
}

EXPORTED Code nvmlDeviceGetPcieThroughput(Handle handle, uint32_t counter, uint32_t* kib) {
  return Driver::the().about("nvmlDeviceGetPcieThroughput", handle, [&](const Target& target) {
    if (target.instance != nullptr) return Code::kNotSupported;
    const char* name = counter == kPcieSent ? "pcie_tx" : "pcie_rx";
    *kib = number_of<uint32_t>(curve_of(target.card->curves, name), target.now, 1.0 / 1024);
    return Code::kSuccess;
  });
}

EXPORTED Code nvmlDeviceGetFieldValues(Handle handle, int count, FieldValue* values) {
  return Driver::the().about("nvmlDeviceGetFieldValues", handle, [&](const Target& target) {
    for (int place = 0; place < count; ++place) put_field(target, values[place]);
    return Code::kSuccess;
  });
}

EXPORTED Code nvmlDeviceGetComputeRunningProcesses(Handle handle, uint32_t* count, void* entries) {
  return put_processes("nvmlDeviceGetComputeRunningProcesses", handle, count, entries,
                       sizeof(ProcessInfoV1), computes);
}

EXPORTED Code nvmlDeviceGetGraphicsRunningProcesses(Handle handle, uint32_t* count, void* entries) {
  return put_processes("nvmlDeviceGetGraphicsRunningProcesses", handle, count, entries,
                       sizeof(ProcessInfoV1), draws);
}

EXPORTED Code nvmlDeviceGetProcessUtilization(Handle handle, ProcessSample* samples,
                                              uint32_t* count, Long last_us) {
  constexpr const char* kName = "nvmlDeviceGetProcessUtilization";
  return Driver::the().about(kName, handle, [&](const Target& target) {
    if (target.instance != nullptr || target.card->is_mig) return Code::kNotSupported;
    Samples found;
    for (const Process& process : target.scenario->processes) {
      if (is_on(process, target)) add_samples(target, process, last_us, found);
    }
    if (found.empty()) return Code::kNotFound;
    const uint64_t times[] = {kNone64, 1, found.back().time_us};
    for (uint32_t one = 0; one < target.scenario->garbage_samples; ++one) {
      found.push_back({.pid = 3'000'000U + one,
                       .time_us = times[one % 3],
                       .sm_percent = 0xDEAD'BEEF,
                       .memory_percent = 7'000});
    }
    const uint32_t room = *count;
    *count = static_cast<uint32_t>(found.size());
    if (samples == nullptr || room < *count) return Code::kInsufficientSize;
    std::copy(found.begin(), found.end(), samples);
    return Code::kSuccess;
  });
}

#ifndef FAKE_NVML_OLD

// What was counted when, and of which card.
struct jumper::gpu::nvml::GpmSampleData {
  double time = -1;
  Handle handle = nullptr;
};

namespace {

Code put_metric(const Target& target, double from, double to, GpmMetric& metric) {
  const char* name = metric.metric == kGpmGraphicsUtil      ? "graphics"
                     : metric.metric == kGpmSmUtil          ? "sm_util"
                     : metric.metric == kGpmSmOccupancy     ? "occupancy"
                     : metric.metric == kGpmAnyTensor       ? "tensor"
                     : metric.metric == kGpmDramBandwidth   ? "dram"
                     : metric.metric == kGpmPcieSentMib     ? "pcie_tx"
                     : metric.metric == kGpmPcieReceivedMib ? "pcie_rx"
                                                            : "";
  const Curve curve = curve_of(target.curves(), name);
  if (!curve.is_available()) return Code::kNotSupported;
  const bool is_bytes = metric.metric == kGpmPcieSentMib || metric.metric == kGpmPcieReceivedMib;
  metric.value = curve.mean(from, to) / (is_bytes ? 0x1p20 : 1);
  return Code::kSuccess;
}

}  // namespace

EXPORTED Code nvmlDeviceGetMemoryInfo_v2(Handle handle, MemoryV2* memory) {
  return Driver::the().about("nvmlDeviceGetMemoryInfo_v2", handle, [&](const Target& target) {
    if (memory->version != version_of<MemoryV2>(2)) return Code::kArgumentVersionMismatch;
    memory->total = number_of<uint64_t>(curve_of(target.curves(), "memory"), target.now, 1);
    const Curve reserved = curve_of(target.curves(), "reserved");
    memory->reserved = static_cast<uint64_t>(reserved.at(target.now));
    memory->used = used_memory(target);
    memory->free = memory->total - memory->reserved - memory->used;
    return Code::kSuccess;
  });
}

EXPORTED Code nvmlDeviceGetCurrentClocksEventReasons(Handle handle, Long* reasons) {
  constexpr const char* kName = "nvmlDeviceGetCurrentClocksEventReasons";
  return Driver::the().about(kName, handle, [&](const Target& target) {
    if (target.instance != nullptr) return Code::kNotSupported;
    *reasons = target.card->throttle;
    return Code::kSuccess;
  });
}

EXPORTED Code nvmlDeviceGetComputeRunningProcesses_v3(Handle handle, uint32_t* count,
                                                      void* entries) {
  const bool is_wide = Driver::the().scenario()->has_wide_processes;
  return put_processes("nvmlDeviceGetComputeRunningProcesses_v3", handle, count, entries,
                       is_wide ? sizeof(WideProcessInfo) : sizeof(ProcessInfo), computes);
}

EXPORTED Code nvmlDeviceGetGraphicsRunningProcesses_v3(Handle handle, uint32_t* count,
                                                       void* entries) {
  const bool is_wide = Driver::the().scenario()->has_wide_processes;
  return put_processes("nvmlDeviceGetGraphicsRunningProcesses_v3", handle, count, entries,
                       is_wide ? sizeof(WideProcessInfo) : sizeof(ProcessInfo), draws);
}

EXPORTED Code nvmlDeviceGetMPSComputeRunningProcesses_v3(Handle handle, uint32_t* count,
                                                         void* entries) {
  const bool is_wide = Driver::the().scenario()->has_wide_processes;
  return put_processes("nvmlDeviceGetMPSComputeRunningProcesses_v3", handle, count, entries,
                       is_wide ? sizeof(WideProcessInfo) : sizeof(ProcessInfo), is_mps);
}

EXPORTED Code nvmlDeviceGetMigMode(Handle handle, uint32_t* current, uint32_t* pending) {
  return Driver::the().about("nvmlDeviceGetMigMode", handle, [&](const Target& target) {
    *current = *pending = target.card->is_mig ? kMigEnabled : 0;
    return Code::kSuccess;
  });
}

EXPORTED Code nvmlDeviceGetMaxMigDeviceCount(Handle handle, uint32_t* count) {
  return Driver::the().about("nvmlDeviceGetMaxMigDeviceCount", handle, [&](const Target& target) {
    *count = target.card->is_mig ? 7 : 0;
    return Code::kSuccess;
  });
}

EXPORTED Code nvmlDeviceGetMigDeviceHandleByIndex(Handle handle, uint32_t index, Handle* instance) {
  constexpr const char* kName = "nvmlDeviceGetMigDeviceHandleByIndex";
  return Driver::the().about(kName, handle, [&](const Target& target) {
    for (const Instance& one : target.card->instances) {
      if (one.index != index) continue;
      *instance = Driver::the().handle_of(target.index, index);
      return Code::kSuccess;
    }
    return Code::kNotFound;
  });
}

EXPORTED Code nvmlDeviceGetGpuInstanceId(Handle handle, uint32_t* id) {
  return Driver::the().about("nvmlDeviceGetGpuInstanceId", handle, [&](const Target& target) {
    if (target.instance == nullptr) return Code::kNotSupported;
    *id = target.instance->gpu_instance;
    return Code::kSuccess;
  });
}

EXPORTED Code nvmlDeviceGetComputeInstanceId(Handle handle, uint32_t* id) {
  return Driver::the().about("nvmlDeviceGetComputeInstanceId", handle, [&](const Target& target) {
    if (target.instance == nullptr) return Code::kNotSupported;
    *id = target.instance->compute_instance;
    return Code::kSuccess;
  });
}

EXPORTED Code nvmlGpmQueryDeviceSupport(Handle handle, GpmSupport* support) {
  return Driver::the().about("nvmlGpmQueryDeviceSupport", handle, [&](const Target& target) {
    if (support->version != 1) return Code::kArgumentVersionMismatch;
    support->is_supported = target.card->has_gpm ? 1 : 0;
    return Code::kSuccess;
  });
}

EXPORTED Code nvmlGpmSampleAlloc(GpmSample* sample) {
  const auto code = Driver::the().before("nvmlGpmSampleAlloc", std::nullopt, std::nullopt);
  if (code) return *code;
  *sample = new GpmSampleData;
  return Code::kSuccess;
}

EXPORTED Code nvmlGpmSampleFree(GpmSample sample) {
  delete sample;
  return Code::kSuccess;
}

EXPORTED Code nvmlGpmSampleGet(Handle handle, GpmSample sample) {
  return Driver::the().about("nvmlGpmSampleGet", handle, [&](const Target& target) {
    if (!target.card->has_gpm || target.card->is_mig) return Code::kNotSupported;
    *sample = GpmSampleData{target.now, handle};
    return Code::kSuccess;
  });
}

EXPORTED Code nvmlGpmMigSampleGet(Handle handle, uint32_t gpu_instance, GpmSample sample) {
  return Driver::the().about("nvmlGpmMigSampleGet", handle, [&](const Target& target) {
    if (!target.card->has_gpm) return Code::kNotSupported;
    for (const Instance& one : target.card->instances) {
      if (one.gpu_instance != gpu_instance) continue;
      *sample = GpmSampleData{target.now, Driver::the().handle_of(target.index, one.index)};
      return Code::kSuccess;
    }
    return Code::kNotFound;
  });
}

EXPORTED Code nvmlGpmMetricsGet(GpmMetrics* metrics) {
  const GpmSampleData& before = *metrics->before;
  const GpmSampleData& after = *metrics->after;
  if (metrics->version != 1 || before.handle != after.handle || after.time - before.time < 0.1) {
    return Code::kInvalidArgument;
  }
  return Driver::the().about("nvmlGpmMetricsGet", after.handle, [&](const Target& target) {
    for (uint32_t place = 0; place < metrics->count; ++place) {
      GpmMetric& metric = metrics->metrics[place];
      metric.code = put_metric(target, before.time, after.time, metric);
    }
    return Code::kSuccess;
  });
}

#endif
