// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/gpu/amd_library.h"

#include <dlfcn.h>

#include <array>
#include <cstdio>
#include <utility>
#include <vector>

#include "jumper/base/text.h"

namespace jumper::gpu {
namespace {

// Both libraries' statuses: 0 is success. All else that we use of their types is a number or a
// pointer.
constexpr int kSuccess = 0;
// AMDSMI_INIT_AMD_GPUS.
constexpr uint64_t kAmdSmiGpus = uint64_t{1} << 1;
// No machine has more; a library that says otherwise is not asked for them.
constexpr uint32_t kMostHandles = 1024;

// Stays loaded: others in the process may use it, and it may have threads of its own.
class Shared {
 public:
  explicit Shared(const std::string& name)
      : handle_(::dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL)) {
    if (handle_ == nullptr) {
      const char* why = ::dlerror();
      error_ = why == nullptr ? name + " cannot be opened" : base::one_line(why, 160);
    }
  }

  [[nodiscard]] bool is_open() const { return handle_ != nullptr; }
  [[nodiscard]] const std::string& error() const { return error_; }
  template <typename Function>
  bool find(Function& function, const char* name) const {
    function = reinterpret_cast<Function>(::dlsym(handle_, name));
    return function != nullptr;
  }

 private:
  void* handle_;
  std::string error_;
};

std::string bus_id_of(uint64_t domain, uint64_t bus, uint64_t device, uint64_t function) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%04x:%02x:%02x.%x", static_cast<unsigned>(domain),
                static_cast<unsigned>(bus), static_cast<unsigned>(device),
                static_cast<unsigned>(function));
  return text.data();
}

// The counter has units of a size that the library tells, in microjoules.
std::optional<double> joules_of(uint64_t units, float microjoules) {
  // What the table has where there is no counter.
  if (units == 0 || units == UINT32_MAX || units == UINT64_MAX) return std::nullopt;
  if (!(microjoules > 0)) return std::nullopt;
  return static_cast<double>(units) * static_cast<double>(microjoules) / 1e6;
}

class AmdSmi final : public AmdLibrary {
 public:
  // It is never shut down: most of its versions do not count who started them, and would end what
  // others in the process use it for.
  explicit AmdSmi(Shared shared) : shared_(std::move(shared)) {}

  // Empty where it works.
  std::string start() {
    int (*init)(uint64_t) = nullptr;
    if (!shared_.find(init, "amdsmi_init") || !shared_.find(energy_, "amdsmi_get_energy_count")) {
      return "libamd_smi lacks a function";
    }
    const int status = init(kAmdSmiGpus);
    if (status != kSuccess) return "amdsmi_init gives " + std::to_string(status);
    return find_cards() ? "" : "libamd_smi finds no card";
  }

  std::optional<double> energy_joules(const std::string& bus_id) override {
    const auto card = cards_.find(bus_id);
    if (card == cards_.end()) return std::nullopt;
    uint64_t units = 0;
    uint64_t time_ns = 0;
    float microjoules = 0;
    if (energy_(card->second, &units, &microjoules, &time_ns) != kSuccess) return std::nullopt;
    return joules_of(units, microjoules);
  }

 private:
  using List = int (*)(uint32_t*, void**);
  using ListOf = int (*)(void*, uint32_t*, void**);

  // Asked without a place for them they say how many there are.
  template <typename Call>
  static std::vector<void*> handles(Call call) {
    uint32_t count = 0;
    if (call(&count, nullptr) != kSuccess || count == 0 || count > kMostHandles) return {};
    std::vector<void*> found(count, nullptr);
    if (call(&count, found.data()) != kSuccess) return {};
    if (count < found.size()) found.resize(count);
    return found;
  }

