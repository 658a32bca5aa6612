// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/base/crc32.h"

#include <gtest/gtest.h>

#include <string>

namespace jumper::base {
namespace {

TEST(Crc32, HasTheKnownCheckValues) {
  EXPECT_EQ(crc32(""), 0U);
  EXPECT_EQ(crc32("a"), 0xE8B7BE43U);
  EXPECT_EQ(crc32("123456789"), 0xCBF43926U);
  EXPECT_EQ(crc32("The quick brown fox jumps over the lazy dog"), 0x414FA339U);
}

TEST(Crc32, IsTheSameInPieces) {
  std::string bytes;
  for (int i = 0; i < 100; ++i) bytes += static_cast<char>(i * 37);
  const uint32_t whole = crc32(bytes);
  for (size_t cut = 0; cut <= bytes.size(); ++cut)
    EXPECT_EQ(
        crc32(std::string_view(bytes).substr(cut), crc32(std::string_view(bytes).substr(0, cut))),
        whole);
}

TEST(Crc32, SeesEachFlippedBit) {
  std::string bytes(20, 'x');
  const uint32_t whole = crc32(bytes);
  for (size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
    std::string flipped = bytes;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    EXPECT_NE(crc32(flipped), whole) << bit;
  }
}

}  // namespace
}  // namespace jumper::base
