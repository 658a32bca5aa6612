// SPDX-License-Identifier: BSD-3-Clause
// The process table's part that tells what is whose: inheritances, what is old, and the sums.
#include <algorithm>
#include <vector>

#include "jumper/sampler/process_table.h"
#include "jumper/sampler/process_table_detail.h"

namespace jumper::sampler {

using detail::kTree;

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
  if (!someone_ended_) return;
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
  for_each_changed([&](Process& process) {
    if (!is_wanted(process)) return;
    for (size_t group = 0; group < kGroupCount; ++group) {
      if (!process.needs_base[group]) continue;
      process.base[group] = counted(process, group);
      process.needs_base[group] = false;
      process.base_io_unknown = !process.io_known;
    }
  });
}

void ProcessTable::close_update() {
  const bool was_calm = is_calm_;
  if (!was_calm) {
    drop_settled();
    for (Process& process : processes_) {
      Process* heir = process.passing || process.ended ? find_heir(process) : nullptr;
      if (heir != nullptr) set_must_reread(*heir);
    }
  }
  if (!is_consistent_) return;  // an end not seen yet may explain what an heir has
  for_each_changed([](Process& process) {
    if (!process.must_reread) process.claimed = process.used.heritage();
  });
}

void ProcessTable::sum_up(Group which) {
  const auto group = static_cast<size_t>(which);
  GroupTotals now;
  GroupMemory memory;
  Usage sum = retained_[group];
  const auto add = [&](const Process& process) {
    // Of one that is being waited for nobody can tell whether its parent has it already: the
    // total stands still, where it could count twice.
    if (!can_inherit(process, group) || process.passing) return;
    sum += contribution(process, group);
    if (process.ended || !process.in_group[group]) return;
    now.resident_bytes += process.resident.total();
    const bool is_known = is_walkable(process);
    memory.add(process.resident, is_known ? process.pages.surplus : MemoryParts{});
    ++now.processes;
    if (process.io_denied) ++now.io_unreadable;
    if (!is_known && may_share(process)) ++now.shared_in_full;
  };
  if (which == Group::kTree) {
    for (const size_t at : tree_) add(processes_[at]);
  } else {
    std::ranges::for_each(processes_, add);
  }
  now.memory_bytes = memory.bytes();
  // The kernel cuts inherited time to ticks: hold what was reached.
  GroupTotals& total = totals_[group];
  followed_cpu_ns_[group] = std::max(sum.cpu_ns, followed_cpu_ns_[group]);
  now.cpu_ns = followed_cpu_ns_[group];
  now.io = sum.io.not_negative().at_least(total.io);
  total = now;
}

}  // namespace jumper::sampler
