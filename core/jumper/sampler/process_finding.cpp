// SPDX-License-Identifier: BSD-3-Clause
// The process table's part that finds processes, and tells whose they are and who their parents.
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "jumper/base/parse.h"
#include "jumper/procfs/pid_status.h"
#include "jumper/sampler/process_table.h"
#include "jumper/sampler/process_table_detail.h"

namespace jumper::sampler {

using detail::is_dead;
using detail::kTree;
using detail::kUser;
using detail::PidPath;

namespace {

constexpr int64_t kOwnerRecheckNs = 2 * base::kNanosPerSecond;
// How long all processes need not be listed, while each new pid can be looked at.
constexpr int64_t kListPeriodNs = 10 * base::kNanosPerSecond;
constexpr size_t kAlwaysProbed = 64;
// In a longer time the pids may have gone round once: 32,768 forks, where there are fewest.
constexpr int64_t kLongBlindNs = 2 * base::kNanosPerSecond;
// How long fork() may take from giving out a pid to showing the process.
constexpr int64_t kMissingNs = 100'000'000;
// How long Slurm's daemon may take from forking a task to starting its program.
constexpr int64_t kTaskStartNs = 5 * base::kNanosPerSecond;

}  // namespace

void ProcessTable::look_for_forks(int64_t now_ns, kernfs::ReadBuffer& buffer) {
  const bool forked = forks_.look(buffer);
  if (forked) {
    ++forks_seen_;
    doubt_recycled(buffer);
  }
  if (forked || must_discover_ || !missing_.empty()) discover(now_ns, buffer);
  looked_ns_ = now_ns;
  recheck_owners(now_ns, buffer);
  if (!step_daemons_.empty()) recheck_step_daemons(now_ns, buffer);
}

// A pid that was given out anew is another process's now. Where that is missed (a whole round of
// pids between two looks), reading stat tells, see read_clock().
void ProcessTable::doubt_recycled(kernfs::ReadBuffer& buffer) {
  const auto doubt = [&](Process& process) {
    if (read_stat(process, buffer).outcome == StatReading::Outcome::kGone) mark_ended(process);
  };
  if (const auto range = forks_.given_out(); range && range->size() <= processes_.size()) {
    for (pid_t pid = range->after + 1; pid <= range->last; ++pid) {
      if (Process* process = find(pid)) doubt(*process);
    }
    return;
  }
  for (Process& process : processes_) {
    if (!process.ended && forks_.may_have_given_out(process.pid)) doubt(process);
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

// Pids are given out in rising order, so it is known which ones are new: to look at those is far
// cheaper than to list some thousand processes. Listing finds as well what came by another way (a
// restored process has the pid that it was told to have), so that is done now and then.
bool ProcessTable::can_probe(int64_t now_ns) const {
  if (must_discover_ || first_update_ || !listed_ns_) return false;
  if (now_ns - *listed_ns_ >= kListPeriodNs || now_ns - looked_ns_ >= kLongBlindNs) return false;
  const auto range = forks_.given_out();
  const size_t known = processes_.size() + strangers_.size();
  return range && range->size() + missing_.size() <= std::max(kAlwaysProbed, known / 2);
}

void ProcessTable::discover(int64_t now_ns, kernfs::ReadBuffer& buffer) {
  std::vector<Candidate> candidates;
  if (can_probe(now_ns)) {
    probe(now_ns, candidates, buffer);
  } else {
    list(now_ns, candidates, buffer);
  }
  for (const Candidate& candidate : candidates) {
    newest_seen_ticks_ = std::max(newest_seen_ticks_, candidate.start_ticks);
  }
  if (first_update_) newest_start_ticks_ = newest_seen_ticks_;
  place(candidates, buffer);
}

// A pid is given out somewhat before its process can be seen. So one that is not there is looked
// for again for a while; mostly it ended already, or it is a thread's.
void ProcessTable::probe(int64_t now_ns, std::vector<Candidate>& candidates,
                         kernfs::ReadBuffer& buffer) {
  std::vector<MissingPid> looked_for;
  looked_for.swap(missing_);
  const ForkDetector::Range range = *forks_.given_out();
  for (pid_t pid = range.after + 1; pid <= range.last; ++pid) looked_for.push_back({pid, now_ns});
  const pid_t this_thread = ::gettid();  // its number has a clock: its process's
  for (const MissingPid& missing : looked_for) {
    if (find(missing.pid) != nullptr || missing.pid == this_thread) continue;
    const bool is_there = clocks_.process_cpu_ns(missing.pid).has_value();  // not of a thread
    if (is_there && consider(missing.pid, candidates, buffer)) continue;
    if (now_ns - missing.since_ns < kMissingNs) missing_.push_back(missing);
  }
}

void ProcessTable::list(int64_t now_ns, std::vector<Candidate>& candidates,
                        kernfs::ReadBuffer& buffer) {
  must_discover_ = false;
  list_pids();
  std::ranges::sort(listed_);
  std::erase_if(strangers_, [&](const auto& stranger) {
    return !std::ranges::binary_search(listed_, stranger.first);
  });
  for (const pid_t pid : listed_) {
    if (find(pid) != nullptr) continue;
    if (strangers_.contains(pid) && !forks_.may_have_given_out(pid)) continue;
    if (!consider(pid, candidates, buffer) && missing_.size() <= kAlwaysProbed &&
        std::ranges::find(missing_, pid, &MissingPid::pid) == missing_.end()) {
      missing_.push_back({pid, now_ns});
    }
  }
  // Where the system hides processes, those are too many to look for again.
  if (missing_.size() > kAlwaysProbed) missing_.clear();
  // Those given out last may not be in the list yet.
  std::erase_if(missing_, [&](const MissingPid& missing) {
    return now_ns - missing.since_ns >= kMissingNs || find(missing.pid) != nullptr;
  });
  if (const auto range = forks_.given_out()) {
    const auto first = std::max(range->after + 1, range->last - static_cast<pid_t>(kAlwaysProbed));
    for (pid_t pid = first; pid <= range->last; ++pid) {
      if (!std::ranges::binary_search(listed_, pid)) missing_.push_back({pid, now_ns});
    }
  }
  listed_ns_ = now_ns;
}

// False when there is no such process, or it cannot be seen.
bool ProcessTable::consider(pid_t pid, std::vector<Candidate>& candidates,
                            kernfs::ReadBuffer& buffer) const {
  auto candidate = examine(pid, buffer);
  if (!candidate) return false;
  // One that could not be examined at first is not new either.
  const auto stranger = strangers_.find(pid);
  candidate->had_a_life =
      first_update_ || candidate->start_ticks < newest_start_ticks_ ||
      (stranger != strangers_.end() && stranger->second == candidate->start_ticks);
  candidates.push_back(*candidate);
  return true;
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
  candidate.session_id = stat->session_id;
  candidate.start_ticks = stat->start_ticks;
  candidate.reaped_cpu_ns =
      static_cast<int64_t>(stat->reaped_user_ticks + stat->reaped_system_ticks) * nanos_per_tick_;
  candidate.is_kernel_thread = stat->virtual_bytes == 0 && (pid == 2 || stat->parent_pid == 2);
  candidate.ignores_child_exit = stat->ignores_child_exit();
  candidate.is_forked = stat->forked_without_exec();
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

void ProcessTable::place(std::vector<Candidate>& candidates, kernfs::ReadBuffer& buffer) {
  std::ranges::sort(candidates, [](const Candidate& a, const Candidate& b) {
    return a.start_ticks != b.start_ticks ? a.start_ticks < b.start_ticks : a.pid < b.pid;
  });
  CandidateIndex others;
  for (Candidate& candidate : candidates) others.emplace(candidate.pid, &candidate);
  for (Candidate& candidate : candidates) place_one(candidate, others, buffer);
}

// Where a process belongs depends on its parent, so that comes first. Sorting by age has done most
// of it: what is left are processes that started within one tick of the clock.
void ProcessTable::place_one(Candidate& candidate, const CandidateIndex& others,
                             kernfs::ReadBuffer& buffer) {
  if (candidate.placed) return;
  candidate.placed = true;
  if (find(candidate.pid) != nullptr) return;
  if (const auto other = others.find(candidate.parent_pid); other != others.end()) {
    place_one(*other->second, others, buffer);
  }
  const Process* parent = find(candidate.parent_pid);
  // Nobody is younger than his child: this one has its parent's pid, and came later.
  if (parent != nullptr && parent->start_ticks > candidate.start_ticks) parent = nullptr;
  const bool is_root = candidate.pid == options_.root_pid && !root_found_;
  // What the monitor started is no work of the user's; nor are its children, by their parent.
  const bool is_helper =
      options_.written != nullptr && candidate.pid == options_.written->helper_pid;
  const bool in_tree =
      !is_helper && (is_root || (parent != nullptr && can_inherit(*parent, kTree)) ||
                     is_of_our_session(candidate) || is_of_our_group(candidate, buffer));
  const bool is_member = find_memberships(candidate, parent, buffer);
  // A child of one of ours is followed even when it is none of ours (sudo): what it used comes to
  // its parent in the end, and what of that is old, or was counted before, must be known then.
  if (in_tree || candidate.of_user || is_member || parent != nullptr) {
    strangers_.erase(candidate.pid);
    add(candidate, in_tree);
  } else {
    strangers_[candidate.pid] = candidate.start_ticks;
  }
}

// Children of members are members: nobody leaves a group but by an administrator's hand.
bool ProcessTable::find_memberships(Candidate& candidate, const Process* parent,
                                    kernfs::ReadBuffer& buffer) {
  bool is_any = false;
  for (const size_t group : {detail::kContainer, detail::kJob}) {
    const Membership* const members = membership(group);
    if (members == nullptr || candidate.is_kernel_thread) continue;
    bool& is_member = candidate.is_member.at(group);
    is_member = parent != nullptr && parent->in_group.at(group);
    const bool is_worth_asking = !members->is_by_environment() || candidate.of_user;
    if (!is_member && is_worth_asking) {
      const Membership::Answer answer = members->of(root_, candidate.pid, buffer);
      is_member = answer == Membership::Answer::kYes;
      if (answer == Membership::Answer::kStepDaemon)
        step_daemons_.push_back(
            {candidate.pid, candidate.start_ticks, update_ns_, candidate.had_a_life});
    }
    is_any = is_any || is_member;
  }
  return is_any;
}

// A task begins as a copy of the daemon, and is of the job from then on.
void ProcessTable::recheck_step_daemons(int64_t now_ns, kernfs::ReadBuffer& buffer) {
  std::vector<Candidate> candidates;
  std::erase_if(step_daemons_, [&](const StepDaemon& daemon) {
    if (now_ns - daemon.since_ns >= kTaskStartNs) return true;
    const Membership::Answer answer = options_.job->of(root_, daemon.pid, buffer);
    if (answer == Membership::Answer::kStepDaemon) return false;
    if (answer == Membership::Answer::kNo) return true;
    if (Process* process = find(daemon.pid)) {
      if (process->start_ticks != daemon.start_ticks) return true;
      process->in_group[detail::kJob] = true;
      process->needs_base[detail::kJob] = daemon.had_a_life;
      return true;
    }
    auto candidate = examine(daemon.pid, buffer);
    if (!candidate || candidate->start_ticks != daemon.start_ticks) return true;
    candidate->had_a_life = daemon.had_a_life;
    candidates.push_back(*candidate);
    return true;
  });
  if (!candidates.empty()) place(candidates, buffer);
}

// A session is entered by being forked in it, and in no other way. So whoever is in a session that
// one of the tree founded descends from that one, though his parent may have ended before we saw
// either. A pid is not given out again while it names a session.
bool ProcessTable::is_of_our_session(const Candidate& candidate) {
  if (candidate.session_id <= 0 || candidate.session_id == candidate.pid) return false;
  const Process* founder = find(candidate.session_id);
  return founder != nullptr && founder->start_ticks <= candidate.start_ticks &&
         can_inherit(*founder, kTree);
}

void ProcessTable::add(const Candidate& candidate, bool in_tree) {
  Process process;
  process.pid = candidate.pid;
  process.parent_pid = candidate.parent_pid;
  process.start_ticks = candidate.start_ticks;
  process.is_kernel_thread = candidate.is_kernel_thread;
  process.ignores_child_exit = candidate.ignores_child_exit;
  process.is_forked = candidate.is_forked;
  // One that is older has had the time to become different from its parent.
  process.is_just_forked = candidate.is_forked && !candidate.had_a_life;
  process.used.reaped_cpu_ns = candidate.reaped_cpu_ns;
  process.needs_base.fill(candidate.had_a_life);
  process.is_root = in_tree && candidate.pid == options_.root_pid && !root_found_;
  root_found_ = root_found_ || process.is_root;
  process.in_group[kUser] = candidate.of_user;
  for (const size_t group : {detail::kContainer, detail::kJob})
    process.in_group.at(group) = candidate.is_member.at(group);
  process.in_group[kTree] = in_tree && (options_.root_counts || !process.is_root);
  tree_changed_ = tree_changed_ || in_tree;
  process.moved_ns = update_ns_;
  if (can_inherit(process, kTree)) tree_.push_back(processes_.size());
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
  place(candidates, buffer);
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
  tree_.clear();
  for (size_t at = 0; at < processes_.size(); ++at) {
    index_[processes_[at].pid] = at;
    if (can_inherit(processes_[at], kTree)) tree_.push_back(at);
  }
}

// Short-lived processes stand at the end: what comes before the first to go keeps its place.
void ProcessTable::drop_settled() {
  const auto first = std::ranges::find_if(processes_, &Process::settled);
  if (first == processes_.end()) return;
  const auto from = static_cast<size_t>(first - processes_.begin());
  for (size_t at = from; at < processes_.size(); ++at) {
    const auto known = index_.find(processes_[at].pid);
    if (known != index_.end() && known->second == at) index_.erase(known);
  }
  std::erase_if(processes_, [](const Process& process) { return process.settled; });
  someone_ended_ = std::ranges::any_of(processes_, &Process::ended);
  if (someone_ended_) return index_processes();  // one of them may have the pid of another
  std::erase_if(tree_, [&](size_t at) { return at >= from; });
  for (size_t at = from; at < processes_.size(); ++at) {
    index_[processes_[at].pid] = at;
    if (can_inherit(processes_[at], kTree)) tree_.push_back(at);
  }
}

}  // namespace jumper::sampler
