// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/gpu/amd_metrics.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>

#include "testing/made_amd.h"
#include "testing/parser_checks.h"

namespace jumper::gpu {
namespace {

using jumper::testing::AmdTable;

constexpr uint64_t kBit = 1;

TEST(AmdMetrics, OfCardsHaveEnergyAndThrottling) {
  // GIVEN a table of a card that is held back by its power limit (PPT1)
  const auto metrics =
      parse_amd_metrics(AmdTable(1, 3, 120).put64(24, 65536).put64(112, kBit << 1).bytes());

  // THEN
  ASSERT_TRUE(metrics);
  EXPECT_EQ(metrics->energy_units, 65536U);
  EXPECT_FALSE(metrics->is_unit_documented);
  EXPECT_TRUE(metrics->has_short_energy);
  EXPECT_EQ(metrics->is_power_throttled, true);
  EXPECT_EQ(metrics->is_thermal_throttled, false);
}

TEST(AmdMetrics, HeatIsToldApartFromPower) {
  const auto status = [](uint64_t bits) {
    return *parse_amd_metrics(AmdTable(1, 3, 120).put64(112, bits).bytes());
  };
  EXPECT_EQ(status(kBit << 36).is_thermal_throttled, true);  // the hottest place
  EXPECT_EQ(status(kBit << 36).is_power_throttled, false);
  EXPECT_EQ(status(kBit << 47).is_thermal_throttled, true);   // PROCHOT_GFX
  EXPECT_EQ(status(kBit << 16).is_power_throttled, false);    // a current limit
  EXPECT_EQ(status(kBit << 57).is_thermal_throttled, false);  // FIT
  EXPECT_EQ(status(0).is_power_throttled, false);
}

TEST(AmdMetrics, EveryLayoutHasItsPlaces) {
  EXPECT_EQ(parse_amd_metrics(AmdTable(1, 0, 80).put32(36, 77).bytes())->energy_units, 77U);
  EXPECT_EQ(parse_amd_metrics(AmdTable(1, 1, 96).put64(24, 77).bytes())->energy_units, 77U);
  EXPECT_EQ(parse_amd_metrics(AmdTable(1, 2, 104).put64(24, 77).bytes())->energy_units, 77U);
  EXPECT_EQ(parse_amd_metrics(AmdTable(1, 4, 280).put64(24, 77).bytes())->energy_units, 77U);
  EXPECT_EQ(parse_amd_metrics(AmdTable(1, 5, 350).put64(88, 77).bytes())->energy_units, 77U);
  EXPECT_EQ(parse_amd_metrics(AmdTable(1, 6, 900).put64(16, 77).bytes())->energy_units, 77U);
  EXPECT_EQ(parse_amd_metrics(AmdTable(1, 7, 900).put64(24, 77).bytes())->energy_units, 77U);
  EXPECT_TRUE(parse_amd_metrics(AmdTable(1, 4, 280).bytes())->is_unit_documented);
  EXPECT_EQ(parse_amd_metrics(AmdTable(2, 2, 128).put64(120, 1).bytes())->is_power_throttled, true);
  EXPECT_EQ(parse_amd_metrics(AmdTable(2, 1, 120).bytes())->energy_units, std::nullopt);
}

TEST(AmdMetrics, NewerOnesCountHowLongTheyWereHeldBack) {
  // GIVEN ppt at 40; socket, voltage regulators and memory at 44, 48, 52
  const auto metrics = parse_amd_metrics(AmdTable(1, 6, 900)
                                             .put32(36, 1)
                                             .put32(40, 50)
                                             .put32(44, 600)
                                             .put32(48, 7)
                                             .put32(52, 8)
                                             .bytes());
  EXPECT_EQ(metrics->power_throttled_ticks, 50U);
  EXPECT_EQ(metrics->thermal_throttled_ticks, 1U + 600 + 7 + 8);
  EXPECT_EQ(metrics->is_power_throttled, std::nullopt);
}

TEST(AmdMetrics, WhatTheCardLacksIsAbsent) {
  // GIVEN the kernel fills with ones what the firmware does not tell
  const auto empty = parse_amd_metrics(AmdTable(1, 3, 120).bytes());
  EXPECT_EQ(empty->energy_units, std::nullopt);
  EXPECT_EQ(empty->is_power_throttled, std::nullopt);
  EXPECT_EQ(empty->is_thermal_throttled, std::nullopt);

  // THEN so is the energy of firmware that gave its counter up, and of a second half
  for (const uint64_t none : {uint64_t{0xFFFFFFFF}, uint64_t{0}}) {
    EXPECT_EQ(parse_amd_metrics(AmdTable(1, 3, 120).put64(24, none).bytes())->energy_units,
              std::nullopt);
  }
}

TEST(AmdMetrics, UnknownLayoutsAreNone) {
  EXPECT_EQ(parse_amd_metrics(""), std::nullopt);
  EXPECT_EQ(parse_amd_metrics(AmdTable(1, 9, 400).bytes()), std::nullopt);
  EXPECT_EQ(parse_amd_metrics(AmdTable(3, 0, 264).bytes()), std::nullopt);
  EXPECT_EQ(parse_amd_metrics(AmdTable(1, 3, 100).bytes()), std::nullopt);  // too short for 1.3
}

TEST(AmdMetrics, MayBeCutOffAnywhere) {
  const std::string table = AmdTable(1, 3, 120).put64(24, 5).bytes();
  for (size_t length = 0; length <= table.size(); ++length) {
    const testing::ExactBytes prefix(std::string_view(table).substr(0, length));
    EXPECT_EQ(parse_amd_metrics(prefix.view()).has_value(), length == table.size()) << length;
  }
}

}  // namespace
}  // namespace jumper::gpu
