// SPDX-License-Identifier: BSD-3-Clause
// The post-mortem's part that names the cause: docs/post_mortem.md has the rule.
#pragma once

#include <string>

#include "jumper/journal/reader.h"
#include "jumper/report/post_mortem.h"

namespace jumper::report {

struct DeathFinding {
  DeathCause cause = DeathCause::kUnknown;
  std::string text;  // with its evidence, printable, without a line break
};

// `found` has all but the cause.
[[nodiscard]] DeathFinding find_cause(const journal::Journal& journal, const PostMortem& found,
                                      const Afterwards& now);

}  // namespace jumper::report
