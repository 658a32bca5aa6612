// SPDX-License-Identifier: BSD-3-Clause
// /proc/net/dev: bytes and packets of each network interface, as the network namespace of the
// process that opens it has them (proc_net(5)). What RDMA moves past the kernel is not in it.
#pragma once

#include <cstdint>
#include <string_view>

#include "jumper/base/result.h"

namespace jumper::procfs {

struct NetLine {
  std::string_view name;  // into the parsed text; may hold any byte but '/' and white space
  uint64_t received_bytes = 0;
  uint64_t received_packets = 0;
  uint64_t sent_bytes = 0;
  uint64_t sent_packets = 0;
};

// The text without its two lines of headings: the lines of the interfaces.
[[nodiscard]] std::string_view net_lines(std::string_view text);

// The line of one interface; an error when it is not one.
[[nodiscard]] base::Result<NetLine> parse_net_line(std::string_view line);

}  // namespace jumper::procfs
