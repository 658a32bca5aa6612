// SPDX-License-Identifier: BSD-3-Clause
// The process table's part that reads the processes, in an order that keeps them consistent.
#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <functional>
#include <string>

#include "jumper/base/parse.h"
#include "jumper/gpu/poller.h"
#include "jumper/procfs/pid_io.h"
#include "jumper/procfs/pid_statm.h"
#include "jumper/sampler/process_table.h"
#include "jumper/sampler/process_table_detail.h"

namespace jumper::sampler {

using detail::is_dead;
using detail::kTree;
using detail::PidPath;

namespace {

// A pass over the clocks that took longer than this was pre-empted, and is done again.
constexpr int64_t kPassBaseNs = 500'000;
constexpr int64_t kPassPerProcessNs = 20'000;
constexpr int kMaxPreemptedPasses = 2;
constexpr int64_t kLongestRestNs = 4 * base::kNanosPerSecond;
// The sampling thread's share is taken off our own process's clock, and the two are not read at the
// same instant: what it seems to have used below this is none, or too little to have done much.
constexpr int64_t kSelfStillNs = 20'000;
// Passes are repeated while processes end during them.
constexpr int kMaxPasses = 8;

bool is_denied(const base::Error& error) {
  return error.code == base::ErrorCode::kPermissionDenied || error.sys_errno == EACCES ||
         error.sys_errno == EPERM;
}

IoCounters to_counters(const procfs::PidIo& io) {
  return {io.read_calls,  io.write_calls, io.read_bytes,
          io.write_bytes, io.read_chars,  io.write_chars};
}

// How long a process that has been quiet for some time may be left alone: an eighth of that, four
// seconds at most. Spread by pid, so that they do not all come at once.
int64_t rest_ns(pid_t pid, int64_t quiet_ns) {
  const int64_t spread_ns = quiet_ns / 8 * (64 + pid % 64) / 96;
  return std::min(spread_ns, kLongestRestNs);
}

}  // namespace

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
  collect_touched();
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
    for_each_changed([&](Process& process) {
      // A process that did not run has neither read nor written, nor touched a new page.
      const bool has_news = process.ran && (!is_brisk_ || process.must_reread);
      if (!process.ended && has_news && is_wanted(process)) read_memory_and_io(process, buffer);
    });
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
  const auto read = [&](Process& process) {
    if (process.ended || !is_wanted(process) || is_resting(process)) return;
    if (read_clock(process, buffer)) return;
    mark_ended(process);
    someone_ended = true;
  };
  for_each_changed(read);
  return someone_ended;
}

void ProcessTable::collect_touched() {
  touched_.clear();
  if (!is_calm_) return;
  if (reach_ == Reach::kTree) {
    touched_ = tree_;
    return;
  }
  for (size_t at = 0; at < processes_.size(); ++at) {
    if (!is_resting(processes_[at])) touched_.push_back(at);
  }
}

// An update of the tree alone leaves the others as they were, but for heirs of members: each
// process stays consistent with its children, for those of a member are members.
bool ProcessTable::is_wanted(const Process& process) const {
  return reach_ == Reach::kAll || process.must_reread || can_inherit(process, kTree);
}

// Not one that something depends on: heirs, and those that a group is just beginning to count. An
// end that is not seen for that, find_unseen_ends() sees where an heir shows it.
bool ProcessTable::is_resting(const Process& process) const {
  return may_rest_ && process.rests_until_ns > update_ns_ && !process.must_reread &&
         !can_inherit(process, kTree) && std::ranges::none_of(process.needs_base, std::identity{});
}

// Those whose children were found ended by the last pass. True when one of them has ended, too:
// then there is a new heir to read.
bool ProcessTable::reread_heirs(kernfs::ReadBuffer& buffer) {
  if (!heirs_wait_) return false;
  bool someone_ended = false;
  for (Process& process : processes_) {
    if (process.ended || !process.must_reread || read_clock(process, buffer)) continue;
    mark_ended(process);
    someone_ended = true;
  }
  heirs_wait_ = std::ranges::any_of(
      processes_, [](const Process& process) { return process.must_reread && !process.ended; });
  return someone_ended;
}

void ProcessTable::set_must_reread(Process& process) {
  process.must_reread = true;
  heirs_wait_ = true;
  is_calm_ = false;
}

void ProcessTable::mark_ended(Process& process) {
  process.ended = true;
  someone_ended_ = true;
  is_calm_ = false;
  has_orphans_ = true;
  tree_changed_ = tree_changed_ || process.in_group[kTree];
  close_files(process);
  // Its parent has inherited from it; or, if that ended before it, an ancestor that adopts orphans.
  const Process* at = &process;
  for (size_t steps = 0; steps < processes_.size(); ++steps) {
    Process* ancestor = find_parent(*at);
    if (ancestor == nullptr) break;
    if (ancestor->ended) {
      ancestor->must_reread = false;
    } else {
      set_must_reread(*ancestor);
    }
    at = ancestor;
  }
}

