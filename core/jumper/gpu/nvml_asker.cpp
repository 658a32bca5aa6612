// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/gpu/nvml_asker.h"

#include <algorithm>
#include <utility>

namespace jumper::gpu::nvml {
namespace {

// A permission may be given later, by an administrator or a job's end.
constexpr uint32_t kReadingsUntilAskedAgain = 60;

std::string driver_says(Code code) {
  return "the driver says: " + words_of(code);
}

}  // namespace

std::string_view words_of(Item item) {
  switch (item) {
    case Item::kUtilization:
      return "utilization";
    case Item::kMemory:
      return "memory";
    case Item::kEnergy:
      return "energy";
    case Item::kPower:
      return "power";
    case Item::kSmClock:
      return "SM clock";
    case Item::kMemoryClock:
      return "memory clock";
    case Item::kTemperature:
      return "temperature";
    case Item::kThrottling:
      return "throttling";
    case Item::kPcie:
      return "PCIe traffic";
    case Item::kNvlink:
      return "NVLink traffic";
    case Item::kGpm:
      return "SM activity, occupancy, tensor and DRAM activity";
    case Item::kProcesses:
    case Item::kProcessMemory:
      return "memory of processes";
    case Item::kProcessUtilization:
    case Item::kSampleNames:
      return "utilization of processes";
    case Item::kProcessNames:
      return "processes";
    case Item::kGraphicsProcesses:
    case Item::kMpsProcesses:
    case Item::kItems:
      break;
  }
  return "";
}

void Refusals::refuse(Item item, std::string why, bool for_good, std::vector<Absence>& absent) {
  waits_[place(item)] = for_good ? kForGood : kReadingsUntilAskedAgain;
  const std::string_view what = words_of(item);
  if (std::exchange(told_[place(item)], true) || what.empty()) return;
  absent.push_back(Absence{std::string(what), std::move(why)});
}

void Refusals::withdraw(Item item, std::vector<Absence>& absent) {
  waits_[place(item)] = 0;
  if (!std::exchange(told_[place(item)], false)) return;
  std::erase_if(absent, [&](const Absence& one) { return one.what == words_of(item); });
}

void Refusals::next_reading() {
  for (uint32_t& wait : waits_) {
    if (wait > 0 && wait != kForGood) --wait;
  }
}

bool is_gone(Code code) {
  return code == Code::kGpuIsLost || code == Code::kResetRequired || code == Code::kUninitialized ||
         code == Code::kDriverNotLoaded || code == Code::kGpuNotFound;
}

bool Asker::settle(Item item, Code code) {
  if (code == Code::kSuccess) {
    has_answered_ = true;
    device_.refusals.withdraw(item, card_.absent);
    return true;
  }
  if (is_gone(code)) {
    trouble_ = words_of(code);
    is_closed_ = code == Code::kUninitialized;
    return false;
  }
  switch (code) {
    case Code::kNotSupported:
    case Code::kFunctionNotFound:
    case Code::kArgumentVersionMismatch:
    case Code::kDeprecated:
      refuse(item, driver_says(code));
      break;
    case Code::kNoPermission:
      refuse(item, driver_says(code), false);
      break;
    case Code::kInvalidArgument:
      // The handle of an instance that was taken away names nothing any more.
      if (device_.is_instance && item == Item::kMemory) {
        trouble_ = "the MIG instance is gone";
      } else if (device_.is_instance) {
        refuse(item, "the driver does not tell it of MIG instances");
      } else {
        failure_ = code;
      }
      break;
    default:
      failure_ = code;
      break;  // absent this time
  }
  return false;
}

void Asker::finish() {
  if (trouble_.empty() && !has_answered_ && failure_) trouble_ = driver_says(*failure_);
}

}  // namespace jumper::gpu::nvml
