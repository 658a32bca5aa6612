// SPDX-License-Identifier: BSD-3-Clause
// /proc/PID/smaps_rollup: how much of a process's memory it shares with others (since Linux 4.14;
// kernel: Documentation/filesystems/proc.rst). The kernel walks the page tables for it, which costs
// 15 to 25 us per MiB and holds the process's memory map: not for every sample.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "jumper/base/result.h"

namespace jumper::procfs {

// Huge pages of hugetlbfs are in none of these.
struct SmapsRollup {
  uint64_t resident_bytes = 0;
  uint64_t proportional_bytes = 0;  // Pss: a page that n processes share counts 1/n to each
  std::optional<uint64_t> proportional_dirty_bytes;  // since Linux 6.0
  uint64_t shared_clean_bytes = 0;                   // shared: mapped more than once
  uint64_t shared_dirty_bytes = 0;
  uint64_t private_clean_bytes = 0;
  uint64_t private_dirty_bytes = 0;
  std::optional<uint64_t> swapped_bytes;
  std::optional<uint64_t> swapped_proportional_bytes;
  std::optional<uint64_t> anonymous_bytes;               // resident pages of no file
  std::optional<uint64_t> proportional_anonymous_bytes;  // the parts of Pss, since Linux 5.3
  std::optional<uint64_t> proportional_file_bytes;
  std::optional<uint64_t> proportional_shmem_bytes;

  bool operator==(const SmapsRollup&) const = default;
  // USS: what would become free if the process ended.
  [[nodiscard]] uint64_t unique_bytes() const { return private_clean_bytes + private_dirty_bytes; }
  [[nodiscard]] uint64_t shared_bytes() const { return shared_clean_bytes + shared_dirty_bytes; }
};

[[nodiscard]] base::Result<SmapsRollup> parse_smaps_rollup(std::string_view text);

}  // namespace jumper::procfs
