// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/analysis/forecast.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <random>
#include <vector>

namespace jumper::analysis {
namespace {

constexpr double kMb = 1e6;
constexpr double kLimit = 2000 * kMb;

// Memory over seconds, read every `step` until `end`.
using Curve = std::function<double(double)>;

std::vector<MemoryPoint> read(const Curve& curve, double end, double step = 0.1) {
  std::vector<MemoryPoint> points;
  const auto count = std::llround(end / step);
  for (int64_t i = 0; i <= count; ++i) {
    const double at = static_cast<double>(i) * step;
    points.push_back({1'000'000'000 + std::llround(at * 1e9), curve(at)});
  }
  return points;
}

// The moments at which something is said, as {time, seconds left}.
std::vector<std::pair<double, double>> said(const Curve& curve, double end, double step = 0.1) {
  std::vector<std::pair<double, double>> said;
  MemoryTrend trend;
  for (const MemoryPoint& point : read(curve, end, step)) {
    trend.add(point);
    if (const auto told = trend.forecast(kLimit))
      said.emplace_back(static_cast<double>(point.time_ns) / 1e9 - 1, told->seconds_left);
  }
  return said;
}

TEST(Forecast, OfSteadyGrowthIsRightFromHalfOfTheLimitOn) {
  for (const double step : {0.02, 0.1, 0.4}) {
    // WHEN 100 MB/s, which take 20 s to the limit
    const auto lines = said([](double at) { return 100 * kMb * at; }, 19.9, step);

    // THEN it is said from the tenth second on, without a pause, and right
    ASSERT_FALSE(lines.empty());
    EXPECT_NEAR(lines.front().first, 10, 2 * step);
    EXPECT_NEAR(static_cast<double>(lines.size()), 9.9 / step, 2) << step;
    for (const auto& [at, left] : lines) EXPECT_NEAR(left, 20 - at, 0.1) << step;
  }
}

TEST(Forecast, TellsTheNumbersItComesFrom) {
  const auto points = read([](double at) { return 100 * kMb * at; }, 15);
  const auto told = forecast(points, kLimit);
  ASSERT_TRUE(told);
  EXPECT_NEAR(told->used_bytes, 1500 * kMb, kMb);
  EXPECT_NEAR(told->bytes_per_second, 100 * kMb, kMb);
  EXPECT_EQ(told->limit_bytes, kLimit);
}

TEST(Forecast, OfSlowGrowthLooksNoFurtherThanItSaw) {
  // GIVEN 10 MB/s from 1.2 GB on: 80 s away
  const auto lines = said([](double at) { return 1200 * kMb + 10 * kMb * at; }, 79, 0.5);
  // THEN it is said when a quarter of what is left was seen
  ASSERT_FALSE(lines.empty());
  EXPECT_GT(lines.front().first, 12);
  EXPECT_LT(lines.front().first, 20);
  EXPECT_NEAR(lines.back().second, 1, 0.5);
}

TEST(Forecast, OfGrowthInStepsIsSaidAfterSeveral) {
  // GIVEN 200 MB every two seconds
  const auto lines = said([](double at) { return 200 * kMb * std::floor(at / 2); }, 19.9);
  ASSERT_FALSE(lines.empty());
  EXPECT_LT(lines.front().first, 14);
  for (const auto& [at, left] : lines) EXPECT_NEAR(left, 20 - at, 4) << at;
  // ... and nearly all the time then.
  EXPECT_GT(lines.back().first, 19);
}

TEST(Forecast, OfOneJumpSaysNothing) {
  for (const double size : {200.0, 600.0, 900.0}) {
    const auto lines = said([&](double at) { return (at < 10 ? 1050 : 1050 + size) * kMb; }, 80);
    EXPECT_TRUE(lines.empty()) << size << ": at " << lines.front().first;
  }
}

TEST(Forecast, EndsSoonAfterGrowthDid) {
  // GIVEN growth to 80 % in 16 s, and no more
  const auto lines = said([](double at) { return 100 * kMb * std::min(at, 16.0); }, 100);
  ASSERT_FALSE(lines.empty());
  EXPECT_LT(lines.back().first, 19);
}

TEST(Forecast, OfASawtoothBelowTheLimitSaysNothingWhereTheWayUpIsShort) {
  // GIVEN 300 MB up within a second and down at once, again and again, 600 MB below the limit
  const auto lines =
      said([](double at) { return (1100 + 300 * (at - std::floor(at))) * kMb; }, 60, 0.02);
  for (const auto& [at, left] : lines) EXPECT_GT(left, 1.5) << at;  // nothing urgent
  // With less on the way up, nothing at all.
  EXPECT_TRUE(
      said([](double at) { return (1100 + 100 * (at - std::floor(at))) * kMb; }, 60, 0.02).empty());
}

TEST(Forecast, OfNoiseSaysNothing) {
  std::mt19937 random(7);  // NOLINT(bugprone-random-generator-seed): the same each time
  std::uniform_real_distribution<double> noise(-1, 1);
  for (const double amplitude : {1.0, 20.0, 100.0}) {
    const auto lines = said([&](double) { return (1500 + amplitude * noise(random)) * kMb; }, 300);
    EXPECT_TRUE(lines.empty()) << amplitude << ": " << lines.size();
  }
}

TEST(Forecast, OfNoisyGrowthIsNearlyRight) {
  std::mt19937 random(7);  // NOLINT(bugprone-random-generator-seed): the same each time
  std::uniform_real_distribution<double> noise(-20, 20);
  const auto lines = said([&](double at) { return (100 * at + noise(random)) * kMb; }, 19);
  ASSERT_GT(lines.size(), 60U);
  EXPECT_LT(lines.front().first, 12);
  for (const auto& [at, left] : lines) EXPECT_NEAR(left, 20 - at, 4) << at;
}

TEST(Forecast, OfShrinkingMemorySaysNothing) {
  EXPECT_TRUE(said([](double at) { return (1900 - 20 * at) * kMb; }, 40).empty());
}

TEST(Forecast, BelowHalfOfTheLimitSaysNothing) {
  EXPECT_TRUE(said([](double at) { return 100 * kMb * at; }, 9.8).empty());
}

TEST(Forecast, AtTheLimitIsNow) {
  const auto told = forecast(read([](double at) { return 100 * kMb * at; }, 25), kLimit);
  ASSERT_TRUE(told);
  EXPECT_EQ(told->seconds_left, 0);
}

TEST(Forecast, OfNothingAndAfterClearingSaysNothing) {
  EXPECT_FALSE(forecast({}, kLimit));
  EXPECT_FALSE(forecast(read([](double at) { return 100 * kMb * at; }, 0.3), 10 * kMb));
  MemoryTrend trend;
  for (const MemoryPoint& point : read([](double at) { return 100 * kMb * at; }, 15))
    trend.add(point);
  ASSERT_TRUE(trend.forecast(kLimit));
  trend.clear();
  EXPECT_FALSE(trend.forecast(kLimit));
}

}  // namespace
}  // namespace jumper::analysis
