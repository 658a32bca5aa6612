// SPDX-License-Identifier: BSD-3-Clause
// What the levels container and slurm add to a tick: reading the counters of the control groups
// that this process is in, and following 50 processes of a job. Inside a job, or
//
//     mkdir /sys/fs/cgroup/memory/x; echo 2G >/sys/fs/cgroup/memory/x/memory.limit_in_bytes
//     sh -c 'echo $$ >/sys/fs/cgroup/memory/x/cgroup.procs; exec jumper_bench
//     --benchmark_filter=level'

#include <benchmark/benchmark.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <optional>
#include <vector>

#include "jumper/base/clock.h"
#include "jumper/kernfs/kernel_root.h"
#include "jumper/sampler/membership.h"
#include "jumper/sampler/process_table.h"
#include "jumper/source/group_counters.h"
#include "jumper/source/group_levels.h"

namespace {

using namespace jumper;

// This process's job, or else its container.
std::optional<source::GroupLevel> own_level(const kernfs::KernelRoot& root) {
  const source::GroupLevels levels = source::find_group_levels(root, source::read_slurm_job());
  return levels.slurm ? levels.slurm : levels.container;
}

void group_counters(benchmark::State& state) {
  const auto root = kernfs::KernelRoot::open();
  const auto level = root ? own_level(*root) : std::nullopt;
  if (!level || !level->groups) {
    state.SkipWithError("this process is in no control group with a limit, and in no Slurm job");
    return;
  }
  source::GroupCounters counters(*root, *level->groups, level->scope);
  kernfs::ReadBuffer buffer;
  std::vector<double> values(counters.series().size());
  for (auto _ : state) {
    counters.read(buffer, values);
    benchmark::DoNotOptimize(values.data());
  }
  state.counters["series"] = static_cast<double>(values.size());
}
BENCHMARK(group_counters)->Name("level/group_counters")->Unit(benchmark::kMicrosecond);

// Processes that sleep, or that all run a little between two queries.
class Children {
 public:
  explicit Children(int count) {
    for (int i = 0; i < count; ++i) {
      const pid_t pid = ::fork();
      if (pid == 0) {
        for (;;) ::pause();
      }
      pids_.push_back(pid);
    }
  }
  ~Children() {
    for (const pid_t pid : pids_) {
      ::kill(pid, SIGKILL);
      ::waitpid(pid, nullptr, 0);
    }
  }
  Children(const Children&) = delete;
  Children& operator=(const Children&) = delete;
  // SIGCONT wakes nobody who was not stopped, but lets the process run.
  void stir() const {
    for (const pid_t pid : pids_) ::kill(pid, SIGCONT);
  }

 private:
  std::vector<pid_t> pids_;
};

void job_processes(benchmark::State& state) {
  const auto root = kernfs::KernelRoot::open();
  const auto level = root ? own_level(*root) : std::nullopt;
  if (!level) {
    state.SkipWithError("this process is in no control group with a limit, and in no Slurm job");
    return;
  }
  const Children children(static_cast<int>(state.range(0)));
  const base::SystemClock clock;
  const base::SystemProcessClocks clocks;
  const sampler::Membership members(*level);
  sampler::ProcessTable::Options options;
  options.root_pid = ::getpid();
  options.self_pid = ::getpid();
  options.root_counts = false;
  options.job = &members;
  sampler::ProcessTable table(*root, clock, clocks, options);
  kernfs::ReadBuffer buffer;
  const auto update = [&] {
    table.update(buffer, sampler::ProcessTable::Moment::kClocks,
                 sampler::ProcessTable::Reach::kAll);
  };
  update();
  for (auto _ : state) {
    if (state.range(1) != 0) {
      state.PauseTiming();
      children.stir();
      ::usleep(2000);
      state.ResumeTiming();
    }
    update();
  }
  state.counters["processes"] = table.totals(sampler::Group::kJob).processes;
}
BENCHMARK(job_processes)
    ->Name("level/processes/count/running")
    ->Args({50, 0})
    ->Args({50, 1})
    ->Unit(benchmark::kMicrosecond);

}  // namespace
