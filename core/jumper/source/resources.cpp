// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/source/resources.h"

#include <sched.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <memory>

#include "jumper/cgroup/memory_limit.h"
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

void lower(Resources& resources, uint64_t bytes, std::string reason) {
  if (resources.memory_limit_bytes && *resources.memory_limit_bytes <= bytes) return;
  resources.memory_limit_bytes = bytes;
  resources.memory_limit_reason = std::move(reason);
}

}  // namespace

Resources read_resources(const kernfs::KernelRoot& root) {
  Resources resources;
  resources.usable_cpus = affinity();
  const long online = ::sysconf(_SC_NPROCESSORS_ONLN);
  resources.online_cpus = static_cast<uint32_t>(std::max(online, 1L));

  if (auto text = kernfs::read_once(root.proc_fd(), "meminfo")) {
    if (const auto memory = procfs::parse_meminfo(*text)) {
      resources.physical_bytes = memory->total_bytes;
      resources.available_bytes = memory->available_bytes;
      resources.swap_bytes = memory->swap_total_bytes;
      lower(resources, memory->total_bytes, "physical memory");
    }
  }
  rlimit limit{};
  if (::getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY) {
    resources.address_space_bytes = limit.rlim_cur;
    lower(resources, limit.rlim_cur, "address space limit (ulimit -v)");
  }
  if (const auto group = cgroup::find_memory_limit(root))
    lower(resources, group->bytes, "cgroup " + group->where);

  utsname system{};
  if (::uname(&system) == 0) resources.kernel = system.release;
  return resources;
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
