// SPDX-License-Identifier: BSD-3-Clause
// Whom the other nodes waited for at the end of cells.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "jumper/analysis/imbalance.h"

namespace jumper::analysis {

// The interval on the node's clock, which must be known; longer by so much at both ends.
[[nodiscard]] Interval in_clock_of(const NodeData& node, const Interval& interval,
                                   int64_t longer_ns);

// Only the nodes at `places` count.
[[nodiscard]] std::vector<Straggler> stragglers_of(std::span<const NodeData> nodes,
                                                   std::span<const size_t> places,
                                                   std::span<const Stretch> stretches);

// The node that straggled longest in all cells together.
[[nodiscard]] std::optional<size_t> slowest_of(std::span<const Straggler> stragglers);

}  // namespace jumper::analysis
