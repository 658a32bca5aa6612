// SPDX-License-Identifier: BSD-3-Clause
// Where the build has put the fake NVIDIA libraries, and where their scenarios are.
#pragma once

#include <string>
#include <string_view>

namespace jumper::testing {

// For dlopen(): as of a driver of R550, and of R440.
[[nodiscard]] std::string fake_nvml_library();
[[nodiscard]] std::string old_fake_nvml_library();

// The text of a scenario beside the fake's source: "eight_cards".
[[nodiscard]] std::string fake_nvml_scenario(std::string_view name);

}  // namespace jumper::testing
