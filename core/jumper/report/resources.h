// SPDX-License-Identifier: BSD-3-Clause
// What the monitored process may use, as text and JSON.
#pragma once

#include <string>

#include "jumper/source/resources.h"

namespace jumper::report {

[[nodiscard]] std::string to_text(const source::Resources& resources);
[[nodiscard]] std::string to_json(const source::Resources& resources);

}  // namespace jumper::report
