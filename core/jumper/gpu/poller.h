// SPDX-License-Identifier: BSD-3-Clause
// The thread that asks the drivers. Their calls may take 20 ms, or never come back, and asking too
// often slows a card down: so they are made once a second, and at the edges of cells for what must
// be exact there, by a thread that nobody has to wait for.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "jumper/base/clock.h"
#include "jumper/gpu/backend.h"
#include "jumper/gpu/status.h"
#include "jumper/kernfs/file.h"
#include "jumper/kernfs/kernel_root.h"

namespace jumper::gpu {

// What all cards did at one moment; they are numbered over all back-ends.
struct Readout {
  int64_t time_ns = 0;  // CLOCK_MONOTONIC
  Depth depth = Depth::kFull;
  Reading reading;
};

struct ReadCalls {
  uint64_t calls = 0;
  uint64_t chars = 0;
};

class Poller {
 public:
  using MakeBackends =
      std::function<std::vector<std::unique_ptr<Backend>>(const kernfs::KernelRoot& root)>;
  using Listener = std::function<void(const Readout& readout)>;

  struct Options {
    int64_t period_ns = base::kNanosPerSecond;
    int64_t silent_after_ns = 2 * base::kNanosPerSecond;  // a call that takes longer is told of
    // A cell waits no longer than this for the reading at its edge; one that comes later is heard
    // of like any other.
    int64_t longest_edge_ns = 30'000'000;
    // Two edges closer together share a reading.
    int64_t edge_fresh_ns = 20'000'000;
    int64_t stop_ns =
        base::kNanosPerSecond;  // a thread that does not end by then is left to itself
  };

  // Starts the thread, which looks for cards. The root is the poller's own: it may outlive all else
  // within a driver.
  Poller(kernfs::KernelRoot root, MakeBackends make_backends, const Options& options);
  Poller(kernfs::KernelRoot root, MakeBackends make_backends);
  ~Poller();
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;

  // False where it is not known by then which cards there are.
  bool wait_until_known(int64_t most_ns) const;
  [[nodiscard]] Status status() const;
  [[nodiscard]] bool has_cards() const;

  // Cards are read while there is a listener, the first time a period from now; it is called on the
  // poller's thread. When this returns, the listener before is not called any more.
  void set_listener(Listener listener);
  // Reads at once, and not only when the period is over.
  void read_now();
  // Whose part of the cards is asked for, for drivers that tell it process by process.
  void set_processes(std::vector<pid_t> processes);

  // A reading that begins after the request, for the edge of a cell. Absent: there are no cards,
  // nobody listens, or the driver is too slow to be waited for. Whoever asks must also wait.
  [[nodiscard]] std::optional<uint64_t> request_edge();
  [[nodiscard]] std::optional<Readout> wait_for_edge(uint64_t request);

  // CPU time that the thread used so far, what the drivers' libraries use on it included.
  [[nodiscard]] int64_t cpu_ns() const;
  // What it read so far: the kernel books that on our process (/proc/PID/task/TID/io). Nothing
  // where the kernel does not tell.
  [[nodiscard]] ReadCalls read_calls(kernfs::ReadBuffer& buffer) const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace jumper::gpu
