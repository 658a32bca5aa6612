// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/procfs/pid_status.h"

#include "target.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto status = jumper::procfs::parse_pid_status(jumper::fuzz::as_text(data, size));
  if (!status) {
    jumper::fuzz::require_parse_error(status.error());
    return 0;
  }
  // A view with a line break in it would be more than the line of the name.
  jumper::fuzz::require(status->name.find('\n') == std::string::npos);
  jumper::fuzz::require(!status->resident_bytes || *status->resident_bytes % 1024 == 0);
  return 0;
}
