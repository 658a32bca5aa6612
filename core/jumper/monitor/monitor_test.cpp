// SPDX-License-Identifier: BSD-3-Clause
// Against the live kernel: what is monitored is this very test.
#include "jumper/monitor/monitor.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <limits>
#include <memory>
#include <new>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include "testing/sanitizers.h"
#include "testing/temp_folder.h"
#include "testing/temp_root.h"

namespace jumper::monitor {
namespace {

using base::ErrorCode;
using cells::CellStatus;
using metric::Scope;

constexpr double kLongInterval = 3600;  // no tick but those at the edges
constexpr size_t kBlockBytes = size_t{100} << 20U;
// A sanitizer's own memory grows with every call.
constexpr double kSlackBytes = (jumper::testing::kIsSanitized ? 0.3 : 0.03) * kBlockBytes;
constexpr const char* kNoHeapInTheChild = "the sanitizer's heap may be locked in a forked child";

std::unique_ptr<Monitor> make_monitor(MonitorOptions options = {}) {
  auto monitor = Monitor::create(std::move(options));
  if (!monitor) throw std::runtime_error(monitor.error().message);
  return std::move(*monitor);
}

// Without a budget, so that every tick is a whole one however slow a sanitizer makes it.
StartOptions every(double seconds) {
  StartOptions options;
  options.interval_seconds = seconds;
  options.budget_percent = 0;
  return options;
}

// As users have it: what the monitor itself may cost is limited.
StartOptions thrifty(double interval_seconds) {
  StartOptions options;
  options.interval_seconds = interval_seconds;
  return options;
}

std::unique_ptr<Monitor> started_monitor(const StartOptions& options) {
  auto monitor = make_monitor();
  if (const auto started = monitor->start(options); !started) {
    throw std::runtime_error(started.error().message);
  }
  return monitor;
}

std::unique_ptr<Monitor> running_monitor(double interval_seconds = kLongInterval) {
  return started_monitor(every(interval_seconds));
}

template <typename Work>
void run_cell(Monitor& monitor, Work work, CellStatus status = CellStatus::kOk) {
  ASSERT_TRUE(monitor.begin_cell("work()", {}).ok());
  work();
  const base::Status ended = monitor.end_cell(status);
  ASSERT_TRUE(ended.ok()) << ended.error().message;
}

void run_empty_cell(Monitor& monitor) {
  run_cell(monitor, [] {});
}

// Uses this much CPU time of the calling thread.
void burn(double seconds) {
  const int64_t end_ns = base::thread_cpu_ns() + std::llround(seconds * 1e9);
  while (base::thread_cpu_ns() < end_ns) continue;
}

// Waits for the sampling thread; fails where it does nothing for half a minute.
void wait_for_ticks(const Monitor& monitor, uint64_t more) {
  const uint64_t enough = monitor.stats().ticks + more;
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (monitor.stats().ticks < enough) {
    ASSERT_LT(std::chrono::steady_clock::now(), deadline) << "no tick was taken";
    std::this_thread::yield();
  }
}

// Resident memory, for as long as the object lives. Mapped and populated, so that no allocator and
// no sanitizer has a say in it.
class Memory {
 public:
  explicit Memory(size_t bytes)
      : bytes_(bytes),
        address_(::mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0)) {
    if (address_ == MAP_FAILED) throw std::bad_alloc();
  }
  ~Memory() { ::munmap(address_, bytes_); }
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;

 private:
  size_t bytes_;
  void* address_;
};

const std::vector<double>& column(const analysis::PerfTable& table, std::string_view name) {
  const auto found = std::ranges::find(table.columns, name, &analysis::PerfColumn::name);
  if (found == table.columns.end()) throw std::out_of_range("no column " + std::string(name));
  return found->values;
}

bool has_column(const analysis::PerfTable& table, std::string_view name) {
  return std::ranges::find(table.columns, name, &analysis::PerfColumn::name) != table.columns.end();
}

void expect_error(const base::Error& error, ErrorCode code, std::string_view part) {
  EXPECT_EQ(error.code, code) << error.message;
  EXPECT_NE(error.message.find(part), std::string::npos) << error.message;
  EXPECT_EQ(error.message.find('\n'), std::string::npos) << error.message;
}

// Runs `work` in a child made by fork(); returns the text it gives, empty when all is well there.
std::string in_child(const std::function<std::string()>& work) {
  std::array<int, 2> ends{};
  if (::pipe(ends.data()) != 0) return "no pipe";
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::close(ends[0]);
    const std::string text = work();
    const ssize_t put = ::write(ends[1], text.data(), text.size());
    ::_exit(put == static_cast<ssize_t>(text.size()) ? 0 : 1);
  }
  ::close(ends[1]);
  std::string text;
  std::array<char, 4096> part{};
  for (ssize_t got = 0; (got = ::read(ends[0], part.data(), part.size())) > 0;) {
    text.append(part.data(), static_cast<size_t>(got));
  }
  ::close(ends[0]);
  int status = 0;
  ::waitpid(pid, &status, 0);
  if (status != 0) text += " wait status " + std::to_string(status);
  return text;
}

