// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/sampler/cadence.h"

#include <gtest/gtest.h>

namespace jumper::sampler {
namespace {

constexpr int64_t kMillisecond = 1'000'000;
constexpr int64_t kSecond = 1'000'000'000;

TEST(Cadence, StartsFineAndGrowsWithTheAgeOfTheCell) {
  EXPECT_EQ(curve_period_ns(0, kSecond), 5 * kMillisecond);
  EXPECT_EQ(curve_period_ns(250 * kMillisecond, kSecond), 5 * kMillisecond);
  EXPECT_EQ(curve_period_ns(kSecond, kSecond), 20 * kMillisecond);
  EXPECT_EQ(curve_period_ns(10 * kSecond, kSecond), 200 * kMillisecond);
}

TEST(Cadence, NeverLongerThanTheInterval) {
  EXPECT_EQ(curve_period_ns(3'600 * kSecond, kSecond), kSecond);
  EXPECT_EQ(curve_period_ns(0, kMillisecond), kMillisecond);
}

TEST(Cadence, ACellOfHalfASecondGetsAtLeastFortySamples) {
  int samples = 0;
  for (int64_t age = 0; age < kSecond / 2; age += curve_period_ns(age, kSecond)) ++samples;
  EXPECT_GE(samples, 40);
}

}  // namespace
}  // namespace jumper::sampler
