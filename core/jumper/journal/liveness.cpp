// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/journal/liveness.h"

#include <unistd.h>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include <sys/utsname.h>

#include <algorithm>

#include "jumper/base/parse.h"
#include "jumper/kernfs/file.h"
#include "jumper/procfs/pid_stat.h"

namespace jumper::journal {
namespace {

std::optional<int64_t> parse_boot_time_ns(std::string_view proc_stat) {
  while (!proc_stat.empty()) {
    std::string_view line = base::next_line(proc_stat);
    if (base::next_word(line) != "btime") continue;
    const auto seconds = base::next_number<int64_t>(line);
    constexpr int64_t kMost = int64_t{1} << 33;  // fits into nanoseconds
    if (!seconds || *seconds < 0 || *seconds > kMost) return std::nullopt;
    return *seconds * base::kNanosPerSecond;
  }
  return std::nullopt;
}

}  // namespace

Machine read_machine(const kernfs::KernelRoot& root) {
  Machine machine;
  utsname names{};
  if (::uname(&names) == 0) machine.host = names.nodename;
  if (const auto text = kernfs::read_once(root.proc_fd(), "sys/kernel/random/boot_id"))
    machine.boot_id = base::trim(*text);
  if (const auto text = kernfs::read_once(root.proc_fd(), "stat"))
    machine.booted_wall_ns = parse_boot_time_ns(*text);
  return machine;
}

std::optional<uint64_t> read_start_ticks(const kernfs::KernelRoot& root, pid_t pid) {
  if (pid <= 0) return std::nullopt;
  const std::string path = std::to_string(pid) + "/stat";
  const auto text = kernfs::read_once(root.proc_fd(), path.c_str());
  if (!text) return std::nullopt;
  const auto stat = procfs::parse_pid_stat(*text);
  if (!stat || stat->state == 'Z' || stat->state == 'X') return std::nullopt;
  return stat->start_ticks;
}

bool is_elsewhere(const Origin& origin, const Machine& here) {
  return origin.host != here.host;
}

bool is_alive(const Origin& origin, double interval_seconds, int64_t quiet_ns, const Machine& here,
              const kernfs::KernelRoot& root) {
  if (is_elsewhere(origin, here)) {
    const double three_ns = 3 * interval_seconds * static_cast<double>(base::kNanosPerSecond);
    return static_cast<double>(quiet_ns) < std::max(static_cast<double>(kSilentNs), three_ns);
  }
  // Restarted since, or the same name on another machine, as pods have it.
  if (origin.boot_id != here.boot_id) return false;
  return read_start_ticks(root, origin.pid) == origin.pid_start_ticks;
}

Origin origin_of_process(const kernfs::KernelRoot& root) {
  const Machine here = read_machine(root);
  Origin origin;
  origin.host = here.host;
  origin.boot_id = here.boot_id;
  // Set by Jupyter's server for each kernel it starts: the notebook's path.
  if (const char* const notebook = std::getenv("JPY_SESSION_NAME")) origin.notebook = notebook;
  std::error_code failed;
  origin.folder = std::filesystem::current_path(failed).string();
  origin.pid = ::getpid();
  origin.uid = ::getuid();
  origin.pid_start_ticks = read_start_ticks(root, origin.pid).value_or(0);
  return origin;
}

}  // namespace jumper::journal
