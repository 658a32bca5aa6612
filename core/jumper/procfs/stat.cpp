// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/procfs/stat.h"

#include "jumper/procfs/detail.h"

namespace jumper::procfs {
namespace {

constexpr std::string_view kFile = "/proc/stat";

void clear(SystemStat& stat) {
  stat.total = {};
  stat.cpus.clear();  // keeps its memory
  stat.context_switches.reset();
  stat.forks.reset();
  stat.boot_time_seconds.reset();
  stat.running.reset();
  stat.blocked.reset();
}

// Eight columns since Linux 2.6.11; guest and guest_nice, which follow, are part of user and nice.
bool parse_ticks(std::string_view text, CpuTicks& ticks) {
  return detail::Columns(text)
      .take(ticks.user)
      .take(ticks.nice)
      .take(ticks.system)
      .take(ticks.idle)
      .take(ticks.iowait)
      .take(ticks.irq)
      .take(ticks.softirq)
      .take(ticks.steal)
      .ok();
}

// "cpu" and a digit; another word that begins with "cpu" would be a key we do not know.
bool names_cpu(std::string_view key) {
  return key.size() > 3 && key.starts_with("cpu") && key[3] >= '0' && key[3] <= '9';
}

// A CPU that is offline has no line, so there may be gaps, but numbers only rise.
bool parse_cpu_line(std::string_view key, std::string_view text, std::vector<CpuLine>& cpus) {
  CpuLine line;
  const auto cpu = base::parse_number<int>(key.substr(3));
  if (!cpu || (!cpus.empty() && *cpu <= cpus.back().cpu)) return false;
  line.cpu = *cpu;
  if (!parse_ticks(text, line.ticks)) return false;
  cpus.push_back(line);
  return true;
}

std::optional<uint64_t>* counter_named(std::string_view key, SystemStat& stat) {
  if (key == "ctxt") return &stat.context_switches;
  if (key == "btime") return &stat.boot_time_seconds;
  if (key == "processes") return &stat.forks;
  if (key == "procs_running") return &stat.running;
  if (key == "procs_blocked") return &stat.blocked;
  return nullptr;
}

}  // namespace

base::Status parse_stat(std::string_view text, SystemStat& into) {
  clear(into);
  bool has_total = false;
  while (!text.empty()) {
    std::string_view line = base::next_line(text);
    const std::string_view key = base::next_word(line);
    if (key == "cpu") {
      if (!parse_ticks(line, into.total)) return detail::parse_error(kFile, "the cpu line");
      has_total = true;
    } else if (names_cpu(key)) {
      if (!parse_cpu_line(key, line, into.cpus)) return detail::parse_error(kFile, "a cpuN line");
    } else if (std::optional<uint64_t>* counter = counter_named(key, into)) {
      *counter = detail::parse_count(line);
      if (!*counter) return detail::parse_error(kFile, key);
    }
  }
  if (!has_total) return detail::parse_error(kFile, "the cpu line");
  return base::Done{};
}

}  // namespace jumper::procfs
