// SPDX-License-Identifier: BSD-3-Clause
// A session of many nodes with GPUs, from its samples to what is said of them.
#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "jumper/monitor/session.h"
#include "testing/json_check.h"
#include "testing/made_nodes.h"

namespace jumper::monitor {
namespace {

using jumper::testing::made_nodes;
using jumper::testing::MadeNode;
using metric::Scope;

constexpr int64_t kSecond = 1'000'000'000;

// Four GPU nodes: n1 works most, n2 not at all; n4 has no GPU.
Session gpu_nodes() {
  const std::vector<double> cores(10, 2);
  return Session(made_nodes({{"n1", cores, 1e9, 0, 0, {0.9, 0.9}},
                             {"n2", cores, 1e9, 7'000 * kSecond, 0, {0, 0}},
                             {"n3", cores, 1e9, 0, 0, {0.8, 0.4}},
                             {"n4", cores}},
                            {8}));
}

std::string text_of(const std::vector<MadeNode>& nodes) {
  return report::to_text(*Session(made_nodes(nodes, {8})).nodes_report(std::nullopt, {}));
}

size_t longest_line(const std::string& text, std::string_view start) {
  const size_t from = text.find(start);
  return from == std::string::npos ? 0 : text.find('\n', from) - from;
}

TEST(GpusOfManyNodes, ItsReportTellsOfTheGpus) {
  const auto report = gpu_nodes().nodes_report(std::nullopt, {});
  ASSERT_TRUE(report);
  const auto rows = report::node_rows(*report);
  EXPECT_EQ(rows[0].gpu_percent, "90.0");
  EXPECT_EQ(rows[0].gpu_memory, "10.00 of 80.00 GB");
  EXPECT_EQ(rows[0].gpu_energy, "1.60 kJ");
  EXPECT_EQ(rows[1].gpu_percent, "0.0");
  EXPECT_EQ(rows[1].gpu_memory, "0 bytes of 80.00 GB");
  EXPECT_EQ(rows[3].gpu_percent, "n/a");
  const std::string text = report::to_text(*report);
  EXPECT_NE(text.find("GPU %"), std::string::npos) << text;
  EXPECT_NE(text.find("\nGPU balance the busiest node, n1, used its GPUs 80 % more than the mean "
                      "of all nodes with GPUs (max / mean - 1, "),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("\nIdle GPUs   n2 (all 2): less than 25 % of what is usual"),
            std::string::npos)
      << text;
  EXPECT_LE(longest_line(text, "\nn1"), 120U) << text;
  const std::string html = report::to_html(*report);
  EXPECT_NE(html.find("<th scope=\"col\">GPU energy</th>"), std::string::npos);
  EXPECT_NE(html.find("<td>10.00 of 80.00 GB</td>"), std::string::npos);
  const auto json = jumper::testing::parse_json(report::to_json(*report));
  ASSERT_TRUE(json);
  const auto& n1 = json->at("nodes").items[0].at("gpus");
  EXPECT_NEAR(n1.at("utilization").at("likely").number, 0.9, 1e-6);
  EXPECT_NEAR(n1.at("energy_joules").number, 1600, 1e-6);
  EXPECT_EQ(json->at("idle_gpus").items.size(), 2U);
  EXPECT_NEAR(json->at("gpu_imbalance_of_nodes").at("likely").number, 0.8, 1e-6);
}

TEST(GpusOfManyNodes, WithoutGpusNothingIsSaidOfThem) {
  const std::vector<double> cores(10, 2);
  const Session nodes(made_nodes({{"n1", cores}, {"n2", cores}}, {8}));
  const auto report = nodes.nodes_report(std::nullopt, {});
  for (const std::string& text : {report::to_text(*report), report::to_html(*report)})
    EXPECT_EQ(text.find("GPU"), std::string::npos) << text;
  EXPECT_LE(longest_line(report::to_text(*report), "\nn1"), 100U);
}

TEST(GpusOfManyNodes, SaysHowEvenTheGpusWereOnlyAsFarAsItIsKnown) {
  const std::vector<double> cores(10, 2);
  const auto node = [&](const char* name, std::vector<double> gpus) {
    return MadeNode{name, cores, 1e9, 0, 0, std::move(gpus)};
  };
  EXPECT_NE(text_of({node("n1", {0.5, 0.5}), node("n2", {0.5, 0.5})})
                .find("GPU balance even: no GPU was busy more than"),
            std::string::npos);
  EXPECT_NE(text_of({node("n1", {0.9, 0.3}), node("n2", {0.6, 0.6})})
                .find("GPU balance the busiest GPU, 0 of n1, was busy 50 % more than the mean of "
                      "all 4 (max / mean - 1, "),
            std::string::npos);
  EXPECT_NE(text_of({node("n1", {0.01}), node("n2", {0})})
                .find("GPU balance all GPUs were nearly idle: each was busy less than 5.0 %"),
            std::string::npos);
  // n2's readings end early.
  MadeNode silent = node("n2", {0.5});
  silent.cores.resize(3);
  EXPECT_NE(text_of({node("n1", {0.5}), silent})
                .find("GPU balance cannot be told: readings of fewer than two GPUs cover 90 %"),
            std::string::npos);
  // A cell that is shorter than readings are apart.
  const Session brief(made_nodes({node("n1", {0.5}), node("n2", {0.4})}, {0.4}));
  const std::string text = report::to_text(*brief.nodes_report(std::nullopt, {}));
  EXPECT_NE(text.find("GPU balance cannot be told: the busiest GPU is between"), std::string::npos)
      << text;
  EXPECT_NE(text.find("% above the mean of all 2, with a reading every 1.00 s"), std::string::npos)
      << text;
}

TEST(GpusOfManyNodes, SaysWhyTheUseOfGpusIsNotKnown) {
  // GIVEN a driver that does not tell of processes
  journal::Recording recording = made_nodes({{"n1", {1, 1, 1}, 1e9, 0, 0, {0.5}}}, {2});
  store::Store store;
  store.begin(std::make_shared<const metric::Schema>(
      std::vector<metric::SeriesKey>{{metric::Metric::kGpuUtil, Scope::kSlurm, metric::kWhole},
                                     {metric::Metric::kGpuUtil, Scope::kSlurm, 0}}));
  const std::array absent = {metric::kAbsent, metric::kAbsent};
  store.append({100 * kSecond, metric::TickKind::kStart, absent});
  store.append({103 * kSecond, metric::TickKind::kPeriodic, absent});
  recording.nodes[0].samples = store.snapshot();
  recording.nodes[0].facts.resources.gpu.cards[0].absent = {
      {"utilization of processes", "not\x1b[2J supported"}};
  // WHEN
  const auto report = Session(recording).nodes_report(std::nullopt, {});
  // THEN
  ASSERT_TRUE(report);
  EXPECT_EQ(report::node_rows(*report)[0].gpu_percent, "n/a");
  const std::string text = report::to_text(*report);
  EXPECT_NE(text.find("GPU n/a     n1: utilization of processes (not"), std::string::npos) << text;
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace jumper::monitor
