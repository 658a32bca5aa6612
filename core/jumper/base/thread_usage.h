// SPDX-License-Identifier: BSD-3-Clause
// What the calling thread has used and waited for so far: read at both ends of a cell, by the
// thread that runs it, the difference says where the cell's wall time went.
#pragma once

#include <cstdint>

namespace jumper::base {

struct ThreadUsage {
  int64_t user_ns = 0;
  int64_t system_ns = 0;
  uint64_t major_faults = 0;
  uint64_t voluntary_switches = 0;    // it had to wait for something
  uint64_t involuntary_switches = 0;  // another thread got the CPU
};

// getrusage(2) with RUSAGE_THREAD.
[[nodiscard]] ThreadUsage thread_usage();

}  // namespace jumper::base
