// SPDX-License-Identifier: BSD-3-Clause
// The lines about GPUs among the resources.
#pragma once

#include <string>
#include <vector>

#include "jumper/source/resources.h"

namespace jumper::report {

// Empty where nobody has looked and nothing chooses.
[[nodiscard]] std::vector<std::string> gpu_resource_lines(const source::Resources& resources);

}  // namespace jumper::report
