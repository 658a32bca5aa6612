// SPDX-License-Identifier: BSD-3-Clause
// Bytes as text (RFC 4648, section 4, with padding).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace jumper::base {

[[nodiscard]] std::string to_base64(std::span<const uint8_t> bytes);

// Absent where it is anything else.
[[nodiscard]] std::optional<std::vector<uint8_t>> from_base64(std::string_view text);

}  // namespace jumper::base
