// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/sampler/membership.h"

#include "jumper/base/parse.h"
#include "jumper/sampler/process_table_detail.h"

namespace jumper::sampler {
namespace {

// The daemon that starts a step's tasks and waits for them (slurmstepd(8)).
constexpr std::string_view kStepDaemon = "slurmstepd";

base::Result<std::string_view> read_file(const kernfs::KernelRoot& root, pid_t pid,
                                         const char* name, kernfs::ReadBuffer& buffer) {
  auto file = kernfs::File::open(root.proc_fd(), detail::PidPath(pid, name).c_str());
  if (!file) return file.error();
  return file->read_to_end(buffer);
}

}  // namespace

bool has_entry(std::string_view environ_block, std::string_view entry) {
  while (!environ_block.empty()) {
    const size_t end = environ_block.find('\0');
    if (environ_block.substr(0, end) == entry) return true;
    if (end == std::string_view::npos) return false;
    environ_block.remove_prefix(end + 1);
  }
  return false;
}

Membership::Membership(const source::GroupLevel& level)
    : groups_(level.groups),
      is_job_(level.scope == metric::Scope::kSlurm),
      job_entry_("SLURM_JOB_ID=" + level.job_id),
      node_entry_("SLURMD_NODENAME=" + level.node_name) {}

bool Membership::says_member(std::string_view text) const {
  if (groups_) return cgroup::is_member(*groups_, text);
  return has_entry(text, job_entry_) && has_entry(text, node_entry_);
}

Membership::Answer Membership::of(const kernfs::KernelRoot& root, pid_t pid,
                                  kernfs::ReadBuffer& buffer) const {
  auto text = read_file(root, pid, groups_ ? "cgroup" : "environ", buffer);
  if (!text) return Answer::kNo;
  const bool is_in = says_member(*text);
  if (!is_job_) return is_in ? Answer::kYes : Answer::kNo;
  // What the daemon has just forked is in the job's group, and has the daemon's environment still.
  if (!is_in && groups_) return Answer::kNo;
  auto name = read_file(root, pid, "comm", buffer);
  if (!name) return Answer::kNo;
  if (base::trim(*name) == kStepDaemon) return Answer::kStepDaemon;
  return is_in ? Answer::kYes : Answer::kNo;
}

}  // namespace jumper::sampler
