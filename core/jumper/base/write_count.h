// SPDX-License-Identifier: BSD-3-Clause
// What the monitor itself wrote: the kernel books it on the process it lives in, and it is taken
// off that process's I/O again.
#pragma once

#include <atomic>
#include <cstdint>

namespace jumper::base {

struct WriteCount {
  std::atomic<uint64_t> calls = 0;
  std::atomic<uint64_t> chars = 0;   // passed to write calls
  std::atomic<uint64_t> stored = 0;  // sent to storage: whole pages, each when it becomes dirty
};

}  // namespace jumper::base
