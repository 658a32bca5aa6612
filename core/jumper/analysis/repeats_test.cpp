// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/analysis/repeats.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

namespace jumper::analysis {
namespace {

using Values = std::vector<double>;

TEST(Median, IsTheMiddleOrBetweenTheTwoInTheMiddle) {
  EXPECT_EQ(median(Values{}), std::nullopt);
  EXPECT_EQ(median(Values{3}), 3);
  EXPECT_EQ(median(Values{9, 1}), 5);
  EXPECT_EQ(median(Values{9, 1, 2}), 2);
  EXPECT_EQ(median(Values{-4, 9, 1, 2}), 1.5);
}

TEST(ChanceDifference, IsAbsentWithoutRepeats) {
  EXPECT_EQ(chance_difference({}, 0, {}, 0), std::nullopt);
  EXPECT_EQ(chance_difference(Values{1}, 1, Values{2}, 1), std::nullopt);
  EXPECT_EQ(chance_difference(Values{1, 2}, 2, {}, 0), std::nullopt) << "nothing to compare with";
}

TEST(ChanceDifference, IsStudentsForTwoAndTwo) {
  // GIVEN two pairs with a variance of 2 and 8 within: pooled 5, over 2 degrees of freedom
  const auto chance = chance_difference(Values{1, 3}, 2, Values{10, 14}, 2);

  // THEN t(2) sqrt(5 (1/2 + 1/2))
  ASSERT_TRUE(chance);
  EXPECT_NEAR(*chance, 9.925 * std::sqrt(5.0), 1e-9);
}

TEST(ChanceDifference, TakesTheScatterOfOneSideForASingleRunOfTheOther) {
  const auto chance = chance_difference(Values{5}, 1, Values{1, 2}, 2);
  ASSERT_TRUE(chance);
  EXPECT_NEAR(*chance, 63.657 * std::sqrt(0.5 * 1.5), 1e-9);
}

TEST(ChanceDifference, IsNothingWhereRepeatsAreEqual) {
  EXPECT_EQ(chance_difference(Values{2, 2, 2}, 3, Values{5}, 1), 0);
}

struct Sides {
  size_t a = 0;
  size_t b = 0;
};

// How often a change is found between sides made of the same scatter, `shift` apart.
template <typename Scatter>
double share_found(Sides sides, double shift, Scatter scatter) {
  constexpr int kTrials = 4000;
  std::mt19937 random(17);
  int found = 0;
  for (int trial = 0; trial < kTrials; ++trial) {
    Values a(sides.a);
    Values b(sides.b);
    for (double& value : a) value = scatter(random);
    for (double& value : b) value = scatter(random) + shift;
    const auto chance = chance_difference(a, a.size(), b, b.size());
    if (std::abs(*median(b) - *median(a)) > chance.value()) ++found;
  }
  return found / double{kTrials};
}

constexpr Sides kSides[] = {{1, 2}, {1, 3}, {2, 2}, {3, 3}, {5, 5}, {2, 7}, {20, 20}};

TEST(ChanceDifference, CallsAboutOneUnchangedPairInAHundredChanged) {
  for (const Sides sides : kSides) {
    std::normal_distribution<double> normal(10, 0.3);
    EXPECT_LE(share_found(sides, 0, normal), 0.015) << sides.a << " and " << sides.b;
  }
}

TEST(ChanceDifference, IsNotMisledByRunsThatAreSlowNowAndThen) {
  // GIVEN one run in five that takes half as long again
  for (const Sides sides : kSides) {
    std::normal_distribution<double> normal(10, 0.1);
    std::bernoulli_distribution is_slow(0.2);
    const auto scatter = [&](std::mt19937& random) {
      return normal(random) + (is_slow(random) ? 5 : 0);
    };
    // A single run, or both of two, that happen to be slow cannot be told from a change.
    const bool are_few = sides.a + sides.b <= 4;
    EXPECT_LE(share_found(sides, 0, scatter), are_few ? 0.12 : 0.02)
        << sides.a << " and " << sides.b;
  }
}

TEST(ChanceDifference, FindsWhatIsLargeBesideTheScatter) {
  std::normal_distribution<double> normal(10, 0.2);
  EXPECT_GE(share_found({3, 3}, 2, normal), 0.99);
  EXPECT_GE(share_found({5, 5}, 0.8, normal), 0.9);
}

}  // namespace
}  // namespace jumper::analysis
