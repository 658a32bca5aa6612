// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/sampler/sampler.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "testing/sanitizers.h"

namespace jumper::sampler {
namespace {

using metric::Metric;
using metric::Scope;
using metric::TickKind;

constexpr int64_t kMs = 1'000'000;

// Keeps all ticks. Calls come one at a time; the lock is for the test that looks at them.
class TickKeeper final : public metric::TickSink {
 public:
  struct Kept {
    int64_t time_ns = 0;
    TickKind kind = TickKind::kPeriodic;
    std::vector<double> values;
  };

  void begin(const std::shared_ptr<const metric::Schema>& schema) override {
    const std::scoped_lock lock(mutex_);
    schema_ = schema;
    ++begins_;
  }
  void append(const metric::Tick& tick) override {
    const std::scoped_lock lock(mutex_);
    ticks_.push_back({tick.time_ns, tick.kind, {tick.values.begin(), tick.values.end()}});
  }

  [[nodiscard]] int begins() const {
    const std::scoped_lock lock(mutex_);
    return begins_;
  }
  [[nodiscard]] std::vector<Kept> ticks() const {
    const std::scoped_lock lock(mutex_);
    return ticks_;
  }
  [[nodiscard]] size_t count(TickKind kind) const {
    const std::scoped_lock lock(mutex_);
    return static_cast<size_t>(std::ranges::count(ticks_, kind, &Kept::kind));
  }
  // One series, tick by tick.
  [[nodiscard]] std::vector<double> series(Metric metric, Scope scope) const {
    const std::scoped_lock lock(mutex_);
    const size_t at = schema_->find({metric, scope, metric::kWhole}).value();
    std::vector<double> values;
    for (const Kept& tick : ticks_) values.push_back(tick.values.at(at));
    return values;
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const metric::Schema> schema_;
  std::vector<Kept> ticks_;
  int begins_ = 0;
};

class SamplerTest : public ::testing::Test {
 protected:
  static SamplerOptions every(int64_t interval_ns) {
    return {.interval_ns = interval_ns, .budget_share = 0, .exact_peak = false};
  }
  void start(int64_t interval_ns) {
    const auto started = sampler_.start(every(interval_ns));
    ASSERT_TRUE(started.ok()) << started.error().message;
  }
  void wait_for_ticks(uint64_t count) const {
    while (sampler_.stats().ticks < count) ::usleep(2000);
  }
  void expect_times_rise() const {
    const std::vector<TickKeeper::Kept> ticks = sink_.ticks();
    for (size_t i = 1; i < ticks.size(); ++i) {
      ASSERT_GT(ticks[i].time_ns, ticks[i - 1].time_ns) << i;
    }
  }

  kernfs::KernelRoot root_ = std::move(*kernfs::KernelRoot::open());
  base::SystemClock clock_;
  base::SystemProcessClocks clocks_;
  TickKeeper sink_;
  Sampler sampler_{root_,
                   clock_,
                   clocks_,
                   {.root_pid = ::getpid(),
                    .root_counts = true,
                    .self_pid = ::getpid(),
                    .user = {},
                    .open_files = {}},
                   sink_};
};

TEST_F(SamplerTest, StopBeforeStartDoesNothing) {
  // WHEN
  sampler_.stop();
  const int64_t time_ns = sampler_.tick_now(TickKind::kCellStart);

  // THEN
  EXPECT_GT(time_ns, 0);
  EXPECT_FALSE(sampler_.begin_cell());
  EXPECT_FALSE(sampler_.end_cell());
  EXPECT_TRUE(sink_.ticks().empty());
  EXPECT_EQ(sampler_.stats().ticks, 0U);
  EXPECT_EQ(sampler_.stats().running_ns, 0);
}

TEST_F(SamplerTest, StartingTwiceAndStoppingTwiceIsOnce) {
  // WHEN
  start(60 * base::kNanosPerSecond);
  start(kMs);
  sampler_.stop();
  sampler_.stop();

  // THEN
  EXPECT_EQ(sink_.begins(), 1);
  EXPECT_EQ(sink_.count(TickKind::kStart), 1U);
  EXPECT_EQ(sink_.count(TickKind::kStop), 1U);
  EXPECT_EQ(sink_.ticks().size(), 2U);
}

// Wants to know at every second question.
class Watcher final : public ProcessWatcher {
 public:
  bool wants_processes(int64_t time_ns, uint64_t tree_bytes) override {
    bytes = tree_bytes;
    return time_ns > 0 && asked++ % 2 == 0;
  }
  void take_processes(const LargestProcesses& processes, kernfs::ReadBuffer& /*buffer*/) override {
    seen = processes;
    ++told;
  }

