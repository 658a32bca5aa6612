// SPDX-License-Identifier: BSD-3-Clause
// NVIDIA's management library, found at run time: each function may be missing, and which one is
// being called can be asked from any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <type_traits>

#include "jumper/base/result.h"
#include "jumper/gpu/nvml_abi.h"

namespace jumper::gpu::nvml {

template <typename... Arguments>
struct Function {
  const char* name = "";
  Code (*address)(Arguments...) = nullptr;
};

// Where the library has several versions of a function, the newest that it has.
struct Functions {
  Function<> init;
  Function<> shutdown;
  Function<char*, uint32_t> driver_version;
  Function<uint32_t*> device_count;
  Function<uint32_t, Handle*> handle_by_index;
  Function<const char*, Handle*> handle_by_uuid;
  Function<Handle, char*, uint32_t> name;
  Function<Handle, char*, uint32_t> uuid;
  Function<Handle, PciInfo*> pci_info;
  Function<Handle, MemoryV2*> memory;
  Function<Handle, Memory*> memory_v1;
  Function<Handle, Utilization*> utilization;
  Function<Handle, unsigned long long*> energy;
  Function<Handle, uint32_t*> power;
  Function<Handle, uint32_t, uint32_t*> clock;
  Function<Handle, uint32_t, uint32_t*> temperature;
  Function<Handle, Temperature*> temperature_v;
  Function<Handle, unsigned long long*> clock_reasons;
  Function<Handle, uint32_t, uint32_t*> pcie_throughput;
  Function<Handle, int, FieldValue*> field_values;
  Function<Handle, uint32_t*, void*> compute_processes;     // 24 bytes each, or 32
  Function<Handle, uint32_t*, void*> compute_processes_v1;  // 16 bytes each
  Function<Handle, uint32_t*, void*> graphics_processes;
  Function<Handle, uint32_t*, void*> graphics_processes_v1;
  Function<Handle, uint32_t*, void*> mps_processes;
  Function<Handle, uint32_t*, void*> mps_processes_v1;
  Function<Handle, ProcessSample*, uint32_t*, unsigned long long> process_utilization;
  Function<Handle, uint32_t*, uint32_t*> mig_mode;
  Function<Handle, uint32_t*> most_mig_devices;
  Function<Handle, uint32_t, Handle*> mig_by_index;
  Function<Handle, uint32_t*> gpu_instance;
  Function<Handle, uint32_t*> compute_instance;
  Function<Handle, GpmSupport*> gpm_support;
  Function<GpmSample*> gpm_sample_alloc;
  Function<GpmSample> gpm_sample_free;
  Function<Handle, GpmSample> gpm_sample;
  Function<Handle, uint32_t, GpmSample> gpm_mig_sample;
  Function<GpmMetrics*> gpm_metrics;
};

class Library {
 public:
  Library() = default;
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;
  // The library stays loaded: a call may hang in it, and others in the process may use it.
  ~Library() = default;

  // `name` as dlopen() takes it. An error where there is none, or it lacks what nothing goes
  // without. Calls nothing in it.
  base::Status load(const std::string& name);

  template <typename... Arguments>
  [[nodiscard]] bool has(Function<Arguments...> Functions::* which) const {
    return (functions_.*which).address != nullptr;
  }

  // kFunctionNotFound where the library lacks it.
  template <typename... Arguments>
  Code call(Function<Arguments...> Functions::* which,
            std::type_identity_t<Arguments>... arguments) const {
    const Function<Arguments...>& function = functions_.*which;
    if (function.address == nullptr) return Code::kFunctionNotFound;
    current_call_.store(function.name, std::memory_order_relaxed);
    const Code code = function.address(arguments...);
    current_call_.store(nullptr, std::memory_order_relaxed);
    return code;
  }

  // Null between calls.
  [[nodiscard]] const char* current_call() const {
    return current_call_.load(std::memory_order_relaxed);
  }

 private:
  Functions functions_;
  mutable std::atomic<const char*> current_call_ = nullptr;
};

// "not supported", "no permission": to go behind "the driver says: ".
[[nodiscard]] std::string words_of(Code code);

}  // namespace jumper::gpu::nvml
