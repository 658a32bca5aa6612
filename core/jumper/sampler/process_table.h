// SPDX-License-Identifier: BSD-3-Clause
// The processes that the monitor follows: the tree below one process, those of one user, and,
// where asked for, those of a container and of a Slurm job.
//
// New processes are looked for only when something forked. A process is known by pid and start
// time, for pids are used again; once in the tree it stays there until it ends, even when its
// parent ends first. CPU time comes from the process's own clock plus what it has inherited from
// children it waited for, so nothing a short-lived child did is lost; what a process used that
// nobody inherited is kept when it ends. So a group's counters only grow.
//
// What following processes does not find, a control group's counter of CPU time does, where one
// holds the tree and nobody else: unfound_usage.h.
//
// What is not found without one: an orphan whose parent ended before the first update that could
// have seen both, unless a process of the tree founded its session (as a Jupyter kernel does its
// own); and, of a process that nobody waits for, what it used after the last update it lived to
// see.
#pragma once

#include <sys/types.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "jumper/base/clock.h"
#include "jumper/base/own_work.h"
#include "jumper/cgroup/cpu_usage.h"
#include "jumper/kernfs/file.h"
#include "jumper/procfs/pid_stat.h"
#include "jumper/sampler/budget.h"
#include "jumper/sampler/fork_detector.h"
#include "jumper/sampler/membership.h"
#include "jumper/sampler/process_watcher.h"
#include "jumper/sampler/shared_pages.h"
#include "jumper/sampler/unfound_usage.h"
#include "jumper/sampler/usage.h"

namespace jumper::gpu {
class Poller;
}

namespace jumper::sampler {

struct GroupTotals {
  int64_t cpu_ns = 0;           // since following began
  uint64_t resident_bytes = 0;  // added up
  uint64_t memory_bytes = 0;    // the same, but a page that several processes share counts once
  IoCounters io;                // since following began, of the processes whose I/O we may read
  uint32_t processes = 0;
  uint32_t io_unreadable = 0;   // living processes whose I/O we may not read
  uint32_t shared_in_full = 0;  // those whose shared pages count as if they were theirs alone: they
                                // are too large to be looked at, or we may not
};

enum class Group : uint8_t { kTree, kUser, kContainer, kJob };

class ProcessTable {
 public:
  struct Options {
    pid_t root_pid = 0;       // it and its descendants are the tree
    bool root_counts = true;  // false, with the monitor's own process as root: only its descendants
    pid_t self_pid = 0;       // the process the monitor runs in
    std::optional<uid_t> user;  // absent: no user group
    // Who is of the container, and of the job; null: there is no such group. They must outlive the
    // table.
    const Membership* container = nullptr;
    const Membership* job = nullptr;
    // Whether the root's control group is asked for what was not found of the tree.
    bool look_at_own_group = true;
    // How many files to keep open. Absent: an eighth of what the process may have open, 512 at
    // most.
    std::optional<size_t> open_files = std::nullopt;
    // Updates that follow each other faster than this read the clocks alone: memory, I/O and new
    // processes wait for the next one after it.
    int64_t details_period_ns = 0;
    // How long looking for a process's shared pages may take, and with it hold its memory map.
    int64_t longest_walk_ns = 5'000'000;
    // What the monitor writes, where it does.
    const base::OwnWork* written = nullptr;
    // The thread that asks the GPUs, where there is one.
    const gpu::Poller* gpus = nullptr;
  };

  // When the CPU clocks were read, and how long that took: the uncertainty of the time.
  struct Pass {
    int64_t time_ns = 0;
    int64_t gap_ns = 0;
  };

  // The referents must outlive the table.
  ProcessTable(const kernfs::KernelRoot& root, const base::Clock& clock,
               const base::ProcessClocks& clocks, Options options);

  // Which moment within an update its time and our own CPU time are of. At a cell's edge what the
  // monitor itself does on the monitored thread is to fall outside the cell; else the moment at
  // which the clocks of the other processes were read is the true one.
  enum class Moment : uint8_t { kFirst, kClocks, kLast };

