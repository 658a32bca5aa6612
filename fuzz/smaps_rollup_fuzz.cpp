// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/procfs/smaps_rollup.h"

#include "target.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto rollup = jumper::procfs::parse_smaps_rollup(jumper::fuzz::as_text(data, size));
  if (!rollup) {
    jumper::fuzz::require_parse_error(rollup.error());
    return 0;
  }
  // Kilobytes all of them.
  for (const uint64_t bytes :
       {rollup->resident_bytes, rollup->proportional_bytes, rollup->unique_bytes(),
        rollup->shared_bytes(), rollup->proportional_dirty_bytes.value_or(0),
        rollup->swapped_bytes.value_or(0), rollup->swapped_proportional_bytes.value_or(0)}) {
    jumper::fuzz::require(bytes % 1024 == 0);
  }
  return 0;
}
