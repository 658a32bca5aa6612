// SPDX-License-Identifier: BSD-3-Clause
#include "testing/inflate.h"

#include <cstddef>
#include <cstdint>
#include <stdexcept>

#include "jumper/base/inflate.h"

namespace jumper::testing {
namespace {

constexpr size_t kMostBytes = size_t{1} << 28;

void require(bool holds, const char* what) {
  if (!holds) throw std::runtime_error(what);
}

}  // namespace

std::string zlib_expanded(std::string_view stream) {
  require(stream.size() > 6 && stream[0] == '\x78', "not a zlib stream");
  require((static_cast<uint8_t>(stream[0]) * 256U + static_cast<uint8_t>(stream[1])) % 31 == 0,
          "the zlib header's check is wrong");
  auto out = base::inflated(stream.substr(2, stream.size() - 6), kMostBytes);
  if (!out) throw std::runtime_error(out.error().message);
  uint32_t a = 1;
  uint32_t b = 0;
  for (const char byte : *out) {
    a = (a + static_cast<uint8_t>(byte)) % 65521;
    b = (b + a) % 65521;
  }
  uint32_t sum = 0;
  for (const char byte : stream.substr(stream.size() - 4))
    sum = sum << 8U | static_cast<uint8_t>(byte);
  require(sum == (b << 16U | a), "the check sum is wrong");
  return *std::move(out);
}

}  // namespace jumper::testing
