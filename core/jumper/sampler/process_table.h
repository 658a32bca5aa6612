// SPDX-License-Identifier: BSD-3-Clause
// The processes that the monitor follows: the tree below one process, and those of one user.
//
// New processes are looked for only when something forked. A process is known by pid and start
// time, for pids are used again; once in the tree it stays there until it ends, even when its
// parent ends first. CPU time comes from the process's own clock plus what it has inherited from
// children it waited for, so nothing a short-lived child did is lost; what a process used that
// nobody inherited is kept when it ends. So a group's counters only grow.
#pragma once

#include <sys/types.h>

#include <array>
#include <cstdint>
#include <optional>
#include <unordered_set>
#include <vector>

#include "jumper/base/clock.h"
#include "jumper/kernfs/file.h"
#include "jumper/procfs/pid_stat.h"
#include "jumper/sampler/fork_detector.h"

namespace jumper::sampler {

// What a process read and wrote, the children it has waited for included.
struct IoCounters {
  uint64_t read_calls = 0;
  uint64_t write_calls = 0;
  uint64_t read_bytes = 0;
  uint64_t write_bytes = 0;
  uint64_t read_chars = 0;
  uint64_t write_chars = 0;

  bool operator==(const IoCounters&) const = default;
  IoCounters& operator+=(const IoCounters& other);
  // Field by field, and never below zero.
  [[nodiscard]] IoCounters minus(const IoCounters& other) const;
  [[nodiscard]] IoCounters at_least(const IoCounters& other) const;
};

struct GroupTotals {
  int64_t cpu_ns = 0;  // since following began
  uint64_t resident_bytes = 0;
  IoCounters io;       // since following began, of the processes whose I/O we may read
  uint32_t processes = 0;
  uint32_t io_unreadable = 0;  // living processes whose I/O we may not read
};

enum class Group : uint8_t { kTree, kUser };

class ProcessTable {
 public:
  struct Options {
    pid_t root_pid = 0;         // it and its descendants are the tree
    bool root_counts = true;    // false, with the monitor's own process as root: only its descendants
    pid_t self_pid = 0;         // the process the monitor runs in
    std::optional<uid_t> user;  // absent: no user group
  };

  // When the CPU clocks were read, and how long that took: the uncertainty of the time.
  struct Pass {
    int64_t time_ns = 0;
    int64_t gap_ns = 0;
  };

  // The referents must outlive the table.
  ProcessTable(const kernfs::KernelRoot& root, const base::Clock& clock, const base::ProcessClocks& clocks,
               Options options);

  // Where, within an update, the moment lies that it speaks of: what the monitor itself does
  // on the monitored thread at a cell's edge is to fall outside the cell.
  enum class Moment : uint8_t { kFirst, kLast };

  // Brings the table up to date and reads everything.
  Pass update(kernfs::ReadBuffer& buffer, Moment moment);

  [[nodiscard]] const GroupTotals& totals(Group group) const { return totals_[static_cast<size_t>(group)]; }

 private:
  static constexpr size_t kGroupCount = 2;

  // Counters of one process, as the kernel has them.
  struct Usage {
    int64_t own_cpu_ns = 0;
    int64_t reaped_cpu_ns = 0;  // of the children it has waited for
    IoCounters io;              // with the children it has waited for
    IoCounters own_io;          // without them; known for an excluded root only

    [[nodiscard]] int64_t cpu_ns() const { return own_cpu_ns + reaped_cpu_ns; }
  };

  // What a group has kept of processes that ended.
  struct Retained {
    int64_t cpu_ns = 0;
    IoCounters io;
  };

