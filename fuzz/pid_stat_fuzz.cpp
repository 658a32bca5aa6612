// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/procfs/pid_stat.h"

#include "target.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto stat = jumper::procfs::parse_pid_stat(jumper::fuzz::as_text(data, size));
  if (!stat) {
    jumper::fuzz::require_parse_error(stat.error());
    return 0;
  }
  jumper::fuzz::require(stat->pid >= 0 && stat->parent_pid >= 0);
  // The name lies within the text, between parentheses of which the second is the last.
  const std::string_view text = jumper::fuzz::as_text(data, size);
  const char* end = stat->command.data() + stat->command.size();
  jumper::fuzz::require(stat->command.data() > text.data() && end < text.data() + text.size());
  jumper::fuzz::require(stat->command.data()[-1] == '(' && *end == ')');
  jumper::fuzz::require(text.rfind(')') == static_cast<size_t>(end - text.data()));
  return 0;
}
