// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/procfs/diskstats.h"

#include "jumper/procfs/detail.h"

namespace jumper::procfs {

namespace {

// Eleven columns of statistics; Linux 4.18 appended four for discards and 5.5 two for flushes.
base::Result<DiskCounters> parse_counters(std::string_view text, std::string_view file) {
  DiskCounters disk;
  uint64_t ignored = 0;  // must still be numbers, or the line is something else
  detail::Columns columns(text);
  columns
      .take(disk.reads)          // 1 reads completed
      .take(ignored)             // 2 reads merged
      .take(disk.read_sectors)   // 3
      .take(ignored)             // 4 ms reading, summed over requests
      .take(disk.writes)         // 5
      .take(ignored)             // 6 writes merged
      .take(disk.write_sectors)  // 7
      .take(ignored)             // 8 ms writing
      .take(disk.in_flight)      // 9
      .take(disk.busy_ms)        // 10
      .take(ignored);            // 11 ms weighted by requests in flight
  if (!columns.ok()) return detail::parse_error(file, "a column");
  return disk;
}

}  // namespace

// Three columns that name the device, then its statistics.
base::Result<DiskLine> parse_disk_line(std::string_view line) {
  constexpr std::string_view kFile = "/proc/diskstats";
  const auto major = base::next_number<uint32_t>(line);
  const auto minor = base::next_number<uint32_t>(line);
  const std::string_view name = base::next_word(line);
  if (!major || !minor || name.empty()) return detail::parse_error(kFile, "a device");
  const auto counters = parse_counters(line, kFile);
  if (!counters) return counters.error();
  return DiskLine{*counters, name};
}

base::Result<DiskCounters> parse_block_stat(std::string_view text) {
  return parse_counters(text, "/sys/block/*/stat");
}

}  // namespace jumper::procfs
