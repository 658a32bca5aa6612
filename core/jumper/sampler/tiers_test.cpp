// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/sampler/tiers.h"

#include <gtest/gtest.h>

#include <array>
#include <limits>
#include <utility>

namespace jumper::sampler {
namespace {

constexpr int64_t kMs = 1'000'000;
constexpr int64_t kMuch = std::numeric_limits<int64_t>::max();

// What a sampler does with its tiers at each interval; how often each was read.
std::array<int, 2> run(Tiers& tiers, int ticks, int64_t interval_ns, int64_t earned_ns,
                       std::array<int64_t, 2> costs_ns = {}) {
  std::array<int, 2> reads{};
  int64_t credit_ns = 0;
  for (int tick = 1; tick <= ticks; ++tick) {
    const int64_t now_ns = tick * interval_ns;
    credit_ns += earned_ns;
    tiers.choose(now_ns, interval_ns, credit_ns);
    for (size_t i = 0; i < reads.size(); ++i) {
      if (!tiers.is_chosen(i)) continue;
      ++reads.at(i);
      tiers.was_read(i, now_ns);
      tiers.cost_was(i, costs_ns.at(i));
      credit_ns -= costs_ns.at(i);
    }
  }
  return reads;
}

TEST(Tiers, EachIsReadAtItsOwnPeriod) {
  // GIVEN one for every tick and one for every fourth
  Tiers tiers;
  tiers.add("fast", 0);
  tiers.add("slow", 40 * kMs);

  // WHEN money is no matter
  const std::array<int, 2> reads = run(tiers, 100, 10 * kMs, kMs);

  // THEN
  EXPECT_EQ(reads[0], 100);
  EXPECT_NEAR(reads[1], 25, 1);
  EXPECT_EQ(tiers.all()[1].left_out, 0U);
}

TEST(Tiers, WhatIsCheapStaysWhereNotAllCanBePaid) {
  // GIVEN three, of which the dear one is in front
  Tiers tiers;
  for (const auto& [name, cost_ns] : {std::pair("dear", 5 * kMs), {"cheap", kMs}, {"not", kMs}}) {
    tiers.add(name, 0);
    tiers.cost_was(tiers.all().size() - 1, cost_ns);
  }
  tiers.choose_all();
  tiers.set_chosen(2, false);

  // WHEN there is enough for the cheap ones
  tiers.keep_cheapest(3 * kMs);

  // THEN
  EXPECT_FALSE(tiers.is_chosen(0));
  EXPECT_TRUE(tiers.is_chosen(1));
  EXPECT_FALSE(tiers.is_chosen(2)) << "it was not asked for";

  // AND with nothing to spend, none is read
  tiers.keep_cheapest(-kMs);
  EXPECT_FALSE(tiers.is_chosen(1));
}

TEST(Tiers, AnIntervalLongerThanThePeriodReadsAtEachTick) {
  Tiers tiers;
  tiers.add("fast", 0);
  tiers.add("slow", 40 * kMs);
  EXPECT_EQ(run(tiers, 10, 1000 * kMs, kMs), (std::array{10, 10}));
}

TEST(Tiers, AnEarlyTickIsNotATickTooSoon) {
  // GIVEN a tier read at 100 ms whose period is 100 ms
  Tiers tiers;
  tiers.add("slow", 100 * kMs);
  tiers.was_read(0, 100 * kMs);

  // WHEN the next tick comes a little before its time
  tiers.choose(199 * kMs, 100 * kMs, kMuch);

  // THEN
  EXPECT_TRUE(tiers.is_chosen(0));
}

TEST(Tiers, AReadingInBetweenDoesNotCostTheNextTick) {
  // GIVEN what is read at every tick, and was read at a cell's edge just before one
  Tiers tiers;
  tiers.add("fast", 10 * kMs);
  tiers.was_read(0, 999 * kMs);

  // WHEN
  tiers.choose(1000 * kMs, 1000 * kMs, kMuch);

  // THEN
  EXPECT_TRUE(tiers.is_chosen(0));
}

TEST(Tiers, TheDearOneIsNotStarvedByTheCheapOne) {
  // GIVEN two that are due at every tick and together cost more than a tick earns
  Tiers tiers;
  tiers.add("dear", 0);
  tiers.add("cheap", 0);
  tiers.cost_was(0, 80'000);
  tiers.cost_was(1, 10'000);

  // WHEN a tick earns what the cheap one costs
  const std::array<int, 2> reads = run(tiers, 900, kMs, 10'000, {80'000, 10'000});

  // THEN they take turns, and the money is used
  EXPECT_NEAR(reads[0], 100, 5);
  EXPECT_NEAR(reads[1], 100, 5);
  EXPECT_GT(tiers.all()[0].left_out, 700U);
  EXPECT_GT(tiers.all()[1].left_out, 700U);
}

TEST(Tiers, WhatSeemedTooDearIsTriedAgain) {
  // GIVEN one that once cost far more than there ever is to spend, and costs little now
  Tiers tiers;
  tiers.add("dear once", 0);
  tiers.cost_was(0, 20 * kMs);

  // WHEN
  int tick = 1;
  for (; tick < 1000; ++tick) {
    tiers.choose(tick * kMs, kMs, kMs / 10);
    if (tiers.is_chosen(0)) break;
  }

  // THEN
  EXPECT_LT(tick, 300);
}

TEST(Tiers, WithoutMoneyNothingIsRead) {
  Tiers tiers;
  tiers.add("one", 0);
  tiers.cost_was(0, 1000);
  tiers.choose(kMs, kMs, 999);
  EXPECT_FALSE(tiers.is_chosen(0));
  EXPECT_EQ(tiers.all()[0].left_out, 1U);
}

}  // namespace
}  // namespace jumper::sampler
