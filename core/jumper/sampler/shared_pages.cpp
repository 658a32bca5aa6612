// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/sampler/shared_pages.h"

#include <string>

#include "jumper/base/clock.h"
#include "jumper/procfs/pid_stat.h"

namespace jumper::sampler {
namespace {

// A walk of less than this tells about opening a file rather than about pages.
constexpr uint64_t kLeastToLearnBytes = 8 << 20;

uint64_t less(uint64_t a, uint64_t b) {
  return a > b ? a - b : 0;
}

bool is_still_there(const kernfs::KernelRoot& root, const PageWalk& walk,
                    kernfs::ReadBuffer& buffer) {
  const std::string path = std::to_string(walk.pid) + "/stat";
  auto file = kernfs::File::open(root.proc_fd(), path.c_str());
  if (!file) return false;
  auto text = file->read(buffer);
  if (!text) return false;
  const auto stat = procfs::parse_pid_stat(*text);
  return stat && stat->start_ticks == walk.start_ticks;
}

base::Result<procfs::SmapsRollup> read_rollup(const kernfs::KernelRoot& root, pid_t pid,
                                              kernfs::ReadBuffer& buffer) {
  const std::string path = std::to_string(pid) + "/smaps_rollup";
  auto file = kernfs::File::open(root.proc_fd(), path.c_str());
  if (!file) return file.error();
  auto text = file->read(buffer);
  if (!text) return text.error();
  return procfs::parse_smaps_rollup(*text);
}

}  // namespace

std::optional<MemoryParts> surplus_of(const procfs::SmapsRollup& rollup) {
  if (!rollup.anonymous_bytes) return std::nullopt;
  const uint64_t anonymous = std::min(*rollup.anonymous_bytes, rollup.resident_bytes);
  const uint64_t mapped = rollup.resident_bytes - anonymous;
  if (rollup.proportional_anonymous_bytes) {
    const uint64_t mapped_share =
        less(rollup.proportional_bytes, *rollup.proportional_anonymous_bytes);
    return MemoryParts{less(anonymous, *rollup.proportional_anonymous_bytes),
                       less(mapped, mapped_share)};
  }
  // Before Linux 5.3 there is one sum for all. Pages inherited in fork() were written to, those of
  // programs and libraries were not: the surplus is divided like the shared pages.
  const uint64_t surplus = less(rollup.resident_bytes, rollup.proportional_bytes);
  const uint64_t shared = rollup.shared_bytes();
  if (shared == 0) return MemoryParts{};
  const auto dirty_part =
      static_cast<double>(rollup.shared_dirty_bytes) / static_cast<double>(shared);
  const auto dirty = static_cast<uint64_t>(static_cast<double>(surplus) * dirty_part);
  return MemoryParts{dirty, less(surplus, dirty)}.at_most({anonymous, mapped});
}

PageWalkResult walk_pages(const kernfs::KernelRoot& root, const PageWalk& walk,
                          kernfs::ReadBuffer& buffer) {
  PageWalkResult result;
  const int64_t before_ns = base::thread_cpu_ns();
  const auto rollup = read_rollup(root, walk.pid, buffer);
  result.cpu_ns = base::thread_cpu_ns() - before_ns;
  // Looked at afterwards: was it this process that answered, or one that has its pid by now?
  if (!is_still_there(root, walk, buffer)) return result;
  const auto surplus = rollup ? surplus_of(*rollup) : std::nullopt;
  result.outcome = surplus ? PageWalkResult::Outcome::kRead : PageWalkResult::Outcome::kUnreadable;
  if (!surplus) return result;
  result.surplus = *surplus;
  result.resident_bytes = rollup->resident_bytes;
  return result;
}

// Follows what walks cost lately: pages of 2 MiB are cheap, the same memory in small ones is not.
void WalkCost::learn(uint64_t resident_bytes, int64_t cpu_ns) {
  if (resident_bytes < kLeastToLearnBytes || cpu_ns <= kBaseNs) return;
  const double seen = static_cast<double>(cpu_ns - kBaseNs) / static_cast<double>(resident_bytes);
  ns_per_byte_ += (std::min(seen, 4 * ns_per_byte_) - ns_per_byte_) / 4;
}

}  // namespace jumper::sampler
