// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/sampler/unfound_usage.h"

#include <gtest/gtest.h>

namespace jumper::sampler {
namespace {

GroupReading used(int64_t used_ns, int64_t left_out_ns = 0) {
  return {.used_ns = used_ns, .left_out_ns = left_out_ns};
}

TEST(UnfoundUsage, IsNothingWithoutAGroup) {
  UnfoundUsage unfound;
  EXPECT_EQ(unfound.total_ns(0), 0);
  EXPECT_EQ(unfound.total_ns(50), 50);
  EXPECT_FALSE(unfound.has_begun());
}

TEST(UnfoundUsage, TheLargerOfBothCountsAndNeverTheSum) {
  // GIVEN a group with a past
  UnfoundUsage unfound;
  unfound.begin(used(1000), 0);

  // WHEN both find the same, THEN that
  unfound.put(used(1100), 100, 0);
  EXPECT_EQ(unfound.total_ns(100), 100);
  // The group more.
  unfound.put(used(1250), 110, 0);
  EXPECT_EQ(unfound.total_ns(110), 250);
  // Following the more: members that left the group.
  unfound.put(used(1260), 400, 0);
  EXPECT_EQ(unfound.total_ns(400), 400);
}

TEST(UnfoundUsage, WhatIsLeftOutOfTheTotalIsLeftOutOfTheGroups) {
  UnfoundUsage unfound;
  unfound.begin(used(1000, 300), 0);
  unfound.put(used(1500, 600), 50, 0);
  EXPECT_EQ(unfound.total_ns(50), 200);
}

TEST(UnfoundUsage, BetweenReadingsOnlyWhatIsSureIsAdded) {
  // GIVEN following that may yet find 20
  UnfoundUsage unfound;
  unfound.begin(used(0), 0);
  unfound.put(used(100), 40, 20);
  EXPECT_EQ(unfound.total_ns(40), 100);

  // WHEN it has been seen once THEN nothing is sure: it stands still
  EXPECT_EQ(unfound.total_ns(60), 100);
  EXPECT_EQ(unfound.total_ns(101), 101);

  // WHEN it is seen again THEN all is but the 20
  unfound.put(used(170), 110, 20);
  EXPECT_EQ(unfound.total_ns(110), 170);
  EXPECT_EQ(unfound.total_ns(129), 170);
  EXPECT_EQ(unfound.total_ns(150), 190);
}

TEST(UnfoundUsage, WhatIsFoundAMomentLaterIsNotKept) {
  // GIVEN a child that the group has and following has not yet
  UnfoundUsage unfound;
  unfound.begin(used(0), 0);
  unfound.put(used(10), 10, 0);
  unfound.put(used(510), 10, 0);
  EXPECT_EQ(unfound.total_ns(10), 510);

  // WHEN it is found
  unfound.put(used(520), 520, 0);

  // THEN it counts once
  EXPECT_EQ(unfound.total_ns(520), 520);
  EXPECT_EQ(unfound.total_ns(600), 600);
}

TEST(UnfoundUsage, ReadingsOfAnUnsettledMomentAreNotKept) {
  UnfoundUsage unfound;
  unfound.begin(used(0), 0);
  unfound.put(used(500), 100, {});
  unfound.put(used(500), 100, {});
  EXPECT_EQ(unfound.total_ns(100), 500);  // true all the same
  EXPECT_EQ(unfound.total_ns(500), 500);  // and found again
}

TEST(UnfoundUsage, WhatWasFoundStaysWhileOthersAreInTheGroup) {
  // GIVEN 60 that nobody inherited
  UnfoundUsage unfound;
  unfound.begin(used(0), 0);
  unfound.put(used(100), 40, 0);
  unfound.put(used(100), 40, 0);

  // WHEN another comes and uses much
  unfound.pause();
  EXPECT_FALSE(unfound.has_begun());
  EXPECT_EQ(unfound.total_ns(40), 100);
  EXPECT_EQ(unfound.total_ns(45), 105);

  // WHEN it has gone THEN counting goes on from there
  unfound.begin(used(9000), 45);
  EXPECT_EQ(unfound.total_ns(45), 105);
  unfound.put(used(9010), 55, 0);
  EXPECT_EQ(unfound.total_ns(55), 115);
  unfound.put(used(9030), 55, 0);
  EXPECT_EQ(unfound.total_ns(55), 135);
}

TEST(UnfoundUsage, ACounterThatGoesBackwardsIsNotBelieved) {
  UnfoundUsage unfound;
  unfound.begin(used(1000), 0);
  unfound.put(used(1100), 40, 0);
  unfound.put(used(1099), 40, 0);
  EXPECT_FALSE(unfound.has_begun());
  EXPECT_EQ(unfound.total_ns(40), 100);
}

TEST(UnfoundUsage, NeverGoesDown) {
  UnfoundUsage unfound;
  unfound.begin(used(0), 0);
  unfound.put(used(100), 40, 0);
  EXPECT_EQ(unfound.total_ns(40), 100);
  unfound.put(used(100, 90), 40, 0);
  EXPECT_EQ(unfound.total_ns(40), 100);
  unfound.pause();
  EXPECT_EQ(unfound.total_ns(0), 100);
}

}  // namespace
}  // namespace jumper::sampler
