// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/cgroup/cpu_set.h"

#include <array>

#include "jumper/base/parse.h"
#include "jumper/cgroup/mounts.h"
#include "jumper/kernfs/file.h"

namespace jumper::cgroup {

std::optional<uint32_t> count_cpu_list(std::string_view text) {
  constexpr uint32_t kMostCpus = 1U << 20U;
  text = base::trim(text);
  uint32_t count = 0;
  while (!text.empty()) {
    const size_t comma = text.find(',');
    const std::string_view part = text.substr(0, comma);
    const size_t dash = part.find('-');
    const auto first = base::parse_number<uint32_t>(part.substr(0, dash));
    const auto last = dash == std::string_view::npos
                          ? first
                          : base::parse_number<uint32_t>(part.substr(dash + 1));
    if (!first || !last || *last < *first || *last >= kMostCpus) return std::nullopt;
    count += *last - *first + 1;
    if (count > kMostCpus) return std::nullopt;
    text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
  }
  return count > 0 ? std::optional(count) : std::nullopt;
}

std::vector<CpuSet> find_cpu_sets(const kernfs::KernelRoot& root) {
  // What holds, less CPUs that are off; else what was set, which is empty where nothing was.
  constexpr std::array kFilesOf1 = {"/cpuset.effective_cpus", "/cpuset.cpus"};
  constexpr std::array kFilesOf2 = {"/cpuset.cpus.effective", "/cpuset.cpus"};
  std::vector<CpuSet> sets;
  const auto own = find_own_folders(root, "cpuset");
  if (!own) return sets;
  for (const std::string& folder : own->folders) {
    for (const char* file : own->version == 1 ? kFilesOf1 : kFilesOf2) {
      const std::string where = folder + file;
      const auto text = kernfs::read_once(root.sys_fd(), where.c_str());
      const auto cpus = text ? count_cpu_list(*text) : std::nullopt;
      if (!cpus) continue;
      sets.push_back({*cpus, root.sys_path() + "/" + where, own->version});
      break;
    }
  }
  return sets;
}

}  // namespace jumper::cgroup
