// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/journal/recording.h"

#include <algorithm>

namespace jumper::journal {
namespace {

const source::LevelLimits* limits_at(const Facts& facts, metric::Scope level) {
  const auto found = std::ranges::find(facts.level_limits, level, &source::LevelLimits::scope);
  return found == facts.level_limits.end() ? nullptr : &*found;
}

}  // namespace

double cpus_of(const Facts& facts, metric::Scope level) {
  const source::LevelLimits* const limits = limits_at(facts, level);
  if (limits != nullptr && limits->cpus && *limits->cpus > 0) return *limits->cpus;
  return source::cpus_of(facts.resources, level);
}

double most_cpus_of(const Facts& facts, metric::Scope level) {
  return std::max(source::most_cpus_of(facts.resources, level), cpus_of(facts, level));
}

std::string cpus_reason_of(const Facts& facts, metric::Scope level) {
  const source::LevelLimits* const limits = limits_at(facts, level);
  const bool is_of_level = limits != nullptr && limits->cpus && *limits->cpus > 0;
  if (!is_of_level || *limits->cpus == facts.resources.effective_cpus())
    return source::cpus_reason(facts.resources, level);
  if (*limits->cpus >= facts.resources.online_cpus) return "";
  return "what the level " + std::string(metric::scope_name(level)) + " has";
}

MemoryEnd memory_end_of(const Facts& facts, metric::Scope level) {
  const source::Resources& resources = facts.resources;
  const source::LevelLimits* const limits = limits_at(facts, level);
  const bool is_of_group = level == metric::Scope::kContainer || level == metric::Scope::kSlurm;
  if (limits != nullptr && limits->memory_bytes &&
      (!resources.physical_bytes || *limits->memory_bytes <= *resources.physical_bytes))
    return {limits->memory_bytes, limits->memory_reason};
  if (level == metric::Scope::kSystem || (is_of_group && limits != nullptr))
    return {resources.physical_bytes, {}};
  if (resources.memory_limit_bytes == resources.physical_bytes)
    return {resources.memory_limit_bytes, {}};
  return {resources.memory_limit_bytes, resources.memory_limit_reason};
}

}  // namespace jumper::journal
