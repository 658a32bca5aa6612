// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/procfs/net_dev.h"

#include "jumper/base/parse.h"
#include "target.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view text = jumper::procfs::net_lines(jumper::fuzz::as_text(data, size));
  while (!text.empty()) {
    const size_t before = text.size();
    const std::string_view line = jumper::base::next_line(text);
    jumper::fuzz::require(text.size() < before);
    const auto net = jumper::procfs::parse_net_line(line);
    if (!net) {
      jumper::fuzz::require_parse_error(net.error());
      continue;
    }
    // The name lies within the line, and a colon behind it that is the last.
    jumper::fuzz::require(!net->name.empty() && net->name.data() >= line.data());
    const auto end = static_cast<size_t>(net->name.data() + net->name.size() - line.data());
    jumper::fuzz::require(end <= line.rfind(':') && line.rfind(':') < line.size());
  }
  return 0;
}
