// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/monitor/level.h"

#include <array>

#include "jumper/base/text.h"

namespace jumper::monitor {

base::Result<metric::Scope> parse_level(std::string_view name) {
  if (const auto level = metric::find_scope(name)) return *level;
  constexpr std::array kAlwaysThere = {metric::Scope::kProcess, metric::Scope::kUser,
                                       metric::Scope::kSystem};
  return base::bad_input("unknown level '" + base::one_line(name, 40) + "': " +
                         choose_text(kAlwaysThere) + "; container and slurm, where there are such");
}

std::string choose_text(std::span<const metric::Scope> levels) {
  std::string text = "choose ";
  for (size_t i = 0; i < levels.size(); ++i) {
    if (i > 0) text += i + 1 == levels.size() ? " or " : ", ";
    text += metric::scope_name(levels[i]);
  }
  return text;
}

}  // namespace jumper::monitor
