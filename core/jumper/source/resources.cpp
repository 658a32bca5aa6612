// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/source/resources.h"

#include <sched.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <memory>

#include "jumper/kernfs/file.h"
#include "jumper/procfs/meminfo.h"

namespace jumper::source {
namespace {

std::vector<int> affinity() {
  std::vector<int> cpus;
  // The kernel refuses a set smaller than its own: machines with over 1,024 CPUs need a larger one.
  for (int capacity = CPU_SETSIZE; capacity <= 64 * CPU_SETSIZE; capacity *= 2) {
    const size_t size = CPU_ALLOC_SIZE(capacity);
    const std::unique_ptr<cpu_set_t, decltype([](cpu_set_t* set) { CPU_FREE(set); })> set(
        CPU_ALLOC(capacity));
    if (!set) return cpus;
    if (::sched_getaffinity(0, size, set.get()) != 0) continue;
    for (int cpu = 0; cpu < capacity; ++cpu) {
      if (CPU_ISSET_S(static_cast<size_t>(cpu), size, set.get())) cpus.push_back(cpu);
    }
    return cpus;
  }
  return cpus;
}

}  // namespace

double Resources::countable_cpus() const {
  const size_t cpus = usable_cpus.empty() ? online_cpus : usable_cpus.size();
  return static_cast<double>(std::max<size_t>(cpus, 1));
}

double Resources::effective_cpus() const {
  return cpu_limits.empty() ? countable_cpus() : cpu_limits.front().amount;
}

Resources read_resources(const kernfs::KernelRoot& root, const Variables& variables) {
  Resources resources;
  resources.usable_cpus = affinity();
  const long online = ::sysconf(_SC_NPROCESSORS_ONLN);
  resources.online_cpus = static_cast<uint32_t>(std::max(online, 1L));
  resources.cpu_limits = cpu_limits(root, variables,
                                    {.usable = static_cast<uint32_t>(resources.usable_cpus.size()),
                                     .online = resources.online_cpus});

  if (auto text = kernfs::read_once(root.proc_fd(), "meminfo")) {
    if (const auto memory = procfs::parse_meminfo(*text)) {
      resources.physical_bytes = memory->total_bytes;
      resources.available_bytes = memory->available_bytes;
      resources.swap_bytes = memory->swap_total_bytes;
    }
  }
  rlimit limit{};
  if (::getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY)
    resources.address_space_bytes = limit.rlim_cur;
  resources.memory_limits = memory_limits(root, variables,
                                          {.physical_bytes = resources.physical_bytes,
                                           .address_space_bytes = resources.address_space_bytes});
  if (!resources.memory_limits.empty()) {
    resources.memory_limit_bytes = static_cast<uint64_t>(resources.memory_limits.front().amount);
    resources.memory_limit_reason = resources.memory_limits.front().reason;
  }
  resources.gpu_choices = gpu_choices(variables);

  utsname system{};
  if (::uname(&system) == 0) resources.kernel = system.release;
  return resources;
}

Resources read_resources(const kernfs::KernelRoot& root) {
  return read_resources(root, variables_of_process());
}

double cpus_of(const Resources& resources, metric::Scope level) {
  if (level != metric::Scope::kSystem) return resources.effective_cpus();
  return std::max<double>(resources.online_cpus, 1);
}

double most_cpus_of(const Resources& resources, metric::Scope level) {
  if (level == metric::Scope::kProcess)
    return std::max(resources.countable_cpus(), resources.effective_cpus());
  return std::max<double>(resources.online_cpus, cpus_of(resources, level));
}

std::string cpus_reason(const Resources& resources, metric::Scope level) {
  if (level == metric::Scope::kSystem || resources.cpu_limits.empty()) return "";
  const Limit& lowest = resources.cpu_limits.front();
  return lowest.amount < resources.online_cpus ? lowest.reason : "";
}

std::string cpu_list(const std::vector<int>& cpus) {
  std::string text;
  for (size_t i = 0; i < cpus.size();) {
    size_t end = i;
    while (end + 1 < cpus.size() && cpus[end + 1] == cpus[end] + 1) ++end;
    if (!text.empty()) text += ',';
    text += std::to_string(cpus[i]);
    if (end > i) text += "-" + std::to_string(cpus[end]);
    i = end + 1;
  }
  return text;
}

}  // namespace jumper::source
