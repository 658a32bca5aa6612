// SPDX-License-Identifier: BSD-3-Clause
// The binary interface of NVIDIA's management library (NVML), as far as it is used: our own
// declarations, with the sizes that the library's callers must keep to.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace jumper::gpu::nvml {

enum class Code : uint32_t {
  kSuccess = 0,
  kUninitialized = 1,
  kInvalidArgument = 2,
  kNotSupported = 3,
  kNoPermission = 4,
  kNotFound = 6,
  kInsufficientSize = 7,
  kDriverNotLoaded = 9,
  kTimeout = 10,
  kIrqIssue = 11,
  kLibraryNotFound = 12,
  kFunctionNotFound = 13,
  kGpuIsLost = 15,
  kResetRequired = 16,
  kOperatingSystem = 17,  // blocked by it, as control groups do with devices
  kVersionMismatch = 18,  // of the library and the kernel's driver
  kNoData = 21,
  kArgumentVersionMismatch = 25,
  kDeprecated = 26,
  kNotReady = 27,
  kGpuNotFound = 28,
  kUnknown = 999,
};

// What the library hands out: addresses of nothing that we may look into.
struct DeviceData;
using Handle = DeviceData*;
struct GpmSampleData;
using GpmSample = GpmSampleData*;

// How the library marks what it does not know.
inline constexpr uint32_t kNone32 = 0xFFFF'FFFFU;
inline constexpr uint64_t kNone64 = 0xFFFF'FFFF'FFFF'FFFFULL;

// "Version" fields hold the size of the struct, and its version in the highest byte.
template <typename Struct>
[[nodiscard]] constexpr uint32_t version_of(uint32_t version) {
  return static_cast<uint32_t>(sizeof(Struct)) | version << 24U;
}

struct Utilization {
  uint32_t gpu_percent = 0;
  uint32_t memory_percent = 0;
};
static_assert(sizeof(Utilization) == 8);

struct Memory {
  uint64_t total = 0;
  uint64_t free = 0;
  uint64_t used = 0;  // with what the driver keeps for itself
};
static_assert(sizeof(Memory) == 24);

struct MemoryV2 {
  uint32_t version = 0;
  uint64_t total = 0;
  uint64_t reserved = 0;
  uint64_t free = 0;
  uint64_t used = 0;  // without what is reserved
};
static_assert(sizeof(MemoryV2) == 40 && offsetof(MemoryV2, total) == 8);

struct PciInfo {
  std::array<char, 16> short_bus_id{};
  uint32_t domain = 0;
  uint32_t bus = 0;
  uint32_t device = 0;
  uint32_t device_id = 0;
  uint32_t subsystem_id = 0;
  std::array<char, 32> bus_id{};
};
static_assert(sizeof(PciInfo) == 68 && offsetof(PciInfo, bus_id) == 36);

// Of drivers before R450.
struct ProcessInfoV1 {
  uint32_t pid = 0;
  uint64_t memory_bytes = 0;
};
static_assert(sizeof(ProcessInfoV1) == 16);

// Of the second version of the calls, and of the third.
struct ProcessInfo {
  uint32_t pid = 0;
  uint64_t memory_bytes = 0;
  uint32_t gpu_instance = kNone32;
  uint32_t compute_instance = kNone32;
};
static_assert(sizeof(ProcessInfo) == 24 && offsetof(ProcessInfo, gpu_instance) == 16);

// What the third version of the calls writes in the first drivers of R535: one number more, under
// the same name.
struct WideProcessInfo {
  ProcessInfo info;
  uint64_t protected_bytes = 0;
};
static_assert(sizeof(WideProcessInfo) == 32);

struct ProcessSample {
  uint32_t pid = 0;
  uint64_t time_us = 0;  // of the wall clock
  uint32_t sm_percent = 0;
  uint32_t memory_percent = 0;
  uint32_t encoder_percent = 0;
  uint32_t decoder_percent = 0;
};
static_assert(sizeof(ProcessSample) == 32 && offsetof(ProcessSample, sm_percent) == 16);

struct Temperature {
  uint32_t version = 0;
  uint32_t sensor = 0;
  int32_t celsius = 0;
};
static_assert(sizeof(Temperature) == 12);

enum class ValueType : uint32_t {
  kDouble = 0,
  kUnsignedInt = 1,
  kUnsignedLong = 2,
  kUnsignedLongLong = 3,
};

struct FieldValue {
  uint32_t field = 0;
  uint32_t scope = 0;
  int64_t time_us = 0;
  int64_t latency_us = 0;
  ValueType type = ValueType::kDouble;
  Code code = Code::kSuccess;
  // A union in the library; all that is asked for is an unsigned number.
  std::array<unsigned char, 8> value{};
};
static_assert(sizeof(FieldValue) == 40 && offsetof(FieldValue, value) == 32);

inline constexpr uint32_t kFieldNvlinkSentKib = 138;
inline constexpr uint32_t kFieldNvlinkReceivedKib = 139;
inline constexpr uint32_t kAllLinks = kNone32;

struct GpmMetric {
  uint32_t metric = 0;
  Code code = Code::kSuccess;
  double value = 0;
  const char* short_name = nullptr;
  const char* long_name = nullptr;
  const char* unit = nullptr;
};
static_assert(sizeof(GpmMetric) == 40);

inline constexpr uint32_t kGpmGraphicsUtil = 1;
inline constexpr uint32_t kGpmSmUtil = 2;
inline constexpr uint32_t kGpmSmOccupancy = 3;
inline constexpr uint32_t kGpmAnyTensor = 5;
inline constexpr uint32_t kGpmDramBandwidth = 10;
inline constexpr uint32_t kGpmPcieSentMib = 20;
inline constexpr uint32_t kGpmPcieReceivedMib = 21;

struct GpmMetrics {
  uint32_t version = 1;
  uint32_t count = 0;
  GpmSample before = nullptr;
  GpmSample after = nullptr;
  // The library looks at the first `count` only. Its own array grew with the drivers (98, 210,
  // ...); this one is longer than any so far.
  std::array<GpmMetric, 512> metrics{};
};
static_assert(offsetof(GpmMetrics, before) == 8 && offsetof(GpmMetrics, metrics) == 24);

struct GpmSupport {
  uint32_t version = 1;
  uint32_t is_supported = 0;
};
static_assert(sizeof(GpmSupport) == 8);

inline constexpr uint32_t kClockSm = 1;
inline constexpr uint32_t kClockMemory = 2;
inline constexpr uint32_t kSensorGpu = 0;
inline constexpr uint32_t kPcieSent = 0;
inline constexpr uint32_t kPcieReceived = 1;
inline constexpr uint32_t kMigEnabled = 1;

// Why clocks are lower than they could be.
inline constexpr uint64_t kReasonSoftwarePowerCap = 0x04;
inline constexpr uint64_t kReasonHardwareSlowdown = 0x08;
inline constexpr uint64_t kReasonSoftwareThermal = 0x20;
inline constexpr uint64_t kReasonHardwareThermal = 0x40;
inline constexpr uint64_t kReasonPowerBrake = 0x80;

}  // namespace jumper::gpu::nvml
