// SPDX-License-Identifier: BSD-3-Clause
// Says, for about a microsecond, whether any process or thread was made since the last look: the
// last field of /proc/loadavg is the pid given out last in our pid namespace. Pids are given out in
// rising order and start again at the end of their range, so two looks also tell which numbers may
// have a new bearer. Not seen: a whole round of the range between two looks (32,768 forks at
// least).
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <optional>

#include "jumper/kernfs/file.h"

namespace jumper::sampler {

class ForkDetector {
 public:
  explicit ForkDetector(const kernfs::KernelRoot& root);

  // True when something forked since the last look, and at the first. Where the file cannot be
  // read, every look says so: dearer, never wrong.
  [[nodiscard]] bool look(kernfs::ReadBuffer& buffer);

  // The pids given out between the last look and the one before it: those behind `after`, up to
  // `last`. Absent when that is unknown, or the range began anew.
  struct Range {
    pid_t after = 0;
    pid_t last = 0;
    [[nodiscard]] size_t size() const { return static_cast<size_t>(last - after); }
  };
  [[nodiscard]] std::optional<Range> given_out() const;

  // Whether this pid may have been given out between the last look and the one before it.
  [[nodiscard]] bool may_have_given_out(pid_t pid) const;

 private:
  [[nodiscard]] std::optional<pid_t> read_last_pid(kernfs::ReadBuffer& buffer) const;

  kernfs::File loadavg_;
  std::optional<pid_t> before_;  // the pid given out last, at the look before the last
  std::optional<pid_t> last_;    // and at the last; absent: unknown
};

}  // namespace jumper::sampler
