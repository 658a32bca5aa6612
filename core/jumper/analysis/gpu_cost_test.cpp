// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/analysis/gpu_cost.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <vector>

#include "testing/sparse_log.h"

namespace jumper::analysis {
namespace {

using jumper::testing::milliseconds;
using jumper::testing::series_of;
using jumper::testing::SparseLog;
using metric::Metric;
using metric::Scope;
using metric::SeriesKey;
using metric::TickKind;

constexpr double kGb = 1024.0 * 1024 * 1024;

SeriesKey own(Metric metric, int32_t card = metric::kWhole) {
  return series_of(metric, Scope::kProcess, card);
}
SeriesKey of_card(Metric metric, int32_t card) {
  return series_of(metric, Scope::kSystem, card);
}

std::vector<SeriesKey> all_series() {
  std::vector<SeriesKey> series = {own(Metric::kGpuUtil), own(Metric::kGpuBandwidthUtil),
                                   own(Metric::kGpuMemory), own(Metric::kGpuEnergy),
                                   own(Metric::kGpuPower)};
  for (const int32_t card : {0, 1, 2}) {
    series.push_back(own(Metric::kGpuUtil, card));
    series.push_back(own(Metric::kGpuMemory, card));
    for (const Metric metric :
         {Metric::kGpuPowerThrottled, Metric::kGpuThermalThrottled, Metric::kGpuTemperature,
          Metric::kGpuSmActive, Metric::kGpuPcieSent, Metric::kGpuNvlinkSent})
      series.push_back(of_card(metric, card));
  }
  return series;
}

// Three cards for ten seconds: 0 works, 1 holds memory, 2 is another's.
SparseLog three_cards() {
  SparseLog log(all_series());
  log.add(0, {{own(Metric::kGpuEnergy), 1000}, {own(Metric::kGpuMemory, 0), 1 * kGb}},
          TickKind::kStart);
  for (int64_t second = 1; second <= 10; ++second) {
    const auto now = static_cast<double>(second);
    SparseLog::Values values = {{own(Metric::kGpuUtil), 0.3},
                                {own(Metric::kGpuBandwidthUtil), 0.1},
                                {own(Metric::kGpuMemory), 2 * kGb},
                                {own(Metric::kGpuEnergy), 1000 + 250 * now},
                                {own(Metric::kGpuPower), second == 4 ? 400.0 : 200.0},
                                {own(Metric::kGpuUtil, 0), 0.9},
                                {own(Metric::kGpuUtil, 1), 0},
                                {own(Metric::kGpuUtil, 2), 0},
                                {own(Metric::kGpuMemory, 0), 5 * kGb},
                                {own(Metric::kGpuMemory, 1), 1 * kGb},
                                {own(Metric::kGpuMemory, 2), 0}};
    for (const int32_t card : {0, 1, 2}) {
      values.emplace_back(of_card(Metric::kGpuPowerThrottled, card), second <= 2 ? 1 : 0);
      values.emplace_back(of_card(Metric::kGpuThermalThrottled, card), card == 2 ? 1 : 0);
      values.emplace_back(of_card(Metric::kGpuTemperature, card), 50 + 10 * card + (second == 3));
      values.emplace_back(of_card(Metric::kGpuSmActive, card), card == 0 ? 0.8 : 0.2);
      values.emplace_back(of_card(Metric::kGpuPcieSent, card), 1e6);
      values.emplace_back(of_card(Metric::kGpuNvlinkSent, card), 1e9 * now);
    }
    log.add(second * 1000, values);
  }
  return log;
}

std::optional<GpuCost> cost_of(const SparseLog& log, int64_t from_ms, int64_t to_ms,
                               std::span<const gpu::Card> cards = {},
                               Scope level = Scope::kProcess) {
  const std::array intervals = {Interval{milliseconds(from_ms), milliseconds(to_ms)}};
  return gpu_cost_of(log.snapshot(), intervals, {.scope = level, .cards = cards});
}

TEST(GpuCostOf, TellsOfTheLevel) {
  const auto cost = cost_of(three_cards(), 0, 10'000);
  ASSERT_TRUE(cost);
  EXPECT_NEAR(cost->utilization->average, 0.3, 1e-9);
  EXPECT_NEAR(cost->bandwidth->average, 0.1, 1e-9);
  EXPECT_NEAR(cost->memory_bytes->maximum, 2 * kGb, 1);
  EXPECT_NEAR(*cost->energy_joules, 2500, 1e-9);
  EXPECT_NEAR(cost->power_watts->average, 220, 1e-9);
  EXPECT_NEAR(cost->power_watts->maximum, 400, 1e-9);
  ASSERT_EQ(cost->cards.size(), 3U);
  EXPECT_NEAR(cost->cards[0].utilization->average, 0.9, 1e-9);
  EXPECT_NEAR(cost->cards[0].memory_bytes->maximum, 5 * kGb, 1);
  EXPECT_NEAR(cost->cards[0].memory_bytes->minimum, 1 * kGb, 1);
}

TEST(GpuCostOf, EnergyIsThatOfTheIntervalsOnly) {
  const auto cost = cost_of(three_cards(), 2000, 5000);
  ASSERT_TRUE(cost);
  EXPECT_NEAR(*cost->energy_joules, 750, 1e-9);
}

TEST(GpuCostOf, WholeCardsAreThoseThatTheLevelUsed) {
  const auto cost = cost_of(three_cards(), 0, 10'000);
  ASSERT_TRUE(cost);
  const auto concerned = cost->concerned();
  ASSERT_EQ(concerned.size(), 2U);
  EXPECT_EQ(concerned[0]->card, 0);
  EXPECT_EQ(concerned[1]->card, 1);
  // The mean, sum and most of those two: the third was too hot, which is not ours.
  EXPECT_NEAR(*cost->mean_of(&GpuCardCost::sm_active), 0.5, 1e-9);
  EXPECT_NEAR(*cost->sum_of(&GpuCardCost::pcie_sent_bytes_per_second), 2e6, 1e-3);
  EXPECT_NEAR(*cost->sum_of(&GpuCardCost::nvlink_sent_bytes), 2 * 9e9, 1);
  EXPECT_NEAR(*cost->most_of(&GpuCardCost::thermal_throttled)->thermal_throttled, 0, 1e-9);
  EXPECT_NEAR(*cost->most_of(&GpuCardCost::temperature_celsius)->temperature_celsius, 61, 1e-9);
  EXPECT_NEAR(*cost->cards[0].power_throttled, 0.2, 1e-9);
  EXPECT_EQ(cost->most_of(&GpuCardCost::tensor_active), nullptr);
  EXPECT_FALSE(cost->mean_of(&GpuCardCost::tensor_active));
}

TEST(GpuCostOf, WhereNobodyTellsWhatWasUsedAllCardsAreMeant) {
  // GIVEN cards whose driver tells nothing of processes
  SparseLog log({own(Metric::kGpuUtil, 0), own(Metric::kGpuUtil, 1),
                 of_card(Metric::kGpuSmActive, 0), of_card(Metric::kGpuSmActive, 1)});
  log.add(0, {}, TickKind::kStart);
  for (int64_t second = 1; second <= 3; ++second) {
    log.add(second * 1000,
            {{of_card(Metric::kGpuSmActive, 0), 0.4}, {of_card(Metric::kGpuSmActive, 1), 0.6}});
  }

  // THEN
  const auto cost = cost_of(log, 0, 3000);
  ASSERT_TRUE(cost);
  EXPECT_FALSE(cost->cards[0].is_used());
  EXPECT_EQ(cost->concerned().size(), 2U);
  EXPECT_NEAR(*cost->mean_of(&GpuCardCost::sm_active), 0.5, 1e-9);
  EXPECT_FALSE(cost->utilization);
  EXPECT_FALSE(cost->energy_joules);
  EXPECT_FALSE(cost->held_idle_ratio);
}

TEST(GpuCostOf, LeavesOutWhatIsNotChosenAndWhatIsDivided) {
  std::vector<gpu::Card> cards(3);
  cards[0].is_divided = true;
  cards[1].is_chosen = false;
  const auto cost = cost_of(three_cards(), 0, 10'000, cards);
  ASSERT_TRUE(cost);
  ASSERT_EQ(cost->cards.size(), 1U);
  EXPECT_EQ(cost->cards[0].card, 2);
}

TEST(GpuCostOf, AnInstanceIsHeldBackWithItsCard) {
  // GIVEN a card that is too hot, and an instance of it
  SparseLog log({own(Metric::kGpuMemory, 1), of_card(Metric::kGpuThermalThrottled, 0),
                 of_card(Metric::kGpuTemperature, 0), of_card(Metric::kGpuSmActive, 0)});
  log.add(0, {}, TickKind::kStart)
      .add(1000, {{own(Metric::kGpuMemory, 1), kGb},
                  {of_card(Metric::kGpuThermalThrottled, 0), 1},
                  {of_card(Metric::kGpuTemperature, 0), 91},
                  {of_card(Metric::kGpuSmActive, 0), 0.9}});
  std::vector<gpu::Card> cards(2);
  cards[0].is_divided = true;
  cards[1].part_of = 0;

  // THEN what is the card's own is told of the instance, its work is not
  const auto cost = cost_of(log, 0, 1000, cards);
  ASSERT_TRUE(cost);
  ASSERT_EQ(cost->cards.size(), 1U);
  EXPECT_NEAR(*cost->cards[0].thermal_throttled, 1, 1e-9);
  EXPECT_NEAR(*cost->cards[0].temperature_celsius, 91, 1e-9);
  EXPECT_FALSE(cost->cards[0].sm_active);
}

TEST(GpuCostOf, HeldButIdleIsAShareOfTheReadings) {
  // GIVEN ten readings: in six of them more than 0.1 GB is held and at most 5 % is run, in two
  // nothing is held, in two it works
  SparseLog log({own(Metric::kGpuUtil), own(Metric::kGpuMemory)});
  log.add(0, {}, TickKind::kStart);
  for (int64_t second = 1; second <= 10; ++second) {
    const double memory = second <= 2 ? 0.1 * kGb : 0.2 * kGb;
    const double util = second <= 8 ? 0.05 : 0.06;
    log.add(second * 1000, {{own(Metric::kGpuUtil), util}, {own(Metric::kGpuMemory), memory}});
  }

  // THEN
  EXPECT_NEAR(*cost_of(log, 0, 10'000)->held_idle_ratio, 0.6, 1e-9);
  EXPECT_NEAR(*cost_of(log, 2000, 8000)->held_idle_ratio, 1, 1e-9);
  EXPECT_NEAR(*cost_of(log, 8000, 10'000)->held_idle_ratio, 0, 1e-9);
}

TEST(GpuCostOf, WithoutGpusThereIsNone) {
  SparseLog log({series_of(Metric::kCpuTime), of_card(Metric::kGpuUtil, 0)});
  log.add(0, {}, TickKind::kStart).add(1000, {{of_card(Metric::kGpuUtil, 0), 1}});
  EXPECT_FALSE(cost_of(log, 0, 1000));
  EXPECT_TRUE(cost_of(log, 0, 1000, {}, Scope::kSystem));
  EXPECT_FALSE(gpu_cost_of(log.snapshot(), {}, {.scope = Scope::kSystem}));
}

TEST(GpuMemoryOf, IsThatOfTheFirstCardThatTheLevelMayUse) {
  std::vector<gpu::Card> cards(3);
  cards[0].memory_bytes = 10;
  cards[0].is_divided = true;
  cards[1].memory_bytes = 20;
  cards[1].is_chosen = false;
  cards[2].memory_bytes = 30;
  EXPECT_EQ(gpu_memory_of(cards, Scope::kProcess), 30);
  EXPECT_EQ(gpu_memory_of(cards, Scope::kSystem), 20);
  EXPECT_EQ(gpu_memory_of(cards, Scope::kUser), 20);
  cards[2].memory_bytes.reset();
  EXPECT_FALSE(gpu_memory_of(cards, Scope::kProcess));
  EXPECT_FALSE(gpu_memory_of({}, Scope::kSystem));
}

// What the history has.
TEST(GpuSummary, HasWhatTheHistoryShows) {
  const std::array intervals = {Interval{milliseconds(2000), milliseconds(5000)}};
  const Summary summary = summarize(three_cards().snapshot(), intervals, {});
  EXPECT_NEAR(*summary.gpu_utilization, 0.3, 1e-9);
  EXPECT_NEAR(*summary.gpu_energy_joules, 750, 1e-9);
  // The most on any one card, not the average of all.
  EXPECT_NEAR(*summary.gpu_memory_peak_bytes, 5 * kGb, 1);
}

TEST(GpuSummary, IsAbsentWhereNothingWasRead) {
  const std::array late = {Interval{milliseconds(20'000), milliseconds(30'000)}};
  const Summary summary = summarize(three_cards().snapshot(), late, {});
  EXPECT_FALSE(summary.gpu_utilization);
  EXPECT_FALSE(summary.gpu_energy_joules);
  EXPECT_FALSE(summary.gpu_memory_peak_bytes);
}

TEST(GpuSummary, OneSummarizerTellsOfEachIntervalWhatANewOneWould) {
  const SparseLog log = three_cards();
  const store::Snapshot snapshot = log.snapshot();
  Summarizer summarizer(snapshot, {});
  for (int64_t from = 0; from < 9000; from += 700) {
    const std::array interval = {Interval{milliseconds(from), milliseconds(from + 1500)}};
    const Summary kept = summarizer.summarize(interval);
    const Summary fresh = summarize(snapshot, interval, {});
    EXPECT_EQ(kept.gpu_utilization, fresh.gpu_utilization) << from;
    EXPECT_EQ(kept.gpu_energy_joules, fresh.gpu_energy_joules) << from;
    EXPECT_EQ(kept.gpu_memory_peak_bytes, fresh.gpu_memory_peak_bytes) << from;
    EXPECT_TRUE(kept.gpu_utilization) << from;
  }
}

}  // namespace
}  // namespace jumper::analysis
