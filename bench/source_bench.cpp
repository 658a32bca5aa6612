// SPDX-License-Identifier: BSD-3-Clause
// What one reading of each source costs in a tight loop, on this machine: where a tick's time goes.
// Paced, with cold caches, it is about three times this.

#include <benchmark/benchmark.h>
#include <unistd.h>

#include <memory>
#include <optional>
#include <vector>

#include "jumper/base/clock.h"
#include "jumper/kernfs/kernel_root.h"
#include "jumper/sampler/fork_detector.h"
#include "jumper/source/peak_meter.h"
#include "jumper/source/system_activity.h"
#include "jumper/source/system_cpu.h"
#include "jumper/source/system_disk.h"
#include "jumper/source/system_memory.h"
#include "jumper/source/system_network.h"
#include "jumper/source/system_pressure.h"
#include "jumper/source/wall_meter.h"

namespace {

using namespace jumper;

const kernfs::KernelRoot* live_root() {
  static const auto kRoot = kernfs::KernelRoot::open();
  return kRoot ? &*kRoot : nullptr;
}

template <typename Kind>
void source(benchmark::State& state) {
  const kernfs::KernelRoot* root = live_root();
  if (root == nullptr) {
    state.SkipWithError("no /proc");
    return;
  }
  Kind made(*root);
  kernfs::ReadBuffer buffer;
  std::vector<double> values(made.series().size());
  for (auto _ : state) {
    made.read(buffer, values);
    benchmark::DoNotOptimize(values.data());
  }
}
BENCHMARK(source<source::SystemCpu>)->Name("source/system_cpu")->Unit(benchmark::kMicrosecond);
BENCHMARK(source<source::SystemMemory>)
    ->Name("source/system_memory")
    ->Unit(benchmark::kMicrosecond);
BENCHMARK(source<source::SystemDisk>)->Name("source/system_disk")->Unit(benchmark::kMicrosecond);
BENCHMARK(source<source::SystemNetwork>)
    ->Name("source/system_network")
    ->Unit(benchmark::kMicrosecond);
BENCHMARK(source<source::SystemPressure>)
    ->Name("source/system_pressure")
    ->Unit(benchmark::kMicrosecond);
BENCHMARK(source<source::SystemActivity>)
    ->Name("source/system_activity")
    ->Unit(benchmark::kMicrosecond);

void fork_detector(benchmark::State& state) {
  const kernfs::KernelRoot* root = live_root();
  if (root == nullptr) {
    state.SkipWithError("no /proc");
    return;
  }
  sampler::ForkDetector detector(*root);
  kernfs::ReadBuffer buffer;
  for (auto _ : state) benchmark::DoNotOptimize(detector.look(buffer));
}
BENCHMARK(fork_detector)->Name("source/fork_detector")->Unit(benchmark::kMicrosecond);

void process_clock(benchmark::State& state) {
  const base::SystemProcessClocks clocks;
  const pid_t parent = ::getppid();
  for (auto _ : state) benchmark::DoNotOptimize(clocks.process_cpu_ns(parent));
}
BENCHMARK(process_clock)->Name("source/process_clock")->Unit(benchmark::kMicrosecond);

void wall_meter(benchmark::State& state) {
  const kernfs::KernelRoot* root = live_root();
  if (root == nullptr) {
    state.SkipWithError("no /proc");
    return;
  }
  source::WallMeter meter(*root);
  kernfs::ReadBuffer buffer;
  for (auto _ : state) benchmark::DoNotOptimize(meter.read(buffer));
}
BENCHMARK(wall_meter)->Name("source/wall_meter")->Unit(benchmark::kMicrosecond);

// Sets the high-water mark of memory back and reads it: must not grow with what is resident.
void peak_meter(benchmark::State& state) {
  const kernfs::KernelRoot* root = live_root();
  if (root == nullptr) {
    state.SkipWithError("no /proc");
    return;
  }
  const std::vector<char> resident(static_cast<size_t>(state.range(0)) << 20, 1);
  source::PeakMeter meter(*root);
  kernfs::ReadBuffer buffer;
  for (auto _ : state) {
    benchmark::DoNotOptimize(meter.reset());
    benchmark::DoNotOptimize(meter.own_peak_bytes(buffer));
  }
  benchmark::DoNotOptimize(resident.data());
}
BENCHMARK(peak_meter)
    ->Name("source/peak_meter_MiB")
    ->Arg(0)
    ->Arg(1000)
    ->Unit(benchmark::kMicrosecond);

}  // namespace