  // What an update reads. One of the tree alone leaves the totals of the user as they were. One of
  // all leaves out, but at the edges of cells, processes outside the tree that rest: the longer one
  // has been quiet, the rarer it is looked at, every four seconds at least. What it uses or leaves
  // meanwhile comes with the next look.
  enum class Reach : uint8_t { kTree, kAll };

  // Brings the table up to date and reads everything.
  Pass update(kernfs::ReadBuffer& buffer, Moment moment, Reach reach = Reach::kAll);

  [[nodiscard]] const GroupTotals& totals(Group group) const {
    return totals_[static_cast<size_t>(group)];
  }

  // Whether a living process is one of the group's, as of the last update.
  [[nodiscard]] bool is_member(Group group, pid_t pid) const;
  // All of them, of any group.
  [[nodiscard]] std::vector<pid_t> member_pids() const;

  // Of the tree, as of the last update, so many at most.
  [[nodiscard]] std::vector<LargeProcess> largest(size_t count) const;

  // Shared pages are found by walks of page tables, which take too long to be part of an update.
  // Whoever has the time asks for one, makes it with walk_pages(), which needs nothing of the
  // table, and puts what came of it; the totals show that from the next update on. Absent: none is
  // due, or the budget has not got that much.
  [[nodiscard]] std::optional<PageWalk> next_walk(int64_t now_ns, const Budget& budget);
  void put_walk(const PageWalk& walk, const PageWalkResult& result, int64_t now_ns);

 private:
  static constexpr size_t kGroupCount = 4;

  // Counters of one process, as the kernel has them.
  struct Counters {
    int64_t own_cpu_ns = 0;
    int64_t reaped_cpu_ns = 0;  // of the children it has waited for
    IoCounters io;              // with the children it has waited for
    IoCounters own_io;          // without them; known for an excluded root only

    [[nodiscard]] Usage all() const { return {own_cpu_ns + reaped_cpu_ns, io}; }
    [[nodiscard]] Usage of_others() const { return {reaped_cpu_ns, io - own_io}; }
    // Where inheritances show. A process's own I/O shows there, too.
    [[nodiscard]] Usage heritage() const { return {reaped_cpu_ns, io}; }
  };

  struct Process {
    pid_t pid = 0;
    pid_t parent_pid = 0;
    uint64_t start_ticks = 0;
    // A process may be in no group: an ancestor of it is in one, and may come to inherit from it.
    std::array<bool, kGroupCount> in_group{};
    std::array<bool, kGroupCount> needs_base{};  // it had a life before the group began to count it
    std::array<Usage, kGroupCount> base;  // the part of its counters that the group must not count
    bool is_root = false;
    bool is_kernel_thread = false;
    bool ignores_child_exit = false;
    bool exited = false;   // a zombie, as far as known: its clock answers until it is waited for
    bool passing = false;  // being waited for just now: its parent may have inherited already
    bool ended = false;    // it is gone, and so is its clock
    bool settled = false;  // ended, and what it used has passed to its heir, or is kept
    bool io_denied = false;
    bool io_known = false;  // it could be read at least once
    bool base_io_unknown = false;
    bool ran = true;             // its clock moved on since memory and I/O were read,
    int64_t details_cpu_ns = 0;  // and then stood here
    bool must_reread = false;    // a child ended: what it left is to be read
    int64_t moved_ns = 0;        // when its clock was last seen to move, or it was first seen
    int64_t rests_until_ns = 0;  // it has been quiet so long that it need not be read before
    uint64_t reaped_forks = 0;   // forks_seen_ when reaped_cpu_ns was read
    Counters used;
    Usage
        claimed;  // how much of used.heritage() is explained, by known children or by past updates
    bool is_forked = false;       // its memory began as its parent's
    bool is_just_forked = false;  // and was not looked at since
    MemoryParts resident;
    SharedPages pages;
    kernfs::File stat;  // kept open while the budget of descriptors allows
    kernfs::File statm;
    kernfs::File io_file;
  };

