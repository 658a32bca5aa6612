// SPDX-License-Identifier: BSD-3-Clause
// Bytes as text (RFC 4648, section 4, with padding).
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace jumper::base {

[[nodiscard]] std::string to_base64(std::span<const uint8_t> bytes);

}  // namespace jumper::base
