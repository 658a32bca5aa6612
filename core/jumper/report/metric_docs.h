// SPDX-License-Identifier: BSD-3-Clause
// The documentation of the metrics, made from their catalogue: docs/metrics.md is this text.
#pragma once

#include <string>

namespace jumper::report {

[[nodiscard]] std::string metric_docs();

}  // namespace jumper::report
