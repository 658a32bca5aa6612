// SPDX-License-Identifier: BSD-3-Clause
// A session as data: its samples, its cells, and the facts without which they mean nothing. One is
// taken of a running monitor, read from a journal, or imported from files.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "jumper/cells/timeline.h"
#include "jumper/metric/scope.h"
#include "jumper/sampler/sampler.h"
#include "jumper/source/resources.h"
#include "jumper/store/snapshot.h"

namespace jumper::journal {

// Which process was monitored, and where.
struct Origin {
  std::string id;        // of the session; names its journal
  std::string host;      // as uname(2) gives it
  std::string boot_id;   // /proc/sys/kernel/random/boot_id; empty where there is none
  std::string notebook;  // JPY_SESSION_NAME; empty where it is not set
  std::string folder;    // the working directory when monitoring began
  std::string version;   // of the program that wrote it
  pid_t pid = 0;
  uid_t uid = 0;
  uint64_t pid_start_ticks = 0;  // field 22 of /proc/PID/stat: tells a recycled pid

  bool operator==(const Origin&) const = default;
};

struct Facts {
  Origin origin;
  std::optional<int64_t> start_ns;  // of the first start
  std::optional<int64_t> stop_ns;   // of the last stop, while stopped
  std::optional<int64_t> wall_start_ns;
  std::optional<int64_t> wall_stop_ns;
  double interval_seconds = 1;
  double budget_percent = 0.5;
  source::Resources resources;        // as of the last start
  sampler::SamplerStats stats;        // what the monitor did so far
  std::vector<metric::Scope> levels;  // that were measured
  // Of a session that is only read: where it comes from, in words ("the journal ..."); else empty.
  std::string source;
  // What there is to say of its numbers in any report, one line each.
  std::vector<std::string> notes;
};

struct Recording {
  Facts facts;
  cells::CellList cells;
  store::Snapshot samples;
};

}  // namespace jumper::journal
