// SPDX-License-Identifier: BSD-3-Clause
// A zip archive as bytes, which every zip program reads.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "jumper/base/result.h"

namespace jumper::session {

struct NamedBytes {
  std::string name;  // ASCII
  std::string bytes;
};

// Each entry is deflated where that makes it smaller, and may be read by its owner alone when it is
// unpacked. An error where anything in it is 4 GiB or more.
[[nodiscard]] base::Result<std::string> zip_archive(std::span<const NamedBytes> files,
                                                    int64_t wall_ns);

}  // namespace jumper::session
