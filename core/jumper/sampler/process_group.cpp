// SPDX-License-Identifier: BSD-3-Clause
// The process table's part that reads the tree's own control group, where it has one.
#include <algorithm>

#include "jumper/sampler/process_table.h"
#include "jumper/sampler/process_table_detail.h"

namespace jumper::sampler {

using detail::kTree;
using detail::PidPath;

namespace {

// A look at the group costs some microseconds, or, where it is large, a hundred. So between the
// edges of cells it takes a thousandth of one core at most, at edges a hundredth of the time.
constexpr int64_t kGroupPeriodNs = 10'000'000;
constexpr int64_t kLookShare = 1000;
constexpr int64_t kEdgeLookShare = 100;
// A group that holds others is looked at again after that, then after twice as long, and so on.
constexpr int64_t kFirstRetryNs = base::kNanosPerSecond;
constexpr size_t kMostAncestors = 64;

}  // namespace

// The group is read before the processes: what its counter has by then, their clocks have as well
// when they are read. And before new processes are looked for: who is in it then is found now.
void ProcessTable::begin_group_look(Moment moment, kernfs::ReadBuffer& buffer) {
  if (first_update_ && options_.look_at_own_group)
    own_group_ = cgroup::CpuGroup::find(root_, options_.root_pid);
  if (!own_group_ || update_ns_ - group_looked_ns_ < group_period_ns(moment)) return;
  group_looked_ns_ = clock_.monotonic_ns();
  if (unfound_.has_begun()) {
    group_reading_ = read_group(buffer);
    if (!group_reading_) return own_group_.reset();  // it was removed
  }
  group_pids_ = own_group_->processes(buffer);
  group_cost_.add(clock_.monotonic_ns() - group_looked_ns_);
  if (!group_pids_) own_group_.reset();
}

int64_t ProcessTable::group_period_ns(Moment moment) const {
  if (first_update_) return 0;
  if (!unfound_.has_begun()) return group_retry_ns_;
  const int64_t share = moment == Moment::kClocks ? kLookShare : kEdgeLookShare;
  return std::max(kGroupPeriodNs, share * group_cost_.ns());
}

// The reading errs to the side of too little: when counting begins, the group's counter is read
// after those that the tree's total leaves out; later before them.
std::optional<GroupReading> ProcessTable::read_group(kernfs::ReadBuffer& buffer) const {
  const bool is_first = !unfound_.has_begun();
  std::optional<int64_t> left_out_ns;
  if (is_first) left_out_ns = read_left_out_ns();
  const auto used_ns = own_group_->usage_ns(buffer);
  if (!is_first) left_out_ns = read_left_out_ns();
  if (!used_ns || !left_out_ns) return std::nullopt;
  return GroupReading{.used_ns = *used_ns, .left_out_ns = *left_out_ns};
}

// The sampling thread, and a root that is not to count.
std::optional<int64_t> ProcessTable::read_left_out_ns() const {
  int64_t left_out_ns = 0;
  const auto self = index_.find(options_.self_pid);
  if (self != index_.end() && can_inherit(processes_[self->second], kTree))
    left_out_ns += clocks_.left_out_ns();
  if (options_.root_counts) return left_out_ns;
  const auto root_ns = clocks_.process_cpu_ns(options_.root_pid);
  if (!root_ns) return std::nullopt;
  return left_out_ns + *root_ns;
}

// What was read counts only when nobody else is in the group after it was read.
void ProcessTable::end_group_look(kernfs::ReadBuffer& buffer) {
  const int64_t followed_ns = followed_cpu_ns_[kTree];
  if (group_pids_) {
    if (!own_group_ || !is_group_ours(*group_pids_, buffer)) {
      group_retry_ns_ = unfound_.has_begun() ? kFirstRetryNs : 2 * group_retry_ns_;
      unfound_.pause();
    } else if (group_reading_ && unfound_.has_begun()) {
      unfound_.put(*group_reading_, followed_ns, late_ns());
    } else if (const auto reading = read_group(buffer)) {
      find_adopters(buffer);
      group_since_ticks_ = newest_seen_ticks_;
      unfound_.begin(*reading, followed_ns);
    }
  }
  if (!own_group_) unfound_.pause();
  group_pids_.reset();
  group_reading_.reset();
  totals_[kTree].cpu_ns = unfound_.total_ns(followed_ns);
}

// Nobody is in it but the tree, and who has ended since.
bool ProcessTable::is_group_ours(const std::vector<pid_t>& pids, kernfs::ReadBuffer& buffer) {
  return std::ranges::all_of(pids, [&](pid_t pid) {
    const Process* process = find(pid);
    if (process != nullptr) return can_inherit(*process, kTree);
    if (pid == 0) return false;
    if (!clocks_.process_cpu_ns(pid)) return true;
    const auto candidate = examine(pid, buffer);
    return candidate && may_be_our_orphan(*candidate);
  });
}

// How much of what the processes have used their counters may not show yet: inherited time is cut
// to ticks. Our own comes in microseconds.
std::optional<int64_t> ProcessTable::late_ns() const {
  if (!is_consistent_ || heirs_wait_ || someone_ended_) return std::nullopt;
  int64_t late_ns = 0;
  for (const size_t at : tree_) {
    const Process& process = processes_[at];
    if (process.passing) return std::nullopt;
    if (process.pid != options_.self_pid) late_ns += rounding_ns(process);
  }
  return late_ns;
}

// Orphans go to process 1, or to an ancestor that has asked for them (PR_SET_CHILD_SUBREAPER, as
// systemd's user instance and slurmstepd do). Which one has, cannot be seen; a shell that started
// the root, and may start others, shares its session.
void ProcessTable::find_adopters(kernfs::ReadBuffer& buffer) {
  adopters_ = {1};
  pid_t pid = options_.root_pid;
  std::optional<pid_t> session;
  for (size_t steps = 0; pid > 1 && steps < kMostAncestors; ++steps) {
    auto file = kernfs::File::open(root_.proc_fd(), PidPath(pid, "stat").c_str());
    if (!file) return;
    auto text = file->read(buffer);
    if (!text) return;
    const auto stat = procfs::parse_pid_stat(*text);
    if (!stat) return;
    if (!session) session = stat->session_id;
    if (stat->session_id != *session) adopters_.push_back(pid);
    pid = stat->parent_pid;
  }
}

// A process is born in the group of its parent. So one that came while the group was the tree's
// own, and is in it, is of the tree, though its parent may have ended before we saw either; unless
// somebody from outside put it there. Those have other parents (none that we see, when they come
// from outside of a container), or begin as leaders of a session, as an orphan rarely is.
bool ProcessTable::may_be_our_orphan(const Candidate& candidate) const {
  const bool is_new =
      candidate.start_ticks > group_since_ticks_ ||
      (candidate.start_ticks == group_since_ticks_ && !strangers_.contains(candidate.pid));
  return unfound_.has_begun() && is_new && candidate.session_id != candidate.pid &&
         std::ranges::find(adopters_, candidate.parent_pid) != adopters_.end();
}

bool ProcessTable::is_of_our_group(const Candidate& candidate, kernfs::ReadBuffer& buffer) const {
  if (!own_group_ || candidate.had_a_life || !may_be_our_orphan(candidate)) return false;
  if (group_pids_ && std::ranges::find(*group_pids_, candidate.pid) != group_pids_->end())
    return true;
  auto file = kernfs::File::open(root_.proc_fd(), PidPath(candidate.pid, "cgroup").c_str());
  if (!file) return false;
  auto text = file->read_to_end(buffer);
  return text && own_group_->holds(*text);
}

}  // namespace jumper::sampler
