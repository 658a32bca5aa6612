// SPDX-License-Identifier: BSD-3-Clause
// Levels by the names that users write.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "jumper/base/result.h"
#include "jumper/metric/scope.h"

namespace jumper::monitor {

// Of any level there can be; whether it is there, a monitor or a session says.
[[nodiscard]] base::Result<metric::Scope> parse_level(std::string_view name);

// The container and the Slurm job, which not every process has.
[[nodiscard]] constexpr bool is_of_group(metric::Scope level) {
  return level == metric::Scope::kContainer || level == metric::Scope::kSlurm;
}

// "choose process, user or system".
[[nodiscard]] std::string choose_text(std::span<const metric::Scope> levels);

}  // namespace jumper::monitor
