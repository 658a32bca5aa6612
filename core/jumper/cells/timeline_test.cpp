// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/cells/timeline.h"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace jumper::cells {
namespace {

Cell cell_of(std::string source, int64_t start_ns) {
  Cell cell;
  cell.source = std::move(source);
  cell.magics = {"time"};
  cell.start_ns = start_ns;
  cell.wall_start_ns = start_ns + 1000;
  return cell;
}

// Runs one whole cell.
void run_cell(Timeline& timeline, int64_t start_ns) {
  ASSERT_TRUE(timeline.begin(cell_of("x", start_ns)).ok());
  ASSERT_TRUE(timeline.end(start_ns + 5, start_ns + 1005, CellStatus::kOk).ok());
}

TEST(Timeline, IsEmptyAtFirst) {
  const Timeline timeline;
  EXPECT_FALSE(timeline.is_open());
  EXPECT_EQ(timeline.finished(), 0U);
  EXPECT_TRUE(timeline.cells().empty());
}

TEST(Timeline, KeepsACellWithAllThatWasTold) {
  // GIVEN
  Timeline timeline;
  ASSERT_EQ(*timeline.begin(cell_of("print(1)", 10)), 0U);
  CellReadings readings;
  readings.peak_resident_bytes = 4096;

  // WHEN
  ASSERT_TRUE(timeline.end(30, 1030, CellStatus::kError, readings).ok());

  // THEN
  ASSERT_EQ(timeline.cells().size(), 1U);
  const Cell& cell = *timeline.cells()[0];
  EXPECT_EQ(cell.index, 0U);
  EXPECT_EQ(cell.source, "print(1)");
  EXPECT_EQ(cell.magics, std::vector<std::string>{"time"});
  EXPECT_EQ(cell.start_ns, 10);
  EXPECT_EQ(cell.end_ns, 30);
  EXPECT_EQ(cell.duration_ns(), 20);
  EXPECT_EQ(cell.wall_start_ns, 1010);
  EXPECT_EQ(cell.wall_end_ns, 1030);
  EXPECT_EQ(cell.status, CellStatus::kError);
  EXPECT_EQ(cell.readings, readings);
}

TEST(Timeline, NumbersCellsFromZero) {
  // GIVEN
  Timeline timeline;

  // WHEN
  for (int64_t i = 0; i < 3; ++i) run_cell(timeline, 100 * i);

  // THEN
  EXPECT_EQ(timeline.finished(), 3U);
  for (size_t i = 0; i < 3; ++i) EXPECT_EQ(timeline.cells()[i]->index, i);
}

TEST(Timeline, GivesTheIndexItselfWhateverIsAsked) {
  Timeline timeline;
  Cell cell = cell_of("x", 1);
  cell.index = 77;
  cell.status = CellStatus::kInterrupted;
  EXPECT_EQ(*timeline.begin(cell), 0U);
}

TEST(Timeline, AnOpenCellIsNoFinishedOne) {
  // GIVEN
  Timeline timeline;
  run_cell(timeline, 0);

  // WHEN
  ASSERT_TRUE(timeline.begin(cell_of("open", 50)).ok());

  // THEN
  EXPECT_TRUE(timeline.is_open());
  EXPECT_EQ(timeline.finished(), 1U);
  EXPECT_EQ(timeline.cells().size(), 1U);
}

TEST(Timeline, HasAtMostOneOpenCell) {
  // GIVEN
  Timeline timeline;
  ASSERT_TRUE(timeline.begin(cell_of("first", 1)).ok());

  // WHEN
  const auto second = timeline.begin(cell_of("second", 2));

  // THEN
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code, base::ErrorCode::kState);
  EXPECT_EQ(second.error().message, "cell 0 is still running");
  ASSERT_TRUE(timeline.end(3, 4, CellStatus::kOk).ok());
  EXPECT_EQ(timeline.cells()[0]->source, "first");
}

TEST(Timeline, EndsOnlyWhatRuns) {
  Timeline timeline;
  const auto ended = timeline.end(1, 1, CellStatus::kOk);
  ASSERT_FALSE(ended.ok());
  EXPECT_EQ(ended.error().code, base::ErrorCode::kState);
  EXPECT_EQ(timeline.finished(), 0U);
}

