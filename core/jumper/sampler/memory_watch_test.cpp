// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/sampler/memory_watch.h"

#include <gtest/gtest.h>

namespace jumper::sampler {
namespace {

constexpr double kGb = 1e9;
constexpr int64_t kSecondNs = 1'000'000'000;

TEST(MemoryWatch, BelowHalfOfTheLimitNothingIsReadMoreOften) {
  MemoryWatch watch;
  watch.was_read(1, 0.1 * kGb, 2 * kGb, 0);
  watch.was_read(kSecondNs, 0.9 * kGb, 2 * kGb, 0.8 * kGb);
  EXPECT_FALSE(watch.wants(0.9 * kGb));
  EXPECT_EQ(watch.period_ns(), std::nullopt);
}

TEST(MemoryWatch, AboveItsGrowthIsFollowed) {
  // GIVEN one that grows by 0.1 GB/s, 0.8 GB below the limit
  MemoryWatch watch;
  watch.was_read(kSecondNs, 1.1 * kGb, 2 * kGb, 1 * kGb);
  watch.was_read(2 * kSecondNs, 1.2 * kGb, 2 * kGb, 1.1 * kGb);

  // THEN
  EXPECT_TRUE(watch.wants(1.101 * kGb));
  EXPECT_FALSE(watch.wants(1.1 * kGb));
  EXPECT_FALSE(watch.wants(0.5 * kGb));
  EXPECT_NEAR(static_cast<double>(watch.period_ns().value()), 0.5e9, 1e6);
}

TEST(MemoryWatch, AtTheLimitTicksComeAsFastAsTheyCan) {
  MemoryWatch watch;
  watch.was_read(kSecondNs, 1.9 * kGb, 2 * kGb, 1 * kGb);
  watch.was_read(2 * kSecondNs, 2.1 * kGb, 2 * kGb, 1.2 * kGb);
  EXPECT_EQ(watch.period_ns(), 5'000'000);
}

TEST(MemoryWatch, WhatStandsStillOrShrinksIsInNoHurry) {
  MemoryWatch watch;
  watch.was_read(kSecondNs, 1.9 * kGb, 2 * kGb, 1 * kGb);
  EXPECT_EQ(watch.period_ns(), std::nullopt);
  watch.was_read(2 * kSecondNs, 1.9 * kGb, 2 * kGb, 1 * kGb);
  EXPECT_EQ(watch.period_ns(), std::nullopt);
  watch.was_read(3 * kSecondNs, 1.8 * kGb, 2 * kGb, 1 * kGb);
  EXPECT_EQ(watch.period_ns(), std::nullopt);
  watch.was_read(4 * kSecondNs, 1.801 * kGb, 2 * kGb, 1 * kGb);  // minutes away
  EXPECT_EQ(watch.period_ns(), std::nullopt);
}

}  // namespace
}  // namespace jumper::sampler
