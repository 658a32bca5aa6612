// SPDX-License-Identifier: BSD-3-Clause
// The process table's part that finds out which pages processes share; see shared_pages.h.
#include <algorithm>
#include <utility>

#include "jumper/sampler/process_table.h"
#include "jumper/sampler/process_table_detail.h"

namespace jumper::sampler {

using detail::kTree;
using detail::kUser;

namespace {

// No process is walked more often than that.
constexpr int64_t kWalkPeriodNs = base::kNanosPerSecond;
// Nor is one that seems to do nothing; it may, though, as others give back what they shared with
// it.
constexpr int64_t kQuietPeriodNs = 30 * base::kNanosPerSecond;
// Processes of the user outside the tree: their totals can wait.
constexpr int64_t kOthersPeriodNs = 60 * base::kNanosPerSecond;
constexpr size_t kMostOthers = 32;
// Less than that is not worth a walk.
constexpr uint64_t kLeastOtherBytes = 1 << 20;
// To make a shared page one's own takes a page fault, 1,000 of them some milliseconds.
constexpr int64_t kChangedCpuNs = 5'000'000;
constexpr uint64_t kChangedBytes = 1 << 20;
// A process with less of files and shared memory, and nobody forked, shares little.
constexpr uint64_t kMuchMappedBytes = 64 << 20;

uint64_t distance(uint64_t a, uint64_t b) {
  return a > b ? a - b : b - a;
}

}  // namespace

void ProcessTable::set_resident(Process& process, const MemoryParts& resident) {
  process.resident = resident;
  SharedPages& pages = process.pages;
  if (process.is_just_forked && resident.total() > 0) {
    process.is_just_forked = false;
    if (const Process* parent = find_parent(process)) pages.presumed = parent->resident;
  }
  if (pages.presumed) {
    // What was inherited is there from the start and does not become more; pages of the parent's
    // files come one by one, as they are touched.
    uint64_t& inherited_bytes = pages.presumed->anonymous_bytes;
    inherited_bytes = std::min(inherited_bytes, resident.anonymous_bytes);
    pages.surplus = *pages.presumed;
  } else {
    pages.surplus = pages.surplus.at_most(resident);  // what was given back, as in exec(), is gone
  }
}

std::vector<LargeProcess> ProcessTable::largest(size_t count) const {
  std::vector<LargeProcess> all;
  for (const size_t at : tree_) {
    const Process& process = processes_[at];
    if (process.ended || !process.in_group[kTree]) continue;
    const uint64_t shared_bytes = is_walkable(process) ? process.pages.surplus.total() : 0;
    const uint64_t resident_bytes = process.resident.total();
    all.push_back({process.pid, resident_bytes - std::min(shared_bytes, resident_bytes)});
  }
  const auto end = all.begin() + static_cast<std::ptrdiff_t>(std::min(count, all.size()));
  std::ranges::partial_sort(all, end, std::ranges::greater{}, &LargeProcess::memory_bytes);
  all.erase(end, all.end());
  return all;
}

bool ProcessTable::is_walkable(const Process& process) const {
  return !process.pages.is_unreadable() && !walk_cost_.is_too_dear(process.resident.total());
}

// Whether it is likely to share pages with others that we follow.
bool ProcessTable::may_share(const Process& process) const {
  const auto is_alive = [&](pid_t pid) {
    const auto found = index_.find(pid);
    return found != index_.end() && !processes_[found->second].ended;
  };
  if (process.resident.total() == 0) return false;
  if (process.resident.mapped_bytes >= kMuchMappedBytes && processes_.size() > 1) return true;
  if (process.is_forked && is_alive(process.parent_pid)) return true;
  return std::ranges::any_of(processes_, [&](const Process& other) {
    return other.is_forked && !other.ended && other.parent_pid == process.pid;
  });
}

bool ProcessTable::has_changed_since_walk(const Process& process) const {
  const SharedPages& pages = process.pages;
  return !pages.walked_ns || process.used.own_cpu_ns - pages.cpu_ns >= kChangedCpuNs ||
         distance(process.resident.total(), pages.resident_bytes) >= kChangedBytes;
}

PageWalk ProcessTable::walk_of(const Process& process) const {
  const uint64_t bytes = process.resident.total();
  return {process.pid, process.start_ticks, bytes, walk_cost_.expected_ns(bytes)};
}

ProcessTable::Process* ProcessTable::find_walked(const PageWalk& walk) {
  Process* process = find(walk.pid);
  return process != nullptr && process->start_ticks == walk.start_ticks ? process : nullptr;
}

std::optional<PageWalk> ProcessTable::next_walk(int64_t now_ns, const Budget& budget) {
  if (!drop_ended_walks()) {
    // They take turns, for the tree may be due always. For a round one saves up.
    if (!others_next_ && is_round_due(now_ns)) {
      begin_round(now_ns, budget);
    } else {
      plan_others(now_ns);
    }
  }
  if (walks_.empty() || !budget.affords_or_is_full(walks_.back().expected_ns)) return std::nullopt;
  return walks_.back();
}

// Whether any walk is left.
bool ProcessTable::drop_ended_walks() {
  while (!walks_.empty() && find_walked(walks_.back()) == nullptr) walks_.pop_back();
  if (walks_.empty() && in_round_) end_round();
  return !walks_.empty();
}

bool ProcessTable::is_round_due(int64_t now_ns) const {
  if (round_began_ns_ && now_ns - *round_began_ns_ < kWalkPeriodNs) return false;
  size_t with_memory = 0;
  bool changed = tree_changed_ || !round_began_ns_ || now_ns - *round_began_ns_ >= kQuietPeriodNs;
  for (const size_t at : tree_) {
    const Process& process = processes_[at];
    if (process.ended || !process.in_group[kTree] || process.resident.total() == 0) continue;
    ++with_memory;
    changed = changed || (is_walkable(process) && has_changed_since_walk(process));
  }
  return changed && with_memory > 1;
}

// A round begins when all of it can be paid for, so that it does not stop in the middle; or, when
// that is more than can be saved, when there is no use in waiting.
void ProcessTable::begin_round(int64_t now_ns, const Budget& budget) {
  std::vector<PageWalk> walks;
  int64_t cost_ns = 0;
  for (const size_t at : tree_) {
    const Process& process = processes_[at];
    const bool is_member = !process.ended && process.in_group[kTree];
    if (!is_member || process.resident.total() == 0 || !is_walkable(process)) continue;
    walks.push_back(walk_of(process));
    cost_ns += walks.back().expected_ns;
  }
  if (walks.empty() || !budget.affords_or_is_full(cost_ns)) return;
  walks_ = std::move(walks);
  in_round_ = true;
  tree_changed_ = false;
  round_began_ns_ = now_ns;
}

void ProcessTable::end_round() {
  in_round_ = false;
  others_next_ = true;
  for (Process& process : processes_) use_measured(process);
}

void ProcessTable::use_measured(Process& process) {
  SharedPages& pages = process.pages;
  if (!pages.measured) return;
  pages.surplus = pages.measured->at_most(process.resident);
  pages.measured.reset();
  pages.presumed.reset();
}

// The user's processes outside the tree, those first that were not looked at for longest. Each is
// used as soon as it is there: of some thousand processes a round would take minutes.
void ProcessTable::plan_others(int64_t now_ns) {
  others_next_ = false;
  if (!options_.user) return;
  if (others_planned_ns_ && now_ns - *others_planned_ns_ < kWalkPeriodNs) return;
  others_planned_ns_ = now_ns;
  std::vector<const Process*> due;
  for (const Process& process : processes_) {
    if (process.ended || process.in_group[kTree] || !process.in_group[kUser]) continue;
    if (process.resident.total() < kLeastOtherBytes || !is_walkable(process)) continue;
    const auto& walked_ns = process.pages.walked_ns;
    if (walked_ns && (now_ns - *walked_ns < kOthersPeriodNs || !has_changed_since_walk(process)))
      continue;
    due.push_back(&process);
  }
  const size_t count = std::min(due.size(), kMostOthers);
  const auto end = due.begin() + static_cast<std::ptrdiff_t>(count);
  std::ranges::partial_sort(
      due, end, {}, [](const Process* process) { return process->pages.walked_ns.value_or(0); });
  for (size_t at = count; at > 0; --at) walks_.push_back(walk_of(*due[at - 1]));
}

void ProcessTable::put_walk(const PageWalk& walk, const PageWalkResult& result, int64_t now_ns) {
  using Outcome = PageWalkResult::Outcome;
  std::erase_if(walks_, [&](const PageWalk& other) {
    return other.pid == walk.pid && other.start_ticks == walk.start_ticks;
  });
  Process* process = find_walked(walk);
  if (process != nullptr && result.outcome != Outcome::kGone) {
    SharedPages& pages = process->pages;
    pages.walked_ns = now_ns;
    pages.resident_bytes = process->resident.total();
    pages.cpu_ns = process->used.own_cpu_ns;
    pages.failures = result.outcome == Outcome::kRead ? 0 : pages.failures + 1;
    if (result.outcome == Outcome::kRead) {
      walk_cost_.learn(result.resident_bytes, result.cpu_ns);
      pages.measured = result.surplus;
      if (!in_round_) use_measured(*process);
    } else if (pages.is_unreadable()) {
      pages.presumed.reset();
      pages.surplus = {};
    }
  }
  (void)drop_ended_walks();
}

}  // namespace jumper::sampler
