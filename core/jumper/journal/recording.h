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
#include "jumper/source/group_levels.h"
#include "jumper/source/resources.h"
#include "jumper/source/slurm_job.h"
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
  source::Resources resources;                    // as of the last start
  sampler::SamplerStats stats;                    // what the monitor did so far
  std::vector<metric::Scope> levels;              // that were measured
  std::vector<source::LevelLimits> level_limits;  // of those whose limits are not the process's
  std::optional<source::SlurmJob> job;            // the Slurm job that it ran in
  // Of a session that is only read: where it comes from, in words ("the journal ..."); else empty.
  std::string source;
  // What there is to say of its numbers in any report, one line each.
  std::vector<std::string> notes;
};

// How many CPUs 100 % stand for at a level, and what its memory ends at.
[[nodiscard]] double cpus_of(const Facts& facts, metric::Scope level);
// The most that can be busy at once, which a quota does not hold back for a moment.
[[nodiscard]] double most_cpus_of(const Facts& facts, metric::Scope level);
// Which limit 100 % is; empty where it is the whole machine, or the session does not tell.
[[nodiscard]] std::string cpus_reason_of(const Facts& facts, metric::Scope level);
struct MemoryEnd {
  std::optional<uint64_t> bytes;
  std::string reason;  // empty where it is the machine's memory
};
[[nodiscard]] MemoryEnd memory_end_of(const Facts& facts, metric::Scope level);

// What another node of the job told.
enum class NodeState : uint8_t {
  kWaiting,  // nothing came yet
  kLive,
  kStale,  // it should have told something by now
  kEnded,  // on purpose
  kLost,   // it ended, or its connection did
};

// One node of a job, as a collector there measured it.
struct NodeRecording {
  std::string name;  // as Slurm calls it
  NodeState state = NodeState::kWaiting;
  std::string trouble;      // one line on what went wrong with it; empty: nothing
  Facts facts;              // as the node told them
  store::Snapshot samples;  // their times are of the node's own CLOCK_MONOTONIC
  // The node's CLOCK_MONOTONIC less ours, and how far off that can be; absent until it was
  // measured.
  std::optional<int64_t> clock_offset_ns;
  int64_t clock_error_ns = 0;
  std::optional<int64_t> last_heard_ns;  // on our clock
};

struct Recording {
  Facts facts;
  cells::CellList cells;
  store::Snapshot samples;
  std::vector<NodeRecording> nodes;  // of a session of many nodes, in the order of their names
};

}  // namespace jumper::journal
