// SPDX-License-Identifier: BSD-3-Clause
// What every target here defines, for libFuzzer and for replay_main.cpp alike, and the bytes of an
// input as text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "jumper/base/result.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace jumper::fuzz {

inline std::string_view as_text(const uint8_t* data, size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

// Stops, in every build, where a property does not hold.
inline void require(bool holds, const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
  if (holds) return;
  std::fprintf(stderr, "%s:%d: the property does not hold\n", file, line);
  std::abort();
}

// Bytes that a parser refuses, it must refuse as what they are: garbled.
inline void require_parse_error(const base::Error& error) {
  require(error.code == base::ErrorCode::kParse);
  require(!error.message.empty());
}

}  // namespace jumper::fuzz
