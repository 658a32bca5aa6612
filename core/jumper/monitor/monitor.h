// SPDX-License-Identifier: BSD-3-Clause
// The monitor: sampler, store, cells and everything made from them, behind the one class that the
// Python package and the command line use.
//
// Safe to call from any thread. A child made by fork() inherits the object but not the sampling
// thread: in it every call is refused, and destroying the monitor leaves everything alone.
#pragma once

#include <sys/types.h>

#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "jumper/analysis/cell_cost.h"
#include "jumper/analysis/perf_table.h"
#include "jumper/base/clock.h"
#include "jumper/base/result.h"
#include "jumper/cells/range.h"
#include "jumper/cells/timeline.h"
#include "jumper/gpu/poller.h"
#include "jumper/journal/last_words.h"
#include "jumper/journal/recording.h"
#include "jumper/journal/vitals_watcher.h"
#include "jumper/monitor/journaling.h"
#include "jumper/monitor/oom_guard.h"
#include "jumper/monitor/plot.h"
#include "jumper/monitor/session.h"
#include "jumper/monitor/tick_tee.h"
#include "jumper/nodes/collector.h"
#include "jumper/report/plot_document.h"
#include "jumper/report/report.h"
#include "jumper/sampler/sampler.h"
#include "jumper/source/resources.h"
#include "jumper/store/store.h"

namespace jumper::monitor {

inline constexpr double kShortestIntervalSeconds = 0.001;
inline constexpr double kLongestIntervalSeconds = 86'400;

// An interval between those two, or an error that says so.
[[nodiscard]] base::Result<double> check_interval(double seconds);

struct MonitorOptions {
  std::string proc_path = "/proc";
  std::string sys_path = "/sys";
  // False: what is monitored are the descendants of the calling process, without itself.
  bool count_self = true;
};

// A share of one core in percent that the monitor may use: above 0 and at most 100, or 0 for no
// limit.
[[nodiscard]] base::Result<double> check_budget(double percent);

// Other nodes of the Slurm job, to be measured as well.
struct NodesOptions {
  std::string nodes;    // "all", how many, or which as Slurm writes lists
  std::string program;  // the command `jumper`, as all nodes see it
};

struct StartOptions {
  double interval_seconds = 1;
  double budget_percent = 0.5;
  bool exact_peak = true;
  std::optional<JournalOptions> journal;  // none: nothing is written
  std::optional<NodesOptions> nodes;
  bool oom_guard = false;  // interrupt the cell that is about to reach the memory limit
};

class Monitor {
 public:
  // Opens the kernel's folders; starts nothing.
  static base::Result<std::unique_ptr<Monitor>> create(const MonitorOptions& options = {});
  ~Monitor();
  Monitor(const Monitor&) = delete;
  Monitor& operator=(const Monitor&) = delete;

  base::Status start(const StartOptions& options);
  base::Status stop();
  [[nodiscard]] bool running() const;
  [[nodiscard]] bool started() const;    // ever
  [[nodiscard]] bool inherited() const;  // we are in a child made by fork()
  [[nodiscard]] double interval_seconds() const;
  // The file that the session is written to; empty where there is none.
  [[nodiscard]] std::string journal_path() const;
  // Why there is none although one was asked for, or why it cannot be written to. Monitoring goes
  // on without it.
  [[nodiscard]] base::Status journal_status() const;

  // The levels that can be measured here, and the one of that name or why it cannot.
  [[nodiscard]] std::vector<metric::Scope> levels() const;
  [[nodiscard]] base::Result<metric::Scope> find_level(std::string_view name) const;

  base::Result<size_t> begin_cell(std::string source, std::vector<std::string> magics);
  base::Status end_cell(cells::CellStatus status);
  base::Status discard_cell();
  [[nodiscard]] bool cell_open() const;
  [[nodiscard]] size_t cell_count() const;  // finished ones
  // Why the cell that ended last was interrupted by the guard, if it was; told once.
  [[nodiscard]] std::optional<std::string> take_guard_reason();
  // That memory reaches its limit soon; absent while it does not look so.
  [[nodiscard]] std::optional<MemoryForecast> memory_forecast() const;
  [[nodiscard]] base::Result<cells::CellRange> resolve_cells(std::string_view text) const;

