// SPDX-License-Identifier: BSD-3-Clause
// What a tick costs in a tight loop, by the size of the process tree: the floor of what sampling
// costs when it wakes up for it (caches are cold then, and it costs about three times this).

#include <benchmark/benchmark.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <memory>
#include <vector>

#include "jumper/sampler/sampler.h"
#include "jumper/store/store.h"

namespace {

using namespace jumper;

// Children that sleep until they are told to end.
class IdleChildren {
 public:
  explicit IdleChildren(int64_t count) {
    for (int64_t i = 0; i < count; ++i) {
      const pid_t pid = ::fork();
      if (pid == 0) {
        ::pause();
        ::_exit(0);
      }
      pids_.push_back(pid);
    }
  }
  ~IdleChildren() {
    for (const pid_t pid : pids_) ::kill(pid, SIGKILL);
    for (const pid_t pid : pids_) ::waitpid(pid, nullptr, 0);
  }
  IdleChildren(const IdleChildren&) = delete;
  IdleChildren& operator=(const IdleChildren&) = delete;

 private:
  std::vector<pid_t> pids_;
};

class NoSink final : public metric::TickSink {
 public:
  void begin(const std::shared_ptr<const metric::Schema>& /*schema*/) override {}
  void append(const metric::Tick& tick) override { benchmark::DoNotOptimize(tick.values.data()); }
};

void full_tick(benchmark::State& state) {
  const IdleChildren children(state.range(0));
  const auto root = kernfs::KernelRoot::open();
  if (!root) {
    state.SkipWithError("no /proc");
    return;
  }
  const base::SystemClock clock;
  const base::SystemProcessClocks process_clocks;
  NoSink sink;
  sampler::Sampler sampler(
      *root, clock, process_clocks,
      {.root_pid = ::getpid(), .root_counts = true, .self_pid = ::getpid(), .user = ::getuid()},
      sink);
  if (!sampler.start({.interval_ns = 3'600 * base::kNanosPerSecond, .budget_share = 0})) {
    state.SkipWithError("cannot start");
    return;
  }
  for (auto _ : state) sampler.tick_now(metric::TickKind::kPeriodic);
  sampler.stop();
}
BENCHMARK(full_tick)->Arg(0)->Arg(10)->Arg(200)->Arg(1000)->Unit(benchmark::kMicrosecond);

void bare_system_call(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(::getppid());
}
BENCHMARK(bare_system_call)->Unit(benchmark::kMicrosecond);

}  // namespace
