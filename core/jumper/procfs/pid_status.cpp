// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/procfs/pid_status.h"

#include "jumper/procfs/detail.h"

namespace jumper::procfs {
namespace {

// "Uid: real effective saved file-system".
bool parse_uids(std::string_view text, PidStatus& status) {
  return detail::Columns(text).take(status.real_uid).take(status.effective_uid).ok();
}

bool parse_memory(std::string_view text, std::optional<uint64_t>& bytes) {
  bytes = detail::parse_kilobytes(text);
  return bytes.has_value();
}

}  // namespace

// The kernel writes a line break in the name as backslash and n (proc_pid_status(5)), so a name
// cannot make a line. The name comes first all the same, and of two lines with one key the last
// counts, so that even on a kernel that forgot no name could change whose process it is.
base::Result<PidStatus> parse_pid_status(std::string_view text) {
  constexpr std::string_view kFile = "/proc/PID/status";
  PidStatus status;
  bool has_name = false;
  bool has_uids = false;
  bool has_threads = false;
  while (!text.empty()) {
    const detail::Line line = detail::next_keyed_line(text);
    bool good = true;
    if (line.key == "Name") {
      // One tab, then the name as it is: it may begin and end with blanks.
      good = has_name = line.rest.starts_with('\t');
      if (good) status.name = line.rest.substr(1);
    } else if (line.key == "Uid") {
      good = has_uids = parse_uids(line.rest, status);
    } else if (line.key == "Threads") {
      good = has_threads = detail::Columns(line.rest).take(status.thread_count).ok();
    } else if (line.key == "VmHWM") {
      good = parse_memory(line.rest, status.peak_resident_bytes);
    } else if (line.key == "VmRSS") {
      good = parse_memory(line.rest, status.resident_bytes);
    } else if (line.key == "VmSwap") {
      good = parse_memory(line.rest, status.swap_bytes);
    }
    if (!good) return detail::parse_error(kFile, line.key);
  }
  if (!has_name) return detail::parse_error(kFile, "Name");
  if (!has_uids) return detail::parse_error(kFile, "Uid");
  if (!has_threads) return detail::parse_error(kFile, "Threads");
  return status;
}

}  // namespace jumper::procfs
