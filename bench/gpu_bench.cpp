// SPDX-License-Identifier: BSD-3-Clause
// What one reading of eight NVIDIA cards costs outside the driver: on the fake driver, whose own
// cost is measured beside it by making the calls alone.

#include <benchmark/benchmark.h>
#include <dlfcn.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>
#include <optional>
#include <string>

#include "jumper/gpu/nvml_backend.h"
#include "jumper/gpu/nvml_library.h"
#include "jumper/kernfs/kernel_root.h"

namespace {

using namespace jumper;

std::optional<std::string> variable(const char* /*name*/) {
  return std::nullopt;
}

std::unique_ptr<gpu::Backend> open_backend(const kernfs::KernelRoot& root, const char* library) {
  ::setenv("FAKE_NVML", JUMPER_EIGHT_CARDS, 1);
  auto backend = gpu::make_nvml_backend(root, variable, library);
  return backend->open().has_cards ? std::move(backend) : nullptr;
}

void reading_of_eight_cards(benchmark::State& state, gpu::Depth depth) {
  const auto root = kernfs::KernelRoot::open();
  const auto backend = root ? open_backend(*root, JUMPER_FAKE_NVML) : nullptr;
  if (!backend) {
    state.SkipWithError("no fake driver");
    return;
  }
  gpu::Reading reading;
  for (auto _ : state) {
    backend->read(depth, {}, reading);
    benchmark::DoNotOptimize(reading.cards.data());
  }
  state.SetLabel("with the fake driver's own work: see call_into_fake_driver");
}
BENCHMARK_CAPTURE(reading_of_eight_cards, full, gpu::Depth::kFull)->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(reading_of_eight_cards, edge, gpu::Depth::kEdge)->Unit(benchmark::kMicrosecond);

// One call that does next to nothing there; a full reading of eight cards makes about 110.
void call_into_fake_driver(benchmark::State& state) {
  ::setenv("FAKE_NVML", JUMPER_EIGHT_CARDS, 1);
  gpu::nvml::Library library;
  gpu::nvml::Handle handle = nullptr;
  using gpu::nvml::Functions;
  if (!library.load(JUMPER_FAKE_NVML) ||
      library.call(&Functions::init) != gpu::nvml::Code::kSuccess ||
      library.call(&Functions::handle_by_index, 0U, &handle) != gpu::nvml::Code::kSuccess) {
    state.SkipWithError("no fake driver");
    return;
  }
  uint32_t milliwatts = 0;
  for (auto _ : state) {
    library.call(&Functions::power, handle, &milliwatts);
    benchmark::DoNotOptimize(milliwatts);
  }
  library.call(&Functions::shutdown);
}
BENCHMARK(call_into_fake_driver)->Unit(benchmark::kMicrosecond);

// What a machine without cards pays at the start.
void looking_for_a_driver_that_is_not_there(benchmark::State& state) {
  const auto root = kernfs::KernelRoot::open();
  for (auto _ : state) {
    auto backend = gpu::make_nvml_backend(*root, variable, "libnvidia-ml-is-not-here.so.1");
    const gpu::Found found = backend->open();
    benchmark::DoNotOptimize(found.has_cards);
  }
}
BENCHMARK(looking_for_a_driver_that_is_not_there)->Unit(benchmark::kMicrosecond);

}  // namespace
