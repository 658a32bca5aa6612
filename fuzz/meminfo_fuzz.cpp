// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/procfs/meminfo.h"

#include "target.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto memory = jumper::procfs::parse_meminfo(jumper::fuzz::as_text(data, size));
  if (!memory) {
    jumper::fuzz::require_parse_error(memory.error());
    return 0;
  }
  jumper::fuzz::require(memory->total_bytes % 1024 == 0 && memory->available_bytes % 1024 == 0);
  // An estimate keeps within the total; what the kernel says is passed on.
  const std::string_view text = jumper::fuzz::as_text(data, size);
  jumper::fuzz::require(text.find("MemAvailable") != std::string_view::npos ||
                        memory->available_bytes <= memory->total_bytes);
  return 0;
}
