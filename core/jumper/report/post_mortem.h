// SPDX-License-Identifier: BSD-3-Clause
// Why a session ended that did not end on purpose: what its journal says, and what can be seen now
// of what killed it. The rule by which a cause is named is in docs/post_mortem.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "jumper/cells/cell.h"
#include "jumper/journal/liveness.h"
#include "jumper/journal/reader.h"
#include "jumper/journal/vitals.h"

namespace jumper::report {

// What can be seen when the question is asked.
struct Afterwards {
  journal::Machine machine;
  journal::OomKills oom_kills;  // of the group that the session's vitals name
};

enum class DeathCause : uint8_t {
  kCrash,   // a signal for a fault of its own, or abort()
  kSignal,  // somebody asked it to end
  kOutOfMemory,
  kLikelyOutOfMemory,
  kRestart,    // of the machine
  kElsewhere,  // it ran where we cannot look
  kUnknown,
};

struct PostMortem {
  struct Memory {
    double bytes = 0;
    std::optional<double> limit_bytes;
    std::string limit_reason;
    std::optional<double> bytes_per_second;  // over the last samples; absent with too few
  };

  int64_t died_wall_ns = 0;         // when something was last written
  std::optional<size_t> last_cell;  // the one that was running, or the last one that had ended
  bool in_cell = false;
  double cell_seconds = 0;  // how long it had been running
  std::string source_line;  // its first line: any bytes
  std::optional<Memory> memory;
  std::vector<journal::Vitals::Process> largest;
  DeathCause cause = DeathCause::kUnknown;
  std::string cause_text;  // with its evidence

  // Three lines at most, printable and without line breaks. `who` died: "The session".
  [[nodiscard]] std::vector<std::string> lines(std::string_view who) const;
};

// Absent where the session was ended, or monitoring stopped, on purpose.
[[nodiscard]] std::optional<PostMortem> find_post_mortem(const journal::Journal& journal,
                                                         const Afterwards& now);

}  // namespace jumper::report