  // What there is so far, as data that do not change any more.
  [[nodiscard]] base::Result<Session> session() const;
  // The questions of a session (session.h) to what there is so far.
  [[nodiscard]] base::Result<report::Report> report(std::optional<cells::CellRange> range,
                                                    metric::Scope level) const;
  [[nodiscard]] base::Result<analysis::PerfTable> perf_table(metric::Scope level) const;
  [[nodiscard]] base::Result<Plot> plot(std::optional<cells::CellRange> range,
                                        metric::Scope level) const;
  [[nodiscard]] base::Result<store::Snapshot> snapshot() const;
  [[nodiscard]] base::Result<std::vector<analysis::CellCost>> cell_costs() const;
  [[nodiscard]] base::Status export_perf(const std::string& path, metric::Scope level) const;
  [[nodiscard]] base::Status export_history(const std::string& path) const;
  // For a plot that moves on while cells run; the running cell is among its cells. The last
  // `most_ns`, and what changed since a plot that ended `after_ns` after the start: its receiver
  // replaces with it all from its `from_ns` on.
  [[nodiscard]] base::Result<Plot> recent_plot(metric::Scope level, int64_t most_ns) const;
  [[nodiscard]] base::Result<report::PlotDocument> plot_after(int64_t after_ns,
                                                              int64_t most_ns) const;
  [[nodiscard]] journal::Facts info() const;
  [[nodiscard]] source::Resources resources() const;
  [[nodiscard]] sampler::SamplerStats stats() const;

 private:
  Monitor(kernfs::KernelRoot root, const MonitorOptions& options);

  [[nodiscard]] base::Status check_owner() const;
  [[nodiscard]] journal::Facts facts() const;
  [[nodiscard]] sampler::SamplerOptions sampling_of(const StartOptions& options) const;
  base::Status start_collector(const nodes::Launch& launch);
  void prepare_journal(const StartOptions& options);
  void journal_earlier_cells();
  void watch_for_death();
  // Null where the session is not written down. It lives as long as the monitor.
  [[nodiscard]] journal::Writer* journal_writer() const;
  // Of the other nodes; null where there are none. It lives as long as the monitor.
  [[nodiscard]] nodes::Collector* collector() const;
  gpu::Poller* look_for_gpus();
  void journal_gpus();

  const pid_t owner_pid_;
  const MonitorOptions options_;
  kernfs::KernelRoot root_;
  base::SystemClock clock_;
  base::SystemProcessClocks process_clocks_;
  std::unique_ptr<base::OwnWork> written_ = std::make_unique<base::OwnWork>();
  std::unique_ptr<store::Store> store_ = std::make_unique<store::Store>();
  std::vector<std::unique_ptr<journal::Writer>>
      journals_;  // guarded by mutex_; the last may be in use
  std::vector<std::unique_ptr<nodes::Collector>>
      collectors_;  // guarded by mutex_; the last may be in use
  std::unique_ptr<TickTee> sinks_ = std::make_unique<TickTee>();
  std::unique_ptr<OomGuard> guard_ = std::make_unique<OomGuard>();
  cells::Timeline timeline_;
  mutable std::mutex gpus_mutex_;
  // Guarded by gpus_mutex_.
  std::unique_ptr<gpu::Poller> gpus_;  // of the last start; the next one makes another
  gpu::Status journaled_gpus_;
  std::unique_ptr<sampler::Sampler> sampler_;

  // Guarded by lifecycle_mutex_.
  const journal::Writer* journaled_cells_in_ = nullptr;
  std::unique_ptr<journal::VitalsWatcher> watcher_;
  std::optional<journal::LastWords> last_words_;  // while it runs

  std::mutex lifecycle_mutex_;  // held while the sampler is started or stopped; taken before mutex_
  mutable std::mutex mutex_;    // guards all below; never held while the sampler is called
  bool running_ = false;
  StartOptions settings_;
  std::optional<sampler::CellEdge> cell_start_;  // of the open cell
  std::optional<int64_t> start_ns_;
  std::optional<int64_t> stop_ns_;
  std::optional<int64_t> wall_start_ns_;
  std::optional<int64_t> wall_stop_ns_;
  source::Resources resources_;       // as of the last start
  source::GroupLevels group_levels_;  // the same; before, as of the monitor's making
  journal::Origin origin_;
  journal::Writer* writer_ = nullptr;      // of journals_
  nodes::Collector* collector_ = nullptr;  // of collectors_
  std::optional<source::SlurmJob> job_;    // as of the last start
  std::optional<base::Error> journal_failure_;
};

}  // namespace jumper::monitor
