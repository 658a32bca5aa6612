// SPDX-License-Identifier: BSD-3-Clause
// How the GPUs of a machine are written in a journal's header (docs/journal.md).
#pragma once

#include <string>
#include <string_view>

#include "jumper/gpu/status.h"

namespace jumper::journal {

[[nodiscard]] std::string encode_gpus(const gpu::Status& status);
// Not known where it is no such thing.
[[nodiscard]] gpu::Status decode_gpus(std::string_view content);

}  // namespace jumper::journal
