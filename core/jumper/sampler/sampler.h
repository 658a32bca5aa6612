// SPDX-License-Identifier: BSD-3-Clause
// The sampling thread. It takes a tick at each deadline, and on the caller's thread when asked for
// one (at the edges of a cell, so that they are exact), and hands ticks to a sink. It never calls
// into Python, so it goes on while a cell holds the interpreter's lock.
#pragma once

#include <ctime>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <thread>
#include <vector>

#include "jumper/base/clock.h"
#include "jumper/base/result.h"
#include "jumper/gpu/poller.h"
#include "jumper/kernfs/file.h"
#include "jumper/metric/sample.h"
#include "jumper/sampler/budget.h"
#include "jumper/sampler/membership.h"
#include "jumper/sampler/memory_watch.h"
#include "jumper/sampler/process_table.h"
#include "jumper/sampler/process_watcher.h"
#include "jumper/sampler/schedule.h"
#include "jumper/sampler/tiers.h"
#include "jumper/sampler/wake_up.h"
#include "jumper/source/gpu_series.h"
#include "jumper/source/group_levels.h"
#include "jumper/source/peak_meter.h"
#include "jumper/source/source.h"
#include "jumper/source/wall_meter.h"

namespace jumper::sampler {

struct SamplerOptions {
  int64_t interval_ns = base::kNanosPerSecond;
  double budget_share = 0.005;  // of one core; 0 or less: no limit
  bool exact_peak = true;       // set the kernel's high-water mark of memory back at each cell
  // Read and followed besides the process's own, the user's and the machine's.
  std::optional<source::GroupLevel> container{};
  std::optional<source::GroupLevel> slurm{};
  // Follow the memory of the monitored process's own group against its limit.
  bool watch_limit = true;
  // Asks the GPUs; null: nobody does. It must outlive the sampler.
  gpu::Poller* gpus = nullptr;
};

struct SamplerStats {
  uint64_t ticks = 0;            // at the interval
  uint64_t curve_ticks = 0;      // in between, inside cells
  uint64_t edge_ticks = 0;       // at the start and the end of cells
  uint64_t missed_ticks = 0;     // came too late
  uint64_t stretched_ticks = 0;  // left out to stay within the budget
  // Of `ticks`, those that had to do without a part that was due, to stay within the budget.
  struct LeftOut {
    std::string what;
    uint64_t ticks = 0;
  };
  std::vector<LeftOut> left_out;
  int64_t cpu_ns = 0;       // spent on all of them, waking up and asking GPUs included
  int64_t running_ns = 0;   // since the sampler started, until it stopped
  uint64_t wake_ups = 0;    // at the interval
  int64_t late_sum_ns = 0;  // how late the thread woke up, over all of them
  int64_t late_max_ns = 0;
  uint32_t io_unreadable = 0;  // processes of the tree whose I/O we may not read, at the last tick
  uint32_t user_io_unreadable = 0;
  uint64_t page_walks = 0;      // through page tables, for the pages that processes share
  uint32_t shared_in_full = 0;  // processes of the tree whose shared pages count as theirs alone
  uint32_t user_shared_in_full = 0;
};

// What is read at one end of a cell, besides the tick.
struct CellEdge {
  int64_t time_ns = 0;
  source::WallTimes wall;                       // of the calling thread, so far
  std::optional<uint64_t> peak_resident_bytes;  // at the end: of the process, since the start
  uint64_t largest_child_bytes = 0;             // of any child that ended so far
};

// The clocks of processes, without what the sampling thread used of its own process's: measuring
// is no work of the user's. What it costs is told in SamplerStats.
class ClocksWithoutSampler final : public base::ProcessClocks {
 public:
  // `helpers`: what the monitor's other threads used; may be null.
  ClocksWithoutSampler(const base::ProcessClocks& clocks, pid_t self_pid,
                       const base::OwnWork* helpers)
      : clocks_(clocks), self_pid_(self_pid), helpers_(helpers) {}

  // The thread to leave out, while it lives; what it has used when it ended.
  void set_thread(std::optional<clockid_t> thread_clock, int64_t used_before_ns) {
    thread_clock_ = thread_clock;
    used_before_ns_ = used_before_ns;
  }
  // The thread that asks the GPUs, as well; null: there is none.
  void set_gpus(const gpu::Poller* gpus) { gpus_ = gpus; }

