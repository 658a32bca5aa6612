// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/analysis/gpu_balance.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "jumper/analysis/imbalance.h"
#include "testing/made_nodes.h"

namespace jumper::analysis {
namespace {

using jumper::testing::kMadeGpuBytes;
using jumper::testing::kMadeGpuUsedBytes;
using jumper::testing::kMadeGpuWatts;
using jumper::testing::made_node;
using jumper::testing::MadeNode;

constexpr int64_t kSecond = 1'000'000'000;

MadeNode with_gpus(std::string name, std::vector<double> gpus, size_t seconds = 30) {
  return {std::move(name), std::vector<double>(seconds, 1), 1e9, 0, 0, std::move(gpus)};
}

NodeComparison compare(const std::vector<journal::NodeRecording>& nodes, double from, double to,
                       metric::Scope level = metric::Scope::kSlurm) {
  std::vector<NodeData> data;
  for (const journal::NodeRecording& node : nodes) {
    data.push_back({node.name, &node.samples, level, 4, 4, 4e9, node.clock_offset_ns,
                    node.clock_error_ns, node.facts.resources.gpu.cards});
  }
  const Stretch stretch{{static_cast<int64_t>(from * kSecond), static_cast<int64_t>(to * kSecond)},
                        0};
  return compare_nodes(data, {&stretch, 1});
}

NodeComparison compare(const std::vector<MadeNode>& made, double from = 102, double to = 122) {
  std::vector<journal::NodeRecording> nodes;
  nodes.reserve(made.size());
  for (const MadeNode& node : made) nodes.push_back(made_node(node));
  return compare(nodes, from, to);
}

TEST(GpusOfNodes, TellWhatEachNodeHadOnItsOwnClock) {
  // GIVEN a node whose clock is hours ahead, and whose readings lie between full seconds
  MadeNode far = with_gpus("n2", {0.5, 0.7});
  far.clock_offset_ns = 5'000 * kSecond;
  far.phase_ns = 300'000'000;
  // WHEN
  const NodeComparison comparison = compare({with_gpus("n1", {0.5, 0.7}), far, {"n3", {1, 1}}});
  // THEN
  for (const size_t node : {0, 1}) {
    const NodeGpus& gpus = *comparison.nodes[node].gpus;
    EXPECT_EQ(gpus.cards, 2U);
    EXPECT_NEAR(gpus.utilization->likely, 0.6, 1e-6);
    EXPECT_NEAR(gpus.reading_seconds, 1, 1e-9);
    ASSERT_EQ(gpus.busy.size(), 2U);
    EXPECT_EQ(gpus.busy[1].card, 1);
    EXPECT_NEAR(gpus.busy[1].busy.likely, 0.7, 1e-6);
    EXPECT_EQ(gpus.memory_peak_bytes, kMadeGpuUsedBytes);
    EXPECT_EQ(gpus.memory_bytes, kMadeGpuBytes);
    EXPECT_NEAR(*gpus.energy_joules, 20 * 2 * kMadeGpuWatts, 1e-6);
    EXPECT_TRUE(gpus.is_compared);
  }
  EXPECT_FALSE(comparison.nodes[2].gpus) << "it has none";
}

TEST(GpusOfNodes, UnevenNodesAreFound) {
  const GpuBalance balance =
      compare({with_gpus("n1", {0.9, 0.9}), with_gpus("n2", {0.6, 0.6})}).gpus;
  // 0.9 / 0.75 - 1
  EXPECT_NEAR(balance.of_nodes->likely, 0.2, 1e-6);
  EXPECT_GT(balance.of_nodes->low, 0.1);
  EXPECT_LT(balance.of_nodes->high, 0.3);
  EXPECT_EQ(balance.busiest_node, 0U);
  EXPECT_EQ(balance.compared, 4U);
  EXPECT_FALSE(balance.busiest_card) << "two are alike";
  EXPECT_TRUE(balance.idle.empty());
}

TEST(GpusOfNodes, UnevenCardsAreFoundWhereNodesAreEven) {
  const GpuBalance balance =
      compare({with_gpus("n1", {0.6, 0.6, 0.6}), with_gpus("n2", {0.8, 0.5, 0.5})}).gpus;
  EXPECT_NEAR(balance.of_nodes->likely, 0, 1e-6);
  EXPECT_NEAR(balance.of_cards->likely, 1.0 / 3, 1e-6);
  EXPECT_EQ(balance.busiest_card, (GpuPlace{1, 0}));
}

TEST(GpusOfNodes, IdleCardsAreNamed) {
  // A card below a quarter of the median one.
  EXPECT_EQ(compare({with_gpus("n1", {0.9, 0.9}), with_gpus("n2", {0.9, 0.1})}).gpus.idle,
            (std::vector<GpuPlace>{{1, 1}}));
  // All but one, the median too: the busiest stands for what is usual.
  EXPECT_EQ(compare({with_gpus("n1", {0, 0.9}), with_gpus("n2", {0, 0})}).gpus.idle,
            (std::vector<GpuPlace>{{0, 0}, {1, 0}, {1, 1}}));
  // Half as busy is not idle.
  EXPECT_TRUE(
      compare({with_gpus("n1", {0.9, 0.9}), with_gpus("n2", {0.9, 0.45})}).gpus.idle.empty());
  // Where nobody does anything, nobody stands out.
  const GpuBalance nothing = compare({with_gpus("n1", {0.01, 0}), with_gpus("n2", {0, 0})}).gpus;
  EXPECT_TRUE(nothing.all_nearly_idle);
  EXPECT_TRUE(nothing.idle.empty());
}

TEST(GpusOfNodes, TheCardsOfOneNodeAreComparedAsWell) {
  const GpuBalance balance = compare({with_gpus("n1", {0.9, 0.9, 0.9, 0})}).gpus;
  EXPECT_FALSE(balance.of_nodes);
  EXPECT_NEAR(balance.of_cards->likely, 1.0 / 3, 1e-6);
  EXPECT_EQ(balance.idle, (std::vector<GpuPlace>{{0, 3}}));
  // One card can be compared with nothing.
  EXPECT_FALSE(compare({with_gpus("n1", {0.9}), {"n2", std::vector<double>(30, 1)}}).gpus.of_cards);
}

TEST(GpusOfNodes, NothingIsClaimedOfACellWithinOneReading) {
  // GIVEN a cell of which the one reading may have been all or nothing
  const GpuBalance balance =
      compare({with_gpus("n1", {0.8}), with_gpus("n2", {0.1})}, 110.4, 110.5).gpus;
  // THEN
  EXPECT_EQ(balance.of_cards->low, 0);
  EXPECT_GT(balance.of_cards->high, 0.5);
  EXPECT_FALSE(balance.busiest_node);
  EXPECT_TRUE(balance.idle.empty());
}

TEST(GpusOfNodes, OfASilentNodeNothingIsClaimed) {
  // GIVEN a node whose readings end in the middle of the cell
  const NodeComparison comparison =
      compare({with_gpus("n1", {0.8, 0.8}), with_gpus("n2", {0, 0}, 10)});
  // THEN it has a number, and is not compared
  EXPECT_FALSE(comparison.nodes[1].gpus->is_compared);
  EXPECT_TRUE(comparison.nodes[1].gpus->utilization);
  EXPECT_EQ(comparison.gpus.told, 4U);
  EXPECT_EQ(comparison.gpus.compared, 2U);
  EXPECT_TRUE(comparison.gpus.idle.empty());
}

TEST(GpusOfNodes, CardsThatTheLevelMayNotUseDoNotCount) {
  // GIVEN a node with a card that was not chosen, and one with cards of different memory
  std::vector<journal::NodeRecording> nodes = {made_node(with_gpus("n1", {0.8, 0})),
                                               made_node(with_gpus("n2", {0.8, 0.8}))};
  nodes[0].facts.resources.gpu.cards[1].is_chosen = false;
  nodes[1].facts.resources.gpu.cards[1].memory_bytes = 1;
  // WHEN
  const NodeComparison job = compare(nodes, 102, 122);
  const NodeComparison system = compare(nodes, 102, 122, metric::Scope::kSystem);
  // THEN
  EXPECT_EQ(job.nodes[0].gpus->cards, 1U);
  EXPECT_TRUE(job.gpus.idle.empty());
  EXPECT_FALSE(job.nodes[1].gpus->memory_bytes);
  EXPECT_EQ(system.nodes[0].gpus->cards, 2U);
  EXPECT_EQ(system.gpus.idle, (std::vector<GpuPlace>{{0, 1}}));
}

}  // namespace
}  // namespace jumper::analysis
