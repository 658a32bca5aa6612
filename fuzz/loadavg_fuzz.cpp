// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/procfs/loadavg.h"

#include "target.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto loadavg = jumper::procfs::parse_loadavg(jumper::fuzz::as_text(data, size));
  if (!loadavg) {
    jumper::fuzz::require_parse_error(loadavg.error());
    return 0;
  }
  jumper::fuzz::require(loadavg->load_1min >= 0 && loadavg->load_5min >= 0 &&
                        loadavg->load_15min >= 0);
  jumper::fuzz::require(loadavg->last_pid >= 0);
  return 0;
}
