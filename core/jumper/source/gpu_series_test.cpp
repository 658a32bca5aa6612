// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/source/gpu_series.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <set>

#include "testing/fake_gpu.h"

namespace jumper::source {
namespace {

using gpu::Reading;
using jumper::testing::fake_card;
using metric::kWhole;
using metric::Metric;
using metric::Scope;

constexpr pid_t kOurs = 10;
constexpr pid_t kOther = 20;

class GpuSeriesTest : public ::testing::Test {
 protected:
  GpuSeriesTest() { start({fake_card("A", 100), fake_card("B", 100)}); }

  void start(std::vector<gpu::Card> cards) {
    reading_.cards.assign(cards.size(), {});
    for (gpu::CardReading& card : reading_.cards) {
      card.has_process_memory = true;
      card.has_process_utilization = true;
    }
    series_.emplace(std::move(cards), std::vector{Scope::kProcess, Scope::kUser});
  }
  void fill() {
    series_->grow(reading_);
    values_.assign(series_->series().size(), 0);
    series_->fill(
        reading_,
        [this](Scope level, pid_t pid) {
          return level == Scope::kUser ? users_.contains(pid) : pid == kOurs;
        },
        values_);
  }
  // Absent, too, where there is no such series.
  [[nodiscard]] std::optional<double> value(Metric metric, Scope scope, int32_t card) const {
    const auto& keys = series_->series();
    const auto at = std::ranges::find(keys, metric::SeriesKey{metric, scope, card});
    if (at == keys.end()) return std::nullopt;
    return metric::maybe(values_.at(static_cast<size_t>(at - keys.begin())));
  }
  void add_process(size_t card, pid_t pid, std::optional<uint64_t> bytes,
                   std::optional<double> utilization = {}) {
    reading_.processes.push_back({card, pid, bytes, utilization, {}});
  }

