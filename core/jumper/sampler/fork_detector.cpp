// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/sampler/fork_detector.h"

#include "jumper/procfs/loadavg.h"

namespace jumper::sampler {

ForkDetector::ForkDetector(const kernfs::KernelRoot& root) {
  if (auto file = kernfs::File::open(root.proc_fd(), "loadavg")) loadavg_ = std::move(*file);
}

ForkDetector::Change ForkDetector::look(kernfs::ReadBuffer& buffer) {
  if (!loadavg_.is_open()) return Change::kForked;
  auto text = loadavg_.read(buffer);
  if (!text) return Change::kForked;
  const auto loadavg = procfs::parse_loadavg(*text);
  if (!loadavg) return Change::kForked;
  const pid_t before = last_pid_;
  last_pid_ = loadavg->last_pid;
  if (before == last_pid_) return Change::kNone;
  return last_pid_ < before ? Change::kWrapped : Change::kForked;
}

}  // namespace jumper::sampler
