// SPDX-License-Identifier: BSD-3-Clause
// Writing a file as a whole: readers see the old content or the new, never half of it, and a full
// disk leaves the old file alone.
#pragma once

#include <string>
#include <string_view>

#include "jumper/base/result.h"

namespace jumper::base {

[[nodiscard]] Status write_file(const std::string& path, std::string_view content);
// The same for what is nobody else's business: the file gets the mode 0600, whatever it had.
[[nodiscard]] Status write_private_file(const std::string& path, std::string_view content);

}  // namespace jumper::base