// Two children of which each uses `seconds` of CPU time; returns what the kernel says they used.
double burn_in_children(double seconds) {
  double used = 0;
  std::array<pid_t, 2> children{};
  for (pid_t& child : children) {
    child = ::fork();
    if (child == 0) {
      burn(seconds);
      ::_exit(0);
    }
  }
  for (const pid_t child : children) {
    rusage usage{};
    int status = 0;
    EXPECT_EQ(::wait4(child, &status, 0, &usage), child);
    for (const timeval& time : {usage.ru_utime, usage.ru_stime}) {
      used += static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    }
  }
  return used;
}

// ---- running -------------------------------------------------------------------------------

TEST(Monitor, StartsNothingOfItsOwnAccord) {
  const auto monitor = make_monitor();
  EXPECT_FALSE(monitor->running());
  EXPECT_FALSE(monitor->started());
  EXPECT_FALSE(monitor->inherited());
  EXPECT_EQ(monitor->stats().ticks, 0U);
  EXPECT_EQ(monitor->info().start_ns, std::nullopt);
  EXPECT_EQ(monitor->info().origin.pid, ::getpid());
  EXPECT_EQ(monitor->levels(), (std::vector<Scope>{Scope::kProcess, Scope::kUser, Scope::kSystem}));
}

TEST(Monitor, NeedsProc) {
  const auto monitor =
      Monitor::create({.proc_path = "/nowhere", .sys_path = "/sys", .count_self = true});
  ASSERT_FALSE(monitor.ok());
  expect_error(monitor.error(), ErrorCode::kNotFound, "/nowhere");
}

TEST(Monitor, CannotBeAskedBeforeItStarted) {
  // GIVEN
  const jumper::testing::TempFolder folder;
  const auto monitor = make_monitor();

  // THEN
  expect_error(monitor->stop().error(), ErrorCode::kState, "never started");
  expect_error(monitor->report(std::nullopt, Scope::kProcess).error(), ErrorCode::kState,
               "nothing was measured yet");
  expect_error(monitor->perf_table(Scope::kProcess).error(), ErrorCode::kState,
               "nothing was measured yet");
  expect_error(monitor->export_perf(folder.file("p.csv"), Scope::kProcess).error(),
               ErrorCode::kState, "nothing was measured yet");
  expect_error(monitor->export_history(folder.file("h.csv")).error(), ErrorCode::kState,
               "no cell has finished yet");
  expect_error(monitor->resolve_cells("0").error(), ErrorCode::kBadInput,
               "no cell has finished yet");
  EXPECT_EQ(folder.entries(), 0U);
}

TEST(Monitor, StartsAndStopsOnce) {
  // GIVEN
  const auto monitor = make_monitor();

  // WHEN
  ASSERT_TRUE(monitor->start(every(0.5)).ok());

  // THEN
  EXPECT_TRUE(monitor->running());
  EXPECT_TRUE(monitor->started());
  EXPECT_EQ(monitor->interval_seconds(), 0.5);
  EXPECT_TRUE(monitor->info().start_ns);
  EXPECT_FALSE(monitor->info().stop_ns);
  expect_error(monitor->start(every(0.25)).error(), ErrorCode::kState,
               "already running, every 0.5 s");
  EXPECT_EQ(monitor->interval_seconds(), 0.5);

  // WHEN
  ASSERT_TRUE(monitor->stop().ok());

  // THEN
  EXPECT_FALSE(monitor->running());
  EXPECT_TRUE(monitor->started());
  EXPECT_TRUE(monitor->info().stop_ns);
  expect_error(monitor->stop().error(), ErrorCode::kState, "already stopped");
}

