// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/sampler/fork_detector.h"

#include "jumper/procfs/loadavg.h"

namespace jumper::sampler {

ForkDetector::ForkDetector(const kernfs::KernelRoot& root) {
  if (auto file = kernfs::File::open(root.proc_fd(), "loadavg")) loadavg_ = std::move(*file);
}

std::optional<pid_t> ForkDetector::read_last_pid(kernfs::ReadBuffer& buffer) const {
  if (!loadavg_.is_open()) return std::nullopt;
  auto text = loadavg_.read(buffer);
  if (!text) return std::nullopt;
  const auto loadavg = procfs::parse_loadavg(*text);
  if (!loadavg) return std::nullopt;
  return loadavg->last_pid;
}

bool ForkDetector::look(kernfs::ReadBuffer& buffer) {
  before_ = last_;
  last_ = read_last_pid(buffer);
  return !last_ || last_ != before_;
}

std::optional<ForkDetector::Range> ForkDetector::given_out() const {
  if (!before_ || !last_ || *last_ < *before_) return std::nullopt;
  return Range{*before_, *last_};
}

bool ForkDetector::may_have_given_out(pid_t pid) const {
  if (!before_ || !last_) return true;
  if (*before_ <= *last_) return *before_ < pid && pid <= *last_;
  return pid > *before_ || pid <= *last_;  // past the end of the range, and on from its start
}

}  // namespace jumper::sampler
