// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/procfs/pid_statm.h"

#include "jumper/procfs/detail.h"

namespace jumper::procfs {

// Behind the third column come text, lib (always 0), data and dt (always 0), which nobody needs.
base::Result<PidStatm> parse_pid_statm(std::string_view text) {
  PidStatm statm;
  detail::Columns columns(text);
  columns.take(statm.virtual_pages).take(statm.resident_pages).take(statm.shared_pages);
  if (!columns.ok()) return detail::parse_error("/proc/PID/statm", "a column");
  return statm;
}

}  // namespace jumper::procfs
