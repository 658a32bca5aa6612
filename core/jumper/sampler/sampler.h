// SPDX-License-Identifier: BSD-3-Clause
// The sampling thread. It takes a tick at each deadline, and on the caller's thread when asked for
// one (at the edges of a cell, so that they are exact), and hands ticks to a sink. It never calls
// into Python, so it goes on while a cell holds the interpreter's lock.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "jumper/base/clock.h"
#include "jumper/base/result.h"
#include "jumper/kernfs/file.h"
#include "jumper/metric/sample.h"
#include "jumper/sampler/process_table.h"
#include "jumper/sampler/schedule.h"
#include "jumper/source/source.h"

namespace jumper::sampler {

struct SamplerStats {
  uint64_t ticks = 0;         // periodic ones
  uint64_t edge_ticks = 0;    // taken on a caller's thread
  uint64_t missed_ticks = 0;
  int64_t cpu_ns = 0;         // spent on all of them
  int64_t running_ns = 0;     // since the sampler started, until it stopped
  uint32_t io_unreadable = 0; // processes of the tree whose I/O we may not read, at the last tick
  uint32_t user_io_unreadable = 0;
};

class Sampler {
 public:
  // The referents must outlive the sampler.
  Sampler(const kernfs::KernelRoot& root, const base::Clock& clock, const base::ProcessClocks& clocks,
          ProcessTable::Options options, metric::TickSink& sink);
  ~Sampler();
  Sampler(const Sampler&) = delete;
  Sampler& operator=(const Sampler&) = delete;

  // Takes the first tick before it returns. Starting a running sampler does nothing.
  base::Status start(int64_t period_ns);
  // Takes a last tick, and returns when the thread has ended. May be called at any time, again and again.
  void stop();

  // A full tick on the caller's thread, now; returns its time. For a cell's start the clock is
  // read as late as possible, for its end as early as possible.
  int64_t tick_now(metric::TickKind kind);

  [[nodiscard]] SamplerStats stats() const;

 private:
  void run(int64_t start_ns, int64_t period_ns);
  int64_t take_tick(metric::TickKind kind);  // mutex_ held
  void read_sources();
  ProcessTable::Pass read_processes(ProcessTable::Moment moment);

  const kernfs::KernelRoot& root_;
  const base::Clock& clock_;
  const base::ProcessClocks& clocks_;
  const ProcessTable::Options options_;
  metric::TickSink& sink_;

  mutable std::mutex mutex_;  // guards everything below but thread_
  std::condition_variable wake_;
  bool stopping_ = false;
  bool running_ = false;
  kernfs::ReadBuffer buffer_;
  std::vector<std::unique_ptr<source::Source>> sources_;
  std::unique_ptr<ProcessTable> processes_;
  std::vector<double> values_;
  SamplerStats stats_;
  int64_t started_ns_ = 0;
  int64_t last_time_ns_ = 0;
  int64_t running_before_ns_ = 0;  // of earlier runs

  std::thread thread_;  // touched by start() and stop() only
};

}  // namespace jumper::sampler