TEST(Monitor, RefusesAbsurdIntervals) {
  const auto monitor = make_monitor();
  for (const double seconds :
       {0.0, -0.0, -1.0, 1e-4, 0.000999, 86'400.1, 1e6, 1e300,
        std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity(),
        -std::numeric_limits<double>::infinity(), std::numeric_limits<double>::denorm_min()}) {
    const base::Status started = monitor->start(every(seconds));
    ASSERT_FALSE(started.ok()) << seconds;
    expect_error(started.error(), ErrorCode::kBadInput, "between 0.001 and 86400");
    EXPECT_FALSE(monitor->running());
    EXPECT_FALSE(monitor->started());
  }
  for (const double seconds : {0.001, 1.0, 86'400.0}) EXPECT_EQ(*check_interval(seconds), seconds);
}

TEST(Monitor, TakesTicksAtItsInterval) {
  // GIVEN
  const auto monitor = running_monitor(0.001);

  // WHEN
  wait_for_ticks(*monitor, 5);
  ASSERT_TRUE(monitor->stop().ok());

  // THEN the first and the last one come on top
  const auto table = monitor->perf_table(Scope::kProcess);
  ASSERT_TRUE(table.ok());
  EXPECT_EQ(table->cell_index.size(), monitor->stats().ticks + 2);
  const std::vector<double>& times = column(*table, "time");
  EXPECT_TRUE(std::ranges::is_sorted(times, std::less_equal<>())) << "two rows at one time";
}

TEST(Monitor, MayBeDestroyedWhileItRuns) {
  auto monitor = running_monitor(0.001);
  ASSERT_TRUE(monitor->begin_cell("x", {}).ok());
  wait_for_ticks(*monitor, 1);
  monitor.reset();
}

TEST(Monitor, KeepsItsDataOverARestart) {
  // GIVEN a run with a cell that worked
  const auto monitor = running_monitor();
  run_cell(*monitor, [] { burn(0.05); });
  ASSERT_TRUE(monitor->stop().ok());
  const auto before = monitor->perf_table(Scope::kProcess);
  ASSERT_TRUE(before.ok());
  const double used_before = column(*before, "cpu_seconds").back();
  burn(0.5);  // unseen

  // WHEN
  ASSERT_TRUE(monitor->start(every(kLongInterval)).ok());
  run_cell(*monitor, [] { burn(0.05); });
  ASSERT_TRUE(monitor->stop().ok());

  // THEN counters go on from where they were, without what happened in between
  const auto table = monitor->perf_table(Scope::kProcess);
  ASSERT_TRUE(table.ok());
  const std::vector<double>& times = column(*table, "time");
  const std::vector<double>& times_before = column(*before, "time");
  ASSERT_GT(times.size(), times_before.size() + 3);
  EXPECT_TRUE(std::equal(times_before.begin(), times_before.end(), times.begin()));
  for (const char* name :
       {"time", "cpu_seconds", "io_read_count", "io_write_count", "io_read", "io_write"}) {
    EXPECT_TRUE(std::ranges::is_sorted(column(*table, name))) << name;
  }
  EXPECT_GE(used_before, 0.05);
  EXPECT_GE(column(*table, "cpu_seconds").back(), used_before + 0.05);
  EXPECT_LT(column(*table, "cpu_seconds").back(), used_before + 0.5);
  EXPECT_EQ(monitor->cell_count(), 2U);
  EXPECT_EQ(monitor->report(std::nullopt, Scope::kProcess)->unmonitored_cells, 0U);
}

TEST(Monitor, AnswersAfterItStopped) {
  const auto monitor = running_monitor();
  run_empty_cell(*monitor);
  ASSERT_TRUE(monitor->stop().ok());
  EXPECT_TRUE(monitor->report(std::nullopt, Scope::kProcess).ok());
  EXPECT_TRUE(monitor->perf_table(Scope::kSystem).ok());
  EXPECT_EQ(monitor->cell_costs()->size(), 1U);
}

// ---- levels --------------------------------------------------------------------------------

TEST(FindLevel, KnowsThoseThatCanBeMeasured) {
  const auto monitor = *Monitor::create();
  for (const Scope level : monitor->levels())
    EXPECT_EQ(*monitor->find_level(metric::scope_name(level)), level);
  EXPECT_EQ(*monitor->find_level("process"), Scope::kProcess);
}

TEST(FindLevel, NamesTheChoiceForAnyOther) {
  const auto monitor = *Monitor::create();
  for (const std::string& name : {std::string(), std::string("Process"), std::string("a\n\x1B[2J"),
                                  std::string(1'000'000, 'x')}) {
    const auto level = monitor->find_level(name);
    ASSERT_FALSE(level.ok());
    expect_error(level.error(), ErrorCode::kBadInput, "choose process, user or system");
    EXPECT_LT(level.error().message.size(), 300U);
  }
}

TEST(Monitor, MeasuresEveryLevel) {
  // GIVEN
  const auto monitor = running_monitor();
  run_cell(*monitor, [] { burn(0.1); });

  for (const Scope level : monitor->levels()) {
    // WHEN
    const auto report = monitor->report(std::nullopt, level);
    const auto table = monitor->perf_table(level);

    // THEN
    ASSERT_TRUE(report.ok());
    EXPECT_EQ(report->scope, level);
    ASSERT_TRUE(report->summary.cpu_seconds) << scope_name(level);
    EXPECT_GT(*report->summary.cpu_seconds, 0);
    ASSERT_TRUE(report->summary.memory_bytes);
    EXPECT_GT(report->summary.memory_bytes->minimum, 0);
    ASSERT_TRUE(report->memory_limit_bytes);
    ASSERT_TRUE(table.ok());
    EXPECT_GE(table->cell_index.size(), 3U) << scope_name(level);
    EXPECT_EQ(has_column(*table, "cpu_util_0"), level == Scope::kSystem);
  }
  const auto at_level = [&](Scope level) { return monitor->report(std::nullopt, level)->summary; };
  EXPECT_GE(*at_level(Scope::kUser).cpu_seconds, 0.1);
  EXPECT_GE(at_level(Scope::kUser).memory_bytes->minimum,
            at_level(Scope::kProcess).memory_bytes->minimum);
}

// ---- cells ---------------------------------------------------------------------------------

TEST(Monitor, HasAtMostOneOpenCell) {
  const auto monitor = running_monitor();
  EXPECT_EQ(*monitor->begin_cell("first", {}), 0U);
  EXPECT_TRUE(monitor->cell_open());
  expect_error(monitor->begin_cell("second", {}).error(), ErrorCode::kState,
               "cell 0 is still running");
  EXPECT_TRUE(monitor->end_cell(CellStatus::kOk).ok());
  EXPECT_FALSE(monitor->cell_open());
  expect_error(monitor->end_cell(CellStatus::kOk).error(), ErrorCode::kState, "no cell is running");
  EXPECT_EQ(monitor->cell_count(), 1U);
}

TEST(Monitor, RecordsCellsWithoutRunning) {
  // GIVEN a monitor that was never started
  const auto monitor = make_monitor();

  // WHEN
  run_empty_cell(*monitor);

  // THEN
  EXPECT_EQ(monitor->cell_count(), 1U);
  const auto costs = monitor->cell_costs();
  ASSERT_TRUE(costs.ok());
  ASSERT_EQ(costs->size(), 1U);
  EXPECT_GE((*costs)[0].cell->duration_ns(), 0);
  EXPECT_FALSE((*costs)[0].summary.cpu_seconds);
  EXPECT_FALSE((*costs)[0].peak_bytes);
  expect_error(monitor->report(std::nullopt, Scope::kProcess).error(), ErrorCode::kState,
               "nothing was measured");
}

TEST(Monitor, KeepsWhatACellWas) {
  // GIVEN
  const auto monitor = running_monitor();
  ASSERT_TRUE(monitor->begin_cell("%time 1/0", {"time"}).ok());

  // WHEN
  ASSERT_TRUE(monitor->end_cell(CellStatus::kInterrupted).ok());

  // THEN
  const auto report = monitor->report(*monitor->resolve_cells("-1"), Scope::kProcess);
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(report->single_cell_source, "%time 1/0");
  EXPECT_EQ(report->single_cell_status, "interrupted");
  EXPECT_EQ(report->cells, (cells::CellRange{0, 0}));
  const cells::Cell cell = *monitor->cell_costs()->front().cell;
  EXPECT_EQ(cell.magics, std::vector<std::string>{"time"});
  EXPECT_NEAR(base::seconds(cell.wall_end_ns - cell.wall_start_ns),
              base::seconds(cell.duration_ns()), 0.05);
}

TEST(Monitor, ADiscardedCellNeverWas) {
  const auto monitor = running_monitor();
  EXPECT_EQ(*monitor->begin_cell("gone", {}), 0U);
  ASSERT_TRUE(monitor->discard_cell().ok());
  EXPECT_FALSE(monitor->cell_open());
  EXPECT_EQ(*monitor->begin_cell("kept", {}), 0U);
  ASSERT_TRUE(monitor->end_cell(CellStatus::kOk).ok());
  EXPECT_EQ(monitor->cell_count(), 1U);
}

TEST(Monitor, TellsMonitoredCellsFromOthers) {
  // GIVEN a cell before, one during and one after the monitoring
  const auto monitor = make_monitor();
  run_empty_cell(*monitor);
  ASSERT_TRUE(monitor->start(every(kLongInterval)).ok());
  run_empty_cell(*monitor);
  ASSERT_TRUE(monitor->stop().ok());
  run_empty_cell(*monitor);

  // WHEN
  const auto report = monitor->report(std::nullopt, Scope::kProcess);

  // THEN
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(report->cells, (cells::CellRange{0, 2}));
  EXPECT_EQ(report->unmonitored_cells, 2U);
  EXPECT_EQ(report->summary.measured_intervals, 1U);
  double duration = 0;
  const auto costs = monitor->cell_costs();
  for (const auto& cost : *costs) duration += base::seconds(cost.cell->duration_ns());
  EXPECT_DOUBLE_EQ(report->duration_seconds, duration);
}

TEST(Monitor, MeasuresACellInWhichItStartsOrStops) {
  // GIVEN
  const auto monitor = make_monitor();

  // WHEN
  run_cell(*monitor, [&] { ASSERT_TRUE(monitor->start(every(kLongInterval)).ok()); });
  run_cell(*monitor, [&] { ASSERT_TRUE(monitor->stop().ok()); });

  // THEN
  const auto report = monitor->report(std::nullopt, Scope::kProcess);
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(report->unmonitored_cells, 0U);
  EXPECT_TRUE(report->summary.cpu_seconds);
}

TEST(Monitor, RefusesARangeOfCellsThatAreNot) {
  const auto monitor = running_monitor();
  run_empty_cell(*monitor);
  expect_error(monitor->resolve_cells("1").error(), ErrorCode::kBadInput,
               "there is one cell so far: 0");
  expect_error(monitor->report(cells::CellRange{0, 1}, Scope::kProcess).error(),
               ErrorCode::kBadInput, "cell");
  expect_error(monitor->report(cells::CellRange{1, 0}, Scope::kProcess).error(),
               ErrorCode::kBadInput, "cell");
}

TEST(Monitor, WithoutCellsReportsAllMonitoredTime) {
  // GIVEN
  const auto monitor = running_monitor(0.001);
  burn(0.02);
  wait_for_ticks(*monitor, 3);

  // WHEN
  const auto report = monitor->report(std::nullopt, Scope::kProcess);

  // THEN
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(report->cells, std::nullopt);
  EXPECT_GT(report->duration_seconds, 0);
  EXPECT_NEAR(report->duration_seconds, base::seconds(report->summary.measured_ns), 1e-9);
  EXPECT_GT(report->cost.ticks, 0U);
  EXPECT_EQ(report->cost.interval_seconds, 0.001);
}

TEST(Monitor, JustStartedReportsThatThereIsNoRateYet) {
  const auto monitor = running_monitor();
  const auto report = monitor->report(std::nullopt, Scope::kProcess);
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(report->duration_seconds, 0);
  EXPECT_FALSE(report->summary.cpu_percent);
  ASSERT_EQ(report->notes.size(), 1U);
  EXPECT_NE(report->notes[0].find("no two samples"), std::string::npos);
}

// ---- accuracy ------------------------------------------------------------------------------

TEST(Monitor, CountsTheCpuTimeOfACell) {
  // GIVEN
  const auto monitor = started_monitor(thrifty(kLongInterval));

  // WHEN
  run_cell(*monitor, [] { burn(0.5); });
  burn(0.2);  // between the cells
  run_empty_cell(*monitor);

  // THEN
  const auto costs = monitor->cell_costs();
  EXPECT_NEAR(*(*costs)[0].summary.cpu_seconds, 0.5, 0.015);
  EXPECT_LT(*(*costs)[1].summary.cpu_seconds, 0.05);
  EXPECT_NEAR(*monitor->report(std::nullopt, Scope::kProcess)->summary.cpu_seconds,
              *(*costs)[0].summary.cpu_seconds + *(*costs)[1].summary.cpu_seconds, 1e-9);
}

TEST(Monitor, CountsTheCpuTimeOfChildren) {
  // GIVEN samples of the children while they live, and none at all
  for (const double interval_seconds : {0.1, kLongInterval}) {
    const auto monitor = started_monitor(thrifty(interval_seconds));
    double used = 0;

    // WHEN
    run_cell(*monitor, [&] { used = burn_in_children(0.5); });

    // THEN
    ASSERT_GE(used, 1.0);
    EXPECT_NEAR(*monitor->cell_costs()->front().summary.cpu_seconds, used, 0.03 * used)
        << interval_seconds;
  }
}

TEST(Monitor, WithoutItselfCountsItsDescendantsOnly) {
  // GIVEN
  const auto monitor =
      make_monitor({.proc_path = "/proc", .sys_path = "/sys", .count_self = false});
  ASSERT_TRUE(monitor->start(thrifty(kLongInterval)).ok());
  double used = 0;

  // WHEN
  run_cell(*monitor, [&] {
    burn(0.3);
    used = burn_in_children(0.2);
  });

  // THEN
  EXPECT_NEAR(*monitor->cell_costs()->front().summary.cpu_seconds, used, 0.03 * used + 0.01);
}

TEST(Monitor, SeesAPeakBetweenTwoSamples) {
  // GIVEN
  const auto monitor = running_monitor();
  run_empty_cell(*monitor);

  // WHEN a hundred megabytes come and go, and in the next cell come and stay
  run_cell(*monitor, [] { const Memory memory(kBlockBytes); });
  std::optional<Memory> kept;
  run_cell(*monitor, [&] { kept.emplace(kBlockBytes); });

  // THEN
  const auto costs = monitor->cell_costs();
  const auto& [empty, passing, keeping] = std::tie((*costs)[0], (*costs)[1], (*costs)[2]);
  if (!empty.cell->readings.peak_resident_bytes)
    GTEST_SKIP() << "this kernel does not reset high-water marks";
  ASSERT_TRUE(passing.peak_bytes);
  EXPECT_TRUE(passing.peak_is_exact);
  EXPECT_NEAR(*passing.peak_bytes - *empty.peak_bytes, kBlockBytes, kSlackBytes);
  EXPECT_NEAR(*passing.summary.memory_change_bytes, 0, kSlackBytes);
  EXPECT_NEAR(*keeping.summary.memory_change_bytes, kBlockBytes, kSlackBytes);
  EXPECT_NEAR(*keeping.peak_bytes - *empty.peak_bytes, kBlockBytes, kSlackBytes);
  const auto report = monitor->report(std::nullopt, Scope::kProcess);
  EXPECT_TRUE(report->peak->is_exact);
  EXPECT_NEAR(report->peak->bytes - *empty.peak_bytes, kBlockBytes, kSlackBytes);
}

TEST(Monitor, ThePeakBeforeItStartedIsNoneOfTheCells) {
  // GIVEN a process that once had much more memory than now, and starts the monitor in a cell
  {
    const Memory memory(3 * kBlockBytes);
  }
  const auto monitor = make_monitor();

  // WHEN
  run_cell(*monitor, [&] { ASSERT_TRUE(monitor->start(every(kLongInterval)).ok()); });

  // THEN
  const auto report = monitor->report(std::nullopt, Scope::kProcess);
  ASSERT_TRUE(report.ok());
  ASSERT_TRUE(report->peak);
  EXPECT_EQ(report->peak->bytes, report->summary.memory_bytes->maximum);
  EXPECT_FALSE(report->peak->is_exact);
}

TEST(Monitor, APeakThatCannotBeResetIsNotTakenForTheCells) {
  // GIVEN a kernel that tells the high-water mark of the process's whole life, and does not reset
  // it
  const jumper::testing::TempRoot files{
      {"proc/self/status",
       "Name:\tpython\nUid:\t0\t0\t0\t0\nThreads:\t1\nVmHWM:\t  999999 kB\nVmRSS:\t 1000 kB\n"}};
  const auto monitor = make_monitor({.proc_path = (files.path() / "proc").string(),
                                     .sys_path = (files.path() / "sys").string(),
                                     .count_self = true});
  ASSERT_TRUE(monitor->start(every(kLongInterval)).ok());

  // WHEN
  run_empty_cell(*monitor);

  // THEN
  EXPECT_EQ(monitor->cell_costs()->front().cell->readings.peak_resident_bytes, std::nullopt);
}

TEST(Monitor, CountsWhatACellWroteAndReadByCalls) {
  // GIVEN
  const jumper::testing::TempFolder folder;
  const auto monitor = running_monitor();
  const std::string block(1 << 20U, 'x');

  // WHEN
  run_cell(*monitor, [&] {
    const base::UniqueFd fd(::open(folder.file("f").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    for (int i = 0; i < 16; ++i) {
      ASSERT_EQ(::write(fd.get(), block.data(), block.size()), static_cast<ssize_t>(block.size()));
    }
  });

  // THEN
  const analysis::Summary summary = monitor->cell_costs()->front().summary;
  if (!summary.io_write_calls) GTEST_SKIP() << "this kernel does not count I/O";
  EXPECT_GE(*summary.io_write_calls, 16);
  EXPECT_LE(*summary.io_write_calls, 20);
  EXPECT_LE(*summary.io_read_calls, 4) << "the monitor's own reads are in it";
}

// ---- export --------------------------------------------------------------------------------

TEST(Monitor, ExportsWhatItHas) {
  // GIVEN
  const jumper::testing::TempFolder folder;
  const auto monitor = running_monitor();
  run_empty_cell(*monitor);

  // WHEN
  ASSERT_TRUE(monitor->export_perf(folder.file("p.csv"), Scope::kSystem).ok());
  ASSERT_TRUE(monitor->export_history(folder.file("h.json")).ok());

  // THEN
  EXPECT_TRUE(jumper::testing::read_file(folder.file("p.csv"))
                  .starts_with("time,timestamp,cell_index,cpu_util_avg,"));
  EXPECT_NE(jumper::testing::read_file(folder.file("h.json")).find("\"raw_cell\": \"work()\""),
            std::string::npos);
}

TEST(Monitor, TellsOfAWrongSuffixFirst) {
  const auto monitor = make_monitor();
  expect_error(monitor->export_perf("p.txt", Scope::kProcess).error(), ErrorCode::kBadInput,
               ".csv or .json");
  expect_error(monitor->export_history("h").error(), ErrorCode::kBadInput, ".csv or .json");
}

// ---- fork ----------------------------------------------------------------------------------

TEST(Monitor, RefusesEverythingInAForkedChild) {
  if (!jumper::testing::kForkedChildHasAHeap) GTEST_SKIP() << kNoHeapInTheChild;
  // GIVEN a monitor that samples as often as it may, with an open cell
  const jumper::testing::TempFolder folder;
  auto monitor = running_monitor(0.001);
  run_empty_cell(*monitor);
  ASSERT_TRUE(monitor->begin_cell("os.fork()", {}).ok());
  wait_for_ticks(*monitor, 1);

  // WHEN
  const std::string wrong = in_child([&] {
    std::string names;
    const auto refused = [&](std::string_view name, const auto& result) {
      if (result.ok() || result.error().code != ErrorCode::kState ||
          result.error().message.find("belongs to the parent process") == std::string::npos) {
        names += std::string(name) + " ";
      }
    };
    if (!monitor->inherited()) names += "inherited ";
    if (monitor->running()) names += "running ";
    if (monitor->cell_open()) names += "cell_open ";
    refused("start", monitor->start(every(1)));
    refused("stop", monitor->stop());
    refused("begin_cell", monitor->begin_cell("x", {}));
    refused("end_cell", monitor->end_cell(CellStatus::kOk));
    refused("discard_cell", monitor->discard_cell());
    refused("resolve_cells", monitor->resolve_cells("0"));
    refused("report", monitor->report(std::nullopt, Scope::kProcess));
    refused("perf_table", monitor->perf_table(Scope::kProcess));
    refused("cell_costs", monitor->cell_costs());
    refused("export_perf", monitor->export_perf(folder.file("p.csv"), Scope::kProcess));
    refused("export_history", monitor->export_history(folder.file("h.csv")));
    if (monitor->stats().ticks != 0) names += "stats ";
    if (monitor->info().start_ns) names += "info ";
    monitor.reset();
    return names;
  });

  // THEN nothing was done there, and the parent goes on
  EXPECT_EQ(wrong, "");
  EXPECT_EQ(folder.entries(), 0U);
  EXPECT_TRUE(monitor->running());
  wait_for_ticks(*monitor, 2);
  EXPECT_TRUE(monitor->end_cell(CellStatus::kOk).ok());
  EXPECT_EQ(monitor->cell_count(), 2U);
  EXPECT_TRUE(monitor->stop().ok());
}

TEST(Monitor, MayBeDestroyedInManyForkedChildren) {
  if (!jumper::testing::kForkedChildHasAHeap) GTEST_SKIP() << kNoHeapInTheChild;
  // Each fork catches the sampling thread somewhere else.
  auto monitor = running_monitor(0.001);
  for (int i = 0; i < 50; ++i) {
    ASSERT_EQ(in_child([&] {
                monitor.reset();
                return std::string();
              }),
              "");
  }
  wait_for_ticks(*monitor, 1);
}

TEST(Monitor, AForkedChildMayHaveItsOwn) {
  if (!jumper::testing::kForkedChildHasAHeap) GTEST_SKIP() << kNoHeapInTheChild;
  const auto monitor = running_monitor(0.001);
  EXPECT_EQ(in_child([] {
              const auto own = running_monitor(0.001);
              run_cell(*own, [] { burn(0.02); });
              const auto costs = own->cell_costs();
              if (!costs || !costs->front().summary.cpu_seconds) return std::string("not measured");
              const double used = *costs->front().summary.cpu_seconds;
              return used >= 0.019 && used < 0.2 ? std::string() : std::to_string(used);
            }),
            "");
  EXPECT_TRUE(monitor->running());
}

// ---- threads -------------------------------------------------------------------------------

TEST(Monitor, MayBeUsedFromManyThreads) {
  // GIVEN a monitor that samples as often as it may
  const auto monitor = make_monitor();
  std::atomic<int> wrong = 0;
  std::atomic<bool> done = false;
  const auto expect = [&](bool truth) {
    if (!truth) ++wrong;
  };
  const auto until_done = [&](auto work) {
    return std::thread([&, work] {
      do work();
      while (!done);
    });
  };

  // WHEN readers ask from before it starts, and several threads run cells
  std::vector<std::thread> threads;
  threads.push_back(until_done([&] {
    const auto report = monitor->report(std::nullopt, Scope::kProcess);
    expect(report.ok() || report.error().code == ErrorCode::kState);
    if (report) expect(report->duration_seconds >= 0 && !to_text(*report).empty());
  }));
  threads.push_back(until_done([&] {
    const auto table = monitor->perf_table(Scope::kSystem);
    expect(table.ok() || table.error().code == ErrorCode::kState);
    if (table) expect(std::ranges::is_sorted(column(*table, "time")));
  }));
  threads.push_back(until_done([&] {
    const auto costs = monitor->cell_costs();
    expect(costs.ok());
    for (const auto& cost : *costs) expect(cost.cell->duration_ns() >= 0);
    static_cast<void>(monitor->info());
    static_cast<void>(monitor->resources());
    static_cast<void>(monitor->cell_open());
    static_cast<void>(monitor->resolve_cells(":"));
  }));
  std::atomic<int> finished = 0;
  for (int i = 0; i < 2; ++i) {
    threads.push_back(until_done([&] {
      static_cast<void>(monitor->begin_cell("x", {"time"}).ok());
      if (monitor->end_cell(CellStatus::kOk).ok()) ++finished;
    }));
  }
  std::this_thread::yield();
  EXPECT_TRUE(monitor->start(every(0.001)).ok());
  wait_for_ticks(*monitor, 100);
  EXPECT_TRUE(monitor->stop().ok());
  EXPECT_TRUE(monitor->start(every(0.001)).ok());
  wait_for_ticks(*monitor, 100);
  done = true;
  for (std::thread& thread : threads) thread.join();

  // THEN
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(monitor->cell_count(), static_cast<size_t>(finished));
  EXPECT_TRUE(monitor->running());
}

TEST(Monitor, MayBeStartedAndStoppedFromManyThreads) {
  // GIVEN
  const auto monitor = make_monitor();
  std::atomic<int> starts = 0;
  std::atomic<int> stops = 0;
  const auto toggle = [&] {
    for (int i = 0; i < 40; ++i) {
      if (monitor->start(every(0.001)).ok()) ++starts;
      if (monitor->stop().ok()) ++stops;
    }
  };

  // WHEN
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back(toggle);
  for (std::thread& thread : threads) thread.join();

  // THEN each start had its stop
  EXPECT_GT(starts, 0);
  EXPECT_EQ(starts, stops);
  EXPECT_FALSE(monitor->running());
  EXPECT_TRUE(monitor->perf_table(Scope::kProcess).ok());
}

}  // namespace
}  // namespace jumper::monitor
