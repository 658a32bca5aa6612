// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/procfs/meminfo.h"

#include <algorithm>
#include <array>
#include <span>

#include "jumper/procfs/detail.h"

namespace jumper::procfs {
namespace {

// For kernels before 3.14, which have no MemAvailable: what is free or cached, less what the caches
// hold of tmpfs and shared memory, which cannot be dropped (proc_meminfo(5), MemAvailable). The
// kernel's own estimate also knows watermarks and slabs, so this one is only near it.
uint64_t estimate_available(const Meminfo& memory) {
  const uint64_t fixed = std::min(memory.shared_bytes.value_or(0), memory.cached_bytes);
  uint64_t available = 0;
  for (const uint64_t part :
       {memory.free_bytes, memory.buffers_bytes, memory.cached_bytes - fixed}) {
    available += std::min(part, memory.total_bytes - available);  // never above the total
  }
  return available;
}

}  // namespace

base::Result<Meminfo> parse_meminfo(std::string_view text) {
  constexpr std::string_view kFile = "/proc/meminfo";
  constexpr size_t kMandatory = 4;
  std::array<detail::Field, 9> fields = {{
      {"MemTotal", {}},
      {"MemFree", {}},
      {"Buffers", {}},
      {"Cached", {}},
      {"MemAvailable", {}},
      {"SwapTotal", {}},
      {"SwapFree", {}},
      {"Dirty", {}},
      {"Shmem", {}},
  }};
  const detail::Field* wrong = detail::read_fields(text, fields, detail::parse_kilobytes);
  if (wrong == nullptr) wrong = detail::first_absent(std::span(fields).first(kMandatory));
  if (wrong != nullptr) return detail::parse_error(kFile, wrong->key);

  Meminfo memory;
  memory.total_bytes = *fields[0].value;
  memory.free_bytes = *fields[1].value;
  memory.buffers_bytes = *fields[2].value;
  memory.cached_bytes = *fields[3].value;
  memory.swap_total_bytes = fields[5].value;
  memory.swap_free_bytes = fields[6].value;
  memory.dirty_bytes = fields[7].value;
  memory.shared_bytes = fields[8].value;
  memory.available_bytes = fields[4].value ? *fields[4].value : estimate_available(memory);
  return memory;
}

}  // namespace jumper::procfs
