// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/sampler/process_table.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>

#include "jumper/base/parse.h"
#include "jumper/procfs/pid_io.h"
#include "jumper/procfs/pid_statm.h"
#include "jumper/procfs/pid_status.h"

namespace jumper::sampler {
namespace {

constexpr size_t kTree = static_cast<size_t>(Group::kTree);
constexpr size_t kUser = static_cast<size_t>(Group::kUser);

constexpr int64_t kOwnerRecheckNs = 2 * base::kNanosPerSecond;
// A pass over the clocks that took longer than this was pre-empted, and is done again.
constexpr int64_t kPassBaseNs = 500'000;
constexpr int64_t kPassPerProcessNs = 20'000;
constexpr int kMaxPreemptedPasses = 2;
// Passes are repeated while processes end during them.
constexpr int kMaxPasses = 8;

// "PID/name" without allocating.
class PidPath {
 public:
  PidPath(pid_t pid, const char* name) {
    char* end = std::to_chars(text_.data(), text_.data() + text_.size(), pid).ptr;
    if (name[0] != '\0') *end++ = '/';
    std::strncpy(end, name, static_cast<size_t>(text_.data() + text_.size() - 1 - end));
  }
  [[nodiscard]] const char* c_str() const { return text_.data(); }

 private:
  std::array<char, 48> text_{};
};

bool is_denied(const base::Error& error) {
  return error.code == base::ErrorCode::kPermissionDenied || error.sys_errno == EACCES ||
         error.sys_errno == EPERM;
}

size_t descriptor_budget() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 64;
  // An eighth of what the process may have open: the rest is the user's.
  return std::min<size_t>(limit.rlim_cur / 8, 512);
}

IoCounters to_counters(const procfs::PidIo& io) {
  return {io.read_calls,  io.write_calls, io.read_bytes,
          io.write_bytes, io.read_chars,  io.write_chars};
}

// Somebody is just waiting for it: its parent inherits, then it is taken off the list.
bool is_dead(const procfs::PidStat& stat) {
  return stat.state == 'X' || stat.state == 'x';
}

}  // namespace