  [[nodiscard]] std::optional<int64_t> process_cpu_ns(pid_t pid) const override;
  [[nodiscard]] int64_t own_reaped_cpu_ns() const override { return clocks_.own_reaped_cpu_ns(); }
  [[nodiscard]] int64_t left_out_ns() const override;

 private:
  const base::ProcessClocks& clocks_;
  pid_t self_pid_;
  const base::OwnWork* helpers_;
  const gpu::Poller* gpus_ = nullptr;
  std::optional<clockid_t> thread_clock_;
  int64_t used_before_ns_ = 0;
};

class Sampler {
 public:
  // The referents must outlive the sampler.
  Sampler(const kernfs::KernelRoot& root, const base::Clock& clock,
          const base::ProcessClocks& clocks, ProcessTable::Options options, metric::TickSink& sink);
  ~Sampler();
  Sampler(const Sampler&) = delete;
  Sampler& operator=(const Sampler&) = delete;

  // Absent: nobody wants to know. Only while it does not run; the watcher must outlive it.
  void set_watcher(ProcessWatcher* watcher);

  // Takes the first tick before it returns. Starting a running sampler does nothing.
  base::Status start(const SamplerOptions& options);
  // Takes a last tick, and returns when the thread has ended. May be called at any time, again and
  // again.
  void stop();

  // A tick on the caller's thread, now; returns its time.
  int64_t tick_now(metric::TickKind kind);

  // A tick at the start or the end of a cell, on the thread that runs it: at the start the clocks
  // are read last, at the end first. In between, the sampler draws the cell's curve. Absent while
  // it does not run.
  std::optional<CellEdge> begin_cell();
  std::optional<CellEdge> end_cell();

  // Calls `action` while no tick is taken: what it starts is not seen before it is done.
  void run_between_ticks(const std::function<void()>& action);

  [[nodiscard]] SamplerStats stats() const;

 private:
  struct PlacedSource {
    std::unique_ptr<source::Source> source;
    size_t tier = 0;
    size_t first = 0;  // where its values stand in a tick
    size_t count = 0;
    bool is_fine = false;  // as fine as the clocks of processes: of use at every edge of a cell
    MemoryWatch watch;     // where it is memory that has a limit
  };

  // A level whose members the process table follows, for what its groups do not count.
  struct FollowedLevel {
    Membership members;
    Group group = Group::kContainer;
    size_t first = 0;             // where its values stand in a tick
    std::vector<size_t> metrics;  // of those that groups of processes have
  };

  void run(int64_t start_ns);
  void take_due_tick(Schedule& schedule, int64_t due_ns);
  [[nodiscard]] bool choose_affordable(int64_t now_ns, bool is_at_interval);
  void choose_for_edge(int64_t now_ns);
  [[nodiscard]] bool is_fresh(const PlacedSource& placed, int64_t now_ns) const;
  [[nodiscard]] int64_t next_due_ns(const Schedule& schedule) const;
  void find_shared_pages(const Schedule& schedule, std::unique_lock<std::mutex>& lock);
  void tell_watcher(std::unique_lock<std::mutex>& lock);
  void plan_curve(int64_t now_ns);
  void plan_next(Schedule& schedule);
  [[nodiscard]] int64_t interval_earnings_ns() const;
  enum class Delivery : uint8_t { kNow, kWhenGpusAnswer };
  int64_t take_edge_tick(metric::TickKind kind, Delivery delivery = Delivery::kNow);
  int64_t take_tick(metric::TickKind kind, Delivery delivery = Delivery::kNow);
  void take_last_tick(gpu::Poller* gpus, std::optional<gpu::Readout> gpu_edge);
  void choose_watched();
  void read_sources(metric::TickKind kind);
  ProcessTable::Pass read_processes(metric::TickKind kind, ProcessTable::Moment moment);
  [[nodiscard]] int64_t unbooked_cpu_ns();
  void book(int64_t cpu_ns);
  std::vector<metric::SeriesKey> make_sources();
  void add_group_level(const source::GroupLevel& level, std::vector<metric::SeriesKey>& series);
  PlacedSource& add_source(std::unique_ptr<source::Source> source, int64_t period_ns,
                           std::vector<metric::SeriesKey>& series);
  void fill_followed(bool is_read);