  struct Process {
    pid_t pid = 0;
    pid_t parent_pid = 0;
    uint64_t start_ticks = 0;
    std::array<bool, kGroupCount> in_group{};
    bool ignores_child_exit = false;
    bool ended = false;
    bool is_kernel_thread = false;
    bool io_denied = false;
    bool ran = true;            // its clock moved on since memory and I/O were read
    bool reaped_stale = true;   // something forked, or a child ended, since reaped_cpu_ns was read
    bool reread_reaped = true;  // a child is known to have ended
    bool needs_base = false;    // it had a life before it came under observation
    Usage used;
    Usage base;                    // what it had used before it came under observation
    int64_t reaped_before_ns = 0;  // reaped_cpu_ns at the end of the last update
    uint64_t resident_bytes = 0;
    kernfs::File stat;    // kept open while the budget of descriptors allows
    kernfs::File statm;
    kernfs::File io_file;
  };

  // A process just found, not yet placed.
  struct Candidate {
    pid_t pid = 0;
    pid_t parent_pid = 0;
    uint64_t start_ticks = 0;
    bool is_kernel_thread = false;
    bool ignores_child_exit = false;
    bool of_user = false;
    bool placed = false;
  };

  // The monitor's own process at one moment.
  struct SelfReading {
    int64_t time_ns = 0;
    std::optional<int64_t> cpu_ns;
  };
  [[nodiscard]] SelfReading read_self() const;

  void discover(kernfs::ReadBuffer& buffer);
  void list_pids();
  [[nodiscard]] std::optional<Candidate> examine(pid_t pid, kernfs::ReadBuffer& buffer) const;
  void place(std::vector<Candidate>& candidates, bool had_a_life);
  void add(const Candidate& candidate, bool in_tree, bool had_a_life);
  void recheck_strangers(int64_t now_ns, kernfs::ReadBuffer& buffer);
  void mark_recycled(kernfs::ReadBuffer& buffer);
  [[nodiscard]] bool belongs_to_user(pid_t pid) const;
  [[nodiscard]] Process* find(pid_t pid);

  Pass read_clocks(kernfs::ReadBuffer& buffer);
  bool read_clocks_once(kernfs::ReadBuffer& buffer, bool is_last_pass);
  bool read_clock(Process& process, kernfs::ReadBuffer& buffer);
  void put_self(const SelfReading& reading);
  bool read_reaped(Process& process, kernfs::ReadBuffer& buffer);
  void read_memory_and_io(Process& process, kernfs::ReadBuffer& buffer);
  void read_io(Process& process, kernfs::ReadBuffer& buffer);
  [[nodiscard]] IoCounters read_own_thread_io(kernfs::ReadBuffer& buffer) const;
  void settle_ended(kernfs::ReadBuffer& buffer);
  [[nodiscard]] Process* find_heir(const Process& ended);
  void settle_heir(Process& heir, const std::vector<const Process*>& ended);
  void retain(const Process& ended, size_t group);
  void sum_up();

  [[nodiscard]] bool is_excluded_root(const Process& process) const;
  [[nodiscard]] bool can_inherit(const Process& heir, size_t group) const;
  // What `process` has added to the counters of `group` since it came under observation.
  [[nodiscard]] Retained contribution(const Process& process, size_t group) const;
  base::Result<std::string_view> read_pid_file(pid_t pid, const char* name, kernfs::File& kept,
                                               kernfs::ReadBuffer& buffer);
  void close_files(Process& process);

  const kernfs::KernelRoot& root_;
  const base::Clock& clock_;
  const base::ProcessClocks& clocks_;
  Options options_;
  ForkDetector forks_;
  base::UniqueFd proc_listing_;
  std::vector<Process> processes_;  // parents before their children
  std::vector<pid_t> listed_;       // reused by list_pids()
  std::unordered_set<pid_t> strangers_;  // seen, and in no group
  std::array<Retained, kGroupCount> retained_;  // of processes that ended and that nobody inherited
  std::array<GroupTotals, kGroupCount> totals_;
  int64_t strangers_checked_ns_ = 0;
  int64_t nanos_per_tick_;
  uint64_t page_bytes_;
  std::optional<int64_t> self_cpu_before_ns_;  // at the last update
  size_t open_files_ = 0;
  size_t open_files_limit_;
  bool first_update_ = true;
};

}  // namespace jumper::sampler
