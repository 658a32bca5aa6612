// SPDX-License-Identifier: BSD-3-Clause
// Reads a zlib stream (RFC 1950) back: what a writer of such streams is checked with. What is wrong
// with the stream is thrown.
#pragma once

#include <string>
#include <string_view>

namespace jumper::testing {

[[nodiscard]] std::string zlib_expanded(std::string_view stream);

}  // namespace jumper::testing
