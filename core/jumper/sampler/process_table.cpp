// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/sampler/process_table.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>

namespace jumper::sampler {
namespace {

size_t descriptor_budget() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 64;
  // An eighth of what the process may have open: the rest is the user's.
  return std::min<size_t>(limit.rlim_cur / 8, 512);
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
      walk_cost_(options.longest_walk_ns),
      nanos_per_tick_(base::kNanosPerSecond / ::sysconf(_SC_CLK_TCK)),
      page_bytes_(static_cast<uint64_t>(::sysconf(_SC_PAGESIZE))),
      open_files_limit_(options.open_files ? *options.open_files : descriptor_budget()) {}

ProcessTable::Pass ProcessTable::update(kernfs::ReadBuffer& buffer, Moment moment, Reach reach) {
  reach_ = first_update_ ? Reach::kAll : reach;
  SelfReading self{.time_ns = clock_.monotonic_ns(), .cpu_ns = {}};
  if (moment == Moment::kFirst) self = read_self();
  update_ns_ = self.time_ns;
  may_rest_ = moment == Moment::kClocks;
  is_calm_ = is_consistent_ && !heirs_wait_ && !someone_ended_;
  const int64_t details_age_ns = self.time_ns - details_ns_;
  is_brisk_ = is_calm_ && moment == Moment::kClocks && details_age_ns < options_.details_period_ns;
  if (!is_brisk_) {
    details_ns_ = self.time_ns;
    begin_group_look(moment, buffer);
    look_for_forks(self.time_ns, buffer);
  }
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
  sum_up(Group::kTree);
  end_group_look(buffer);
  if (reach_ == Reach::kAll) {
    sum_up(Group::kUser);
    if (options_.container != nullptr) sum_up(Group::kContainer);
    if (options_.job != nullptr) sum_up(Group::kJob);
  }
  first_update_ = false;
  return pass;
}

bool ProcessTable::is_member(Group group, pid_t pid) const {
  const auto at = index_.find(pid);
  if (at == index_.end()) return false;
  const Process& process = processes_[at->second];
  return process.in_group.at(static_cast<size_t>(group)) && !process.ended;
}

std::vector<pid_t> ProcessTable::member_pids() const {
  std::vector<pid_t> pids;
  for (const Process& process : processes_) {
    const bool is_of_any = std::ranges::find(process.in_group, true) != process.in_group.end();
    if (is_of_any && !process.ended && !process.exited) pids.push_back(process.pid);
  }
  return pids;
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

}  // namespace jumper::sampler
