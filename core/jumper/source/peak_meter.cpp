// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/source/peak_meter.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "jumper/procfs/pid_status.h"

namespace jumper::source {

PeakMeter::PeakMeter(const kernfs::KernelRoot& root)
    : clear_refs_(::openat(root.proc_fd(), "self/clear_refs", O_WRONLY | O_CLOEXEC)) {
  if (auto file = kernfs::File::open(root.proc_fd(), "self/status")) status_ = std::move(*file);
}

bool PeakMeter::reset() {
  static constexpr char kResetHighWaterMark = '5';
  return clear_refs_.valid() && ::write(clear_refs_.get(), &kResetHighWaterMark, 1) == 1;
}

std::optional<uint64_t> PeakMeter::own_peak_bytes(kernfs::ReadBuffer& buffer) const {
  if (!status_.is_open()) return std::nullopt;
  auto text = status_.read(buffer);
  if (!text) return std::nullopt;
  const auto status = procfs::parse_pid_status(*text);
  return status ? status->peak_resident_bytes : std::nullopt;
}

uint64_t PeakMeter::largest_child_bytes() {
  rusage usage{};
  ::getrusage(RUSAGE_CHILDREN, &usage);
  return static_cast<uint64_t>(usage.ru_maxrss) * 1024;
}

}  // namespace jumper::source
