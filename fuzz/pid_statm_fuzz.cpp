// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/procfs/pid_statm.h"

#include <string>

#include "target.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto statm = jumper::procfs::parse_pid_statm(jumper::fuzz::as_text(data, size));
  if (!statm) {
    jumper::fuzz::require_parse_error(statm.error());
    return 0;
  }
  // Written out, the numbers parse to themselves.
  const std::string again = std::to_string(statm->virtual_pages) + ' ' +
                            std::to_string(statm->resident_pages) + ' ' +
                            std::to_string(statm->shared_pages);
  jumper::fuzz::require(*jumper::procfs::parse_pid_statm(again) == *statm);
  return 0;
}
