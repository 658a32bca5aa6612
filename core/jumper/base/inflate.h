// SPDX-License-Identifier: BSD-3-Clause
// Expansion of DEFLATE (RFC 1951), for bytes that anyone may have written: it never gives more than
// was asked for, and takes nothing that is not whole.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "jumper/base/result.h"

namespace jumper::base {

// What the whole of `bytes` expands to; an error where that is more than `most_bytes`, where the
// stream ends early or goes on after its end, and where its codes are not those of a compressor.
[[nodiscard]] Result<std::string> inflated(std::string_view bytes, size_t most_bytes);

}  // namespace jumper::base
