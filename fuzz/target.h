// SPDX-License-Identifier: BSD-3-Clause
// What every target here defines, for libFuzzer and for replay_main.cpp alike, and the bytes of an
// input as text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "jumper/base/result.h"
#include "require.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace jumper::fuzz {

inline std::string_view as_text(const uint8_t* data, size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

// Bytes that a parser refuses, it must refuse as what they are: garbled.
inline void require_parse_error(const base::Error& error) {
  JUMPER_REQUIRE(error.code == base::ErrorCode::kParse);
  JUMPER_REQUIRE(!error.message.empty());
}

}  // namespace jumper::fuzz
