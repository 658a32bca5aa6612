// SPDX-License-Identifier: BSD-3-Clause
// Whose resources a number speaks of; the magics call it the level.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace jumper::metric {

enum class Scope : uint8_t {
  kProcess,    // the monitored process and all its descendants
  kUser,       // all processes of the same user
  kSystem,     // the whole machine
  kSlurm,      // the Slurm job, on this node
  kContainer,  // all that is in the same container or control group
};

struct ScopeName {
  Scope scope;
  std::string_view name;
};

inline constexpr std::array<ScopeName, 5> kScopeNames = {{
    {Scope::kProcess, "process"},
    {Scope::kUser, "user"},
    {Scope::kSystem, "system"},
    {Scope::kSlurm, "slurm"},
    {Scope::kContainer, "container"},
}};

[[nodiscard]] constexpr std::string_view scope_name(Scope scope) {
  return kScopeNames[static_cast<size_t>(scope)].name;
}

[[nodiscard]] constexpr std::optional<Scope> find_scope(std::string_view name) {
  for (const ScopeName& entry : kScopeNames) {
    if (entry.name == name) return entry.scope;
  }
  return std::nullopt;
}

}  // namespace jumper::metric
