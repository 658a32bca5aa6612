// SPDX-License-Identifier: BSD-3-Clause
// Right-sizing in words: for people, as JSON, and as one line.
#pragma once

#include <string>
#include <vector>

#include "jumper/analysis/advice.h"

namespace jumper::report {

[[nodiscard]] std::string to_text(const analysis::Advice& advice);
[[nodiscard]] std::string to_json(const analysis::Advice& advice);
// "used 2.5 GB of 24 GB, 1.9 of 4 CPUs": for the end of a session.
[[nodiscard]] std::string advice_line(const analysis::Advice& advice);

// What to write in a batch script; none outside Slurm, and where it is too short to tell.
[[nodiscard]] std::vector<std::string> sbatch_lines(const analysis::Advice& advice);

}  // namespace jumper::report