TEST(Timeline, TheStartMayBeTakenAgain) {
  // GIVEN
  Timeline timeline;
  timeline.set_start(1, 1);  // no cell is open: nothing happens
  ASSERT_TRUE(timeline.begin(cell_of("x", 10)).ok());

  // WHEN
  timeline.set_start(15, 1015);
  ASSERT_TRUE(timeline.end(40, 1040, CellStatus::kOk).ok());

  // THEN
  EXPECT_EQ(timeline.cells()[0]->start_ns, 15);
  EXPECT_EQ(timeline.cells()[0]->wall_start_ns, 1015);
}

TEST(Timeline, ACellNeverEndsBeforeItBegan) {
  // GIVEN a cell whose start was taken again after its end was
  Timeline timeline;
  ASSERT_TRUE(timeline.begin(cell_of("x", 10)).ok());
  timeline.set_start(50, 1050);

  // WHEN
  ASSERT_TRUE(timeline.end(40, 1040, CellStatus::kOk).ok());

  // THEN
  EXPECT_EQ(timeline.cells()[0]->duration_ns(), 0);
}

TEST(Timeline, ADiscardedCellLeavesItsIndex) {
  // GIVEN
  Timeline timeline;
  run_cell(timeline, 0);
  ASSERT_EQ(*timeline.begin(cell_of("gone", 10)), 1U);

  // WHEN
  timeline.discard();
  timeline.discard();  // nothing is open

  // THEN
  EXPECT_FALSE(timeline.is_open());
  EXPECT_EQ(*timeline.begin(cell_of("next", 20)), 1U);
}

TEST(Timeline, AListDoesNotChangeAnyMore) {
  // GIVEN
  Timeline timeline;
  run_cell(timeline, 0);
  const CellList before = timeline.cells();

  // WHEN
  run_cell(timeline, 10);

  // THEN
  EXPECT_EQ(before.size(), 1U);
  EXPECT_EQ(timeline.cells()[0], before[0]);  // shared, not copied
}

TEST(Timeline, TellsWhatEndedSinceATimeAndWhatRuns) {
  // GIVEN cells that ended at 15 and 25, and an open one
  Timeline timeline;
  run_cell(timeline, 10);
  run_cell(timeline, 20);
  ASSERT_TRUE(timeline.begin(cell_of("running", 30)).ok());
  // THEN the open one comes last, as if it ended now, and never before it began
  const CellList all = timeline.since(0, 99);
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[2]->index, 2U);
  EXPECT_EQ(all[2]->status, CellStatus::kRunning);
  EXPECT_EQ(all[2]->end_ns, 99);
  EXPECT_EQ(timeline.since(0, 29)[2]->end_ns, 30);
  EXPECT_EQ(timeline.since(14, 99).size(), 3U);
  EXPECT_EQ(timeline.since(15, 99).front()->index, 1U);
  // AND it goes on running
  EXPECT_EQ(timeline.finished(), 2U);
  timeline.discard();
  EXPECT_TRUE(timeline.since(25, 99).empty());
}

TEST(Timeline, MayBeReadWhileCellsRun) {
  // GIVEN
  constexpr size_t kLast = 2000;
  Timeline timeline;
  std::thread runner([&] {
    for (size_t i = 0; i < kLast; ++i) run_cell(timeline, static_cast<int64_t>(100 * i));
  });

  // WHEN
  size_t wrong = 0;
  size_t seen = 0;
  while (seen < kLast) {
    const CellList cells = timeline.cells();
    if (cells.size() < seen) ++wrong;
    seen = cells.size();
    if (!cells.empty() && cells.back()->index + 1 != seen) ++wrong;
    static_cast<void>(timeline.is_open());
  }
  runner.join();

  // THEN
  EXPECT_EQ(wrong, 0U);
}

TEST(CellStatus, HasANameForEach) {
  EXPECT_EQ(status_name(CellStatus::kRunning), "running");
  EXPECT_EQ(status_name(CellStatus::kOk), "ok");
  EXPECT_EQ(status_name(CellStatus::kError), "error");
  EXPECT_EQ(status_name(CellStatus::kInterrupted), "interrupted");
}

}  // namespace
}  // namespace jumper::cells
