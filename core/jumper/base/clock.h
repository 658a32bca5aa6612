// SPDX-License-Identifier: BSD-3-Clause
// The clocks the monitor reads: CLOCK_MONOTONIC for samples and cells, the wall clock for people,
// CPU clocks of threads and processes. Behind an interface, so that tests can hold time still.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>

namespace jumper::base {

inline constexpr int64_t kNanosPerSecond = 1'000'000'000;

[[nodiscard]] constexpr double seconds(int64_t nanos) {
  return static_cast<double>(nanos) / static_cast<double>(kNanosPerSecond);
}

class Clock {
 public:
  virtual ~Clock() = default;
  // CLOCK_MONOTONIC, the clock of Python's time.perf_counter() on Linux.
  [[nodiscard]] virtual int64_t monotonic_ns() const = 0;
  // CLOCK_REALTIME, since the epoch.
  [[nodiscard]] virtual int64_t wall_ns() const = 0;
};

class SystemClock final : public Clock {
 public:
  [[nodiscard]] int64_t monotonic_ns() const override;
  [[nodiscard]] int64_t wall_ns() const override;
};

// CPU time of the calling thread.
[[nodiscard]] int64_t thread_cpu_ns();

// CPU clocks of processes. Behind an interface, because they answer for live processes only.
class ProcessClocks {
 public:
  virtual ~ProcessClocks() = default;
  // CPU time of all threads, living and ended, of process `pid`; absent when there is no such
  // process. The number of a thread is no process's, but for the calling thread, which is answered
  // with its process's time. Needs no permission (clock_getcpuclockid(3)).
  [[nodiscard]] virtual std::optional<int64_t> process_cpu_ns(pid_t pid) const = 0;
  // CPU time of the children the calling process has waited for, and of theirs (getrusage(2)):
  // the kernel gives it in microseconds here, in ticks of 10 ms everywhere else.
  [[nodiscard]] virtual int64_t own_reaped_cpu_ns() const = 0;
  // What process_cpu_ns() leaves out of the calling process's time.
  [[nodiscard]] virtual int64_t left_out_ns() const { return 0; }
};

class SystemProcessClocks final : public ProcessClocks {
 public:
  [[nodiscard]] std::optional<int64_t> process_cpu_ns(pid_t pid) const override;
  [[nodiscard]] int64_t own_reaped_cpu_ns() const override;
};

}  // namespace jumper::base
