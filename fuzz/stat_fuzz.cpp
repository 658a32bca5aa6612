// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/procfs/stat.h"

#include "target.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using jumper::procfs::SystemStat;
  const std::string_view text = jumper::fuzz::as_text(data, size);
  SystemStat stat;
  const auto status = jumper::procfs::parse_stat(text, stat);
  // Filled a second time, nothing of the first is left.
  SystemStat used = stat;
  used.forks = 1;
  used.cpus.resize(3);
  jumper::fuzz::require(jumper::procfs::parse_stat(text, used).ok() == status.ok());
  if (!status) {
    jumper::fuzz::require_parse_error(status.error());
    return 0;
  }
  jumper::fuzz::require(used.total == stat.total && used.cpus == stat.cpus &&
                        used.forks == stat.forks);
  int last = -1;
  for (const jumper::procfs::CpuLine& line : stat.cpus) {
    jumper::fuzz::require(line.cpu > last);
    last = line.cpu;
  }
  return 0;
}
