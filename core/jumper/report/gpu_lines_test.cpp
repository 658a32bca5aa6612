// SPDX-License-Identifier: BSD-3-Clause
#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>
#include <string>
#include <string_view>

#include "jumper/report/report.h"
#include "testing/json_check.h"

namespace jumper::report {
namespace {

using analysis::GpuCardCost;
using analysis::GpuCost;
using analysis::Spread;
using jumper::testing::parse_json;
using metric::Scope;

constexpr double kGb = 1024.0 * 1024 * 1024;

gpu::Card card_of(std::string name) {
  gpu::Card card;
  card.name = std::move(name);
  card.memory_bytes = static_cast<uint64_t>(80 * kGb);
  return card;
}

GpuCardCost cost_of(int32_t number, double utilization, double memory_bytes) {
  GpuCardCost cost;
  cost.card = number;
  cost.utilization = Spread{utilization, 0, utilization};
  cost.memory_bytes = Spread{memory_bytes, 0, memory_bytes};
  return cost;
}

// Two of four cards in use, in different ways.
Report gpu_report() {
  Report report;
  report.duration_seconds = 60;
  GpuReport& gpu = report.gpu.emplace();
  for (int i = 0; i < 4; ++i) gpu.status.cards.push_back(card_of("NVIDIA H100 80GB HBM3"));
  gpu.status.is_known = true;
  gpu.memory_bytes = 80 * kGb;
  GpuCost& cost = gpu.cost.emplace();
  cost.utilization = Spread{0.275, 0.05, 0.33};
  cost.memory_bytes = Spread{0.25 * kGb, 0.23 * kGb, 0.32 * kGb};
  cost.bandwidth = Spread{0.1, 0, 0.2};
  cost.energy_joules = 12'345;
  cost.power_watts = Spread{205.75, 90, 402};
  cost.cards = {cost_of(0, 0.9, 40 * kGb), cost_of(1, 0.2, 10 * kGb), cost_of(2, 0, 0),
                cost_of(3, 0, 0)};
  cost.cards[0].sm_active = 0.8;
  cost.cards[1].sm_active = 0.4;
  cost.cards[2].sm_active = 0;
  cost.cards[0].power_throttled = 0.12;
  cost.cards[1].power_throttled = 0.01;
  cost.cards[3].thermal_throttled = 1;
  cost.cards[0].temperature_celsius = 67;
  cost.cards[0].pcie_received_bytes_per_second = 2 * kGb;
  return report;
}

// The line with that label; empty where there is none.
std::string line(const Report& report, std::string_view label) {
  for (const Line& one : gpu_lines(*report.gpu, report.scope)) {
    if (one.label == label) return one.content;
  }
  return "";
}

TEST(GpuReport, TableHasItsRowsToTheLetter) {
  const std::string text = to_text(gpu_report());
  EXPECT_NE(text.find("\nGPU Util (Across GPUs)    27.50    5.00     33.00    -       \n"
                      "GPU Memory (GB)           0.25     0.23     0.32     80.00   \n-----"),
            std::string::npos)
      << text;
}

TEST(GpuReport, WithoutGpusNothingIsSaidOfThem) {
  Report report = gpu_report();
  report.gpu.reset();
  for (const std::string& text : {to_text(report), to_json(report)})
    EXPECT_EQ(text.find("gpu"), std::string::npos) << text;
  EXPECT_EQ(to_text(report).find("GPU"), std::string::npos);
  EXPECT_EQ(to_html(report).find("GPU"), std::string::npos);
}

TEST(GpuReport, WhatWasNotMeasuredIsNotZero) {
  // GIVEN cards of which nothing could be read
  Report report = gpu_report();
  report.gpu->cost.reset();
  report.gpu->memory_bytes.reset();

  // THEN
  const std::string text = to_text(report);
  EXPECT_NE(text.find("GPU Util (Across GPUs)    n/a      n/a      n/a      -"), std::string::npos)
      << text;
  EXPECT_NE(text.find("GPU Memory (GB)           n/a      n/a      n/a      -"), std::string::npos);
  EXPECT_EQ(text.find("GPU energy"), std::string::npos);
}

TEST(GpuReport, SaysWhatTheCardsTookAndThatTheyAreWhole) {
  EXPECT_EQ(line(gpu_report(), "GPU energy"),
            "12.35 kJ (3.43 Wh), 206 W on average, 402 W at most: the whole cards that this "
            "level's processes were on");
  Report report = gpu_report();
  report.scope = Scope::kSystem;
  EXPECT_TRUE(line(report, "GPU energy").ends_with("402 W at most: all cards"));
  report.gpu->cost->energy_joules.reset();
  EXPECT_TRUE(line(report, "GPU energy").starts_with("206 W on average"));
  report.gpu->cost->power_watts.reset();
  EXPECT_EQ(line(report, "GPU energy"), "");
}

TEST(GpuReport, CardsThatDifferHaveALineEach) {
  const Report report = gpu_report();
  EXPECT_EQ(line(report, "GPU 0"),
            "NVIDIA H100 80GB HBM3: 90 % busy, memory 40.00 GB of 80.00 GB at most, up to 67 "
            "degrees C");
  EXPECT_EQ(line(report, "GPU 1"),
            "NVIDIA H100 80GB HBM3: 20 % busy, memory 10.00 GB of 80.00 GB at most");
  // Those that were not used have none.
  EXPECT_EQ(line(report, "GPU 2"), "");
  EXPECT_EQ(line(report, "GPUs used"), "");
}

TEST(GpuReport, CardsThatAreAlikeShareALine) {
  Report report = gpu_report();
  report.gpu->cost->cards[1] = cost_of(1, 0.89, 40 * kGb);
  EXPECT_EQ(line(report, "GPUs used"), "0, 1 of 4 cards, all alike");
  EXPECT_EQ(line(report, "GPU 0"), "");
  report.gpu->cost->cards[1] = cost_of(1, 0, 0);
  report.gpu->cost->cards[0] = cost_of(0, 0, 0);
  EXPECT_EQ(line(report, "GPUs used"), "none of 4");
  // Then there is nothing to say of what they took and did.
  EXPECT_EQ(line(report, "GPU energy"), "");
  EXPECT_EQ(line(report, "GPU work"), "");
}

TEST(GpuReport, OneCardIsToldOfByTheTable) {
  Report report = gpu_report();
  report.gpu->cost->cards.resize(1);
  EXPECT_EQ(line(report, "GPU 0"), "");
  EXPECT_EQ(line(report, "GPUs used"), "");
}

TEST(GpuReport, ManyCardsAreEightAndANumber) {
  Report report = gpu_report();
  for (int i = 4; i < 12; ++i) report.gpu->cost->cards.push_back(cost_of(i, 0.05 * i, i * kGb));
  EXPECT_NE(line(report, "GPU 9"), "");
  EXPECT_EQ(line(report, "GPU 10"), "");
  EXPECT_EQ(line(report, "GPUs"), "and 2 more");
}

TEST(GpuReport, AnInstanceOfACardSaysSo) {
  Report report = gpu_report();
  report.gpu->status.cards[1] = card_of("NVIDIA H100 MIG 1g.10gb");
  report.gpu->status.cards[1].part_of = 0;
  EXPECT_TRUE(line(report, "GPU 1").starts_with("NVIDIA H100 MIG 1g.10gb, part of GPU 0: 20 %"));
}

TEST(GpuReport, WholeCardsAreThoseInUse) {
  const Report report = gpu_report();
  // The mean of the two cards in use; memory is the level's own.
  EXPECT_EQ(line(report, "GPU work"),
            "processors active 60 %: whole cards; memory read or written 10 % of the time");
  // Not the heat of a card that nobody here used.
  EXPECT_EQ(line(report, "GPU slowed"), "by its power limit 12 % of the time (GPU 0)");
  EXPECT_EQ(line(report, "GPU traffic"), "PCIe 2.00 GB/s received, n/a sent");
}

TEST(GpuReport, TellsWhenTheDriverDoesNotAnswer) {
  ::setenv("TZ", "UTC", 1);
  ::tzset();
  Report report = gpu_report();
  report.gpu->wall_minus_monotonic_ns = 1'700'000'000'000'000'000;
  report.gpu->status.silent_since_ns = 60'000'000'000;
  report.gpu->status.silent_call = "nvmlDeviceGetMemoryInfo";
  report.gpu->status.troubles = {"card 3: fell off the bus"};
  const std::string text = to_text(report);
  EXPECT_NE(text.find("GPU         the driver has not answered since 22:14:20 "
                      "(nvmlDeviceGetMemoryInfo)\n"
                      "GPU         card 3: fell off the bus\n"),
            std::string::npos)
      << text;
}

TEST(GpuReport, TellsWhatCannotBeMeasuredOnTheLevelWhereItMatters) {
  Report report = gpu_report();
  for (gpu::Card& card : report.gpu->status.cards) {
    card.absent = {{"utilization of processes", "the driver says: not supported"},
                   {"memory of processes", "the driver says: not supported"},
                   {"activity", "it takes a Hopper card or newer"}};
  }
  report.gpu->status.cards[2].absent.push_back({"temperature", "no permission"});
  EXPECT_EQ(line(report, "GPU n/a"),
            "utilization of processes, memory of processes (the driver says: not supported)");
  report.scope = Scope::kSystem;
  EXPECT_EQ(line(report, "GPU n/a"),
            "activity (it takes a Hopper card or newer); temperature (GPU 2: no permission)");
}

TEST(GpuReport, NamesOfDriversDoNoHarm) {
  Report report = gpu_report();
  report.gpu->status.cards[0].name = "<script>\x1b[2J\nGPU Util";
  report.gpu->status.troubles = {"card 1:\r\x1b[31m<b>"};
  const std::string text = to_text(report);
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_EQ(text.find('\r'), std::string::npos);
  EXPECT_EQ(text.find("\nGPU Util\n"), std::string::npos);
  const std::string html = to_html(report);
  EXPECT_EQ(html.find("<script"), std::string::npos);
  EXPECT_EQ(html.find("<b>"), std::string::npos);
}

TEST(GpuReport, HasItsNumbersAsJson) {
  Report report = gpu_report();
  report.gpu->status.cards[0].absent = {{"activity", "an old card"}};
  const auto json = parse_json(to_json(report));
  ASSERT_TRUE(json);
  const auto& gpu = json->at("gpu");
  EXPECT_DOUBLE_EQ(gpu.at("utilization_percent").at("average").number, 27.5);
  EXPECT_DOUBLE_EQ(gpu.at("memory_bytes").at("maximum").number, 0.32 * kGb);
  EXPECT_DOUBLE_EQ(gpu.at("memory_total_bytes").number, 80 * kGb);
  EXPECT_DOUBLE_EQ(gpu.at("energy_joules").number, 12'345);
  EXPECT_TRUE(gpu.at("held_idle_percent").is_null());
  ASSERT_EQ(gpu.at("cards").items.size(), 4U);
  const auto& first = gpu.at("cards").at(0);
  EXPECT_EQ(first.at("name").text, "NVIDIA H100 80GB HBM3");
  EXPECT_TRUE(first.at("used").truth);
  EXPECT_DOUBLE_EQ(first.at("utilization_percent").at("average").number, 90);
  EXPECT_TRUE(first.at("tensor_active_percent").is_null());
  EXPECT_TRUE(gpu.at("silent_since").is_null());
  EXPECT_EQ(gpu.at("not_measurable").at(0).at("why").text, "an old card");
}

}  // namespace
}  // namespace jumper::report
