// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/sampler/usage.h"

#include <gtest/gtest.h>

namespace jumper::sampler {
namespace {

constexpr IoCounters kSmall = {.read_calls = 1,
                               .write_calls = 2,
                               .read_bytes = 3,
                               .write_bytes = 4,
                               .read_chars = 5,
                               .write_chars = 6};
constexpr IoCounters kLarge = {.read_calls = 10,
                               .write_calls = 20,
                               .read_bytes = 30,
                               .write_bytes = 40,
                               .read_chars = 50,
                               .write_chars = 60};

TEST(Usage, EveryFieldIsAddedAndTakenOff) {
  EXPECT_EQ(kLarge - kSmall, (IoCounters{9, 18, 27, 36, 45, 54}));
  IoCounters sum = kSmall;
  sum += kLarge;
  EXPECT_EQ(sum, (IoCounters{11, 22, 33, 44, 55, 66}));
  Usage usage{100, kSmall};
  usage += {1, kLarge};
  usage -= {100, kSmall};
  EXPECT_EQ(usage, (Usage{1, kLarge}));
}

TEST(Usage, ASumIsRightThoughItPassedBelowZero) {
  // WHEN
  IoCounters sum = kSmall - kLarge;

  // THEN below zero shows as nothing, and on the way up it counts
  EXPECT_EQ(sum.not_negative(), IoCounters{});
  sum += kLarge;
  EXPECT_EQ(sum.not_negative(), kSmall);
}

TEST(Usage, ComparesFieldByField) {
  IoCounters mixed = kSmall;
  mixed.write_chars = 1000;

  EXPECT_EQ(mixed.minus(kLarge), (IoCounters{.write_chars = 940}));
  EXPECT_EQ(mixed.at_least(kLarge), (IoCounters{10, 20, 30, 40, 50, 1000}));
  EXPECT_EQ(mixed.at_most(kLarge), (IoCounters{1, 2, 3, 4, 5, 60}));
  EXPECT_TRUE(kLarge.can_hold(kSmall));
  EXPECT_TRUE(kLarge.can_hold(kLarge));
  EXPECT_FALSE(kLarge.can_hold(mixed));
  EXPECT_EQ((Usage{5, mixed}.at_most({7, kLarge})), (Usage{5, mixed.at_most(kLarge)}));
}

}  // namespace
}  // namespace jumper::sampler
