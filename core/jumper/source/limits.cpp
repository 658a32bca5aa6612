// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/source/limits.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>

#include "jumper/base/parse.h"
#include "jumper/cgroup/cpu_quota.h"
#include "jumper/cgroup/cpu_set.h"
#include "jumper/cgroup/memory_limit.h"

namespace jumper::source {
namespace {

constexpr double kMostCpus = 1 << 20;

std::string by_group(int version, const std::string& where) {
  return "cgroup v" + std::to_string(version) + " " + where;
}

Environment as_environment(const Variables& variables) {
  return [&variables](const char* name) { return variables(name).value_or(""); };
}

// Absent in a shell of salloc: what the variables tell there is of other nodes.
std::optional<SlurmJob> job_on_this_node(const Variables& variables) {
  auto job = read_slurm_job(as_environment(variables));
  return job && !job->node_name.empty() ? job : std::nullopt;
}

std::vector<Limit> lowest_first(std::vector<Limit> limits) {
  std::ranges::stable_sort(limits, {}, &Limit::amount);
  return limits;
}

// "none", and for CUDA anything it does not know, hides all that follow.
std::vector<std::string> split_ids(std::string_view text) {
  constexpr size_t kMostIds = 256;
  constexpr std::array<std::string_view, 4> kNone = {"-1", "none", "void", "NoDevFiles"};
  std::vector<std::string> ids;
  while (!text.empty() && ids.size() < kMostIds) {
    const size_t comma = text.find(',');
    const std::string_view id = base::trim(text.substr(0, comma));
    if (id.empty() || std::ranges::find(kNone, id) != kNone.end()) break;
    ids.emplace_back(id);
    if (comma == std::string_view::npos) break;
    text.remove_prefix(comma + 1);
  }
  return ids;
}

}  // namespace

Variables variables_of_process() {
  return [](const char* name) -> std::optional<std::string> {
    const char* const value = std::getenv(name);
    return value != nullptr ? std::optional<std::string>(value) : std::nullopt;
  };
}

std::optional<uint64_t> parse_hub_bytes(std::string_view text) {
  constexpr std::string_view kUnits = "KMGT";
  constexpr double kMost = 0x1p62;
  text = base::trim(text);
  double factor = 1;
  if (const size_t unit = text.empty() ? std::string_view::npos : kUnits.find(text.back());
      unit != std::string_view::npos) {
    factor = std::exp2(10.0 * static_cast<double>(unit + 1));
    text.remove_suffix(1);
  }
  const auto number = base::parse_number<double>(text);
  if (!number || !std::isfinite(*number)) return std::nullopt;
  const double bytes = *number * factor;
  if (bytes < 1 || bytes >= kMost) return std::nullopt;
  return static_cast<uint64_t>(bytes);
}

std::vector<Limit> cpu_limits(const kernfs::KernelRoot& root, const Variables& variables,
                              const CpuFacts& facts) {
  std::vector<Limit> limits;
  const auto add = [&](double cpus, std::string reason, bool is_enforced = true) {
    if (cpus > 0 && cpus <= kMostCpus) limits.push_back({cpus, std::move(reason), is_enforced});
  };
  for (const cgroup::CpuQuota& quota : cgroup::find_cpu_quotas(root))
    add(quota.cpus, by_group(quota.version, quota.where));
  // Sets before the affinity: one that is equal to the set around it is that set's, not its own.
  for (const cgroup::CpuSet& set : cgroup::find_cpu_sets(root)) {
    if (facts.online == 0 || set.cpus < facts.online)
      add(set.cpus, by_group(set.version, set.where));
  }
  if (facts.usable > 0 && facts.usable < facts.online) add(facts.usable, "CPU affinity");
  if (const auto text = variables("CPU_LIMIT")) {
    const auto cpus = base::parse_number<double>(base::trim(*text));
    if (cpus && std::isfinite(*cpus)) add(*cpus, "JupyterHub, CPU_LIMIT", false);
  }
  if (const auto job = job_on_this_node(variables); job && job->cpus_on_node)
    add(*job->cpus_on_node, "Slurm, SLURM_CPUS_ON_NODE", false);
  add(facts.online, "CPUs of the machine");
  return lowest_first(std::move(limits));
}

std::vector<Limit> memory_limits(const kernfs::KernelRoot& root, const Variables& variables,
                                 const MemoryFacts& facts) {
  std::vector<Limit> limits;
  const auto add = [&](uint64_t bytes, std::string reason, bool is_enforced = true) {
    limits.push_back({static_cast<double>(bytes), std::move(reason), is_enforced});
  };
  if (facts.address_space_bytes) add(*facts.address_space_bytes, "address space limit (ulimit -v)");
  for (const cgroup::LimitedGroup& group : cgroup::find_limited_groups(root)) {
    const cgroup::MemoryLimit limit = cgroup::as_limit(root, group);
    add(limit.bytes, by_group(limit.version, limit.where));
  }
  const auto of_hub = variables("MEM_LIMIT");
  if (const auto bytes = of_hub ? parse_hub_bytes(*of_hub) : std::nullopt)
    add(*bytes, "JupyterHub, MEM_LIMIT", false);
  if (const auto job = job_on_this_node(variables)) {
    if (job->memory_per_node_bytes)
      add(*job->memory_per_node_bytes, "Slurm, SLURM_MEM_PER_NODE", false);
    // The product cannot be too large for what a double counts exactly enough.
    if (job->memory_per_cpu_bytes && job->cpus_on_node) {
      limits.push_back({static_cast<double>(*job->memory_per_cpu_bytes) * *job->cpus_on_node,
                        "Slurm, SLURM_MEM_PER_CPU x SLURM_CPUS_ON_NODE", false});
    }
  }
  if (facts.physical_bytes) add(*facts.physical_bytes, "physical memory");
  return lowest_first(std::move(limits));
}

std::vector<GpuChoice> gpu_choices(const Variables& variables) {
  std::vector<GpuChoice> choices;
  for (const char* name : {"CUDA_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES",
                           "GPU_DEVICE_ORDINAL", "ZE_AFFINITY_MASK", "NVIDIA_VISIBLE_DEVICES"}) {
    const auto text = variables(name);
    if (!text || base::trim(*text) == "all") continue;
    // Images set NVIDIA's variable to nothing where there is no such runtime.
    if (text->empty() && std::string_view(name) != "CUDA_VISIBLE_DEVICES") continue;
    choices.push_back({split_ids(*text), name});
  }
  std::ranges::stable_sort(choices, {}, [](const GpuChoice& one) { return one.ids.size(); });
  return choices;
}

}  // namespace jumper::source
