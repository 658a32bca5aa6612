// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/analysis/cell_cost.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "testing/ticks.h"

namespace jumper::analysis {
namespace {

using jumper::testing::milliseconds;
using jumper::testing::series_of;
using jumper::testing::TickLog;
using metric::Metric;
using metric::TickKind;

const std::vector<metric::SeriesKey> kSeries = {
    series_of(Metric::kCpuTime), series_of(Metric::kMemory), series_of(Metric::kProcesses)};

std::shared_ptr<const cells::Cell> cell_at(size_t index, int64_t from_ms, int64_t to_ms,
                                           std::optional<uint64_t> peak = std::nullopt) {
  cells::Cell cell;
  cell.index = index;
  cell.start_ns = milliseconds(from_ms);
  cell.end_ns = milliseconds(to_ms);
  cell.status = cells::CellStatus::kOk;
  cell.readings.peak_resident_bytes = peak;
  return std::make_shared<const cells::Cell>(cell);
}

Summary memory_summary(double highest, double processes) {
  Summary summary;
  summary.memory_bytes = Spread{highest / 2, 0, highest};
  summary.most_processes = processes;
  return summary;
}

TEST(CellPeak, IsTheHighWaterMarkOfAProcessAlone) {
  const auto peak = cell_peak(*cell_at(0, 0, 1, 500), memory_summary(300, 1));
  ASSERT_TRUE(peak);
  EXPECT_EQ(peak->bytes, 500);
  EXPECT_TRUE(peak->is_exact);
}

TEST(CellPeak, IsNotExactWithChildren) {
  // The children's peak between two samples is nowhere to be read.
  const auto low = cell_peak(*cell_at(0, 0, 1, 200), memory_summary(300, 2));
  ASSERT_TRUE(low);
  EXPECT_EQ(low->bytes, 300);
  EXPECT_FALSE(low->is_exact);
  const auto high = cell_peak(*cell_at(0, 0, 1, 900), memory_summary(300, 2));
  EXPECT_EQ(high->bytes, 900);
  EXPECT_FALSE(high->is_exact);
}

TEST(CellPeak, IsTheHighestSampleWithoutAHighWaterMark) {
  const auto peak = cell_peak(*cell_at(0, 0, 1), memory_summary(300, 1));
  ASSERT_TRUE(peak);
  EXPECT_EQ(peak->bytes, 300);
  EXPECT_FALSE(peak->is_exact);
}

TEST(CellPeak, IsAbsentWithoutASample) {
  EXPECT_FALSE(cell_peak(*cell_at(0, 0, 1, 500), Summary{}));
}

TEST(CellPeak, IsNotExactWhereTheNumberOfProcessesIsUnknown) {
  Summary summary = memory_summary(300, 1);
  summary.most_processes.reset();
  EXPECT_FALSE(cell_peak(*cell_at(0, 0, 1, 500), summary)->is_exact);
}

TEST(CellPeak, IsAtLeastThatOfTheLargestChild) {
  // GIVEN a child that came and went between two samples
  cells::Cell cell = *cell_at(0, 0, 1, 500);
  cell.readings.child_peak_bytes = 800;

  // WHEN
  const auto peak = cell_peak(cell, memory_summary(300, 1));

  // THEN nobody knows what the tree had then
  ASSERT_TRUE(peak);
  EXPECT_EQ(peak->bytes, 800);
  EXPECT_FALSE(peak->is_exact);
}

TEST(PeakOf, IsTheHighestOfTheCells) {
  const Summary summary = memory_summary(300, 1);
  const cells::CellList cells = {cell_at(0, 0, 1, 500), cell_at(1, 2, 3, 700),
                                 cell_at(2, 4, 5, 600)};
  const auto peak = peak_of(cells, summary);
  ASSERT_TRUE(peak);
  EXPECT_EQ(peak->bytes, 700);
  EXPECT_TRUE(peak->is_exact);
}

TEST(PeakOf, IsExactOnlyWhenEachIs) {
  const cells::CellList cells = {cell_at(0, 0, 1, 500), cell_at(1, 2, 3)};
  EXPECT_EQ(peak_of(cells, memory_summary(300, 1))->bytes, 500);
  EXPECT_FALSE(peak_of(cells, memory_summary(300, 1))->is_exact);
  EXPECT_FALSE(peak_of(cells, Summary{}));
  EXPECT_FALSE(peak_of({}, memory_summary(300, 1)));
}

TEST(CellCosts, AreEachCellsOwn) {
  // GIVEN two cells with idle time between them, and one that ran while the monitor was off
  TickLog log(kSeries);
  log.add(0, {0, 100, 1}, TickKind::kCellStart).add(1000, {5e8, 140, 1}, TickKind::kCellEnd);
  log.add(3000, {9e9, 999, 1});
  log.add(5000, {9e9, 130, 1}, TickKind::kCellStart)
      .add(5002, {9.002e9, 120, 2}, TickKind::kCellEnd);

  // WHEN
  const auto costs = cell_costs(
      log.snapshot(),
      {cell_at(0, 0, 1000, 150), cell_at(1, 5000, 5002, 131), cell_at(2, 8000, 9000)}, {});

  // THEN
  ASSERT_EQ(costs.size(), 3U);
  EXPECT_EQ(costs[0].cell->index, 0U);
  EXPECT_DOUBLE_EQ(*costs[0].summary.cpu_seconds, 0.5);
  EXPECT_EQ(costs[0].summary.memory_change_bytes, 40.0);
  EXPECT_EQ(costs[0].peak_bytes, 150.0);
  EXPECT_TRUE(costs[0].peak_is_exact);

  EXPECT_DOUBLE_EQ(*costs[1].summary.cpu_seconds, 0.002);
  EXPECT_DOUBLE_EQ(*costs[1].summary.cores_used(), 1);
  EXPECT_EQ(costs[1].summary.memory_change_bytes, -10.0);
  EXPECT_EQ(costs[1].peak_bytes, 131.0);
  EXPECT_FALSE(costs[1].peak_is_exact);

  EXPECT_FALSE(costs[2].summary.cpu_seconds);
  EXPECT_FALSE(costs[2].peak_bytes);
  EXPECT_FALSE(costs[2].peak_is_exact);
}

TEST(CellCosts, OfNoCellsAreNone) {
  EXPECT_TRUE(cell_costs(TickLog(kSeries).snapshot(), {}, {}).empty());
}

}  // namespace
}  // namespace jumper::analysis