  // A process just found, not yet placed.
  struct Candidate {
    pid_t pid = 0;
    pid_t parent_pid = 0;
    pid_t session_id = 0;
    uint64_t start_ticks = 0;
    int64_t reaped_cpu_ns = 0;
    bool is_kernel_thread = false;
    bool ignores_child_exit = false;
    bool is_forked = false;
    bool of_user = false;
    std::array<bool, kGroupCount> is_member{};  // of the container and the job
    bool had_a_life = false;                    // before we could see it
    bool placed = false;
  };
  using CandidateIndex = std::unordered_map<pid_t, Candidate*>;

  // The monitor's own process at one moment.
  struct SelfReading {
    int64_t time_ns = 0;
    std::optional<int64_t> cpu_ns;
  };
  [[nodiscard]] SelfReading read_self() const;
  void put_self(std::optional<int64_t> cpu_ns);

  // Finding processes: process_finding.cpp.
  void look_for_forks(int64_t now_ns, kernfs::ReadBuffer& buffer);
  void doubt_recycled(kernfs::ReadBuffer& buffer);
  void list_pids();
  struct MissingPid {  // given out, and not seen yet
    pid_t pid = 0;
    int64_t since_ns = 0;
  };
  void discover(int64_t now_ns, kernfs::ReadBuffer& buffer);
  [[nodiscard]] bool can_probe(int64_t now_ns) const;
  void probe(int64_t now_ns, std::vector<Candidate>& candidates, kernfs::ReadBuffer& buffer);
  void list(int64_t now_ns, std::vector<Candidate>& candidates, kernfs::ReadBuffer& buffer);
  bool consider(pid_t pid, std::vector<Candidate>& candidates, kernfs::ReadBuffer& buffer) const;
  [[nodiscard]] std::optional<Candidate> examine(pid_t pid, kernfs::ReadBuffer& buffer) const;
  [[nodiscard]] bool belongs_to_user(pid_t pid, kernfs::ReadBuffer& buffer) const;
  [[nodiscard]] bool is_owned_by_user(pid_t pid) const;
  void place(std::vector<Candidate>& candidates, kernfs::ReadBuffer& buffer);
  void place_one(Candidate& candidate, const CandidateIndex& others, kernfs::ReadBuffer& buffer);
  [[nodiscard]] bool is_of_our_session(const Candidate& candidate);
  void add(const Candidate& candidate, bool in_tree);
  [[nodiscard]] const Membership* membership(size_t group) const {
    if (group == static_cast<size_t>(Group::kContainer)) return options_.container;
    return group == static_cast<size_t>(Group::kJob) ? options_.job : nullptr;
  }
  bool find_memberships(Candidate& candidate, const Process* parent, kernfs::ReadBuffer& buffer);
  void recheck_step_daemons(int64_t now_ns, kernfs::ReadBuffer& buffer);
  void recheck_owners(int64_t now_ns, kernfs::ReadBuffer& buffer);
  [[nodiscard]] Process* find(pid_t pid);
  [[nodiscard]] Process* find_parent(const Process& process);
  [[nodiscard]] Process* find_heir(const Process& ended);
  void index_processes();
  void drop_settled();

  // Reading them: process_reading.cpp.
  struct StatReading {
    enum class Outcome : uint8_t { kRead, kGone, kNotNow, kNever };
    Outcome outcome = Outcome::kNever;
    procfs::PidStat stat;
  };
  Pass read_all(kernfs::ReadBuffer& buffer);
  bool read_clocks(kernfs::ReadBuffer& buffer);
  [[nodiscard]] bool is_wanted(const Process& process) const;
  [[nodiscard]] bool is_resting(const Process& process) const;
  void collect_touched();
  // Calls `visit` with each process that can have changed in this update.
  template <typename Visit>
  void for_each_changed(Visit visit) {
    if (!is_calm_) {
      std::ranges::for_each(processes_, visit);
      return;
    }
    for (const size_t at : touched_) visit(processes_[at]);
  }
  void set_must_reread(Process& process);
  bool read_clock(Process& process, kernfs::ReadBuffer& buffer);
  bool reread_heirs(kernfs::ReadBuffer& buffer);
  bool find_unseen_ends(kernfs::ReadBuffer& buffer);
  [[nodiscard]] bool may_hold(const Process& parent, const Process& child) const;
  void mark_ended(Process& process);
  void set_exited(Process& process, bool exited);
  StatReading read_stat(Process& process, kernfs::ReadBuffer& buffer);
  bool read_reaped(Process& process, kernfs::ReadBuffer& buffer);
  void read_memory_and_io(Process& process, kernfs::ReadBuffer& buffer);
  void read_io(Process& process, kernfs::ReadBuffer& buffer);
  [[nodiscard]] IoCounters read_own_thread_io(kernfs::ReadBuffer& buffer) const;
  void set_resident(Process& process, const MemoryParts& resident);
  bool follow_orphans(kernfs::ReadBuffer& buffer);
  base::Result<std::string_view> read_pid_file(pid_t pid, const char* name, kernfs::File& kept,
                                               kernfs::ReadBuffer& buffer);
  void close_files(Process& process);

