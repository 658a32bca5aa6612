// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/nodes/clock_offset.h"

#include <gtest/gtest.h>

namespace jumper::nodes {
namespace {

TEST(ClockOffset, IsUnknownWithoutAnAnswer) {
  EXPECT_FALSE(ClockOffset().estimate(0));
}

TEST(ClockOffset, IsHalfwayBetweenSendingAndReceiving) {
  // GIVEN a node whose clock is 3 s ahead, and answers that take 200 us each way
  ClockOffset clock;
  clock.take_answer(1'000'000, 3'001'200'000, 1'400'000);
  // THEN
  const auto estimate = clock.estimate(1'400'000);
  ASSERT_TRUE(estimate);
  EXPECT_EQ(estimate->offset_ns, 3'000'000'000);
  EXPECT_EQ(estimate->error_ns, 200'001);
}

TEST(ClockOffset, TheQuickestAnswerCounts) {
  // GIVEN a quick answer between two that were held up on the way back
  ClockOffset clock;
  clock.take_answer(0, 5'000'100, 20'000'000);
  clock.take_answer(30'000'000, 35'000'100, 30'000'200);
  clock.take_answer(40'000'000, 45'000'100, 70'000'000);
  // THEN
  EXPECT_EQ(clock.estimate(70'000'000)->offset_ns, 5'000'000);
}

TEST(ClockOffset, AnOldAnswerIsWorthLessThanANewOne) {
  // GIVEN a quick answer, and a slower one an hour later, when the clocks have run apart
  constexpr int64_t kHourNs = 3'600'000'000'000;
  ClockOffset clock;
  clock.take_answer(0, 100, 200);
  clock.take_answer(kHourNs, kHourNs + 40'000'000 + 500'000, kHourNs + 1'000'000);
  // THEN
  EXPECT_EQ(clock.estimate(kHourNs + 1'000'000)->offset_ns, 40'000'000);
}

TEST(ClockOffset, WhatCannotBeIsNotTaken) {
  ClockOffset clock;
  clock.take_answer(10, 5, 9);
  clock.take_answer(10, -1, 20);
  clock.take_answer(10, INT64_MAX, 20);
  EXPECT_FALSE(clock.estimate(30));
}

}  // namespace
}  // namespace jumper::nodes