  // GPUs: sampler_gpu.cpp.
  [[nodiscard]] gpu::Poller* gpus_to_ask() const;
  [[nodiscard]] std::optional<gpu::Readout> read_gpu_edge();
  void begin_gpus();
  void take_gpu_readout(const gpu::Readout& readout);
  void put_gpu_values(const gpu::Readout& readout, std::span<double> values);
  void put_waiting_gpu_values();
  void deliver_held(const gpu::Readout* readout);
  [[nodiscard]] bool is_of_level(metric::Scope level, pid_t pid) const;

  const kernfs::KernelRoot& root_;
  const base::Clock& clock_;
  const ProcessTable::Options options_;
  metric::TickSink& sink_;
  ProcessWatcher* watcher_ = nullptr;

  mutable std::mutex mutex_;  // guards everything below but thread_; the private functions need it
  WakeUp wake_;
  bool stopping_ = false;
  bool running_ = false;
  SamplerOptions settings_;
  ClocksWithoutSampler clocks_;
  int64_t thread_cpu_ns_ = 0;  // of sampling threads that ended
  kernfs::ReadBuffer buffer_;
  std::vector<PlacedSource> sources_;
  std::vector<std::unique_ptr<FollowedLevel>> followed_;  // the table refers to their members
  std::unique_ptr<ProcessTable> processes_;
  std::optional<source::WallMeter> wall_meter_;
  std::optional<source::PeakMeter> peak_meter_;
  bool peak_was_reset_ = false;
  std::vector<double> values_;
  std::vector<double> last_values_;  // of each source, when it was read last
  SamplerStats stats_;
  Budget budget_{0};
  Tiers tiers_;             // what a tick may read besides the tree, by the choice for this tick
  CostEstimate base_cost_;  // of a tick of the tree alone
  CostEstimate tree_update_cost_;
  int64_t extra_cost_ns_ = 0;  // of this tick: what the tiers cost
  Budget walk_budget_{0};
  int64_t started_ns_ = 0;
  int64_t last_time_ns_ = 0;
  int64_t running_before_ns_ = 0;         // of earlier runs
  std::optional<int64_t> cell_start_ns_;  // of the open cell
  std::optional<int64_t> curve_due_ns_;   // the next tick of its curve
  int64_t sleeping_until_ns_ = 0;         // the deadline that the thread waits for
  int64_t booked_cpu_ns_ = 0;             // of the thread's own clock: what the budget knows of

  std::vector<metric::SeriesKey> series_;  // of a tick
  std::optional<source::GpuSeries> gpu_series_;
  size_t gpu_first_ = 0;                    // where their values stand in a tick
  std::optional<gpu::Readout> gpu_edge_;    // for the tick that is taken now
  std::optional<gpu::Readout> gpu_newest_;  // of those that were put into ticks
  std::vector<double> gpu_row_;             // of a tick that tells of GPUs alone
  int64_t gpu_cpu_before_ns_ = 0;           // of the thread that asks them, before we listened
  int64_t gpu_cpu_ns_ = 0;                  // that it used for earlier runs
  // The tick at the end of a cell, until the GPUs have told what they did until then. Whoever has
  // another tick before that sends this one without them.
  struct HeldTick {
    int64_t time_ns = 0;
    std::vector<double> values;
  };
  std::optional<HeldTick> held_;

  kernfs::ReadBuffer walk_buffer_;  // of the sampling thread alone: it is used without the lock

  // Held by begin_cell() and end_cell() from end to end, taken before mutex_: they ask the GPUs
  // without that, and who stopped the sampler may end the poller.
  std::mutex edge_mutex_;

  // Held by start() and stop() from end to end, and always taken before mutex_: the sampling
  // thread, which stop() waits for, takes only that.
  std::mutex thread_mutex_;
  std::thread thread_;  // guarded by thread_mutex_
};

}  // namespace jumper::sampler
