// SPDX-License-Identifier: BSD-3-Clause
// What of a session goes into advice.
#include "jumper/analysis/advice.h"

#include <algorithm>
#include <array>
#include <utility>

#include "jumper/base/clock.h"
#include "jumper/monitor/session.h"

namespace jumper::monitor {
namespace {

using metric::Scope;

// The level that speaks of what was asked for, of those that have samples.
Scope level_of(const journal::Recording& recording) {
  const auto has_samples = [&](Scope scope) {
    const auto has = [&](const store::Snapshot& samples) {
      return std::ranges::any_of(samples.series(), [&](const metric::SeriesKey& key) {
        return key.scope == scope && key.metric == metric::Metric::kMemory;
      });
    };
    return has(recording.samples) ||
           std::ranges::any_of(recording.nodes, [&](const journal::NodeRecording& node) {
             return has(node.samples);
           });
  };
  for (const Scope scope : {Scope::kSlurm, Scope::kContainer}) {
    if (has_samples(scope)) return scope;
  }
  return Scope::kProcess;
}

analysis::NodeUse use_of(const store::Snapshot& samples, Scope level, const gpu::Status& gpus) {
  analysis::NodeUse use;
  if (samples.empty()) return use;
  analysis::SummaryOptions options;
  options.scope = level;
  // Extremes of rates are then those of times of this length.
  options.shortest_rate_ns =
      static_cast<int64_t>(analysis::kSustainedSeconds * base::kNanosPerSecond);
  const analysis::Interval all{samples.time_ns(0), samples.time_ns(samples.rows() - 1)};
  const analysis::Summary summary = analysis::summarize(samples, std::array{all}, options);
  use.seconds = base::seconds(all.to_ns - all.from_ns);
  use.gpus = analysis::gpu_use_of(samples, level, gpus.cards);
  if (summary.cpu_percent) {
    use.cpus_average = summary.cpu_percent->average / 100;
    use.cpus_busiest = summary.cpu_percent->maximum / 100;
  }
  if (summary.memory_bytes) {
    use.memory_average_bytes = summary.memory_bytes->average;
    use.memory_peak_bytes = summary.memory_bytes->maximum;
  }
  return use;
}

// A request of the job comes before limits, which may be another's.
analysis::Asked asked_of(const journal::Facts& facts) {
  const source::Resources& resources = facts.resources;
  analysis::Asked asked;
  asked.cpus = resources.effective_cpus();
  asked.cpus_reason = source::cpus_reason(resources, Scope::kProcess);
  if (resources.memory_limit_bytes)
    asked.memory_bytes = static_cast<double>(*resources.memory_limit_bytes);
  asked.memory_reason = resources.memory_limit_reason;
  if (!resources.gpu_choices.empty()) asked.gpus = resources.gpu_choices.front().ids;
  if (!facts.job) return asked;
  const source::SlurmJob& job = *facts.job;
  asked.is_slurm = true;
  asked.nodes = std::max<uint32_t>(job.nodes, 1);
  if (job.cpus_on_node) asked.cpus = *job.cpus_on_node;
  if (job.memory_per_node_bytes) {
    asked.memory_bytes = static_cast<double>(*job.memory_per_node_bytes);
    asked.is_memory_requested = true;
  } else if (job.memory_per_cpu_bytes && job.cpus_on_node) {
    asked.memory_bytes = static_cast<double>(*job.memory_per_cpu_bytes) * *job.cpus_on_node;
    asked.is_memory_requested = true;
  }
  if (job.tasks) asked.tasks_per_node = (*job.tasks + asked.nodes - 1) / asked.nodes;
  if (!job.gpus.empty()) asked.gpus = job.gpus;
  return asked;
}

std::string own_name(const journal::Facts& facts) {
  return facts.job && !facts.job->node_name.empty() ? facts.job->node_name : facts.origin.host;
}

}  // namespace

base::Result<analysis::Advice> Session::advice(bool is_whole_program) const {
  if (auto is_started = check_started(); !is_started) return is_started.error();
  analysis::AdviceInput input;
  input.level = level_of(data_);
  input.asked = asked_of(data_.facts);
  input.is_whole_program = is_whole_program;
  const std::string name = own_name(data_.facts);
  bool has_own = false;
  for (const journal::NodeRecording& node : data_.nodes) {
    analysis::NodeUse use = use_of(node.samples, input.level, node.facts.resources.gpu);
    use.name = node.name;
    has_own = has_own || node.name == name;
    if (use.memory_peak_bytes || use.cpus_average) {
      input.nodes.push_back(std::move(use));
    } else {
      input.unmeasured.push_back(node.name);
    }
  }
  // Of this machine what was measured here, unless a collector of the job did so too.
  if (!has_own) {
    analysis::NodeUse use = use_of(data_.samples, input.level, data_.facts.resources.gpu);
    use.name = name;
    // The kernel's high-water marks see what is between two samples.
    for (const analysis::CellCost& cost : cell_costs()) {
      if (use.memory_peak_bytes && cost.peak_bytes)
        use.memory_peak_bytes = std::max(*use.memory_peak_bytes, *cost.peak_bytes);
    }
    if (use.memory_peak_bytes || use.cpus_average) input.nodes.push_back(std::move(use));
  }
  if (input.nodes.empty()) {
    return base::Error{base::ErrorCode::kState,
                       "there is nothing to advise on yet: it takes at least two samples", 0};
  }
  return analysis::advise(std::move(input));
}

}  // namespace jumper::monitor
