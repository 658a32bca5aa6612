// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/procfs/diskstats.h"

#include "jumper/base/parse.h"
#include "target.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view text = jumper::fuzz::as_text(data, size);
  while (!text.empty()) {
    const size_t before = text.size();
    const std::string_view line = jumper::base::next_line(text);
    jumper::fuzz::require(text.size() < before);
    const auto disk = jumper::procfs::parse_disk_line(line);
    if (!disk) {
      jumper::fuzz::require_parse_error(disk.error());
      continue;
    }
    jumper::fuzz::require(!disk->name.empty() && disk->name.data() > line.data());
    jumper::fuzz::require(disk->name.data() + disk->name.size() < line.data() + line.size());
  }
  return 0;
}