  // Accounting: process_accounting.cpp.
  struct Inheritance {
    Process* heir = nullptr;            // null: none of ours
    std::vector<const Process*> ended;  // whose heir it is
    Usage lost;                         // of theirs, not found in what the heir has inherited
    Process* adopter = nullptr;         // the ancestor that has that instead
  };
  enum class Part : uint8_t { kCpu, kIo };
  [[nodiscard]] static Usage only(Part part, const Usage& usage) {
    return part == Part::kCpu ? Usage{usage.cpu_ns, {}} : Usage{0, usage.io};
  }
  void settle_ended();
  void settle(const std::vector<Process*>& ended, Part part);
  [[nodiscard]] Process* find_holder(const Process& ended, Part part);
  [[nodiscard]] bool can_hold(const Process& heir, const Usage& usage) const;
  void claim(Inheritance& inheritance, Part part);
  void find_adopter(Inheritance& inheritance);
  void pass_on(const Inheritance& inheritance, Part part);
  [[nodiscard]] static Usage unclaimed(const Process& process);
  [[nodiscard]] int64_t rounding_ns(const Process& heir) const;
  [[nodiscard]] bool is_excluded_root(const Process& process) const;
  // Whether what `process` inherits is its group's.
  [[nodiscard]] bool can_inherit(const Process& process, size_t group) const;
  // The part of its counters that the group looks at, and what that has added since it began to.
  [[nodiscard]] Usage counted(const Process& process, size_t group) const;
  [[nodiscard]] Usage contribution(const Process& process, size_t group) const;
  void set_bases();
  void close_update();
  void sum_up(Group group);

  // The tree's own control group: process_group.cpp.
  void begin_group_look(Moment moment, kernfs::ReadBuffer& buffer);
  void end_group_look(kernfs::ReadBuffer& buffer);
  [[nodiscard]] int64_t group_period_ns(Moment moment) const;
  [[nodiscard]] std::optional<GroupReading> read_group(kernfs::ReadBuffer& buffer) const;
  [[nodiscard]] std::optional<int64_t> read_left_out_ns() const;
  [[nodiscard]] bool is_group_ours(const std::vector<pid_t>& pids, kernfs::ReadBuffer& buffer);
  [[nodiscard]] std::optional<int64_t> late_ns() const;
  void find_adopters(kernfs::ReadBuffer& buffer);
  [[nodiscard]] bool may_be_our_orphan(const Candidate& candidate) const;
  [[nodiscard]] bool is_of_our_group(const Candidate& candidate, kernfs::ReadBuffer& buffer) const;

  // Shared pages: process_memory.cpp. Those of the tree are looked at in rounds, one process right
  // after the other, and used when a round is done: shares of different times add up to nothing.
  [[nodiscard]] bool is_walkable(const Process& process) const;
  [[nodiscard]] bool may_share(const Process& process) const;
  [[nodiscard]] bool has_changed_since_walk(const Process& process) const;
  [[nodiscard]] bool is_round_due(int64_t now_ns) const;
  void begin_round(int64_t now_ns, const Budget& budget);
  void end_round();
  static void use_measured(Process& process);
  void plan_others(int64_t now_ns);
  [[nodiscard]] PageWalk walk_of(const Process& process) const;
  [[nodiscard]] Process* find_walked(const PageWalk& walk);
  [[nodiscard]] bool drop_ended_walks();

