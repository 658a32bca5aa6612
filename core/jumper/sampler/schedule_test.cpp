// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/sampler/schedule.h"

#include <gtest/gtest.h>

namespace jumper::sampler {
namespace {

TEST(Schedule, TicksOnTimeKeepTheirDeadlines) {
  // GIVEN a start in the past of zero, as clocks may have it
  Schedule schedule(-5, 10);
  for (int64_t k = 1; k <= 1000; ++k) {
    // WHEN each tick is done a little late, by ever more
    EXPECT_EQ(schedule.deadline_ns(), -5 + k * 10);
    schedule.advance(schedule.deadline_ns() + k % 10);
  }

  // THEN lateness has pushed nothing
  EXPECT_EQ(schedule.deadline_ns(), -5 + 1001 * 10);
  EXPECT_EQ(schedule.missed(), 0U);
}

TEST(Schedule, CountsEachDeadlineThatPassed) {
  struct Case {
    int64_t done_ns;
    int64_t next_ns;
    uint64_t missed;
  };
  // The tick for 1100 is done at ...
  for (const Case& it : {Case{1100, 1200, 0},
                         {1199, 1200, 0},
                         {1200, 1300, 1},
                         {1201, 1300, 1},
                         {1299, 1300, 1},
                         {1300, 1400, 2},
                         {1999, 2000, 8},
                         {2000, 2100, 9},
                         {1'000'000, 1'000'100, 9989}}) {
    // GIVEN
    Schedule schedule(1000, 100);

    // WHEN
    schedule.advance(it.done_ns);

    // THEN
    EXPECT_EQ(schedule.deadline_ns(), it.next_ns) << it.done_ns;
    EXPECT_EQ(schedule.missed(), it.missed) << it.done_ns;
  }
}

TEST(Schedule, TakenAndMissedTicksTogetherAreAllDeadlines) {
  // GIVEN ticks that take from no time to several periods
  Schedule schedule(0, 7);
  uint64_t taken = 0;
  for (int64_t delay = 0; delay < 500; ++delay) {
    // WHEN
    const int64_t now_ns = schedule.deadline_ns() + delay % 23;
    schedule.advance(now_ns);
    ++taken;

    // THEN the next deadline is the first one ahead
    EXPECT_GT(schedule.deadline_ns(), now_ns);
    EXPECT_LE(schedule.deadline_ns(), now_ns + 7);
    EXPECT_EQ(schedule.deadline_ns(), static_cast<int64_t>(taken + schedule.missed() + 1) * 7);
  }
  EXPECT_GT(schedule.missed(), 0U);
}

TEST(Schedule, AClockThatStoodStillMissesNothing) {
  // GIVEN
  Schedule schedule(1000, 100);

  // WHEN a tick is done before its deadline, as after a clock that was set back
  schedule.advance(900);

  // THEN
  EXPECT_EQ(schedule.deadline_ns(), 1200);
  EXPECT_EQ(schedule.missed(), 0U);
}

TEST(Schedule, LetsDeadlinesPass) {
  Schedule schedule(0, 10);
  EXPECT_EQ(schedule.skip_until(3), 0U);
  EXPECT_EQ(schedule.skip_until(10), 0U);
  EXPECT_EQ(schedule.deadline_ns(), 10);
  EXPECT_EQ(schedule.skip_until(11), 1U);
  EXPECT_EQ(schedule.deadline_ns(), 20);
  EXPECT_EQ(schedule.skip_until(50), 3U);
  EXPECT_EQ(schedule.deadline_ns(), 50);
  EXPECT_EQ(schedule.missed(), 0U);
}

}  // namespace
}  // namespace jumper::sampler
