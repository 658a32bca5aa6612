// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/gpu/nvml_library.h"

#include <dlfcn.h>

#include <initializer_list>

#include "jumper/base/text.h"

namespace jumper::gpu::nvml {
namespace {

template <typename... Arguments>
void find(void* library, Function<Arguments...>& function,
          std::initializer_list<const char*> names) {
  for (const char* name : names) {
    void* address = ::dlsym(library, name);
    if (address == nullptr) continue;
    function.name = name;
    function.address = reinterpret_cast<Code (*)(Arguments...)>(address);
    return;
  }
}

void find_about_cards(void* library, Functions& functions) {
  find(library, functions.init, {"nvmlInit_v2", "nvmlInit"});
  find(library, functions.shutdown, {"nvmlShutdown"});
  find(library, functions.driver_version, {"nvmlSystemGetDriverVersion"});
  find(library, functions.device_count, {"nvmlDeviceGetCount_v2", "nvmlDeviceGetCount"});
  find(library, functions.handle_by_index,
       {"nvmlDeviceGetHandleByIndex_v2", "nvmlDeviceGetHandleByIndex"});
  find(library, functions.handle_by_uuid, {"nvmlDeviceGetHandleByUUID"});
  find(library, functions.name, {"nvmlDeviceGetName"});
  find(library, functions.uuid, {"nvmlDeviceGetUUID"});
  // Before the third version the struct is shorter, which does no harm to one that is too long; but
  // what it lacks is just the name that is wanted.
  find(library, functions.pci_info, {"nvmlDeviceGetPciInfo_v3"});
  find(library, functions.mig_mode, {"nvmlDeviceGetMigMode"});
  find(library, functions.most_mig_devices, {"nvmlDeviceGetMaxMigDeviceCount"});
  find(library, functions.mig_by_index, {"nvmlDeviceGetMigDeviceHandleByIndex"});
  find(library, functions.gpu_instance, {"nvmlDeviceGetGpuInstanceId"});
  find(library, functions.compute_instance, {"nvmlDeviceGetComputeInstanceId"});
}

void find_about_values(void* library, Functions& functions) {
  find(library, functions.memory, {"nvmlDeviceGetMemoryInfo_v2"});
  find(library, functions.memory_v1, {"nvmlDeviceGetMemoryInfo"});
  find(library, functions.utilization, {"nvmlDeviceGetUtilizationRates"});
  find(library, functions.energy, {"nvmlDeviceGetTotalEnergyConsumption"});
  find(library, functions.power, {"nvmlDeviceGetPowerUsage"});
  find(library, functions.clock, {"nvmlDeviceGetClockInfo"});
  find(library, functions.temperature, {"nvmlDeviceGetTemperature"});
  find(library, functions.temperature_v, {"nvmlDeviceGetTemperatureV"});
  find(library, functions.clock_reasons,
       {"nvmlDeviceGetCurrentClocksEventReasons", "nvmlDeviceGetCurrentClocksThrottleReasons"});
  find(library, functions.pcie_throughput, {"nvmlDeviceGetPcieThroughput"});
  find(library, functions.field_values, {"nvmlDeviceGetFieldValues"});
  find(library, functions.gpm_support, {"nvmlGpmQueryDeviceSupport"});
  find(library, functions.gpm_sample_alloc, {"nvmlGpmSampleAlloc"});
  find(library, functions.gpm_sample_free, {"nvmlGpmSampleFree"});
  find(library, functions.gpm_sample, {"nvmlGpmSampleGet"});
  find(library, functions.gpm_mig_sample, {"nvmlGpmMigSampleGet"});
  find(library, functions.gpm_metrics, {"nvmlGpmMetricsGet"});
}

void find_about_processes(void* library, Functions& functions) {
  find(library, functions.compute_processes,
       {"nvmlDeviceGetComputeRunningProcesses_v3", "nvmlDeviceGetComputeRunningProcesses_v2"});
  find(library, functions.compute_processes_v1, {"nvmlDeviceGetComputeRunningProcesses"});
  find(library, functions.graphics_processes,
       {"nvmlDeviceGetGraphicsRunningProcesses_v3", "nvmlDeviceGetGraphicsRunningProcesses_v2"});
  find(library, functions.graphics_processes_v1, {"nvmlDeviceGetGraphicsRunningProcesses"});
  find(
      library, functions.mps_processes,
      {"nvmlDeviceGetMPSComputeRunningProcesses_v3", "nvmlDeviceGetMPSComputeRunningProcesses_v2"});
  find(library, functions.mps_processes_v1, {"nvmlDeviceGetMPSComputeRunningProcesses"});
  find(library, functions.process_utilization, {"nvmlDeviceGetProcessUtilization"});
}

}  // namespace

base::Status Library::load(const std::string& name) {
  // RTLD_LOCAL: what it brings along must not answer for others in the process.
  void* library = ::dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    const char* why = ::dlerror();
    const std::string message = why == nullptr ? std::string("cannot be loaded") : why;
    return base::Error{base::ErrorCode::kNotFound, base::one_line(message, 160), 0};
  }
  find_about_cards(library, functions_);
  find_about_values(library, functions_);
  find_about_processes(library, functions_);
  if (!has(&Functions::init) || !has(&Functions::device_count) ||
      !has(&Functions::handle_by_index)) {
    return base::Error{base::ErrorCode::kUnsupported, name + " is not NVIDIA's management library",
                       0};
  }
  return base::Done{};
}

std::string words_of(Code code) {
  switch (code) {
    case Code::kSuccess:
      return "success";
    case Code::kUninitialized:
      return "not initialized";
    case Code::kInvalidArgument:
      return "invalid argument";
    case Code::kNotSupported:
      return "not supported";
    case Code::kNoPermission:
      return "no permission";
    case Code::kNotFound:
      return "not found";
    case Code::kInsufficientSize:
      return "insufficient size";
    case Code::kDriverNotLoaded:
      return "the driver is not loaded";
    case Code::kTimeout:
      return "timeout";
    case Code::kIrqIssue:
      return "an interrupt of the card does not arrive";
    case Code::kLibraryNotFound:
      return "a part of the library was not found";
    case Code::kFunctionNotFound:
      return "this version of the driver cannot";
    case Code::kGpuIsLost:
      return "the card fell off the bus";
    case Code::kResetRequired:
      return "the card must be reset";
    case Code::kOperatingSystem:
      return "blocked by the operating system";
    case Code::kVersionMismatch:
      return "driver and library have different versions";
    case Code::kNoData:
      return "no data";
    case Code::kArgumentVersionMismatch:
      return "this version of the driver cannot";
    case Code::kDeprecated:
      return "this version of the driver does not any more";
    case Code::kNotReady:
      return "not ready";
    case Code::kGpuNotFound:
      return "no card was found";
    case Code::kUnknown:
      return "unknown error";
  }
  return "error " + std::to_string(static_cast<uint32_t>(code));
}

}  // namespace jumper::gpu::nvml
