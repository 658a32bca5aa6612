// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/gpu/amd_energy.h"

#include <gtest/gtest.h>

#include <optional>

#include "jumper/base/clock.h"

namespace jumper::gpu {
namespace {

constexpr uint64_t kUnitsPerJoule = 65536;

AmdMetrics table(uint64_t units, bool is_documented = false) {
  AmdMetrics metrics;
  metrics.energy_units = units;
  metrics.is_unit_documented = is_documented;
  metrics.has_short_energy = !is_documented;
  return metrics;
}

// The readings of `seconds` seconds at 100 W, of which the counter says `joules_per_second`; what
// the last gives.
std::optional<double> after(AmdEnergy& energy, int seconds, uint64_t joules_per_second,
                            uint64_t begin_units = 0) {
  std::optional<double> joules;
  for (int second = 0; second <= seconds; ++second) {
    const uint64_t units =
        begin_units + static_cast<uint64_t>(second) * joules_per_second * kUnitsPerJoule;
    joules = energy.joules(table(units), 100.0, second * base::kNanosPerSecond);
  }
  return joules;
}

TEST(AmdEnergy, InADocumentedUnitIsToldAtOnce) {
  AmdEnergy energy;
  EXPECT_DOUBLE_EQ(*energy.joules(table(3 * kUnitsPerJoule / 2, true), {}, 0), 1.5);
}

TEST(AmdEnergy, IsBelievedOnceItAgreesWithThePower) {
  AmdEnergy energy;
  EXPECT_EQ(after(energy, 2, 101), std::nullopt);
  AmdEnergy longer;
  EXPECT_DOUBLE_EQ(after(longer, 4, 101).value_or(-1), 404);
  EXPECT_EQ(longer.objection(), "");
}

TEST(AmdEnergy, InAnotherUnitIsNotTold) {
  for (const uint64_t joules_per_second : {0U, 10U, 1000U}) {
    AmdEnergy energy;
    EXPECT_EQ(after(energy, 100, joules_per_second), std::nullopt);
    EXPECT_NE(energy.objection().find(" J where its power makes 300.0 J"), std::string::npos)
        << energy.objection();
  }
}

TEST(AmdEnergy, WithoutPowerIsNeverBelieved) {
  AmdEnergy energy;
  for (int second = 0; second < 100; ++second) {
    EXPECT_EQ(energy.joules(table(kUnitsPerJoule), {}, second * base::kNanosPerSecond),
              std::nullopt);
  }
  EXPECT_EQ(energy.objection(), "");
}

TEST(AmdEnergy, GoesOnPastTheEndOfAShortCounter) {
  // GIVEN a counter of 32 bits, 500 J before its end
  AmdEnergy energy;
  const uint64_t begin = (uint64_t{1} << 32) - 500 * kUnitsPerJoule;
  const double before = after(energy, 4, 100, begin).value_or(-1);

  // WHEN it starts again
  const auto now = energy.joules(table(50 * kUnitsPerJoule), {}, 10 * base::kNanosPerSecond);

  // THEN what was used is what lies between
  EXPECT_DOUBLE_EQ(*now - before, 150);
}

TEST(AmdEnergy, OfACardThatWasResetIsNotAddedUp) {
  // GIVEN a short counter far from its end
  AmdEnergy energy;
  const double before = after(energy, 4, 100, 20'000 * kUnitsPerJoule).value_or(-1);

  // WHEN it begins anew
  const auto now = energy.joules(table(50 * kUnitsPerJoule), 100.0, 5 * base::kNanosPerSecond);

  // THEN it fell, instead of counting 45,000 J in a second
  ASSERT_TRUE(now);
  EXPECT_LT(*now, before);
}

TEST(AmdEnergy, IsJudgedAnewWhenTheCardWasReset) {
  AmdEnergy energy;
  EXPECT_EQ(after(energy, 2, 100, 20'000 * kUnitsPerJoule), std::nullopt);
  EXPECT_DOUBLE_EQ(after(energy, 4, 100, kUnitsPerJoule).value_or(-1), 401);
  EXPECT_EQ(energy.objection(), "");
}

TEST(AmdEnergy, WithoutACounterIsAbsent) {
  AmdEnergy energy;
  EXPECT_EQ(energy.joules(AmdMetrics{}, 100.0, 0), std::nullopt);
}

}  // namespace
}  // namespace jumper::gpu