  std::atomic<int> asked = 0;
  std::atomic<int> told = 0;
  uint64_t bytes = 0;
  LargestProcesses seen;
};

TEST_F(SamplerTest, TellsAWatcherTheLargestProcesses) {
  // GIVEN
  Watcher watcher;
  sampler_.set_watcher(&watcher);

  // WHEN
  start(kMs);
  wait_for_ticks(5);
  sampler_.stop();

  // THEN it was asked at the start and after every tick, and told when it wanted to know
  EXPECT_GE(watcher.asked, 6);
  EXPECT_EQ(watcher.told, (watcher.asked + 1) / 2);
  ASSERT_EQ(watcher.seen.largest.size(), 1U);
  EXPECT_EQ(watcher.seen.largest[0].pid, ::getpid());
  EXPECT_EQ(watcher.seen.processes, 1U);
  EXPECT_GT(watcher.seen.largest[0].memory_bytes, 0U);
  EXPECT_GT(watcher.bytes, 0U);
}

TEST_F(SamplerTest, AnIntervalOfNothingIsRefused) {
  for (const int64_t interval_ns : {int64_t{0}, int64_t{-1}}) {
    const auto started = sampler_.start(every(interval_ns));
    ASSERT_FALSE(started.ok());
    EXPECT_EQ(started.error().code, base::ErrorCode::kBadInput);
  }
  EXPECT_EQ(sink_.begins(), 0);
}

TEST_F(SamplerTest, StopsAndEndsWhileItSleepsForAMinute) {
  // GIVEN one that sleeps in its destructor, one that is stopped
  {
    Sampler other(root_, clock_, clocks_,
                  {.root_pid = ::getpid(),
                   .root_counts = true,
                   .self_pid = ::getpid(),
                   .user = {},
                   .open_files = {}},
                  sink_);
    ASSERT_TRUE(other.start(every(60 * base::kNanosPerSecond)).ok());
  }
  start(60 * base::kNanosPerSecond);

  // WHEN
  sampler_.stop();

  // THEN it has returned, and the test did not run into its time limit
  EXPECT_EQ(sampler_.stats().ticks, 0U);
  EXPECT_EQ(sink_.count(TickKind::kStop), 2U);
}

TEST_F(SamplerTest, StartsAgainAfterAStop) {
  for (int i = 1; i <= 5; ++i) {
    // WHEN
    start(kMs);
    wait_for_ticks(static_cast<uint64_t>(3 * i));
    sampler_.stop();

    // THEN
    EXPECT_EQ(sink_.begins(), i);
    EXPECT_EQ(sink_.count(TickKind::kStart), static_cast<size_t>(i));
    EXPECT_EQ(sink_.count(TickKind::kStop), static_cast<size_t>(i));
  }
  expect_times_rise();
  EXPECT_GT(sampler_.stats().running_ns, 0);
  EXPECT_GT(sampler_.stats().cpu_ns, 0);
}

TEST_F(SamplerTest, TheMachineIsNotReadAgainWithinAStepOfItsClock) {
  // GIVEN cells far shorter than the 10 ms in which the kernel counts for the machine
  start(60 * base::kNanosPerSecond);
  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE(sampler_.begin_cell());
    ASSERT_TRUE(sampler_.end_cell());
  }