  Reading reading_;
  std::optional<GpuSeries> series_;
  std::vector<double> values_;
  std::set<pid_t> users_ = {kOurs, kOther};
};

TEST_F(GpuSeriesTest, CardsAreTheSystemsAndTheirAverageIsTheWhole) {
  // GIVEN one busy card and one at rest
  reading_.cards[0].utilization = 0.9;
  reading_.cards[1].utilization = 0.1;
  reading_.cards[0].power_watts = 300;
  reading_.cards[1].power_watts = 50.5;
  reading_.cards[0].temperature_celsius = 70;
  reading_.cards[1].temperature_celsius = 40;
  fill();
  // THEN ratios are averaged, power is added up, and of temperatures the highest counts
  EXPECT_EQ(value(Metric::kGpuUtil, Scope::kSystem, 0), 9000);
  EXPECT_EQ(value(Metric::kGpuUtil, Scope::kSystem, 1), 1000);
  EXPECT_EQ(value(Metric::kGpuUtil, Scope::kSystem, kWhole), 5000);
  EXPECT_EQ(value(Metric::kGpuPower, Scope::kSystem, kWhole), 350'500);
  EXPECT_EQ(value(Metric::kGpuTemperature, Scope::kSystem, kWhole), 70);
}

TEST_F(GpuSeriesTest, WhatOneCardDoesNotTellIsLeftOutOfTheAverage) {
  reading_.cards[0].utilization = 0.5;
  fill();
  EXPECT_EQ(value(Metric::kGpuUtil, Scope::kSystem, kWhole), 5000);
  EXPECT_EQ(value(Metric::kGpuUtil, Scope::kSystem, 1), std::nullopt);
  EXPECT_EQ(value(Metric::kGpuMemory, Scope::kSystem, kWhole), std::nullopt);
}

TEST_F(GpuSeriesTest, ALevelHasWhatItsOwnProcessesHave) {
  // GIVEN a card that another's process keeps busy while ours only holds memory
  reading_.cards[0].utilization = 1;
  add_process(0, kOurs, 30, 0.0);
  add_process(0, kOther, 50, 0.98);
  fill();
  EXPECT_EQ(value(Metric::kGpuUtil, Scope::kProcess, 0), 0);
  EXPECT_EQ(value(Metric::kGpuMemory, Scope::kProcess, 0), 30);
  EXPECT_EQ(value(Metric::kGpuMemory, Scope::kUser, 0), 80);
  EXPECT_EQ(value(Metric::kGpuUtil, Scope::kUser, 0), 9800);
  // AND on the other card it was seen that they have nothing
  EXPECT_EQ(value(Metric::kGpuMemory, Scope::kProcess, 1), 0);
  EXPECT_EQ(value(Metric::kGpuMemory, Scope::kProcess, kWhole), 15);
}

TEST_F(GpuSeriesTest, WhereProcessesAreNotToldTheLevelHasNoValue) {
  reading_.cards[0].has_process_memory = false;
  reading_.cards[0].has_process_utilization = false;
  fill();
  EXPECT_EQ(value(Metric::kGpuMemory, Scope::kProcess, 0), std::nullopt);
  EXPECT_EQ(value(Metric::kGpuUtil, Scope::kProcess, 0), std::nullopt);
  EXPECT_EQ(value(Metric::kGpuMemory, Scope::kProcess, 1), 0);
  EXPECT_EQ(value(Metric::kGpuBandwidthUtil, Scope::kProcess, 1), std::nullopt);
}

TEST_F(GpuSeriesTest, MemoryThatTheDriverDoesNotTellOfOneProcessIsAbsent) {
  add_process(0, kOurs, std::nullopt);
  add_process(0, kOther, 50);
  fill();
  EXPECT_EQ(value(Metric::kGpuMemory, Scope::kProcess, 0), std::nullopt);
  EXPECT_EQ(value(Metric::kGpuMemory, Scope::kUser, 0), std::nullopt);
}

TEST_F(GpuSeriesTest, SeveralProcessesKeepACardBusyForAllItsTimeAtMost) {
  add_process(0, kOurs, 1, 0.7);
  add_process(0, kOther, 1, 0.7);
  fill();
  EXPECT_EQ(value(Metric::kGpuUtil, Scope::kUser, 0), 10'000);
}

TEST_F(GpuSeriesTest, EnergyOfALevelIsThatOfTheCardsItsProcessesAreOn) {
  // GIVEN two cards, one of them ours
  const auto at = [&](double first, double second) {
    reading_.cards[0].energy_joules = first;
    reading_.cards[1].energy_joules = second;
    fill();
    return value(Metric::kGpuEnergy, Scope::kProcess, kWhole);
  };
  EXPECT_EQ(at(1000, 500), 0);
  // WHEN nobody of ours is on it, nothing is counted
  EXPECT_EQ(at(1100, 600), 0);
  // WHEN a process comes, what was used since the reading before is, and until it has gone
  add_process(0, kOurs, 1);
  EXPECT_EQ(at(1200, 700), 100'000);
  EXPECT_EQ(at(1300.5, 800), 200'500);
  reading_.processes.clear();
  EXPECT_EQ(at(1400.5, 900), 300'500);
  EXPECT_EQ(at(1500.5, 1000), 300'500);
  // AND the machine's is by how much the cards' counters grew
  EXPECT_EQ(value(Metric::kGpuEnergy, Scope::kSystem, kWhole), 1'000'500);
  EXPECT_EQ(value(Metric::kGpuEnergy, Scope::kSystem, 1), 1'000'000);
}

TEST_F(GpuSeriesTest, ACardThatDoesNotAnswerForAWhileMakesNoJump) {
  // GIVEN two cards that count
  const auto at = [&](std::optional<double> first, std::optional<double> second) {
    reading_.cards[0].energy_joules = first;
    reading_.cards[1].energy_joules = second;
    fill();
    return value(Metric::kGpuEnergy, Scope::kSystem, kWhole);
  };
  EXPECT_EQ(at(100, 90'000), 0);
  // WHEN one of them is silent, and then answers again
  EXPECT_EQ(at(110, std::nullopt), 10'000);
  EXPECT_EQ(at(120, 90'005), 25'000);
  // THEN only what it used since counts; and with nobody answering there is nothing to say
  EXPECT_EQ(at(std::nullopt, std::nullopt), std::nullopt);
}

TEST_F(GpuSeriesTest, ACounterThatFellAddsNothing) {
  add_process(0, kOurs, 1);
  reading_.cards[0].energy_joules = 1000;
  fill();
  reading_.cards[0].energy_joules = 10;  // the driver was loaded anew
  fill();
  EXPECT_EQ(value(Metric::kGpuEnergy, Scope::kProcess, kWhole), 0);
  reading_.cards[0].energy_joules = 15;
  fill();
  EXPECT_EQ(value(Metric::kGpuEnergy, Scope::kProcess, kWhole), 5000);
}

TEST_F(GpuSeriesTest, MigInstancesStandForTheirCard) {
  // GIVEN a card that is divided into two, and our process in one half
  std::vector<gpu::Card> cards = {fake_card("A", 100), fake_card("MIG", 50), fake_card("MIG", 50)};
  cards[0].is_divided = true;
  cards[1].part_of = 0;
  cards[2].part_of = 0;
  start(std::move(cards));
  reading_.cards[0].memory_used_bytes = 60;
  reading_.cards[1].memory_used_bytes = 40;
  reading_.cards[2].memory_used_bytes = 20;
  reading_.cards[0].power_watts = 200;
  add_process(1, kOurs, 40);
  fill();
  // THEN the average is over the halves, and the power is the whole card's, once
  EXPECT_EQ(value(Metric::kGpuMemory, Scope::kSystem, kWhole), 30);
  EXPECT_EQ(value(Metric::kGpuPower, Scope::kSystem, kWhole), 200'000);
  EXPECT_EQ(value(Metric::kGpuPower, Scope::kProcess, kWhole), 200'000);
  EXPECT_EQ(value(Metric::kGpuMemory, Scope::kProcess, kWhole), 20);
}

TEST_F(GpuSeriesTest, CardsThatWereNotChosenAreOthers) {
  std::vector<gpu::Card> cards = {fake_card("A", 100), fake_card("B", 100)};
  cards[0].is_chosen = false;
  start(std::move(cards));
  reading_.cards[0].utilization = 1;
  reading_.cards[1].utilization = 0.2;
  add_process(1, kOurs, 10, 0.2);
  fill();
  EXPECT_EQ(value(Metric::kGpuUtil, Scope::kProcess, kWhole), 2000);
  EXPECT_EQ(value(Metric::kGpuUtil, Scope::kProcess, 0), std::nullopt);
  EXPECT_EQ(value(Metric::kGpuUtil, Scope::kSystem, kWhole), 6000);
}

TEST_F(GpuSeriesTest, SpecialMetricsGetSeriesWhenACardTellsThem) {
  fill();
  const auto before = series_->series();
  reading_.cards[1].tensor_active = 0.25;
  EXPECT_TRUE(series_->grow(reading_));
  // THEN what was there stays in its place, and it is asked for once
  const auto& after = series_->series();
  ASSERT_GT(after.size(), before.size());
  EXPECT_TRUE(std::equal(before.begin(), before.end(), after.begin()));
  EXPECT_FALSE(series_->grow(reading_));
  fill();
  EXPECT_EQ(value(Metric::kGpuTensorActive, Scope::kSystem, 1), 2500);
}

TEST_F(GpuSeriesTest, NumbersThatMeanNothingAreAbsent) {
  reading_.cards[0].power_watts = -1;
  reading_.cards[1].power_watts = std::numeric_limits<double>::quiet_NaN();
  fill();
  EXPECT_EQ(value(Metric::kGpuPower, Scope::kSystem, kWhole), std::nullopt);
}

TEST_F(GpuSeriesTest, AReadingOfOtherCardsTellsNothing) {
  reading_.cards.resize(1);
  reading_.cards[0].utilization = 1;
  fill();
  EXPECT_EQ(value(Metric::kGpuUtil, Scope::kSystem, kWhole), std::nullopt);
}

}  // namespace
}  // namespace jumper::source
