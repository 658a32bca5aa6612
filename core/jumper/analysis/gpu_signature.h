// SPDX-License-Identifier: BSD-3-Clause
// The signatures of GPUs. The rules stand in docs/signatures.md.
#pragma once

#include <optional>
#include <vector>

#include "jumper/analysis/signature.h"

namespace jumper::analysis {

// All but the one of GPUs that are held and not used, which comes before any other.
[[nodiscard]] std::vector<Signature> gpu_signatures(const SignatureInput& input,
                                                    const Thresholds& thresholds);
[[nodiscard]] std::optional<Signature> gpu_held_idle(const SignatureInput& input,
                                                     const Thresholds& thresholds);

}  // namespace jumper::analysis
