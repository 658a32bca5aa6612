// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/base/clock.h"

#include <sys/resource.h>

#include <ctime>

namespace jumper::base {
namespace {

int64_t to_nanos(const timespec& time) {
  return time.tv_sec * kNanosPerSecond + time.tv_nsec;
}

int64_t read_clock(clockid_t id) {
  timespec time{};
  ::clock_gettime(id, &time);
  return to_nanos(time);
}

// The clock of a process by its number, as the kernel lays it out: the complement of the pid above
// three bits that name the kind, 2 for the scheduler's count in nanoseconds. clock_getcpuclockid(3)
// gives the same, after a system call of its own to see whether the process is there; reading the
// clock tells that, too.
clockid_t cpu_clock_of(pid_t pid) {
  constexpr unsigned kSchedulerClock = 2;
  return static_cast<clockid_t>((~static_cast<unsigned>(pid) << 3U) | kSchedulerClock);
}

}  // namespace

int64_t SystemClock::monotonic_ns() const {
  return read_clock(CLOCK_MONOTONIC);
}
int64_t SystemClock::wall_ns() const {
  return read_clock(CLOCK_REALTIME);
}
int64_t thread_cpu_ns() {
  return read_clock(CLOCK_THREAD_CPUTIME_ID);
}

std::optional<int64_t> SystemProcessClocks::process_cpu_ns(pid_t pid) const {
  // glibc makes the clock of this very process out of 0 and of -1, and thread clocks of others.
  if (pid <= 0) return std::nullopt;
  timespec time{};
  if (::clock_gettime(cpu_clock_of(pid), &time) != 0) return std::nullopt;
  return to_nanos(time);
}

int64_t SystemProcessClocks::own_reaped_cpu_ns() const {
  rusage usage{};
  ::getrusage(RUSAGE_CHILDREN, &usage);
  const auto nanos = [](const timeval& time) {
    return time.tv_sec * kNanosPerSecond + time.tv_usec * 1000;
  };
  return nanos(usage.ru_utime) + nanos(usage.ru_stime);
}

}  // namespace jumper::base
