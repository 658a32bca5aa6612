// SPDX-License-Identifier: BSD-3-Clause
// How the limits that hold are written in a journal's header (docs/journal.md).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "jumper/source/limits.h"

namespace jumper::journal {

[[nodiscard]] std::string encode_limits(const std::vector<source::Limit>& limits);
// None where one of them is no limit.
[[nodiscard]] std::vector<source::Limit> decode_limits(std::string_view content);

[[nodiscard]] std::string encode_gpu_choices(const std::vector<source::GpuChoice>& choices);
[[nodiscard]] std::vector<source::GpuChoice> decode_gpu_choices(std::string_view content);

}  // namespace jumper::journal
