// SPDX-License-Identifier: BSD-3-Clause
// Words that the sentences on all nodes share, and those of them that are about GPUs.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "jumper/report/nodes.h"

namespace jumper::report {

inline constexpr std::string_view kAbsentText = "n/a";
// An imbalance below this is none worth a word; what is surely above the second one is.
inline constexpr double kBalanced = 0.10;
inline constexpr double kImbalanced = 0.05;

// 0.274 -> "27", 0.052 -> "5.2".
[[nodiscard]] std::string share_percent(double share);
[[nodiscard]] std::string name_of(const NodesReport& report, size_t node);
// The first of them; how many more.
[[nodiscard]] std::string names_of(const NodesReport& report, const std::vector<size_t>& nodes);

// Whether any node told of GPUs at the level: only then there are columns and lines of them.
[[nodiscard]] bool has_gpus(const NodesReport& report);
void fill_gpus(NodeRow& row, const analysis::NodeUsage& node);
[[nodiscard]] std::vector<Line> gpu_balance_lines(const NodesReport& report);

}  // namespace jumper::report