  bool find_cards() {
    List sockets = nullptr;
    ListOf processors = nullptr;
    int (*place_of)(void*, uint64_t*) = nullptr;
    if (!shared_.find(sockets, "amdsmi_get_socket_handles") ||
        !shared_.find(processors, "amdsmi_get_processor_handles") ||
        !shared_.find(place_of, "amdsmi_get_gpu_device_bdf")) {
      return false;
    }
    for (void* socket :
         handles([&](uint32_t* count, void** list) { return sockets(count, list); })) {
      const auto list = [&](uint32_t* count, void** found) {
        return processors(socket, count, found);
      };
      for (void* processor : handles(list)) {
        // amdsmi_bdf_t: function in 3 bits, device in 5, bus in 8, domain in 48.
        uint64_t place = 0;
        if (place_of(processor, &place) != kSuccess) continue;
        cards_.emplace(
            bus_id_of(place >> 16, (place >> 8) & 0xFF, (place >> 3) & 0x1F, place & 0x7),
            processor);
      }
    }
    return !cards_.empty();
  }

  Shared shared_;
  int (*energy_)(void*, uint64_t*, float*, uint64_t*) = nullptr;
  std::map<std::string, void*> cards_;
};

class RocmSmi final : public AmdLibrary {
 public:
  explicit RocmSmi(Shared shared) : shared_(std::move(shared)) {}
  ~RocmSmi() override {
    if (is_started_ && shut_down_ != nullptr) shut_down_();
  }
  RocmSmi(const RocmSmi&) = delete;
  RocmSmi& operator=(const RocmSmi&) = delete;

  std::string start() {
    int (*init)(uint64_t) = nullptr;
    shared_.find(shut_down_, "rsmi_shut_down");
    if (!shared_.find(init, "rsmi_init") || !shared_.find(energy_, "rsmi_dev_energy_count_get")) {
      return "librocm_smi64 lacks a function";
    }
    const int status = init(0);
    if (status != kSuccess) return "rsmi_init gives " + std::to_string(status);
    is_started_ = true;
    return find_cards() ? "" : "librocm_smi64 finds no card";
  }

  std::optional<double> energy_joules(const std::string& bus_id) override {
    const auto card = cards_.find(bus_id);
    if (card == cards_.end()) return std::nullopt;
    uint64_t units = 0;
    uint64_t time_ns = 0;
    float microjoules = 0;
    if (energy_(card->second, &units, &microjoules, &time_ns) != kSuccess) return std::nullopt;
    return joules_of(units, microjoules);
  }

 private:
  bool find_cards() {
    int (*count_of)(uint32_t*) = nullptr;
    int (*place_of)(uint32_t, uint64_t*) = nullptr;
    uint32_t count = 0;
    if (!shared_.find(count_of, "rsmi_num_monitor_devices") ||
        !shared_.find(place_of, "rsmi_dev_pci_id_get") || count_of(&count) != kSuccess) {
      return false;
    }
    for (uint32_t index = 0; index < count && index < kMostHandles; ++index) {
      // Domain in the upper half, then bus in 8 bits, device in 5, function in 3.
      uint64_t place = 0;
      if (place_of(index, &place) != kSuccess) continue;
      cards_.emplace(bus_id_of(place >> 32, (place >> 8) & 0xFF, (place >> 3) & 0x1F, place & 0x7),
                     index);
    }
    return !cards_.empty();
  }

  Shared shared_;
  bool is_started_ = false;
  int (*shut_down_)() = nullptr;
  int (*energy_)(uint32_t, uint64_t*, float*, uint64_t*) = nullptr;
  std::map<std::string, uint32_t> cards_;
};

template <typename Library>
bool try_open(const std::string& name, AmdLibraryFound& found) {
  Shared shared(name);
  std::string why = shared.error();
  if (shared.is_open()) {
    auto library = std::make_unique<Library>(std::move(shared));
    why = library->start();
    if (why.empty()) {
      found.library = std::move(library);
      return true;
    }
  }
  found.why_none += (found.why_none.empty() ? "" : "; ") + why;
  return false;
}

}  // namespace

AmdLibraryFound open_amd_library(const std::string& amd_smi, const std::string& rocm_smi) {
  AmdLibraryFound found;
  if (try_open<AmdSmi>(amd_smi, found) || try_open<RocmSmi>(rocm_smi, found)) {
    found.why_none.clear();
  }
  return found;
}

}  // namespace jumper::gpu
