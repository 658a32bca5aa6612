// SPDX-License-Identifier: BSD-3-Clause
// Captured kernel files, from core/testdata. For tests only; what fails here throws.
#pragma once

#include <string>
#include <string_view>

#include "jumper/kernfs/kernel_root.h"

namespace jumper::testing {

// The bytes of a file: "debian12-2cpu/proc/stat".
[[nodiscard]] std::string read_testdata(std::string_view path);

// The captured files of one machine as its /proc and /sys: "debian12-2cpu".
[[nodiscard]] kernfs::KernelRoot open_testdata(std::string_view machine);

}  // namespace jumper::testing
