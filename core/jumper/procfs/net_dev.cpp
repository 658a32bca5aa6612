// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/procfs/net_dev.h"

#include "jumper/procfs/detail.h"

namespace jumper::procfs {

std::string_view net_lines(std::string_view text) {
  (void)base::next_line(text);
  (void)base::next_line(text);
  return text;
}

// The name ends at the last colon: old kernels allow one in the name itself, the numbers never
// hold one. They also leave no space before a long first number.
base::Result<NetLine> parse_net_line(std::string_view line) {
  constexpr std::string_view kFile = "/proc/net/dev";
  const size_t colon = line.rfind(':');
  NetLine net;
  if (colon != std::string_view::npos) net.name = base::trim(line.substr(0, colon));
  if (net.name.empty()) return detail::parse_error(kFile, "an interface");

  uint64_t ignored = 0;  // must still be numbers, or the line is something else
  detail::Columns columns(line.substr(colon + 1));
  columns.take(net.received_bytes).take(net.received_packets);
  // errors, dropped, fifo, frame, compressed, multicast
  for (int column = 0; column < 6; ++column) columns.take(ignored);
  columns.take(net.sent_bytes).take(net.sent_packets);
  // errors, dropped, fifo, collisions, carrier, compressed
  for (int column = 0; column < 6; ++column) columns.take(ignored);
  if (!columns.ok()) return detail::parse_error(kFile, "a column");
  return net;
}

}  // namespace jumper::procfs