// False when the process has ended.
bool ProcessTable::read_clock(Process& process, kernfs::ReadBuffer& buffer) {
  const auto cpu_ns = clocks_.process_cpu_ns(process.pid);
  if (!cpu_ns) return false;
  const int64_t still_ns = process.pid == options_.self_pid ? kSelfStillNs : 0;
  const bool ran = process.ran || *cpu_ns > process.details_cpu_ns + still_ns;
  const bool was_heir = process.must_reread;
  if (process.pid == options_.self_pid) {
    process.used.reaped_cpu_ns = std::max(process.used.reaped_cpu_ns, clocks_.own_reaped_cpu_ns());
    process.must_reread = false;
  } else if (was_heir || (process.reaped_forks != forks_seen_ && ran) ||
             *cpu_ns < process.used.own_cpu_ns) {
    // Only a process that ran can have waited for a child. The same file says whether the clock is
    // still this process's: one that runs backwards, or that moved on after pids were given out,
    // may be that of another process with the same pid, and is not to be believed before.
    if (!read_reaped(process, buffer)) return false;
  }
  if (*cpu_ns > process.used.own_cpu_ns) process.moved_ns = update_ns_;
  process.rests_until_ns = update_ns_ + rest_ns(process.pid, update_ns_ - process.moved_ns);
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
  if (process.passing) is_calm_ = false;
  return {is_recycled ? Outcome::kGone : Outcome::kRead, *stat};
}

// False when the process has ended.
bool ProcessTable::read_reaped(Process& process, kernfs::ReadBuffer& buffer) {
  const StatReading reading = read_stat(process, buffer);
  if (reading.outcome == StatReading::Outcome::kGone) return false;
  if (reading.outcome == StatReading::Outcome::kNotNow) return true;
  process.reaped_forks = forks_seen_;
  process.must_reread = false;
  if (reading.outcome == StatReading::Outcome::kNever) return true;
  const procfs::PidStat& stat = reading.stat;
  const auto reaped_ticks = static_cast<int64_t>(stat.reaped_user_ticks + stat.reaped_system_ticks);
  process.used.reaped_cpu_ns = std::max(process.used.reaped_cpu_ns, reaped_ticks * nanos_per_tick_);
  process.parent_pid = stat.parent_pid;
  process.ignores_child_exit = stat.ignores_child_exit();
  process.is_forked = stat.forked_without_exec();
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
  bool only_tree = true;
  for_each_changed([&](const Process& process) {
    if (process.ended || unclaimed(process) == Usage{}) return;
    risen_.push_back(process.pid);
    only_tree = only_tree && can_inherit(process, kTree);
  });
  if (risen_.empty()) return false;
  std::ranges::sort(risen_);
  bool found = false;
  const auto look = [&](Process& child) {
    if (child.ended || child.passing || !std::ranges::binary_search(risen_, child.parent_pid))
      return;
    const Process* parent = find_parent(child);
    if (parent == nullptr || parent->ended || !may_hold(*parent, child)) return;
    if (!clocks_.process_cpu_ns(child.pid)) {
      mark_ended(child);
      found = true;
    } else if (!first_update_) {
      // The parent inherits a little before the child's clock goes, which only stat tells. Not at
      // first, when every parent could hold every child and nothing is counted yet.
      if (read_stat(child, buffer).outcome == StatReading::Outcome::kGone) mark_ended(child);
      found = found || child.ended || child.passing;
    }
  };
  if (only_tree) {
    for (const size_t at : tree_) look(processes_[at]);  // children of members are members
  } else {
    std::ranges::for_each(processes_, look);
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
  process.ran = false;
  process.details_cpu_ns = process.used.own_cpu_ns;
  if (!process.is_kernel_thread) {
    if (auto text = read_pid_file(process.pid, "statm", process.statm, buffer)) {
      if (const auto statm = procfs::parse_pid_statm(*text)) {
        const uint64_t mapped = std::min(statm->shared_pages, statm->resident_pages);
        set_resident(process,
                     {(statm->resident_pages - mapped) * page_bytes_, mapped * page_bytes_});
        set_exited(process, process.exited || statm->virtual_pages == 0);
      }
    }
  }
  if (!process.io_denied) read_io(process, buffer);
}

void ProcessTable::read_io(Process& process, kernfs::ReadBuffer& buffer) {
  // What the monitor itself reads and writes is no work of the user's.
  IoCounters of_monitor;
  if (process.pid == options_.self_pid) {
    const auto of_gpus =
        options_.gpus != nullptr ? options_.gpus->read_calls(buffer) : gpu::ReadCalls();
    of_monitor.read_calls = of_gpus.calls + buffer.read_calls();
    of_monitor.read_chars = of_gpus.chars + buffer.bytes_read();
    if (options_.written != nullptr) {
      of_monitor.write_calls = options_.written->calls;
      of_monitor.write_chars = options_.written->chars;
      of_monitor.write_bytes = options_.written->stored;
      of_monitor.read_calls += options_.written->read_calls;
      of_monitor.read_chars += options_.written->read_chars;
    }
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

}  // namespace jumper::sampler