  const kernfs::KernelRoot& root_;
  const base::Clock& clock_;
  const base::ProcessClocks& clocks_;
  Options options_;
  ForkDetector forks_;
  base::UniqueFd proc_listing_;
  std::vector<Process> processes_;
  std::unordered_map<pid_t, size_t> index_;  // of processes_; of two with one pid, the newer
  std::vector<pid_t> listed_;                // reused by list_pids()
  std::vector<MissingPid> missing_;
  std::optional<int64_t> listed_ns_;
  int64_t looked_ns_ = 0;
  uint64_t forks_seen_ = 0;      // how often something had forked
  std::vector<size_t> tree_;     // of processes_: those whose work is the tree's, now or in the end
  std::vector<size_t> touched_;  // of processes_: those that this update reads
  std::vector<pid_t> risen_;     // reused by find_unseen_ends()
  // Of the job but for their name: a daemon of Slurm's, or a task that it has forked and that is
  // about to get another.
  struct StepDaemon {
    pid_t pid = 0;
    uint64_t start_ticks = 0;
    int64_t since_ns = 0;
    bool had_a_life = false;
  };
  std::vector<StepDaemon> step_daemons_;
  std::unordered_map<pid_t, uint64_t> strangers_;  // seen, and nobody's of ours; start ticks by pid
  std::array<Usage, kGroupCount> retained_;  // of processes that ended and that nobody inherited
  std::array<int64_t, kGroupCount> followed_cpu_ns_{};  // found by following processes
  std::array<GroupTotals, kGroupCount> totals_;
  std::optional<cgroup::CpuGroup> own_group_;  // the tree's own, or others are in it as well
  UnfoundUsage unfound_;
  std::optional<GroupReading> group_reading_;     // of the update that goes on
  std::optional<std::vector<pid_t>> group_pids_;  // of that update: who was in the group
  std::vector<pid_t> adopters_;                   // who may get orphans of the tree
  uint64_t group_since_ticks_ = 0;  // when the group was the tree's own, all were older
  int64_t group_looked_ns_ = 0;
  int64_t group_retry_ns_ = base::kNanosPerSecond / 2;
  CostEstimate group_cost_;
  WalkCost walk_cost_;
  std::vector<PageWalk> walks_;  // planned ones, the next one last
  std::optional<int64_t> round_began_ns_;
  std::optional<int64_t> others_planned_ns_;
  bool in_round_ = false;  // walks_ are of the tree, and what they find waits for the last one
  bool others_next_ = false;
  bool tree_changed_ = false;  // its processes are others than at the start of the last round
  int64_t owners_checked_ns_ = 0;
  int64_t nanos_per_tick_;
  uint64_t page_bytes_;
  uint64_t newest_start_ticks_ = 0;            // of all processes there were at the first update
  uint64_t newest_seen_ticks_ = 0;             // of all there were so far
  std::optional<int64_t> self_cpu_before_ns_;  // at the last update
  int64_t update_ns_ = 0;                      // when the update that goes on began
  size_t open_files_ = 0;
  size_t open_files_limit_;
  Reach reach_ = Reach::kAll;  // of the update that is going on
  bool root_found_ = false;
  bool is_consistent_ = false;  // every end was seen that the last update's counters speak of
  // Nobody ended, is being waited for, or is to be read for one who was: so in this update nothing
  // changes but the processes it reads. With some thousand that rest, that is what makes it quick.
  bool is_calm_ = false;
  bool someone_ended_ = false;  // and was not settled yet
  bool heirs_wait_ = false;     // must_reread is set for some
  bool may_rest_ = false;       // this update leaves out processes that rest
  bool has_orphans_ = false;    // a process of ours exited, its children may have a new parent
  bool must_discover_ = true;
  bool first_update_ = true;
  bool is_brisk_ = false;   // the update that goes on reads the clocks alone
  int64_t details_ns_ = 0;  // of the last update that read all there is to read
};

}  // namespace jumper::sampler
