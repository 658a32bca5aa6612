// SPDX-License-Identifier: BSD-3-Clause
// Processes that a test starts, and memory in which they can wait for each other. For tests only.
#pragma once

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <new>

#include "jumper/base/clock.h"

namespace jumper::testing {

// Works until the calling thread has used so much CPU time from now on.
inline void burn(int64_t cpu_ns) {
  const int64_t end_ns = base::thread_cpu_ns() + cpu_ns;
  while (base::thread_cpu_ns() < end_ns) {
  }
}

[[nodiscard]] inline int64_t cpu_ns_of(const rusage& usage) {
  const auto nanos = [](const timeval& time) {
    return time.tv_sec * base::kNanosPerSecond + time.tv_usec * 1000;
  };
  return nanos(usage.ru_utime) + nanos(usage.ru_stime);
}

// The child runs `body` and ends, without anything of the test's.
template <typename Body>
pid_t fork_child(Body body) {
  std::fflush(nullptr);  // the thread sanitizer writes out at _exit() what is buffered
  const pid_t pid = ::fork();
  if (pid != 0) return pid;
  body();
  ::_exit(0);
}

// Waits for a child; the CPU time of it and of all it waited for.
inline int64_t wait_for(pid_t pid) {
  int status = 0;
  rusage usage{};
  while (::wait4(pid, &status, 0, &usage) < 0 && errno == EINTR) {
  }
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
  return cpu_ns_of(usage);
}

// What processes tell each other about how far they are; to be derived from.
struct StageBoard {
  std::atomic<int> stage = 0;

  void await(int wanted) const {
    while (stage.load() < wanted) ::usleep(1000);
  }
};

// A board in memory that this process shares with all that it forks.
template <typename Board>
class Shared {
 public:
  Shared() {
    void* memory =
        ::mmap(nullptr, sizeof(Board), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) throw std::bad_alloc();
    board_ = new (memory) Board;
  }
  ~Shared() { ::munmap(board_, sizeof(Board)); }
  Shared(const Shared&) = delete;
  Shared& operator=(const Shared&) = delete;

  Board& operator*() const { return *board_; }
  Board* operator->() const { return board_; }

 private:
  Board* board_;
};

}  // namespace jumper::testing
