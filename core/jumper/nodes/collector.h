// SPDX-License-Identifier: BSD-3-Clause
// Runs the collectors of a job's nodes and keeps what they send: one program (srun) that starts
// them all, and one thread that reads what comes. The collectors end when this object does, and
// when the process dies, however it dies: the pipe that they listen to is closed then.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "jumper/base/clock.h"
#include "jumper/base/fd.h"
#include "jumper/base/own_work.h"
#include "jumper/base/result.h"
#include "jumper/nodes/srun.h"
#include "jumper/nodes/streams.h"

namespace jumper::nodes {

class Collector {
 public:
  struct Options {
    Launch launch;
    double interval_seconds = 1;
    Streams::Listener listener;  // called on the collector's thread
    // Runs what starts the program while nobody looks for new processes; empty: just runs it.
    std::function<void(const std::function<void()>&)> while_unseen;
  };

  // The clock and the count must outlive it.
  static base::Result<std::unique_ptr<Collector>> start(const Options& options,
                                                        const base::Clock& clock,
                                                        base::OwnWork& work);
  ~Collector();
  Collector(const Collector&) = delete;
  Collector& operator=(const Collector&) = delete;

  // Ends the collectors, and waits for what they still have to say; three seconds at most.
  void stop();

  // All nodes take a tick: a cell begins or ends here. Not more often than twenty times a second.
  void mark(bool is_end);

  [[nodiscard]] std::vector<journal::NodeRecording> nodes() const;
  // One line each on what went wrong that is not about one node.
  [[nodiscard]] std::vector<std::string> notes() const;

 private:
  Collector(const Options& options, const base::Clock& clock, base::OwnWork& work);

  base::Status spawn(const Launch& launch);
  void run();
  void read_output();
  void read_complaints();
  void say(std::string_view commands);
  void send_pending();
  void book();
  void signal_program(int signal) const;
  [[nodiscard]] std::string wait_for_program();

  const base::Clock& clock_;
  base::OwnWork& work_;
  const std::string secret_;
  pid_t pid_ = -1;
  base::UniqueFd process_;     // of that; before Linux 5.3 there is none
  base::UniqueFd output_;      // of the collectors
  base::UniqueFd complaints_;  // of srun
  base::UniqueFd wake_;
  std::thread thread_;
  std::mutex stop_mutex_;

  mutable std::mutex mutex_;  // guards all below
  Streams streams_;
  base::UniqueFd input_;  // of the collectors
  std::string pending_;   // commands that the pipe had no room for
  std::string complaint_;
  int64_t marked_ns_ = 0;
  bool is_stopping_ = false;
  int64_t stopping_ns_ = 0;
};

}  // namespace jumper::nodes
