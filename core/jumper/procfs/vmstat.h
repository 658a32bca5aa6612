// SPDX-License-Identifier: BSD-3-Clause
// /proc/vmstat: events of the machine's virtual memory since boot (proc_vmstat(5)).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "jumper/base/result.h"

namespace jumper::procfs {

struct Vmstat {
  uint64_t major_faults = 0;                 // pgmajfault: a page had to come from storage
  std::optional<uint64_t> swapped_in_pages;  // pswpin; not in kernels built without swap
  std::optional<uint64_t> swapped_out_pages;
  std::optional<uint64_t> oom_kills;  // processes killed for want of memory; since Linux 4.13

  bool operator==(const Vmstat&) const = default;
};

// Of two lines with one key the first counts: the text is not read further than it has to be.
[[nodiscard]] base::Result<Vmstat> parse_vmstat(std::string_view text);

}  // namespace jumper::procfs
