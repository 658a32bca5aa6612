// SPDX-License-Identifier: BSD-3-Clause
// A session on a machine with GPUs, from its samples to everything that is shown of it.
#include <gtest/gtest.h>

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "jumper/monitor/session.h"
#include "jumper/report/history.h"
#include "jumper/session/export_session.h"
#include "jumper/session/import.h"
#include "testing/json_check.h"
#include "testing/sparse_log.h"
#include "testing/temp_folder.h"

namespace jumper::monitor {
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
SeriesKey whole(Metric metric, int32_t card = metric::kWhole) {
  return series_of(metric, Scope::kSystem, card);
}

std::shared_ptr<const cells::Cell> cell_at(size_t index, int64_t from_ms, int64_t to_ms) {
  cells::Cell cell;
  cell.index = index;
  cell.source = "train()";
  cell.start_ns = milliseconds(from_ms);
  cell.end_ns = milliseconds(to_ms);
  cell.wall_start_ns = 1'700'000'000'000'000'000 + cell.start_ns;
  cell.wall_end_ns = 1'700'000'000'000'000'000 + cell.end_ns;
  return std::make_shared<const cells::Cell>(cell);
}

// Two cards. The first cell, of four seconds, uses one of them at 80 %; the second, of 200 ms, lies
// between two readings, but for memory and energy at its edges.
journal::Recording two_cells() {
  SparseLog log({own(Metric::kCpuTime), own(Metric::kMemory), whole(Metric::kCpuTime),
                 whole(Metric::kMemory), own(Metric::kGpuUtil), own(Metric::kGpuMemory),
                 own(Metric::kGpuEnergy), own(Metric::kGpuPower), own(Metric::kGpuUtil, 0),
                 own(Metric::kGpuUtil, 1), own(Metric::kGpuMemory, 0), own(Metric::kGpuMemory, 1),
                 whole(Metric::kGpuUtil), whole(Metric::kGpuUtil, 0), whole(Metric::kGpuUtil, 1)});
  const auto edge = [&](int64_t ms, TickKind kind, double cpu, double joules, double memory_gb) {
    log.add(ms,
            {{own(Metric::kCpuTime), cpu},
             {own(Metric::kMemory), 1e8},
             {whole(Metric::kCpuTime), 2 * cpu},
             {whole(Metric::kMemory), 1e9},
             {own(Metric::kGpuEnergy), joules},
             {own(Metric::kGpuMemory), memory_gb * kGb / 2},
             {own(Metric::kGpuMemory, 0), memory_gb * kGb},
             {own(Metric::kGpuMemory, 1), 0}},
            kind);
  };
  edge(0, TickKind::kStart, 0, 0, 0);
  edge(1000, TickKind::kCellStart, 0, 100, 0);
  for (int64_t ms = 1100; ms <= 4100; ms += 1000) {
    const double util = ms < 2000 ? 0.08 : 0.8;
    log.add(ms, {{own(Metric::kGpuUtil), util / 2},
                 {own(Metric::kGpuMemory), kGb},
                 {own(Metric::kGpuPower), 300},
                 {own(Metric::kGpuUtil, 0), util},
                 {own(Metric::kGpuUtil, 1), 0},
                 {own(Metric::kGpuMemory, 0), 2 * kGb},
                 {own(Metric::kGpuMemory, 1), 0},
                 {whole(Metric::kGpuUtil), 0.9},
                 {whole(Metric::kGpuUtil, 0), 0.9},
                 {whole(Metric::kGpuUtil, 1), 0.9}});
  }
  edge(5000, TickKind::kCellEnd, 4, 1300, 4);
  edge(5200, TickKind::kCellStart, 4, 1340, 4);
  edge(5400, TickKind::kCellEnd, 4.1, 1400, 6);
  journal::Recording recording;
  recording.samples = log.snapshot();
  recording.cells = {cell_at(0, 1000, 5000), cell_at(1, 5200, 5400)};
  journal::Facts& facts = recording.facts;
  facts.start_ns = 0;
  facts.stop_ns = milliseconds(5400);
  facts.wall_start_ns = 1'700'000'000'000'000'000;
  facts.wall_stop_ns = *facts.wall_start_ns + *facts.stop_ns;
  facts.levels = {Scope::kProcess, Scope::kSystem};
  facts.resources.usable_cpus = {0, 1};
  facts.resources.online_cpus = 2;
  facts.resources.gpu.is_known = true;
  facts.resources.gpu.cards.resize(2);
  for (gpu::Card& card : facts.resources.gpu.cards) {
    card.name = "NVIDIA H100";
    card.memory_bytes = static_cast<uint64_t>(80 * kGb);
  }
  return recording;
}

TEST(GpuSession, ItsReportTellsOfTheGpus) {
  const Session session(two_cells());
  const auto report = session.report(cells::CellRange{0, 0}, Scope::kProcess);
  ASSERT_TRUE(report);
  const std::string text = report::to_text(*report);
  // 0.1 s at 4 %, 3 s at 40 %; what came after the last reading was not told.
  EXPECT_NE(text.find("GPU Util (Across GPUs)    38.84"), std::string::npos) << text;
  EXPECT_NE(text.find("80.00   \n"), std::string::npos) << text;
  EXPECT_NE(text.find("GPU energy  1.20 kJ, 300 W on average"), std::string::npos) << text;
  EXPECT_NE(text.find("GPUs used   0 of 2 cards\n"), std::string::npos) << text;
}

TEST(GpuSession, ACellBetweenTwoReadingsHasItsEnergyAndMemory) {
  const Session session(two_cells());
  const auto report = session.report(cells::CellRange{1, 1}, Scope::kProcess);
  ASSERT_TRUE(report);
  ASSERT_TRUE(report->gpu && report->gpu->cost);
  EXPECT_NEAR(*report->gpu->cost->energy_joules, 60, 1e-9);
  EXPECT_NEAR(report->gpu->cost->memory_bytes->maximum, 3 * kGb, 1);
  EXPECT_FALSE(report->gpu->cost->utilization) << "nobody has told of that time yet";
  EXPECT_NE(report::to_text(*report).find("GPU Util (Across GPUs)    n/a"), std::string::npos);
}

TEST(GpuSession, ItsHistoryHasColumnsOfThem) {
  const auto costs = Session(two_cells()).cell_costs();
  ASSERT_EQ(costs.size(), 2U);
  EXPECT_NEAR(*costs[0].summary.gpu_energy_joules, 1200, 1e-9);
  EXPECT_NEAR(*costs[0].summary.gpu_memory_peak_bytes, 4 * kGb, 1);
  EXPECT_NEAR(*costs[1].summary.gpu_energy_joules, 60, 1e-9);
  EXPECT_FALSE(costs[1].summary.gpu_utilization);
  EXPECT_NE(report::history_text(costs).find("GPU energy"), std::string::npos);
}

TEST(GpuSession, ItsPlotShowsThem) {
  const auto plot = Session(two_cells()).plot(std::nullopt, Scope::kProcess);
  ASSERT_TRUE(plot);
  const auto json = jumper::testing::parse_json(plot->json());
  ASSERT_TRUE(json);
  std::vector<std::string> shown;
  for (const auto& panel : json->at("panels").items) {
    if (panel.at("shown").truth) shown.push_back(panel.at("key").text);
  }
  EXPECT_EQ(shown, (std::vector<std::string>{"cpu", "memory", "io", "gpu", "gpu_mem"}));
  // And comes back from its document, cards and all.
  const auto read = Plot::load(plot->file());
  ASSERT_TRUE(read) << read.error().message;
  const Plot cards = read->selected({*analysis::find_panel("gpu_all")});
  EXPECT_NE(cards.csv().find("gpu_all_0_percent"), std::string::npos) << cards.csv();
  EXPECT_NE(cards.text(40).find("Each GPU 1"), std::string::npos) << cards.text(40);
  for (const char* panel : {"gpu_power", "gpu_mem", "gpu"}) {
    const auto svg = read->selected({*analysis::find_panel(panel)}).draw("svg");
    EXPECT_TRUE(svg) << panel;
  }
  const std::string power = *read->selected({*analysis::find_panel("gpu_power")}).draw("svg");
  EXPECT_NE(power.find("GPU power"), std::string::npos);
}

TEST(GpuSession, ItComesBackFromItsTables) {
  // GIVEN its export, without the recording itself
  const jumper::testing::TempFolder folder;
  const journal::Recording recording = two_cells();
  ASSERT_TRUE(session::export_session(folder.file("s"), recording).ok());
  ASSERT_EQ(std::remove(folder.file("s/session.journal").c_str()), 0);

  // WHEN
  const auto imported = session::import_session(folder.file("s"));
  ASSERT_TRUE(imported) << imported.error().message;

  // THEN the cards are there, and their numbers
  const gpu::Status& gpus = imported->facts.resources.gpu;
  ASSERT_EQ(gpus.cards.size(), 2U);
  EXPECT_EQ(gpus.cards[0].name, "NVIDIA H100");
  EXPECT_EQ(gpus.cards[0].memory_bytes, static_cast<uint64_t>(80 * kGb));
  const auto report = Session(*imported).report(cells::CellRange{0, 0}, Scope::kProcess);
  ASSERT_TRUE(report);
  ASSERT_TRUE(report->gpu && report->gpu->cost);
  EXPECT_NEAR(*report->gpu->cost->energy_joules, 1200, 1);
  EXPECT_NEAR(report->gpu->cost->memory_bytes->maximum, 2 * kGb, 1e6);
}

TEST(GpuSession, AdviceTellsThatACardWasNotUsed) {
  const auto advice = Session(two_cells()).advice(true);
  ASSERT_TRUE(advice);
  EXPECT_EQ(advice->gpus, 2U);
  EXPECT_EQ(advice->enough_gpus, 1U);
}

}  // namespace
}  // namespace jumper::monitor
