// SPDX-License-Identifier: BSD-3-Clause
// /proc/meminfo: memory of the machine (proc_meminfo(5)), in bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "jumper/base/result.h"

namespace jumper::procfs {

struct Meminfo {
  uint64_t total_bytes = 0;
  uint64_t free_bytes = 0;
  uint64_t available_bytes = 0;  // estimated from free and caches on kernels without the line
  uint64_t buffers_bytes = 0;
  uint64_t cached_bytes = 0;
  std::optional<uint64_t> swap_total_bytes;
  std::optional<uint64_t> swap_free_bytes;
  std::optional<uint64_t> dirty_bytes;
  std::optional<uint64_t> shared_bytes;  // Shmem: tmpfs and shared memory

  bool operator==(const Meminfo&) const = default;
};

[[nodiscard]] base::Result<Meminfo> parse_meminfo(std::string_view text);

}  // namespace jumper::procfs
