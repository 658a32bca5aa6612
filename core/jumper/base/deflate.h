// SPDX-License-Identifier: BSD-3-Clause
// Compression for PNG and zip: DEFLATE (RFC 1951), and in a zlib stream (RFC 1950).
#pragma once

#include <string>
#include <string_view>

namespace jumper::base {

[[nodiscard]] std::string deflated(std::string_view bytes);
[[nodiscard]] std::string zlib_compressed(std::string_view bytes);

}  // namespace jumper::base
