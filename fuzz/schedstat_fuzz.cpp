// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/procfs/schedstat.h"

#include <string>

#include "target.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto schedstat = jumper::procfs::parse_schedstat(jumper::fuzz::as_text(data, size));
  if (!schedstat) {
    jumper::fuzz::require_parse_error(schedstat.error());
    return 0;
  }
  // Written out, the numbers parse to themselves.
  const std::string again = std::to_string(schedstat->cpu_ns) + ' ' +
                            std::to_string(schedstat->run_delay_ns) + ' ' +
                            std::to_string(schedstat->timeslices);
  jumper::fuzz::require(*jumper::procfs::parse_schedstat(again) == *schedstat);
  return 0;
}
