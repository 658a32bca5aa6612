// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/cgroup/cpu_quota.h"

#include <algorithm>
#include <limits>

#include "jumper/base/parse.h"
#include "jumper/cgroup/mounts.h"
#include "jumper/kernfs/file.h"

namespace jumper::cgroup {
namespace {

std::optional<double> ratio(std::optional<int64_t> quota, std::optional<int64_t> period) {
  if (!quota || !period || *quota <= 0 || *period <= 0) return std::nullopt;
  return static_cast<double>(*quota) / static_cast<double>(*period);
}

std::optional<int64_t> read_number(const kernfs::KernelRoot& root, const std::string& path) {
  auto text = kernfs::read_once(root.sys_fd(), path.c_str());
  return text ? base::parse_number<int64_t>(base::trim(*text)) : std::nullopt;
}

}  // namespace

std::optional<double> parse_cpu_max(std::string_view text) {
  const auto quota = base::next_number<int64_t>(text);  // "max" is no number
  return ratio(quota, base::next_number<int64_t>(text));
}

std::optional<int64_t> parse_throttled_ns(std::string_view cpu_stat) {
  while (!cpu_stat.empty()) {
    std::string_view line = base::next_line(cpu_stat);
    const std::string_view key = base::next_word(line);
    const bool in_nanos = key == "throttled_time";
    if (!in_nanos && key != "throttled_usec") continue;
    const auto number = base::next_number<int64_t>(line);
    const int64_t nanos_per_unit = in_nanos ? 1 : 1000;
    if (!number || *number < 0) return std::nullopt;
    if (*number > std::numeric_limits<int64_t>::max() / nanos_per_unit) return std::nullopt;
    return *number * nanos_per_unit;
  }
  return std::nullopt;
}

std::vector<CpuQuota> find_cpu_quotas(const kernfs::KernelRoot& root) {
  std::vector<CpuQuota> quotas;
  const auto own = find_own_folders(root, "cpu");
  if (!own) return quotas;
  for (const std::string& folder : own->folders) {
    std::string where = folder + "/cpu.max";
    std::optional<double> cpus;
    if (own->version == 1) {
      where = folder + "/cpu.cfs_quota_us";
      cpus = ratio(read_number(root, where), read_number(root, folder + "/cpu.cfs_period_us"));
    } else if (auto text = kernfs::read_once(root.sys_fd(), where.c_str())) {
      cpus = parse_cpu_max(*text);
    }
    if (!cpus) continue;
    quotas.push_back({*cpus, root.sys_path() + "/" + where, folder + "/cpu.stat", own->version});
  }
  return quotas;
}

std::optional<CpuQuota> find_cpu_quota(const kernfs::KernelRoot& root) {
  const std::vector<CpuQuota> quotas = find_cpu_quotas(root);
  const auto lowest = std::ranges::min_element(quotas, {}, &CpuQuota::cpus);
  return lowest == quotas.end() ? std::nullopt : std::optional(*lowest);
}

}  // namespace jumper::cgroup