ProcessTable::ProcessTable(const kernfs::KernelRoot& root, const base::Clock& clock,
                           const base::ProcessClocks& clocks, Options options)
    : root_(root),
      clock_(clock),
      clocks_(clocks),
      options_(options),
      forks_(root),
      proc_listing_(::openat(root.proc_fd(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)),
      nanos_per_tick_(base::kNanosPerSecond / ::sysconf(_SC_CLK_TCK)),
      page_bytes_(static_cast<uint64_t>(::sysconf(_SC_PAGESIZE))),
      open_files_limit_(options.open_files ? *options.open_files : descriptor_budget()) {}

ProcessTable::Pass ProcessTable::update(kernfs::ReadBuffer& buffer, Moment moment, Reach reach) {
  reach_ = first_update_ ? Reach::kAll : reach;
  SelfReading self = read_self();
  look_for_forks(self.time_ns, buffer);
  Pass pass = read_all(buffer);
  if (moment == Moment::kLast) self = read_self();
  if (moment != Moment::kClocks) {
    put_self(self.cpu_ns);
    pass.time_ns = self.time_ns;
  } else if (const Process* own = find(options_.self_pid)) {
    put_self(own->used.own_cpu_ns);
  }
  set_bases();
  close_update();
  sum_up();
  first_update_ = false;
  return pass;
}

ProcessTable::SelfReading ProcessTable::read_self() const {
  return {clock_.monotonic_ns(), clocks_.process_cpu_ns(options_.self_pid)};
}

// At the edges the clocks were read somewhat before or after the moment the update speaks of. For
// other processes that is a few microseconds; our own spent them on the reading itself.
void ProcessTable::put_self(std::optional<int64_t> cpu_ns) {
  Process* self = find(options_.self_pid);
  if (self == nullptr || !cpu_ns) return;
  self->used.own_cpu_ns = std::max(*cpu_ns, self_cpu_before_ns_.value_or(0));
  self_cpu_before_ns_ = self->used.own_cpu_ns;
}

// ---- finding processes ---------------------------------------------------------------------

void ProcessTable::look_for_forks(int64_t now_ns, kernfs::ReadBuffer& buffer) {
  const bool forked = forks_.look(buffer);
  if (forked) {
    for (Process& process : processes_) process.reaped_stale = true;
    doubt_recycled(buffer);
  }
  if (forked || must_discover_) {
    must_discover_ = false;
    discover(buffer);
  }
  recheck_owners(now_ns, buffer);
}

// A pid that was given out anew is another process's now. Where that is missed (a whole round of
// pids between two looks), reading stat tells, see read_clock().
void ProcessTable::doubt_recycled(kernfs::ReadBuffer& buffer) {
  for (Process& process : processes_) {
    if (process.ended || !forks_.may_have_given_out(process.pid)) continue;
    if (read_stat(process, buffer).outcome == StatReading::Outcome::kGone) mark_ended(process);
  }
}

void ProcessTable::list_pids() {
  listed_.clear();
  if (!proc_listing_.valid()) return;
  ::lseek(proc_listing_.get(), 0, SEEK_SET);
  alignas(dirent64) std::array<char, 32 * 1024> entries;  // NOLINT: filled by the kernel
  for (;;) {
    const long got = ::syscall(SYS_getdents64, proc_listing_.get(), entries.data(), entries.size());
    if (got <= 0) return;
    for (long at = 0; at < got;) {
      const auto* entry = reinterpret_cast<const dirent64*>(entries.data() + at);
      if (const auto pid = base::parse_number<pid_t>(entry->d_name); pid && *pid > 0) {
        listed_.push_back(*pid);
      }
      at += entry->d_reclen;
    }
  }
}

void ProcessTable::discover(kernfs::ReadBuffer& buffer) {
  list_pids();
  std::ranges::sort(listed_);
  std::erase_if(strangers_, [&](const auto& stranger) {
    return !std::ranges::binary_search(listed_, stranger.first);
  });
  std::vector<Candidate> candidates;
  for (const pid_t pid : listed_) {
    if (find(pid) != nullptr) continue;
    const auto stranger = strangers_.find(pid);
    const bool was_stranger = stranger != strangers_.end();
    if (was_stranger && !forks_.may_have_given_out(pid)) continue;
    auto candidate = examine(pid, buffer);
    if (!candidate) continue;
    // One that could not be examined at first is not new either.
    candidate->had_a_life = first_update_ || candidate->start_ticks < newest_start_ticks_ ||
                            (was_stranger && stranger->second == candidate->start_ticks);
    candidates.push_back(*candidate);
  }
  if (first_update_) {
    for (const Candidate& candidate : candidates) {
      newest_start_ticks_ = std::max(newest_start_ticks_, candidate.start_ticks);
    }
  }
  place(candidates);
}

std::optional<ProcessTable::Candidate> ProcessTable::examine(pid_t pid,
                                                             kernfs::ReadBuffer& buffer) const {
  auto file = kernfs::File::open(root_.proc_fd(), PidPath(pid, "stat").c_str());
  if (!file) return std::nullopt;
  auto text = file->read(buffer);
  if (!text) return std::nullopt;
  const auto stat = procfs::parse_pid_stat(*text);
  if (!stat || is_dead(*stat)) return std::nullopt;
  Candidate candidate;
  candidate.pid = pid;
  candidate.parent_pid = stat->parent_pid;
  candidate.start_ticks = stat->start_ticks;
  candidate.reaped_cpu_ns =
      static_cast<int64_t>(stat->reaped_user_ticks + stat->reaped_system_ticks) * nanos_per_tick_;
  candidate.is_kernel_thread = stat->virtual_bytes == 0 && (pid == 2 || stat->parent_pid == 2);
  candidate.ignores_child_exit = stat->ignores_child_exit();
  candidate.of_user = options_.user && belongs_to_user(pid, buffer);
  return candidate;
}

bool ProcessTable::belongs_to_user(pid_t pid, kernfs::ReadBuffer& buffer) const {
  struct stat owner{};
  if (::fstatat(root_.proc_fd(), PidPath(pid, "").c_str(), &owner, 0) != 0) return false;
  if (owner.st_uid == *options_.user) return true;
  // A set-user-id program, or one that hides its memory, is shown as root's and may yet be ours.
  if (owner.st_uid != 0) return false;
  auto file = kernfs::File::open(root_.proc_fd(), PidPath(pid, "status").c_str());
  if (!file) return false;
  auto text = file->read(buffer);
  if (!text) return false;
  const auto status = procfs::parse_pid_status(*text);
  return status && status->real_uid == *options_.user;
}

bool ProcessTable::is_owned_by_user(pid_t pid) const {
  struct stat owner{};
  return ::fstatat(root_.proc_fd(), PidPath(pid, "").c_str(), &owner, 0) == 0 &&
         owner.st_uid == *options_.user;
}

void ProcessTable::place(std::vector<Candidate>& candidates) {
  std::ranges::sort(candidates, [](const Candidate& a, const Candidate& b) {
    return a.start_ticks != b.start_ticks ? a.start_ticks < b.start_ticks : a.pid < b.pid;
  });
  CandidateIndex others;
  for (Candidate& candidate : candidates) others.emplace(candidate.pid, &candidate);
  for (Candidate& candidate : candidates) place_one(candidate, others);
}

// Where a process belongs depends on its parent, so that comes first. Sorting by age has done most
// of it: what is left are processes that started within one tick of the clock.
void ProcessTable::place_one(Candidate& candidate, const CandidateIndex& others) {
  if (candidate.placed) return;
  candidate.placed = true;
  if (const auto other = others.find(candidate.parent_pid); other != others.end()) {
    place_one(*other->second, others);
  }
  const Process* parent = find(candidate.parent_pid);
  // Nobody is younger than his child: this one has its parent's pid, and came later.
  if (parent != nullptr && parent->start_ticks > candidate.start_ticks) parent = nullptr;
  const bool is_root = candidate.pid == options_.root_pid && !root_found_;
  const bool in_tree = is_root || (parent != nullptr && can_inherit(*parent, kTree));
  // A child of one of ours is followed even when it is none of ours (sudo): what it used comes to
  // its parent in the end, and what of that is old, or was counted before, must be known then.
  if (in_tree || candidate.of_user || parent != nullptr) {
    strangers_.erase(candidate.pid);
    add(candidate, in_tree);
  } else {
    strangers_[candidate.pid] = candidate.start_ticks;
  }
}

void ProcessTable::add(const Candidate& candidate, bool in_tree) {
  Process process;
  process.pid = candidate.pid;
  process.parent_pid = candidate.parent_pid;
  process.start_ticks = candidate.start_ticks;
  process.is_kernel_thread = candidate.is_kernel_thread;
  process.ignores_child_exit = candidate.ignores_child_exit;
  process.used.reaped_cpu_ns = candidate.reaped_cpu_ns;
  process.needs_base.fill(candidate.had_a_life);
  process.is_root = in_tree && candidate.pid == options_.root_pid && !root_found_;
  root_found_ = root_found_ || process.is_root;
  process.in_group[kUser] = candidate.of_user;
  process.in_group[kTree] = in_tree && (options_.root_counts || !process.is_root);
  index_[process.pid] = processes_.size();
  processes_.push_back(std::move(process));
}

// A server that forks as root and then becomes the user: only its owner changes.
void ProcessTable::recheck_owners(int64_t now_ns, kernfs::ReadBuffer& buffer) {
  if (!options_.user) return;
  if (!first_update_ && now_ns - owners_checked_ns_ < kOwnerRecheckNs) return;
  owners_checked_ns_ = now_ns;
  if (first_update_) return;
  for (Process& process : processes_) {
    if (process.ended || process.in_group[kUser] || !is_owned_by_user(process.pid)) continue;
    process.in_group[kUser] = true;
    process.needs_base[kUser] = true;
  }
  std::vector<Candidate> candidates;
  for (const auto& stranger : strangers_) {
    if (!is_owned_by_user(stranger.first)) continue;
    auto candidate = examine(stranger.first, buffer);
    if (!candidate) continue;
    candidate->had_a_life = true;
    candidates.push_back(*candidate);
  }
  place(candidates);
}

ProcessTable::Process* ProcessTable::find(pid_t pid) {
  const auto found = index_.find(pid);
  if (found == index_.end() || processes_[found->second].ended) return nullptr;
  return &processes_[found->second];
}

// The parent as last seen, ended or not; null when it is none of ours.
ProcessTable::Process* ProcessTable::find_parent(const Process& process) {
  const auto found = index_.find(process.parent_pid);
  if (found == index_.end()) return nullptr;
  Process& parent = processes_[found->second];
  if (parent.start_ticks <= process.start_ticks) return &parent;
  // The pid has a new bearer already: the parent is the one that ended.
  const auto older = std::ranges::find_if(processes_, [&](const Process& other) {
    return other.pid == process.parent_pid && other.start_ticks <= process.start_ticks;
  });
  return older == processes_.end() ? nullptr : &*older;
}

// The living process that the kernel has passed an ended one's usage to: its parent, or, when that
// ended as well, the parent's parent. Null when there is none among ours.
ProcessTable::Process* ProcessTable::find_heir(const Process& ended) {
  Process* heir = find_parent(ended);
  for (size_t steps = 0; heir != nullptr && heir->ended; ++steps) {
    heir = steps < processes_.size() ? find_parent(*heir) : nullptr;
  }
  return heir;
}

void ProcessTable::index_processes() {
  index_.clear();
  for (size_t at = 0; at < processes_.size(); ++at) index_[processes_[at].pid] = at;
}

// ---- reading them --------------------------------------------------------------------------

base::Result<std::string_view> ProcessTable::read_pid_file(pid_t pid, const char* name,
                                                           kernfs::File& kept,
                                                           kernfs::ReadBuffer& buffer) {
  // An open file stays with its process: a new process of the same pid cannot answer through it.
  if (kept.is_open()) return kept.read(buffer);
  auto file = kernfs::File::open(root_.proc_fd(), PidPath(pid, name).c_str());
  if (!file) return file.error();
  auto text = file->read(buffer);
  if (text && open_files_ < open_files_limit_) {
    kept = std::move(*file);
    ++open_files_;
  }
  return text;
}

void ProcessTable::close_files(Process& process) {
  for (kernfs::File* file : {&process.stat, &process.statm, &process.io_file}) {
    if (file->is_open()) --open_files_;
    *file = kernfs::File();
  }
}

// CPU time and I/O of a child are its parent's from the moment the parent waited for it. So that
// they count once, nothing is believed until it has been seen that the child was still there after
// its parent's counters had been read; when it was not, these are read again.
ProcessTable::Pass ProcessTable::read_all(kernfs::ReadBuffer& buffer) {
  const int64_t usual_ns =
      kPassBaseNs + kPassPerProcessNs * static_cast<int64_t>(processes_.size());
  Pass pass;
  int preempted = 0;
  is_consistent_ = false;
  for (int passes = 1; passes <= kMaxPasses && !is_consistent_; ++passes) {
    const int64_t before_ns = clock_.monotonic_ns();
    const bool someone_ended = read_clocks(buffer);
    const int64_t after_ns = clock_.monotonic_ns();
    pass = {before_ns + (after_ns - before_ns) / 2, after_ns - before_ns};
    if (someone_ended) continue;
    if (pass.gap_ns > usual_ns && preempted++ < kMaxPreemptedPasses) continue;
    for (Process& process : processes_) {
      // A process that did not run has neither read nor written, nor touched a new page.
      if (!process.ended && process.ran && is_wanted(process)) read_memory_and_io(process, buffer);
    }
    is_consistent_ = !follow_orphans(buffer) && !find_unseen_ends(buffer);
  }
  while (reread_heirs(buffer) || follow_orphans(buffer)) {
  }
  settle_ended();
  return pass;
}

// One pass over all clocks; true when a process was found to have ended.
bool ProcessTable::read_clocks(kernfs::ReadBuffer& buffer) {
  bool someone_ended = false;
  for (Process& process : processes_) {
    if (process.ended || !is_wanted(process) || read_clock(process, buffer)) continue;
    mark_ended(process);
    someone_ended = true;
  }
  return someone_ended;
}

// An update of the tree alone leaves the others as they were, but for heirs of members: each
// process stays consistent with its children, for those of a member are members.
bool ProcessTable::is_wanted(const Process& process) const {
  return reach_ == Reach::kAll || process.must_reread || can_inherit(process, kTree);
}

// Those whose children were found ended by the last pass. True when one of them has ended, too:
// then there is a new heir to read.
bool ProcessTable::reread_heirs(kernfs::ReadBuffer& buffer) {
  bool someone_ended = false;
  for (Process& process : processes_) {
    if (process.ended || !process.must_reread || read_clock(process, buffer)) continue;
    mark_ended(process);
    someone_ended = true;
  }
  return someone_ended;
}

void ProcessTable::mark_ended(Process& process) {
  process.ended = true;
  has_orphans_ = true;
  close_files(process);
  // Its parent has inherited from it; or, if that ended before it, an ancestor that adopts orphans.
  const Process* at = &process;
  for (size_t steps = 0; steps < processes_.size(); ++steps) {
    Process* ancestor = find_parent(*at);
    if (ancestor == nullptr) break;
    ancestor->must_reread = !ancestor->ended;
    at = ancestor;
  }
}

// False when the process has ended.
bool ProcessTable::read_clock(Process& process, kernfs::ReadBuffer& buffer) {
  const auto cpu_ns = clocks_.process_cpu_ns(process.pid);
  if (!cpu_ns) return false;
  const bool ran = process.ran || *cpu_ns > process.used.own_cpu_ns;
  const bool was_heir = process.must_reread;
  if (process.pid == options_.self_pid) {
    process.used.reaped_cpu_ns = std::max(process.used.reaped_cpu_ns, clocks_.own_reaped_cpu_ns());
    process.must_reread = false;
  } else if (was_heir || (process.reaped_stale && ran) || *cpu_ns < process.used.own_cpu_ns) {
    // Only a process that ran can have waited for a child. The same file says whether the clock is
    // still this process's: one that runs backwards, or that moved on after pids were given out,
    // may be that of another process with the same pid, and is not to be believed before.
    if (!read_reaped(process, buffer)) return false;
  }
  process.used.own_cpu_ns = std::max(process.used.own_cpu_ns, *cpu_ns);
  process.ran = ran;
  if (was_heir && !process.must_reread && !process.io_denied) read_io(process, buffer);
  return true;
}

ProcessTable::StatReading ProcessTable::read_stat(Process& process, kernfs::ReadBuffer& buffer) {
  using Outcome = StatReading::Outcome;
  const bool was_kept = process.stat.is_open();
  auto text = read_pid_file(process.pid, "stat", process.stat, buffer);
  if (!text) {
    if (text.error().code == base::ErrorCode::kIo)
      return {Outcome::kNotNow, {}};  // no descriptor left
    // With hidepid=2 processes of others are there and not to be seen.
    const bool gone = text.error().code == base::ErrorCode::kNotFound &&
                      (was_kept || !clocks_.process_cpu_ns(process.pid));
    return {gone ? Outcome::kGone : Outcome::kNever, {}};
  }
  const auto stat = procfs::parse_pid_stat(*text);
  if (!stat) return {Outcome::kNever, {}};
  const bool is_recycled = stat->start_ticks != process.start_ticks;
  if (is_recycled) must_discover_ = true;  // the new one is hidden behind this
  process.passing = !is_recycled && is_dead(*stat);
  return {is_recycled ? Outcome::kGone : Outcome::kRead, *stat};
}

// False when the process has ended.
bool ProcessTable::read_reaped(Process& process, kernfs::ReadBuffer& buffer) {
  const StatReading reading = read_stat(process, buffer);
  if (reading.outcome == StatReading::Outcome::kGone) return false;
  if (reading.outcome == StatReading::Outcome::kNotNow) return true;
  process.reaped_stale = false;
  process.must_reread = false;
  if (reading.outcome == StatReading::Outcome::kNever) return true;
  const procfs::PidStat& stat = reading.stat;
  const auto reaped_ticks = static_cast<int64_t>(stat.reaped_user_ticks + stat.reaped_system_ticks);
  process.used.reaped_cpu_ns = std::max(process.used.reaped_cpu_ns, reaped_ticks * nanos_per_tick_);
  process.parent_pid = stat.parent_pid;
  process.ignores_child_exit = stat.ignores_child_exit();
  set_exited(process, stat.state == 'Z');
  return true;
}

void ProcessTable::set_exited(Process& process, bool exited) {
  has_orphans_ = has_orphans_ || (exited && !process.exited);
  process.exited = exited;
}

// A parent may have waited for its child between the child's clock and its own stat or io; then
// both have what the child used. True when such a child was found.
bool ProcessTable::find_unseen_ends(kernfs::ReadBuffer& buffer) {
  risen_.clear();
  for (const Process& process : processes_) {
    if (!process.ended && unclaimed(process) != Usage{}) risen_.push_back(process.pid);
  }
  std::ranges::sort(risen_);
  bool found = false;
  for (Process& child : processes_) {
    if (child.ended || child.passing || !std::ranges::binary_search(risen_, child.parent_pid))
      continue;
    const Process* parent = find_parent(child);
    if (parent == nullptr || parent->ended || !may_hold(*parent, child)) continue;
    if (!clocks_.process_cpu_ns(child.pid)) {
      mark_ended(child);
      found = true;
    } else if (!first_update_) {
      // The parent inherits a little before the child's clock goes, which only stat tells. Not at
      // first, when every parent could hold every child and nothing is counted yet.
      if (read_stat(child, buffer).outcome == StatReading::Outcome::kGone) mark_ended(child);
      found = found || child.ended || child.passing;
    }
  }
  return found;
}

// Whether what `parent` may have inherited since the last update is enough for this child.
bool ProcessTable::may_hold(const Process& parent, const Process& child) const {
  const Usage rise = unclaimed(parent);
  const int64_t cpu_ns = child.used.all().cpu_ns;
  if (rise.cpu_ns > 0 && cpu_ns > 0 && cpu_ns <= rise.cpu_ns + rounding_ns(parent)) return true;
  return child.used.io != IoCounters{} && rise.io.can_hold(child.used.io);
}

void ProcessTable::read_memory_and_io(Process& process, kernfs::ReadBuffer& buffer) {
  process.ran = process.pid == options_.self_pid;
  if (!process.is_kernel_thread) {
    if (auto text = read_pid_file(process.pid, "statm", process.statm, buffer)) {
      if (const auto statm = procfs::parse_pid_statm(*text)) {
        process.resident_bytes = statm->resident_pages * page_bytes_;
        set_exited(process, process.exited || statm->virtual_pages == 0);
      }
    }
  }
  if (!process.io_denied) read_io(process, buffer);
}

void ProcessTable::read_io(Process& process, kernfs::ReadBuffer& buffer) {
  // The monitor's own reads are no work of the user's.
  IoCounters of_monitor;
  if (process.pid == options_.self_pid) {
    of_monitor.read_calls = buffer.read_calls();
    of_monitor.read_chars = buffer.bytes_read();
  }
  auto text = read_pid_file(process.pid, "io", process.io_file, buffer);
  if (!text) {
    process.io_denied = is_denied(text.error());
    return;
  }
  const auto io = procfs::parse_pid_io(*text);
  if (!io) return;
  process.io_known = true;
  process.used.io = to_counters(*io).minus(of_monitor).at_least(process.used.io);
  if (is_excluded_root(process)) {
    // What an ended thread did leaves the sum of the living ones: hold what was reached.
    process.used.own_io =
        read_own_thread_io(buffer).minus(of_monitor).at_least(process.used.own_io);
  }
  if (!process.base_io_unknown) return;
  process.base_io_unknown = false;  // so counting begins now
  for (size_t group = 0; group < kGroupCount; ++group)
    process.base[group].io = counted(process, group).io;
}

// The I/O of our own threads, without that of children: the kernel keeps it per thread.
IoCounters ProcessTable::read_own_thread_io(kernfs::ReadBuffer& buffer) const {
  IoCounters sum;
  const int fd = ::openat(root_.proc_fd(), "self/task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return sum;
  DIR* folder = ::fdopendir(fd);
  if (folder == nullptr) {
    ::close(fd);
    return sum;
  }
  while (const dirent* entry = ::readdir(folder)) {
    const auto tid = base::parse_number<pid_t>(entry->d_name);
    if (!tid) continue;
    const std::string path = "self/task/" + std::to_string(*tid) + "/io";
    auto file = kernfs::File::open(root_.proc_fd(), path.c_str());
    if (!file) continue;
    auto text = file->read(buffer);
    if (!text) continue;
    if (const auto io = procfs::parse_pid_io(*text)) sum += to_counters(*io);
  }
  ::closedir(folder);
  return sum;
}

// A child whose parent has exited has a new parent from that moment on, who inherits from it. True
// when such a child was found to have ended.
bool ProcessTable::follow_orphans(kernfs::ReadBuffer& buffer) {
  if (!has_orphans_) return false;
  has_orphans_ = false;
  bool someone_ended = false;
  for (Process& process : processes_) {
    if (process.ended) continue;
    const Process* parent = find_parent(process);
    if (parent == nullptr || !(parent->ended || parent->exited)) continue;
    const StatReading reading = read_stat(process, buffer);
    if (reading.outcome == StatReading::Outcome::kRead)
      process.parent_pid = reading.stat.parent_pid;
    if (reading.outcome != StatReading::Outcome::kGone) continue;
    mark_ended(process);
    someone_ended = true;
  }
  return someone_ended;
}

// ---- accounting ----------------------------------------------------------------------------

bool ProcessTable::is_excluded_root(const Process& process) const {
  return process.is_root && !options_.root_counts;
}

bool ProcessTable::can_inherit(const Process& process, size_t group) const {
  return process.in_group[group] || (group == kTree && is_excluded_root(process));
}

Usage ProcessTable::counted(const Process& process, size_t group) const {
  return group == kTree && is_excluded_root(process) ? process.used.of_others()
                                                     : process.used.all();
}

Usage ProcessTable::contribution(const Process& process, size_t group) const {
  if (process.needs_base[group]) return {};  // not read yet since the group began to count it
  return counted(process, group) - process.base[group];
}

Usage ProcessTable::unclaimed(const Process& process) {
  const Usage heritage = process.used.heritage();
  return {heritage.cpu_ns - process.claimed.cpu_ns, heritage.io.minus(process.claimed.io)};
}

// User and system time are each cut to ticks, before and after; our own come in microseconds.
int64_t ProcessTable::rounding_ns(const Process& heir) const {
  return heir.pid == options_.self_pid ? 1'000'000 : 2 * nanos_per_tick_;
}

// The kernel adds a process's usage to the parent that waits for it. Where no process of the group
// did, what it had used is kept here. An heir that could not be read since is settled later.
void ProcessTable::settle_ended() {
  std::vector<Process*> ended;
  for (Process& process : processes_) {
    if (!process.ended) continue;
    const Process* heir = find_heir(process);
    if (heir != nullptr && heir->must_reread) continue;
    process.settled = true;
    for (size_t group = 0; group < kGroupCount; ++group) {
      if (process.needs_base[group]) process.base[group] = counted(process, group);
    }
    ended.push_back(&process);
  }
  if (ended.empty()) return;
  // The parent's CPU time and its I/O are read one after the other, and it may inherit in between.
  for (const Part part : {Part::kCpu, Part::kIo}) settle(ended, part);
}

void ProcessTable::settle(const std::vector<Process*>& ended, Part part) {
  std::vector<Inheritance> inheritances;
  for (const Process* process : ended) {
    Process* heir = find_holder(*process, part);
    auto known = std::ranges::find(inheritances, heir, &Inheritance::heir);
    if (known == inheritances.end()) {
      known =
          inheritances.insert(known, {.heir = heir, .ended = {}, .lost = {}, .adopter = nullptr});
    }
    known->ended.push_back(process);
  }
  // Where one ended process has inherited from another, the younger heir comes first.
  std::ranges::sort(inheritances, [](const Inheritance& a, const Inheritance& b) {
    if (a.heir == nullptr || b.heir == nullptr) return a.heir != nullptr;
    return a.heir->start_ticks != b.heir->start_ticks ? a.heir->start_ticks > b.heir->start_ticks
                                                      : a.heir > b.heir;
  });
  // What is explained by children of their own first, then who adopted orphans.
  for (Inheritance& inheritance : inheritances) claim(inheritance, part);
  for (Inheritance& inheritance : inheritances) find_adopter(inheritance);
  for (const Inheritance& inheritance : inheritances) pass_on(inheritance, part);
}

// The heir of an ended process as far as the counters tell: the parent, when that ended later and
// was read in between; else the first ancestor that lives.
ProcessTable::Process* ProcessTable::find_holder(const Process& ended, Part part) {
  const Usage all = only(part, ended.used.all());
  Process* heir = find_parent(ended);
  for (size_t steps = 0; heir != nullptr && heir->ended && steps < processes_.size(); ++steps) {
    if (can_hold(*heir, all)) return heir;
    heir = find_parent(*heir);
  }
  return heir;
}

// Whether that can be a part of what the process has inherited since the last update.
bool ProcessTable::can_hold(const Process& heir, const Usage& usage) const {
  const Usage rise = unclaimed(heir);
  if (!rise.io.can_hold(usage.io)) return false;
  if (usage.cpu_ns == 0) return true;
  return rise.cpu_ns > 0 && rise.cpu_ns + rounding_ns(heir) >= usage.cpu_ns;
}

void ProcessTable::claim(Inheritance& inheritance, Part part) {
  if (inheritance.heir == nullptr) return;
  Process& heir = *inheritance.heir;
  Usage expected;
  for (const Process* ended : inheritance.ended) expected += only(part, ended->used.all());
  const Usage found = unclaimed(heir);
  const Usage claimed = expected.at_most(found);
  heir.claimed += claimed;
  inheritance.lost = expected - claimed;
  const bool inherits_nothing = (heir.ignores_child_exit || heir.exited) && found.cpu_ns == 0;
  if (!inherits_nothing && inheritance.lost.cpu_ns <= rounding_ns(heir))
    inheritance.lost.cpu_ns = 0;
}

// What the heir should have inherited and did not: nobody waited, as the parent asked for; or the
// parent ended first and the child became an orphan, which an ancestor may have adopted.
void ProcessTable::find_adopter(Inheritance& inheritance) {
  const Process* heir = inheritance.heir;
  if (heir == nullptr || inheritance.lost == Usage{}) return;
  if (heir->ignores_child_exit && !heir->exited) return;
  if (heir->io_denied && inheritance.lost.cpu_ns == 0)
    return;  // it has inherited, and does not show it
  Process* ancestor = inheritance.heir;
  for (size_t steps = 0; steps < processes_.size(); ++steps) {
    ancestor = find_parent(*ancestor);
    if (ancestor == nullptr) return;
    if (ancestor->ended || !can_hold(*ancestor, inheritance.lost)) continue;
    ancestor->claimed += inheritance.lost.at_most(unclaimed(*ancestor));
    inheritance.adopter = ancestor;
    return;
  }
}

// What a group has counted of the ended goes on counting with their heir, if it is of the group;
// else it is kept, and must not count again when the heir's own heir is. What must not be counted
// of them must not be counted of their heir.
void ProcessTable::pass_on(const Inheritance& inheritance, Part part) {
  Process* heir = inheritance.heir;
  Process* adopter = inheritance.adopter;
  for (size_t group = 0; group < kGroupCount; ++group) {
    Usage whole;
    Usage base;
    Usage kept;
    for (const Process* ended : inheritance.ended) {
      const bool counts = can_inherit(*ended, group);
      whole += only(part, counts ? counted(*ended, group) : ended->base[group]);
      base += only(part, ended->base[group]);
      if (counts) kept += only(part, contribution(*ended, group));
    }
    const Usage lost = inheritance.lost.at_most(whole);
    if (heir == nullptr || !can_inherit(*heir, group)) {
      retained_[group] += kept;
      if (heir != nullptr) heir->base[group] += whole - lost;
    } else {
      heir->base[group] += base;
      if (adopter == nullptr || !can_inherit(*adopter, group)) retained_[group] += lost;
    }
    if (adopter != nullptr && !can_inherit(*adopter, group)) adopter->base[group] += lost;
  }
  // Of a child whose I/O we could not read, the heir's I/O does not tell what is old.
  if (part != Part::kIo || heir == nullptr) return;
  if (std::ranges::none_of(inheritance.ended, &Process::base_io_unknown)) return;
  const IoCounters unknown = unclaimed(*heir).io;
  heir->claimed.io += unknown;
  for (Usage& base : heir->base) base.io += unknown;
}

void ProcessTable::set_bases() {
  for (Process& process : processes_) {
    if (!is_wanted(process)) continue;
    for (size_t group = 0; group < kGroupCount; ++group) {
      if (!process.needs_base[group]) continue;
      process.base[group] = counted(process, group);
      process.needs_base[group] = false;
      process.base_io_unknown = !process.io_known;
    }
  }
}

void ProcessTable::close_update() {
  if (std::erase_if(processes_, [](const Process& process) { return process.settled; }) > 0)
    index_processes();
  for (Process& process : processes_) {
    Process* heir = process.passing || process.ended ? find_heir(process) : nullptr;
    if (heir != nullptr) heir->must_reread = true;
  }
  if (!is_consistent_) return;  // an end not seen yet may explain what an heir has
  for (Process& process : processes_) {
    if (!process.must_reread) process.claimed = process.used.heritage();
  }
}

void ProcessTable::sum_up() {
  for (size_t group = 0; group < kGroupCount; ++group) {
    GroupTotals now;
    Usage sum = retained_[group];
    for (const Process& process : processes_) {
      // Of one that is being waited for nobody can tell whether its parent has it already: the
      // total stands still, where it could count twice.
      if (!can_inherit(process, group) || process.passing) continue;
      sum += contribution(process, group);
      if (process.ended || !process.in_group[group]) continue;
      now.resident_bytes += process.resident_bytes;
      ++now.processes;
      if (process.io_denied) ++now.io_unreadable;
    }
    // The kernel cuts inherited time to ticks: hold what was reached.
    GroupTotals& total = totals_[group];
    now.cpu_ns = std::max(sum.cpu_ns, total.cpu_ns);
    now.io = sum.io.not_negative().at_least(total.io);
    total = now;
  }
}

}  // namespace jumper::sampler
