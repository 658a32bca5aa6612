// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/sampler/budget.h"

#include <gtest/gtest.h>

namespace jumper::sampler {
namespace {

constexpr int64_t kSecond = 1'000'000'000;

TEST(Budget, EarnsItsShareOfTime) {
  Budget budget(0.005);
  budget.earn(kSecond);
  budget.spend(10'000'000);  // all there is at the start: two seconds' earnings
  EXPECT_FALSE(budget.affords(1'000'000));
  budget.earn(2 * kSecond);  // earns 5 ms
  EXPECT_TRUE(budget.affords(4'900'000));
  EXPECT_FALSE(budget.affords(5'100'000));
}

TEST(Budget, SavesNoMoreThanTwentySeconds) {
  Budget budget(0.01);
  budget.earn(kSecond);
  budget.earn(1'000 * kSecond);
  EXPECT_TRUE(budget.affords(200'000'000));
  EXPECT_FALSE(budget.affords(201'000'000));
}

TEST(Budget, DebtIsPaidBeforeAnythingIsAffordedAgain) {
  Budget budget(0.01);
  budget.earn(kSecond);
  budget.spend(20'000'000 + 100'000'000);
  budget.earn(6 * kSecond);  // 50 ms earned, 50 ms still owed
  EXPECT_FALSE(budget.affords(0));
  budget.earn(12 * kSecond);
  EXPECT_TRUE(budget.affords(5'000'000));
}

TEST(Budget, TellsWhenSomethingCanBeHad) {
  Budget budget(0.01);
  budget.earn(kSecond);  // 20 ms are there
  EXPECT_EQ(budget.wait_ns(20'000'000), 0);
  budget.spend(25'000'000);
  const int64_t wait_ns = budget.wait_ns(1'000'000);  // for 6 ms
  EXPECT_NEAR(static_cast<double>(wait_ns), 0.6 * kSecond, 1000);
  budget.earn(kSecond + wait_ns);
  EXPECT_TRUE(budget.affords(1'000'000));
  // More than twenty seconds' earnings are never there.
  budget.earn(1'000 * kSecond);
  EXPECT_EQ(budget.wait_ns(kSecond), 0);
  EXPECT_EQ(Budget(0).wait_ns(kSecond), 0);
}

TEST(Budget, WithoutALimitEverythingIsAfforded) {
  Budget budget(0);
  budget.earn(kSecond);
  budget.spend(1'000 * kSecond);
  EXPECT_TRUE(budget.affords(kSecond));
  EXPECT_FALSE(budget.is_limited());
}

TEST(CostEstimate, FollowsButIsNotThrownByOneOutlier) {
  CostEstimate estimate;
  for (int i = 0; i < 50; ++i) estimate.add(100);
  EXPECT_EQ(estimate.ns(), 100);
  estimate.add(1'000'000);
  EXPECT_LT(estimate.ns(), 150);
  for (int i = 0; i < 100; ++i) estimate.add(200);
  EXPECT_NEAR(static_cast<double>(estimate.ns()), 200, 2);
}

}  // namespace
}  // namespace jumper::sampler
