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
#include <ranges>

#include "jumper/base/parse.h"
#include "jumper/procfs/pid_io.h"
#include "jumper/procfs/pid_statm.h"
#include "jumper/procfs/pid_status.h"

namespace jumper::sampler {
namespace {

constexpr int kMaxClockPasses = 3;
constexpr int64_t kStrangerRecheckNs = 2 * base::kNanosPerSecond;
// A pass over the clocks that took longer than this was pre-empted, and is done again.
constexpr int64_t kPassBaseNs = 500'000;
constexpr int64_t kPassPerProcessNs = 20'000;

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

uint64_t less(uint64_t a, uint64_t b) { return a > b ? a - b : 0; }

}  // namespace

IoCounters& IoCounters::operator+=(const IoCounters& other) {
  read_calls += other.read_calls;
  write_calls += other.write_calls;
  read_bytes += other.read_bytes;
  write_bytes += other.write_bytes;
  read_chars += other.read_chars;
  write_chars += other.write_chars;
  return *this;
}

IoCounters IoCounters::minus(const IoCounters& other) const {
  return {less(read_calls, other.read_calls),   less(write_calls, other.write_calls),
          less(read_bytes, other.read_bytes),   less(write_bytes, other.write_bytes),
          less(read_chars, other.read_chars),   less(write_chars, other.write_chars)};
}

IoCounters IoCounters::at_least(const IoCounters& other) const {
  return {std::max(read_calls, other.read_calls), std::max(write_calls, other.write_calls),
          std::max(read_bytes, other.read_bytes), std::max(write_bytes, other.write_bytes),
          std::max(read_chars, other.read_chars), std::max(write_chars, other.write_chars)};
}

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
      open_files_limit_(descriptor_budget()) {}

ProcessTable::Pass ProcessTable::update(kernfs::ReadBuffer& buffer, Moment moment) {
  SelfReading self = read_self();
  const ForkDetector::Change change = forks_.look(buffer);
  if (first_update_ || change != ForkDetector::Change::kNone) {
    for (Process& process : processes_) process.reaped_stale = true;
    if (change == ForkDetector::Change::kWrapped && !first_update_) mark_recycled(buffer);
    discover(buffer);
  }
  recheck_strangers(self.time_ns, buffer);

  Pass pass = read_clocks(buffer);
  for (Process& process : processes_) {
    // A process that did not run has neither read nor written, nor touched a new page.
    if (!process.ended && process.ran) read_memory_and_io(process, buffer);
  }
  settle_ended(buffer);
  if (moment == Moment::kLast) self = read_self();
  put_self(self);
  pass.time_ns = self.time_ns;
  for (Process& process : processes_) {
    if (!process.needs_base) continue;
    process.base = process.used;
    process.needs_base = false;
  }
  first_update_ = false;
  sum_up();
  return pass;
}

ProcessTable::SelfReading ProcessTable::read_self() const {
  return {clock_.monotonic_ns(), clocks_.process_cpu_ns(options_.self_pid)};
}

// The clocks were read somewhat before or after the moment the update speaks of. For other
// processes that is a few microseconds; our own spent them on the reading itself.
void ProcessTable::put_self(const SelfReading& reading) {
  Process* self = find(options_.self_pid);
  if (self == nullptr || !reading.cpu_ns) return;
  self->used.own_cpu_ns = std::max(*reading.cpu_ns, self_cpu_before_ns_.value_or(0));
  self_cpu_before_ns_ = self->used.own_cpu_ns;
}

// ---- finding processes ---------------------------------------------------------------------

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
  std::erase_if(strangers_, [&](pid_t pid) { return !std::ranges::binary_search(listed_, pid); });
  std::unordered_set<pid_t> known;
  for (const Process& process : processes_) {
    if (!process.ended) known.insert(process.pid);
  }
  std::vector<Candidate> candidates;
  for (const pid_t pid : listed_) {
    if (known.contains(pid) || strangers_.contains(pid)) continue;
    if (auto candidate = examine(pid, buffer)) candidates.push_back(*candidate);
  }
  place(candidates, first_update_);
}

