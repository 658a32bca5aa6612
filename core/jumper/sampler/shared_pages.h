// SPDX-License-Identifier: BSD-3-Clause
// Memory of several processes in which a page that they share counts once.
//
// Resident memory (RSS) is cheap and of every tick, and counts a page in each process that maps it.
// The kernel also tells a process's proportional share (PSS): a page that n processes map counts
// 1/n in each. What RSS has more than PSS is the process's surplus, and the sum over a group of
// RSS less surplus counts each page once. But PSS is dear, as the kernel walks the page tables
// for it, and divides among all processes of the machine: a library that others map as well would
// count in part only. So
//  - the surplus is measured now and then, and RSS moves the sum in between;
//  - pages of files and shared memory are summed apart from the others, and neither sum is less
//    than what one process of the group has of that kind by itself. So a group of one process has
//    its RSS, and its libraries do not fade when it gets children: theirs are the same ones.
// What remains: of files that several processes of a group map, each some other ones, and that
// are mapped outside of the group as well, only a share counts.
#pragma once

#include <sys/types.h>

#include <algorithm>
#include <cstdint>
#include <optional>

#include "jumper/kernfs/file.h"
#include "jumper/kernfs/kernel_root.h"
#include "jumper/procfs/smaps_rollup.h"

namespace jumper::sampler {

// Resident memory by what is behind it. No page is of both kinds.
struct MemoryParts {
  uint64_t anonymous_bytes = 0;  // nothing: a process's own, or inherited in fork()
  uint64_t mapped_bytes = 0;     // a file, or shared memory

  bool operator==(const MemoryParts&) const = default;
  [[nodiscard]] uint64_t total() const { return anonymous_bytes + mapped_bytes; }
  [[nodiscard]] MemoryParts at_most(const MemoryParts& other) const {
    return {std::min(anonymous_bytes, other.anonymous_bytes),
            std::min(mapped_bytes, other.mapped_bytes)};
  }
};

// What is known of one process's shared pages.
struct SharedPages {
  MemoryParts surplus;
  // A child just forked has its parent's pages. Until its own are looked at, as much of its memory
  // is taken for shared as its parent had.
  std::optional<MemoryParts> presumed;
  std::optional<MemoryParts> measured;  // in the round of walks that goes on, to be used at its end
  std::optional<int64_t> walked_ns;
  uint64_t resident_bytes = 0;  // when it was walked
  int64_t cpu_ns = 0;           // when it was walked
  int failures = 0;             // walks in a row that told nothing

  // Once may be a process that was just ending, or starting another program.
  [[nodiscard]] bool is_unreadable() const { return failures >= 2; }
};

// Sums up a group.
class GroupMemory {
 public:
  void add(const MemoryParts& resident, const MemoryParts& surplus) {
    const MemoryParts shared = surplus.at_most(resident);
    sum_.anonymous_bytes += resident.anonymous_bytes - shared.anonymous_bytes;
    sum_.mapped_bytes += resident.mapped_bytes - shared.mapped_bytes;
    largest_.anonymous_bytes = std::max(largest_.anonymous_bytes, resident.anonymous_bytes);
    largest_.mapped_bytes = std::max(largest_.mapped_bytes, resident.mapped_bytes);
  }
  [[nodiscard]] uint64_t bytes() const {
    return std::max(sum_.anonymous_bytes, largest_.anonymous_bytes) +
           std::max(sum_.mapped_bytes, largest_.mapped_bytes);
  }

 private:
  MemoryParts sum_;
  MemoryParts largest_;
};

// A process whose page tables are to be walked.
struct PageWalk {
  pid_t pid = 0;
  uint64_t start_ticks = 0;
  uint64_t resident_bytes = 0;
  int64_t expected_ns = 0;
};

struct PageWalkResult {
  enum class Outcome : uint8_t { kRead, kGone, kUnreadable };
  Outcome outcome = Outcome::kGone;
  MemoryParts surplus;
  uint64_t resident_bytes = 0;
  int64_t cpu_ns = 0;  // what it took
};

// Needs no lock: what it looks at is the kernel's. Other threads of the process that is looked at
// may have to wait meanwhile, where they change its memory map.
[[nodiscard]] PageWalkResult walk_pages(const kernfs::KernelRoot& root, const PageWalk& walk,
                                        kernfs::ReadBuffer& buffer);

// What a process has more than its share. Absent when the file lacks what that takes.
[[nodiscard]] std::optional<MemoryParts> surplus_of(const procfs::SmapsRollup& rollup);

// What a walk costs, as walks so far tell.
class WalkCost {
 public:
  explicit WalkCost(int64_t longest_ns) : longest_ns_(longest_ns) {}

  [[nodiscard]] int64_t expected_ns(uint64_t resident_bytes) const {
    return kBaseNs + static_cast<int64_t>(static_cast<double>(resident_bytes) * ns_per_byte_);
  }
  [[nodiscard]] bool is_too_dear(uint64_t resident_bytes) const {
    return expected_ns(resident_bytes) > longest_ns_;
  }
  void learn(uint64_t resident_bytes, int64_t cpu_ns);

 private:
  static constexpr int64_t kBaseNs = 30'000;  // opening, formatting
  static constexpr double kBytesPerMebibyte = 1 << 20;

  int64_t longest_ns_;
  double ns_per_byte_ = 15'000 / kBytesPerMebibyte;
};

}  // namespace jumper::sampler
