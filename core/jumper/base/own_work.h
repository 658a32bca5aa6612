// SPDX-License-Identifier: BSD-3-Clause
// What the monitor itself did beside sampling: the kernel books it on the process it lives in, and
// it is taken off what that process used again.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstdint>

namespace jumper::base {

struct OwnWork {
  std::atomic<uint64_t> calls = 0;
  std::atomic<uint64_t> chars = 0;   // passed to write calls
  std::atomic<uint64_t> stored = 0;  // sent to storage: whole pages, each when it becomes dirty
  // By its helping threads, the sampling thread apart.
  std::atomic<uint64_t> read_calls = 0;
  std::atomic<uint64_t> read_chars = 0;
  std::atomic<int64_t> cpu_ns = 0;
  // A program that the monitor started to help it; 0: none.
  std::atomic<pid_t> helper_pid = 0;
};

}  // namespace jumper::base
