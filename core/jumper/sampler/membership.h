// SPDX-License-Identifier: BSD-3-Clause
// Which processes belong to a level that is no user's and no tree's: those in a control group, or,
// where a Slurm job has none, those whose environment says so.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "jumper/cgroup/level_groups.h"
#include "jumper/kernfs/file.h"
#include "jumper/source/group_levels.h"

namespace jumper::sampler {

class Membership {
 public:
  explicit Membership(const source::GroupLevel& level);

  enum class Answer : uint8_t {
    kNo,
    kYes,
    kStepDaemon,  // it is Slurm's own, or about to become a program of the job
  };
  // Reads what the kernel says of the process. A child of a member is one without asking.
  [[nodiscard]] Answer of(const kernfs::KernelRoot& root, pid_t pid,
                          kernfs::ReadBuffer& buffer) const;

  // Whether the environment is what tells, which is worth reading of the user's processes only.
  [[nodiscard]] bool is_by_environment() const { return !groups_; }

 private:
  [[nodiscard]] bool says_member(std::string_view text) const;

  std::optional<cgroup::LevelGroups> groups_;
  bool is_job_;
  std::string job_entry_;   // "SLURM_JOB_ID=7"
  std::string node_entry_;  // several nodes can be one machine, in tests
};

// Whether the block of NUL-ended entries has that one.
[[nodiscard]] bool has_entry(std::string_view environ_block, std::string_view entry);

}  // namespace jumper::sampler