  // THEN each starts with what is known, and does not end with what was read before it started
  const std::vector<TickKeeper::Kept> ticks = sink_.ticks();
  const std::vector<double> machine = sink_.series(Metric::kCpuTime, Scope::kSystem);
  const std::vector<double> tree = sink_.series(Metric::kCpuTime, Scope::kProcess);
  int carried = 0;
  for (size_t i = 1; i + 1 < ticks.size(); ++i) {
    ASSERT_FALSE(metric::is_absent(tree[i])) << i;
    if (ticks[i].kind != TickKind::kCellStart) continue;
    EXPECT_FALSE(metric::is_absent(machine[i])) << i;
    if (metric::is_absent(machine[i + 1])) ++carried;
  }
  EXPECT_GT(carried, 0);
}

TEST_F(SamplerTest, WithItsBudgetEveryLevelHasItsSamples) {
  // GIVEN ten ticks a second, a cell with a fine curve, and the budget that there is by default
  SamplerOptions options = every(100 * kMs);
  options.budget_share = 0.005;
  ASSERT_TRUE(sampler_.start(options).ok());
  ASSERT_TRUE(sampler_.begin_cell());
  wait_for_ticks(10);
  ASSERT_TRUE(sampler_.end_cell());
  sampler_.stop();

  // THEN the cost of the first tick of all, which finds every process, has not starved any
  const std::vector<TickKeeper::Kept> ticks = sink_.ticks();
  for (const Scope scope : {Scope::kProcess, Scope::kUser, Scope::kSystem}) {
    const std::vector<double> values = sink_.series(Metric::kCpuTime, scope);
    const auto read =
        std::ranges::count_if(values, [](double value) { return !metric::is_absent(value); });
    EXPECT_GE(read, 8) << metric::scope_name(scope);
  }
}

TEST_F(SamplerTest, TellsWhatTheBudgetLeftOut) {
  // GIVEN a thousand ticks a second for a thousandth of a core: 1 us for each
  SamplerOptions options = every(kMs);
  options.budget_share = 0.001;
  ASSERT_TRUE(sampler_.start(options).ok());

  // WHEN the savings it starts with are spent
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (sampler_.stats().stretched_ticks < 100 && std::chrono::steady_clock::now() < deadline) {
    ::usleep(5000);
  }
  sampler_.stop();

  // THEN
  const SamplerStats stats = sampler_.stats();
  EXPECT_GE(stats.stretched_ticks, 100U);
  for (const SamplerStats::LeftOut& left_out : stats.left_out) {
    EXPECT_FALSE(left_out.what.empty());
    EXPECT_LE(left_out.ticks, stats.ticks);
  }
}

TEST_F(SamplerTest, AtAnIntervalTooShortForItsBudgetItKeepsSampling) {
  // GIVEN a hundred ticks a second, for a budget that waking up so often would use up alone
  SamplerOptions options = every(10 * kMs);
  options.budget_share = 0.003;
  ASSERT_TRUE(sampler_.start(options).ok());
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  const auto wait_until = [&](auto is_so) {
    while (!is_so(sampler_.stats()) && std::chrono::steady_clock::now() < deadline) ::usleep(5000);
  };
  wait_until([](const SamplerStats& stats) { return stats.stretched_ticks >= 100; });

  // THEN there are samples all the same, now and then
  const uint64_t before = sampler_.stats().ticks;
  wait_until([&](const SamplerStats& stats) { return stats.ticks >= before + 5; });
  sampler_.stop();
  EXPECT_GE(sampler_.stats().ticks, before + 5);
  // AND it did not wake up for those that it had to leave out
  EXPECT_LT(sampler_.stats().wake_ups, sampler_.stats().ticks * 2 + 20);
}

TEST_F(SamplerTest, CountersOfATickNeverGoDown) {
  // GIVEN
  start(kMs);

  // WHEN children come and go
  for (int i = 0; i < 30; ++i) {
    const pid_t pid = ::fork();
    if (pid == 0) {
      volatile unsigned work = 0;
      for (unsigned j = 0; j < 1'000'000; ++j) work = work + j;
      ::_exit(0);
    }
    ::waitpid(pid, nullptr, 0);
  }
  sampler_.stop();

  // THEN
  for (const Metric metric : {Metric::kCpuTime, Metric::kIoReadCalls, Metric::kIoWriteChars}) {
    const std::vector<double> values = sink_.series(metric, Scope::kProcess);
    EXPECT_TRUE(std::ranges::is_sorted(values));
  }
  expect_times_rise();
  EXPECT_EQ(sink_.series(Metric::kCpuTime, Scope::kProcess).front(), 0.0);
}

TEST_F(SamplerTest, TakesTicksOfSeveralThreadsAtOnce) {
  // GIVEN
  start(kMs);

  // WHEN cells begin and end on some threads while others ask for numbers, start and stop
  std::atomic<uint64_t> edges = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 40; ++j) {
        if (sampler_.begin_cell()) ++edges;
        if (sampler_.tick_now(TickKind::kPeriodic) > 0) ++edges;
        if (sampler_.end_cell()) ++edges;
      }
    });
  }
  threads.emplace_back([&] {
    for (int j = 0; j < 200; ++j) static_cast<void>(sampler_.stats());
  });
  for (std::thread& thread : threads) thread.join();
  wait_for_ticks(2);
  sampler_.stop();

  // THEN
  EXPECT_EQ(sampler_.stats().edge_ticks, edges.load());
  EXPECT_EQ(sink_.count(TickKind::kCellStart), 120U);
  EXPECT_EQ(sink_.count(TickKind::kCellEnd), 120U);
  const SamplerStats stats = sampler_.stats();
  EXPECT_EQ(sink_.count(TickKind::kPeriodic), stats.ticks + stats.curve_ticks + 120);
  expect_times_rise();
}

