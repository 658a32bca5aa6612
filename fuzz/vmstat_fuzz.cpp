// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/procfs/vmstat.h"

#include <string>

#include "target.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text = jumper::fuzz::as_text(data, size);
  const auto vmstat = jumper::procfs::parse_vmstat(text);
  if (!vmstat) {
    jumper::fuzz::require_parse_error(vmstat.error());
    return 0;
  }
  // The first line of a key counts: lines before all others are the ones that are found.
  const std::string before = "oom_kill 1\npswpout 2\npswpin 3\npgmajfault 4\n";
  const auto changed = jumper::procfs::parse_vmstat(before + std::string(text));
  jumper::fuzz::require(changed.ok() && *changed == jumper::procfs::Vmstat{4, 3, 2, 1});
  return 0;
}
