// SPDX-License-Identifier: BSD-3-Clause
// Somebody who wants to know now and then which processes of the tree are the largest.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <vector>

#include "jumper/kernfs/file.h"

namespace jumper::sampler {

struct LargeProcess {
  pid_t pid = 0;
  uint64_t memory_bytes = 0;  // without what it shares with others, where that is known

  bool operator==(const LargeProcess&) const = default;
};

struct LargestProcesses {
  int64_t time_ns = 0;                // of the tick that saw them
  uint32_t processes = 0;             // in the tree
  std::vector<LargeProcess> largest;  // the largest first
};

class ProcessWatcher {
 public:
  virtual ~ProcessWatcher() = default;
  // Asked after every tick of the sampling thread, under its lock, so to be answered at once.
  virtual bool wants_processes(int64_t time_ns, uint64_t tree_bytes) = 0;
  // Called on the sampling thread, without its lock. Reads are counted in the buffer, so that they
  // are not taken for the user's.
  virtual void take_processes(const LargestProcesses& processes, kernfs::ReadBuffer& buffer) = 0;
};

}  // namespace jumper::sampler
