// SPDX-License-Identifier: BSD-3-Clause
// Says, for about a microsecond, whether any process or thread was made since the last look: the
// last field of /proc/loadavg is the pid given out last in our pid namespace.
#pragma once

#include "jumper/kernfs/file.h"

namespace jumper::sampler {

class ForkDetector {
 public:
  enum class Change {
    kNone,
    kForked,
    kWrapped,  // pids were given out past the end of their range: old numbers may name new processes
  };

  explicit ForkDetector(const kernfs::KernelRoot& root);
  // Where the file cannot be read, every look answers kForked: dearer, never wrong.
  [[nodiscard]] Change look(kernfs::ReadBuffer& buffer);

 private:
  kernfs::File loadavg_;
  pid_t last_pid_ = 0;
};

}  // namespace jumper::sampler
