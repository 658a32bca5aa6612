// SPDX-License-Identifier: BSD-3-Clause
// Compression for PNG: DEFLATE (RFC 1951) in a zlib stream (RFC 1950).
#pragma once

#include <string>
#include <string_view>

namespace jumper::plot {

[[nodiscard]] std::string zlib_compressed(std::string_view bytes);

}  // namespace jumper::plot
