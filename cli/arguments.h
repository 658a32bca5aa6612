// SPDX-License-Identifier: BSD-3-Clause
// What the shell passed, and the exit statuses that shells and their scripts expect.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace jumper::cli {

using Arguments = std::vector<std::string>;

inline constexpr int kExitOk = 0;
inline constexpr int kExitFailure = 1;
inline constexpr int kExitUsage = 2;
inline constexpr int kExitCannotExecute = 126;
inline constexpr int kExitNotFound = 127;
inline constexpr int kExitSignalBase = 128;

// One line on standard error.
void complain(std::string_view message);

// One file per command in commands/.
[[nodiscard]] int run_command(const Arguments& arguments);
[[nodiscard]] int record_command(const Arguments& arguments);
[[nodiscard]] int info_command(const Arguments& arguments);
[[nodiscard]] int metrics_command(const Arguments& arguments);
[[nodiscard]] int report_command(const Arguments& arguments);
[[nodiscard]] int advice_command(const Arguments& arguments);
[[nodiscard]] int compare_command(const Arguments& arguments);
[[nodiscard]] int export_command(const Arguments& arguments);

}  // namespace jumper::cli
