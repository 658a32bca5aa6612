// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/store/varint.h"

#include <gtest/gtest.h>

#include <array>
#include <limits>
#include <vector>

namespace jumper::store {
namespace {

TEST(Varint, GivesBackEveryLength) {
  // GIVEN the smallest and the largest number of each number of bits
  std::vector<uint64_t> numbers = {0};
  for (int bits = 1; bits <= 64; ++bits) {
    numbers.push_back(uint64_t{1} << (bits - 1));
    numbers.push_back(~uint64_t{0} >> (64 - bits));
  }

  // WHEN they are written one behind the other
  std::vector<uint8_t> bytes((numbers.size() + 1) * kVarintReach);
  uint8_t* end = bytes.data();
  for (const uint64_t number : numbers) end = put_varint(end, number);

  // THEN
  const uint8_t* at = bytes.data();
  for (const uint64_t number : numbers) EXPECT_EQ(get_varint(at), number);
  EXPECT_EQ(at, end);
}

TEST(Varint, TakesAByteForSevenBits) {
  std::array<uint8_t, 2 * kVarintReach> bytes{};
  const auto length = [&](uint64_t number) {
    return put_varint(bytes.data(), number) - bytes.data();
  };
  EXPECT_EQ(length(0), 1);
  EXPECT_EQ(length(127), 1);
  EXPECT_EQ(length(128), 2);
  EXPECT_EQ(length((uint64_t{1} << 56) - 1), 8);
  EXPECT_EQ(length(uint64_t{1} << 56), 9);
  EXPECT_EQ(length(std::numeric_limits<uint64_t>::max()), 9);
}

TEST(Zigzag, MakesSmallNumbersOfEitherSignSmall) {
  EXPECT_EQ(zigzag(0), 0U);
  EXPECT_EQ(zigzag(-1), 1U);
  EXPECT_EQ(zigzag(1), 2U);
  EXPECT_EQ(zigzag(-2), 3U);
  for (const int64_t number :
       {int64_t{0}, int64_t{-5}, int64_t{1} << 53, std::numeric_limits<int64_t>::max(),
        std::numeric_limits<int64_t>::min()}) {
    EXPECT_EQ(unzigzag(zigzag(number)), number);
  }
}

}  // namespace
}  // namespace jumper::store