std::optional<ProcessTable::Candidate> ProcessTable::examine(pid_t pid, kernfs::ReadBuffer& buffer) const {
  auto file = kernfs::File::open(root_.proc_fd(), PidPath(pid, "stat").c_str());
  if (!file) return std::nullopt;
  auto text = file->read(buffer);
  if (!text) return std::nullopt;
  const auto stat = procfs::parse_pid_stat(*text);
  if (!stat) return std::nullopt;
  Candidate candidate;
  candidate.pid = pid;
  candidate.parent_pid = stat->parent_pid;
  candidate.start_ticks = stat->start_ticks;
  candidate.is_kernel_thread = stat->virtual_bytes == 0 && (pid == 2 || stat->parent_pid == 2);
  candidate.ignores_child_exit = stat->ignores_child_exit();
  candidate.of_user = options_.user && belongs_to_user(pid);
  return candidate;
}

bool ProcessTable::belongs_to_user(pid_t pid) const {
  struct stat owner {};
  if (::fstatat(root_.proc_fd(), PidPath(pid, "").c_str(), &owner, 0) != 0) return false;
  if (owner.st_uid == *options_.user) return true;
  // A set-user-id program, or one that hides its memory, is shown as root's and may yet be ours.
  if (owner.st_uid != 0) return false;
  auto text = kernfs::read_once(root_.proc_fd(), PidPath(pid, "status").c_str());
  if (!text) return false;
  const auto status = procfs::parse_pid_status(*text);
  return status && status->real_uid == *options_.user;
}

void ProcessTable::place(std::vector<Candidate>& candidates, bool had_a_life) {
  // A parent starts before its child; when both started within one tick of the clock, pids usually
  // tell, and after a wrap-around of the pids the repeated rounds below do.
  std::ranges::sort(candidates, [](const Candidate& a, const Candidate& b) {
    return a.start_ticks != b.start_ticks ? a.start_ticks < b.start_ticks : a.pid < b.pid;
  });
  for (bool progress = true; progress;) {
    progress = false;
    for (Candidate& candidate : candidates) {
      if (candidate.placed) continue;
      const Process* parent = find(candidate.parent_pid);
      const bool in_tree =
          candidate.pid == options_.root_pid ||
          (parent != nullptr && can_inherit(*parent, static_cast<size_t>(Group::kTree)));
      if (!in_tree) continue;
      add(candidate, true, had_a_life);
      candidate.placed = true;
      progress = true;
    }
  }
  for (const Candidate& candidate : candidates) {
    if (candidate.placed) continue;
    if (candidate.of_user) {
      add(candidate, false, had_a_life);
    } else {
      strangers_.insert(candidate.pid);
    }
  }
}

void ProcessTable::add(const Candidate& candidate, bool in_tree, bool had_a_life) {
  Process process;
  process.pid = candidate.pid;
  process.parent_pid = candidate.parent_pid;
  process.start_ticks = candidate.start_ticks;
  process.is_kernel_thread = candidate.is_kernel_thread;
  process.ignores_child_exit = candidate.ignores_child_exit;
  process.needs_base = had_a_life;
  process.in_group[static_cast<size_t>(Group::kUser)] = candidate.of_user;
  process.in_group[static_cast<size_t>(Group::kTree)] =
      in_tree && (options_.root_counts || candidate.pid != options_.root_pid);
  processes_.push_back(std::move(process));
}

void ProcessTable::recheck_strangers(int64_t now_ns, kernfs::ReadBuffer& buffer) {
  if (now_ns - strangers_checked_ns_ < kStrangerRecheckNs) return;
  strangers_checked_ns_ = now_ns;
  if (!options_.user || strangers_.empty()) return;
  // A server that forks as root and then becomes the user: only its owner changes.
  std::vector<Candidate> candidates;
  for (const pid_t pid : strangers_) {
    struct stat owner {};
    if (::fstatat(root_.proc_fd(), PidPath(pid, "").c_str(), &owner, 0) != 0) continue;
    if (owner.st_uid != *options_.user) continue;
    if (auto candidate = examine(pid, buffer)) candidates.push_back(*candidate);
  }
  for (const Candidate& candidate : candidates) strangers_.erase(candidate.pid);
  place(candidates, true);
}

