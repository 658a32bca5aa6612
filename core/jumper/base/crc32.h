// SPDX-License-Identifier: BSD-3-Clause
// The checksum of PNG, zip and our journal: CRC-32 of ISO 3309 (polynomial 0x04C11DB7, reflected).
#pragma once

#include <cstdint>
#include <string_view>

namespace jumper::base {

// Of `bytes`, or of more in pieces: each with the sum of those before it.
[[nodiscard]] uint32_t crc32(std::string_view bytes, uint32_t before = 0);

}  // namespace jumper::base
