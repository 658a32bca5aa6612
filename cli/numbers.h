// SPDX-License-Identifier: BSD-3-Clause
// Numbers that several commands take, or one line that says what would be one.
#pragma once

#include <string>

#include "jumper/base/result.h"

namespace jumper::cli {

// Seconds between samples.
[[nodiscard]] base::Result<double> parse_interval(const std::string& text);
// Percent of one core.
[[nodiscard]] base::Result<double> parse_budget(const std::string& text);

}  // namespace jumper::cli
