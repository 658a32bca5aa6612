// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/procfs/schedstat.h"

#include "jumper/procfs/detail.h"

namespace jumper::procfs {

base::Result<Schedstat> parse_schedstat(std::string_view text) {
  Schedstat schedstat;
  detail::Columns columns(text);
  columns.take(schedstat.cpu_ns).take(schedstat.run_delay_ns).take(schedstat.timeslices);
  if (!columns.ok()) return detail::parse_error("/proc/PID/task/TID/schedstat", "a column");
  return schedstat;
}

}  // namespace jumper::procfs