void ProcessTable::mark_recycled(kernfs::ReadBuffer& buffer) {
  strangers_.clear();
  for (Process& process : processes_) {
    const auto now = examine(process.pid, buffer);
    if (!now || now->start_ticks != process.start_ticks) process.ended = true;
  }
}

ProcessTable::Process* ProcessTable::find(pid_t pid) {
  for (Process& process : processes_) {
    if (process.pid == pid && !process.ended) return &process;
  }
  return nullptr;
}

// ---- reading them --------------------------------------------------------------------------

base::Result<std::string_view> ProcessTable::read_pid_file(pid_t pid, const char* name, kernfs::File& kept,
                                                           kernfs::ReadBuffer& buffer) {
  // An open file stays with its process: a new process of the same pid cannot answer through it.
  if (kept.is_open()) return kept.read(buffer);
  auto file = kernfs::File::open(root_.proc_fd(), PidPath(pid, name).c_str());
  if (!file) return file.error();
  auto text = file->read(buffer);
  if (open_files_ < open_files_limit_) {
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

ProcessTable::Pass ProcessTable::read_clocks(kernfs::ReadBuffer& buffer) {
  const int64_t usual_ns = kPassBaseNs + kPassPerProcessNs * static_cast<int64_t>(processes_.size());
  Pass pass;
  for (int attempt = 0; attempt < kMaxClockPasses; ++attempt) {
    const int64_t before_ns = clock_.monotonic_ns();
    const bool someone_ended = read_clocks_once(buffer, attempt + 1 == kMaxClockPasses);
    const int64_t after_ns = clock_.monotonic_ns();
    pass = {before_ns + (after_ns - before_ns) / 2, after_ns - before_ns};
    // After an end, its parent has inherited: both must be seen as of the same moment.
    if (!someone_ended && pass.gap_ns <= usual_ns) break;
  }
  return pass;
}

// Reads what a parent has inherited before its children's clocks: a child whose clock still
// answers had then not been inherited yet, so that nothing counts twice.
bool ProcessTable::read_clocks_once(kernfs::ReadBuffer& buffer, bool is_last_pass) {
  bool someone_ended = false;
  for (Process& process : processes_) {
    if (process.ended || read_clock(process, buffer)) continue;
    // No pass is left to read what its parent inherited: it stands as it was until the next update.
    if (is_last_pass) continue;
    process.ended = true;
    someone_ended = true;
    if (Process* parent = find(process.parent_pid)) parent->reread_reaped = true;
  }
  return someone_ended;
}

// False when the process has ended.
bool ProcessTable::read_clock(Process& process, kernfs::ReadBuffer& buffer) {
  const auto cpu_ns = clocks_.process_cpu_ns(process.pid);
  if (!cpu_ns) return false;
  if (*cpu_ns < process.used.own_cpu_ns && process.pid != options_.self_pid) {
    // Clocks do not run backwards: another process has this pid now, unless the start time agrees.
    const auto now = examine(process.pid, buffer);
    if (!now || now->start_ticks != process.start_ticks) return false;
  }
  if (*cpu_ns > process.used.own_cpu_ns) {
    process.used.own_cpu_ns = *cpu_ns;
    process.ran = true;
  }
  if (process.pid == options_.self_pid) {
    process.used.reaped_cpu_ns = clocks_.own_reaped_cpu_ns();
    process.reread_reaped = false;
    return true;
  }
  // Only a process that ran can have waited for a child.
  if (process.reread_reaped || (process.reaped_stale && process.ran)) return read_reaped(process, buffer);
  return true;
}

bool ProcessTable::read_reaped(Process& process, kernfs::ReadBuffer& buffer) {
  auto text = read_pid_file(process.pid, "stat", process.stat, buffer);
  if (!text) return text.error().code != base::ErrorCode::kNotFound;
  const auto stat = procfs::parse_pid_stat(*text);
  if (!stat) return true;
  if (stat->start_ticks != process.start_ticks) return false;
  const auto reaped_ticks = static_cast<int64_t>(stat->reaped_user_ticks + stat->reaped_system_ticks);
  process.used.reaped_cpu_ns = std::max(process.used.reaped_cpu_ns, reaped_ticks * nanos_per_tick_);
  process.parent_pid = stat->parent_pid;
  process.ignores_child_exit = stat->ignores_child_exit();
  process.reaped_stale = false;
  process.reread_reaped = false;
  return true;
}

void ProcessTable::read_memory_and_io(Process& process, kernfs::ReadBuffer& buffer) {
  process.ran = process.pid == options_.self_pid;
  if (!process.is_kernel_thread) {
    if (auto text = read_pid_file(process.pid, "statm", process.statm, buffer)) {
      if (const auto statm = procfs::parse_pid_statm(*text)) {
        process.resident_bytes = statm->resident_pages * page_bytes_;
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
  const IoCounters now = {io->read_calls,  io->write_calls, io->read_bytes,
                          io->write_bytes, io->read_chars,  io->write_chars};
  process.used.io = now.minus(of_monitor).at_least(process.used.io);
  if (is_excluded_root(process)) process.used.own_io = read_own_thread_io(buffer).minus(of_monitor);
}

// The I/O of our own threads, without that of children: the kernel keeps it per thread.
IoCounters ProcessTable::read_own_thread_io(kernfs::ReadBuffer& buffer) const {
  IoCounters sum;
  const int fd = ::openat(root_.proc_fd(), "self/task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR* folder = fd < 0 ? nullptr : ::fdopendir(fd);
  if (folder == nullptr) return sum;
  while (const dirent* entry = ::readdir(folder)) {
    const auto tid = base::parse_number<pid_t>(entry->d_name);
    if (!tid) continue;
    std::string path = "self/task/" + std::to_string(*tid) + "/io";
    auto file = kernfs::File::open(root_.proc_fd(), path.c_str());
    if (!file) continue;
    auto text = file->read(buffer);
    if (!text) continue;
    if (const auto io = procfs::parse_pid_io(*text)) {
      sum += {io->read_calls, io->write_calls, io->read_bytes, io->write_bytes, io->read_chars, io->write_chars};
    }
  }
  ::closedir(folder);
  return sum;
}

// ---- accounting ----------------------------------------------------------------------------

bool ProcessTable::is_excluded_root(const Process& process) const {
  return !options_.root_counts && process.pid == options_.root_pid;
}

bool ProcessTable::can_inherit(const Process& heir, size_t group) const {
  return heir.in_group[group] || (group == static_cast<size_t>(Group::kTree) && is_excluded_root(heir));
}

ProcessTable::Retained ProcessTable::contribution(const Process& process, size_t group) const {
  const Usage& used = process.used;
  const Usage& base = process.base;
  if (group == static_cast<size_t>(Group::kTree) && is_excluded_root(process)) {
    return {used.reaped_cpu_ns - base.reaped_cpu_ns,
            used.io.minus(used.own_io).minus(base.io.minus(base.own_io))};
  }
  return {used.cpu_ns() - base.cpu_ns(), used.io.minus(base.io)};
}

void ProcessTable::retain(const Process& ended, size_t group) {
  const Retained kept = contribution(ended, group);
  retained_[group].cpu_ns += kept.cpu_ns;
  retained_[group].io += kept.io;
}

// The living process that the kernel has passed an ended one's usage to: its parent, or, when that
// ended as well, the parent's parent. Null when there is none among ours.
ProcessTable::Process* ProcessTable::find_heir(const Process& ended) {
  pid_t parent_pid = ended.parent_pid;
  for (size_t steps = 0; steps <= processes_.size(); ++steps) {
    const auto parent = std::ranges::find(processes_, parent_pid, &Process::pid);
    if (parent == processes_.end()) return nullptr;
    if (!parent->ended) return &*parent;
    parent_pid = parent->parent_pid;
  }
  return nullptr;
}

// The kernel adds a process's usage to the parent that waits for it. Where no process of the group
// did, what it had used is kept here.
void ProcessTable::settle_ended(kernfs::ReadBuffer& buffer) {
  std::vector<pid_t> ended_pids;
  std::vector<std::pair<Process*, std::vector<const Process*>>> inheritances;
  for (Process& ended : processes_) {
    if (!ended.ended) continue;
    ended_pids.push_back(ended.pid);
    close_files(ended);
    Process* heir = find_heir(ended);
    if (heir != nullptr && heir->ignores_child_exit) heir = nullptr;
    for (size_t group = 0; group < kGroupCount; ++group) {
      if (ended.in_group[group] && (heir == nullptr || !can_inherit(*heir, group))) retain(ended, group);
    }
    if (heir == nullptr) continue;
    const auto known = std::ranges::find_if(inheritances, [&](const auto& entry) { return entry.first == heir; });
    if (known != inheritances.end()) {
      known->second.push_back(&ended);
    } else {
      inheritances.push_back({heir, {&ended}});
    }
  }
  for (auto& [heir, ended] : inheritances) settle_heir(*heir, ended);

  for (Process& process : processes_) {
    process.reaped_before_ns = process.used.reaped_cpu_ns;
    // An orphan has a new parent now.
    if (!process.ended && !ended_pids.empty() && std::ranges::count(ended_pids, process.parent_pid) > 0) {
      read_reaped(process, buffer);
      process.reaped_before_ns = process.used.reaped_cpu_ns;
    }
  }
  if (!ended_pids.empty()) std::erase_if(processes_, [](const Process& process) { return process.ended; });
}

void ProcessTable::settle_heir(Process& heir, const std::vector<const Process*>& ended) {
  int64_t expected_ns = 0;
  for (const Process* process : ended) {
    expected_ns += process->used.cpu_ns();
    // What the child had used before we looked comes with the inheritance, and is not new.
    heir.base.reaped_cpu_ns += process->base.cpu_ns();
    heir.base.io += process->base.io;
  }
  const int64_t inherited_ns = heir.used.reaped_cpu_ns - heir.reaped_before_ns;
  // User and system time are each cut to ticks, before and after; our own come in microseconds.
  const int64_t rounding_ns = heir.pid == options_.self_pid ? 1'000'000 : 2 * nanos_per_tick_;
  const int64_t lost_ns = expected_ns - inherited_ns;
  if (lost_ns <= rounding_ns) return;
  for (size_t group = 0; group < kGroupCount; ++group) {
    const bool any_of_group =
        std::ranges::any_of(ended, [&](const Process* process) { return process->in_group[group]; });
    if (any_of_group && can_inherit(heir, group)) retained_[group].cpu_ns += lost_ns;
  }
}

void ProcessTable::sum_up() {
  for (size_t group = 0; group < kGroupCount; ++group) {
    GroupTotals now;
    now.cpu_ns = retained_[group].cpu_ns;
    now.io = retained_[group].io;
    for (const Process& process : processes_) {
      if (!can_inherit(process, group)) continue;
      const Retained added = contribution(process, group);
      now.cpu_ns += added.cpu_ns;
      now.io += added.io;
      if (!process.in_group[group]) continue;
      now.resident_bytes += process.resident_bytes;
      ++now.processes;
      if (process.io_denied) ++now.io_unreadable;
    }
    // The kernel updates the clocks of running threads at its own ticks: hold what was reached.
    GroupTotals& total = totals_[group];
    now.cpu_ns = std::max(now.cpu_ns, total.cpu_ns);
    now.io = now.io.at_least(total.io);
    total = now;
  }
}

}  // namespace jumper::sampler