TEST_F(SamplerTest, CanBeStartedAndStoppedFromSeveralThreads) {
  // WHEN
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 15; ++j) {
        EXPECT_TRUE(sampler_.start(every(kMs)).ok());
        sampler_.tick_now(TickKind::kPeriodic);
        sampler_.stop();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  sampler_.stop();

  // THEN
  EXPECT_EQ(sink_.count(TickKind::kStart), static_cast<size_t>(sink_.begins()));
  EXPECT_EQ(sink_.count(TickKind::kStop), static_cast<size_t>(sink_.begins()));
  expect_times_rise();
}

TEST_F(SamplerTest, ForksWhileSamplingDoNotHang) {
  // GIVEN sampling as fast as it goes, and a thread that asks for ticks as well
  start(kMs);
  std::atomic<bool> done = false;
  std::thread edges([&] {
    while (!done) sampler_.tick_now(TickKind::kPeriodic);
  });

  // WHEN another thread forks, and each child ends without touching the sampler
  std::atomic<int> ended = 0;
  std::thread forks([&] {
    for (int i = 0; i < 300; ++i) {
      const pid_t pid = ::fork();
      if (pid == 0) {
        if (jumper::testing::kForkedChildHasAHeap) {
          auto memory = std::make_unique<char[]>(1000);  // the heap must not be left locked
          memory[0] = 'x';
          ::_exit(memory[0] == 'x' ? 7 : 8);
        }
        ::_exit(7);
      }
      int status = 0;
      ::waitpid(pid, &status, 0);
      if (WIFEXITED(status) && WEXITSTATUS(status) == 7) ++ended;
    }
  });
  forks.join();
  done = true;
  edges.join();
  sampler_.stop();

  // THEN
  EXPECT_EQ(ended, 300);
  expect_times_rise();
}

TEST_F(SamplerTest, PagesThatProcessesShareCountOnce) {
  // GIVEN 64 MB that a child has, too
  constexpr size_t kBytes = 64 << 20;
  void* memory = ::mmap(nullptr, kBytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
  ASSERT_NE(memory, MAP_FAILED);
  const pid_t child = ::fork();
  if (child == 0) {
    while (true) ::pause();
  }
  Sampler sampler(root_, clock_, clocks_,
                  {.root_pid = ::getpid(),
                   .root_counts = true,
                   .self_pid = ::getpid(),
                   .user = {},
                   .open_files = {},
                   .longest_walk_ns = base::kNanosPerSecond},
                  sink_);

  // WHEN the sampler has found the time to look
  ASSERT_TRUE(sampler.start(every(1000 * kMs)).ok());
  for (int i = 0; i < 1000 && sampler.stats().page_walks < 2; ++i) ::usleep(20'000);
  sampler.stop();
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  ::munmap(memory, kBytes);

  // THEN
  if (sampler.stats().page_walks == 0) GTEST_SKIP() << "smaps_rollup cannot be read here";
  EXPECT_EQ(sampler.stats().shared_in_full, 0U);
  const std::vector<double> counted = sink_.series(Metric::kMemory, Scope::kProcess);
  const std::vector<double> resident = sink_.series(Metric::kMemoryResident, Scope::kProcess);
  EXPECT_EQ(counted.front(), resident.front());
  EXPECT_LE(counted.back(), resident.back() - 0.9 * kBytes);
  EXPECT_GE(counted.back(), kBytes);
}

TEST_F(SamplerTest, ItsOwnThreadIsNoWorkOfTheUsers) {
  // GIVEN a sampler that works hard in a process that does nothing
  start(kMs);
  wait_for_ticks(200);
  sampler_.stop();

  // THEN most of what it used is not in the tree's CPU time
  const std::vector<double> cpu_ns = sink_.series(Metric::kCpuTime, Scope::kProcess);
  EXPECT_LT(cpu_ns.back(), static_cast<double>(sampler_.stats().cpu_ns) / 2);
}

}  // namespace
}  // namespace jumper::sampler
