// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/base/huffman.h"

#include <gtest/gtest.h>

#include <cmath>

namespace jumper::base {
namespace {

using Lengths = std::vector<uint8_t>;

TEST(CodeLengths, OfFewSymbols) {
  EXPECT_EQ(code_lengths(std::vector<uint32_t>{}, 15), Lengths{});
  EXPECT_EQ(code_lengths(std::vector<uint32_t>{0, 0}, 15), (Lengths{0, 0}));
  EXPECT_EQ(code_lengths(std::vector<uint32_t>{0, 9}, 15), (Lengths{0, 1}));
  EXPECT_EQ(code_lengths(std::vector<uint32_t>{1, 0, 9}, 15), (Lengths{1, 0, 1}));
}

TEST(CodeLengths, AreShortForWhatComesOften) {
  EXPECT_EQ(code_lengths(std::vector<uint32_t>{45, 13, 12, 16, 9, 5}, 15),
            (Lengths{1, 3, 3, 3, 4, 4}));
}

TEST(CodeLengths, KeepToTheLimit) {
  // GIVEN frequencies that ask for lengths up to the number of symbols
  std::vector<uint32_t> fibonacci = {1, 1};
  while (fibonacci.size() < 30) fibonacci.push_back(fibonacci.end()[-1] + fibonacci.end()[-2]);
  for (const int longest : {5, 7, 15}) {
    // WHEN fewer bits are allowed
    const Lengths lengths = code_lengths(fibonacci, longest);
    // THEN none is longer, and the code is complete
    double share = 0;
    for (const uint8_t length : lengths) {
      EXPECT_GT(length, 0);
      EXPECT_LE(length, longest);
      share += std::exp2(-length);
    }
    EXPECT_EQ(share, 1) << longest;
  }
}

}  // namespace
}  // namespace jumper::base
