// SPDX-License-Identifier: BSD-3-Clause
// What is measured: each metric's name, kind, unit and meaning, in one list (catalog.cpp), from
// which reports, exports and the documentation take it.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace jumper::metric {

enum class Metric : uint8_t {
  kCpuTime,
  kMemory,
  kMemoryResident,
  kIoReadCalls,
  kIoWriteCalls,
  kIoReadBytes,
  kIoWriteBytes,
  kIoReadChars,
  kIoWriteChars,
  kProcesses,
  kContextSwitches,
  kNetworkReceivedBytes,
  kNetworkSentBytes,
  kPressureCpuSome,
  kPressureMemorySome,
  kPressureMemoryFull,
  kPressureIoSome,
  kPressureIoFull,
  kSwapInBytes,
  kSwapOutBytes,
  kMajorFaults,
  kMemoryAgainstLimit,
  kOomKills,
  kMemoryFileCache,
  kMemoryHighest,
  kMemoryLimitHits,
  kMemoryHighHits,
  kThrottledTime,
  kGpuUtil,
  kGpuBandwidthUtil,
  kGpuMemory,
  kGpuEnergy,
  kGpuPower,
  kGpuSmClock,
  kGpuMemoryClock,
  kGpuTemperature,
  kGpuPowerThrottled,
  kGpuThermalThrottled,
  kGpuPcieReceived,
  kGpuPcieSent,
  kGpuNvlinkReceived,
  kGpuNvlinkSent,
  kGpuSmActive,
  kGpuSmOccupancy,
  kGpuTensorActive,
  kGpuDramActive,
};

enum class Kind : uint8_t {
  kCounter,  // only grows: rates are made from two readings
  kGauge,    // is what it is at the moment
};

enum class Unit : uint8_t {
  kSeconds,
  kBytes,
  kOperations,
  kCount,
  kRatio,  // 0 to 1; columns of exported data have it in percent
  kJoules,
  kWatts,
  kHertz,
  kCelsius,
  kBytesPerSecond,
};

struct MetricInfo {
  Metric metric;
  std::string_view name;  // as in OpenMetrics: base unit, _total for counters
  Kind kind;
  Unit unit;
  double stored_per_unit;   // series hold whole numbers: nanoseconds for seconds, mJ for joules
  std::string_view column;  // the column of exported data that comes from it
  std::string_view help;
};

// Every metric, in the order of the enumeration.
[[nodiscard]] std::span<const MetricInfo> catalog();

[[nodiscard]] const MetricInfo& info(Metric metric);

}  // namespace jumper::metric
