// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/source/wall_meter.h"

#include <unistd.h>

#include <utility>

#include "jumper/base/clock.h"
#include "jumper/base/parse.h"
#include "jumper/base/thread_usage.h"
#include "jumper/cgroup/cpu_quota.h"
#include "jumper/procfs/pid_stat.h"
#include "jumper/procfs/schedstat.h"

namespace jumper::source {
namespace {

std::optional<int64_t> minus(const std::optional<int64_t>& to, const std::optional<int64_t>& from) {
  if (!to || !from || *to < *from) return std::nullopt;
  return *to - *from;
}

kernfs::File open_or_none(int folder_fd, const std::string& path) {
  auto file = kernfs::File::open(folder_fd, path.c_str());
  return file ? std::move(*file) : kernfs::File();
}

}  // namespace

std::optional<WallTimes> between(const WallTimes& from, const WallTimes& to) {
  if (from.thread_id != to.thread_id) return std::nullopt;
  WallTimes times;
  times.thread_id = to.thread_id;
  times.user_ns = to.user_ns - from.user_ns;
  times.system_ns = to.system_ns - from.system_ns;
  times.run_delay_ns = minus(to.run_delay_ns, from.run_delay_ns);
  times.disk_wait_ns = minus(to.disk_wait_ns, from.disk_wait_ns);
  times.throttled_ns = minus(to.throttled_ns, from.throttled_ns);
  times.major_faults = to.major_faults - from.major_faults;
  times.voluntary_switches = to.voluntary_switches - from.voluntary_switches;
  times.involuntary_switches = to.involuntary_switches - from.involuntary_switches;
  return times;
}

WallMeter::WallMeter(const kernfs::KernelRoot& root) : root_(root) {
  // Without the switch the kernel writes 0 for ever: that is not a measured 0.
  if (auto text = kernfs::read_once(root.proc_fd(), "sys/kernel/task_delayacct")) {
    has_delay_accounting_ = base::trim(*text) == "1";
  }
  for (const cgroup::CpuQuota& quota : cgroup::find_cpu_quotas(root)) {
    kernfs::File file = open_or_none(root.sys_fd(), quota.stat_path);
    if (file.is_open()) cpu_stats_.push_back(std::move(file));
  }
}

WallTimes WallMeter::read(kernfs::ReadBuffer& buffer) {
  WallTimes times;
  times.thread_id = ::gettid();
  if (times.thread_id != thread_id_) {
    thread_id_ = times.thread_id;
    const std::string folder = "self/task/" + std::to_string(thread_id_);
    schedstat_ = open_or_none(root_.proc_fd(), folder + "/schedstat");
    stat_ =
        has_delay_accounting_ ? open_or_none(root_.proc_fd(), folder + "/stat") : kernfs::File();
  }
  const base::ThreadUsage usage = base::thread_usage();
  times.user_ns = usage.user_ns;
  times.system_ns = usage.system_ns;
  times.major_faults = usage.major_faults;
  times.voluntary_switches = usage.voluntary_switches;
  times.involuntary_switches = usage.involuntary_switches;
  if (schedstat_.is_open()) {
    if (auto text = schedstat_.read(buffer)) {
      // Before Linux 5.13 a kernel may not count here and write zeros; a thread that runs has had a
      // slice.
      if (const auto schedstat = procfs::parse_schedstat(*text);
          schedstat && schedstat->timeslices > 0) {
        times.run_delay_ns = static_cast<int64_t>(schedstat->run_delay_ns);
      }
    }
  }
  if (stat_.is_open()) {
    if (auto text = stat_.read(buffer)) {
      if (const auto stat = procfs::parse_pid_stat(*text)) {
        const int64_t nanos_per_tick = base::kNanosPerSecond / ::sysconf(_SC_CLK_TCK);
        times.disk_wait_ns = static_cast<int64_t>(stat->block_io_delay_ticks) * nanos_per_tick;
      }
    }
  }
  times.throttled_ns = read_throttled_ns(buffer);
  return times;
}

// A quota used up anywhere on the way out holds us back. While an inner one does, an outer one is
// hardly used, so their times add up.
std::optional<int64_t> WallMeter::read_throttled_ns(kernfs::ReadBuffer& buffer) const {
  std::optional<int64_t> sum;
  for (const kernfs::File& file : cpu_stats_) {
    const auto text = file.read(buffer);
    const auto throttled_ns = text ? cgroup::parse_throttled_ns(*text) : std::nullopt;
    if (throttled_ns) sum = sum.value_or(0) + *throttled_ns;
  }
  return sum;
}

}  // namespace jumper::source
