// SPDX-License-Identifier: BSD-3-Clause
// The exact memory peak of a stretch of time: the kernel keeps a high-water mark of resident
// memory, which is set back at the start and read at the end (proc_pid_clear_refs(5), VmHWM in
// proc_pid_status(5)). Setting it back changes what getrusage() later says of ru_maxrss.
#pragma once

#include <cstdint>
#include <optional>

#include "jumper/base/fd.h"
#include "jumper/kernfs/file.h"

namespace jumper::source {

class PeakMeter {
 public:
  explicit PeakMeter(const kernfs::KernelRoot& root);

  // False where the kernel does not let us.
  bool reset();
  // Of the process itself, since the last reset.
  [[nodiscard]] std::optional<uint64_t> own_peak_bytes(kernfs::ReadBuffer& buffer) const;
  // The largest resident memory of any single child that ended so far and was waited for.
  [[nodiscard]] static uint64_t largest_child_bytes();

 private:
  base::UniqueFd clear_refs_;
  kernfs::File status_;
};

}  // namespace jumper::source
