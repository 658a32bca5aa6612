// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/analysis/imbalance.h"

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "jumper/analysis/counter_steps.h"
#include "testing/made_nodes.h"

namespace jumper::analysis {
namespace {

using jumper::testing::made_node;
using jumper::testing::MadeNode;

constexpr int64_t kSecond = 1'000'000'000;

class Nodes {
 public:
  explicit Nodes(const std::vector<MadeNode>& made) {
    for (const MadeNode& node : made) recordings_.push_back(made_node(node));
    for (const journal::NodeRecording& node : recordings_) {
      data_.push_back({node.name, &node.samples, metric::Scope::kSlurm, 4, 4, 4e9,
                       node.clock_offset_ns, node.clock_error_ns});
    }
  }
  [[nodiscard]] std::vector<NodeData>& data() { return data_; }
  // Cells, in seconds.
  [[nodiscard]] NodeComparison compare(const std::vector<std::pair<double, double>>& cells) const {
    std::vector<Stretch> stretches;
    for (const auto& [from, to] : cells) {
      stretches.push_back(
          {{static_cast<int64_t>(from * kSecond), static_cast<int64_t>(to * kSecond)},
           stretches.size()});
    }
    return compare_nodes(data_, stretches);
  }

 private:
  std::vector<journal::NodeRecording> recordings_;
  std::vector<NodeData> data_;
};

std::vector<double> cores(double busy, size_t seconds) {
  return std::vector<double>(seconds, busy);
}

TEST(CompareNodes, TellsWhatEachNodeUsedOnItsOwnClock) {
  // GIVEN nodes whose clocks are hours apart, and whose samples lie between full seconds
  const Nodes nodes(
      {{"n1", cores(2, 20), 1e9, 0, 0}, {"n2", cores(2, 20), 3e9, 5'000 * kSecond, 300'000'000}});
  // WHEN
  const NodeComparison comparison = nodes.compare({{102, 112}});
  // THEN
  ASSERT_EQ(comparison.nodes.size(), 2U);
  for (const NodeUsage& node : comparison.nodes) {
    EXPECT_NEAR(node.measured_seconds, 10, 1e-9) << node.name;
    EXPECT_NEAR(*node.cpu_seconds, 20, 1e-6) << node.name;
    EXPECT_NEAR(node.step_seconds, 1, 1e-9) << node.name;
    EXPECT_NEAR(node.cpu_share->likely, 0.5, 1e-6) << node.name;
    EXPECT_LE(node.cpu_share->low, node.cpu_share->likely);
    EXPECT_GE(node.cpu_share->high, node.cpu_share->likely);
    EXPECT_NEAR(*node.io_read_bytes, 1e7, 1) << node.name;
  }
  EXPECT_EQ(comparison.memory->most, 1U);
  EXPECT_EQ(comparison.memory->least, 0U);
  EXPECT_EQ(comparison.memory->most_bytes, 3e9);
}

TEST(CompareNodes, MeasuresImbalanceAsMaximumOverMean) {
  // GIVEN one node with four busy CPUs, three with two
  const Nodes nodes(
      {{"n1", cores(4, 30)}, {"n2", cores(2, 30)}, {"n3", cores(2, 30)}, {"n4", cores(2, 30)}});
  // WHEN
  const NodeComparison comparison = nodes.compare({{102, 122}});
  // THEN 1 / ((1 + 0.5 + 0.5 + 0.5) / 4) - 1
  EXPECT_NEAR(comparison.cpu_imbalance->likely, 0.6, 1e-3);
  EXPECT_GT(comparison.cpu_imbalance->low, 0.5);
  EXPECT_LT(comparison.cpu_imbalance->high, 0.7);
  EXPECT_NEAR(lost_share(comparison.cpu_imbalance->likely), 0.375, 1e-3);
  EXPECT_EQ(comparison.busiest, 0U);
  EXPECT_FALSE(comparison.least_busy) << "three are alike";
  EXPECT_TRUE(comparison.idle.empty());
}

TEST(CompareNodes, ClaimsNothingOfCellsShorterThanSamplesAreApart) {
  // GIVEN the same, but a cell between two samples of each node
  const Nodes nodes(
      {{"n1", cores(2, 30), 1e9, 0, 500'000'000}, {"n2", cores(1, 30), 1e9, 0, 500'000'000}});
  // WHEN
  const NodeComparison comparison = nodes.compare({{110.6, 110.8}});
  // THEN all of it may have been in the cell, or nothing
  EXPECT_EQ(comparison.compared, 2U);
  EXPECT_EQ(comparison.cpu_imbalance->low, 0);
  EXPECT_GT(comparison.cpu_imbalance->high, 0.5);
  EXPECT_FALSE(comparison.busiest);
  EXPECT_FALSE(comparison.least_busy);
}

TEST(CompareNodes, NamesIdleNodes) {
  // One below a quarter of the median.
  EXPECT_EQ(Nodes({{"n1", cores(3, 30)}, {"n2", cores(3, 30)}, {"n3", cores(0.1, 30)}})
                .compare({{102, 122}})
                .idle,
            std::vector<size_t>({2}));
  // One that works while all others, the median too, are idle.
  EXPECT_EQ(Nodes({{"n1", cores(0.01, 30)}, {"n2", cores(3, 30)}, {"n3", cores(0.01, 30)}})
                .compare({{102, 122}})
                .idle,
            std::vector<size_t>({0, 2}));
  // Half as busy is not idle.
  EXPECT_TRUE(Nodes({{"n1", cores(3, 30)}, {"n2", cores(3, 30)}, {"n3", cores(1.5, 30)}})
                  .compare({{102, 122}})
                  .idle.empty());
  const NodeComparison nothing =
      Nodes({{"n1", cores(0.1, 30)}, {"n2", cores(0, 30)}}).compare({{102, 122}});
  EXPECT_TRUE(nothing.all_nearly_idle);
  EXPECT_TRUE(nothing.idle.empty());
}

TEST(CompareNodes, FindsWhoWorkedWhenTheOthersWereDone) {
  // GIVEN n2, which works until second 117 while the others work until 108, and a fourth that never
  // does
  std::vector<double> short_work = cores(3, 8);
  std::vector<double> long_work = cores(3, 17);
  short_work.resize(30, 0);
  long_work.resize(30, 0);
  const Nodes nodes({{"n1", short_work},
                     {"n2", long_work, 1e9, -70 * kSecond, 200'000'000},
                     {"n3", short_work},
                     {"n4", cores(0, 30)}});
  // WHEN
  const NodeComparison comparison = nodes.compare({{101, 121}});
  // THEN at least the nine seconds, less a sample at each end
  ASSERT_EQ(comparison.stragglers.size(), 1U);
  EXPECT_EQ(comparison.stragglers[0].cell, 0U);
  EXPECT_EQ(comparison.stragglers[0].node, 1U);
  EXPECT_LE(comparison.stragglers[0].alone_seconds, 9.2);
  EXPECT_GE(comparison.stragglers[0].alone_seconds, 7);
  EXPECT_EQ(comparison.stragglers[0].cell_seconds, 20);
  EXPECT_EQ(comparison.slowest, 1U);
}

TEST(CompareNodes, NobodyStragglesWithinWhatSamplesTell) {
  // GIVEN ends of work that lie half a second apart, sampled once a second
  std::vector<double> early = cores(3, 10);
  std::vector<double> late = cores(3, 10);
  late.push_back(1.5);
  early.resize(30, 0);
  late.resize(30, 0);
  EXPECT_TRUE(Nodes({{"n1", early}, {"n2", late}}).compare({{101, 121}}).stragglers.empty());
  // One that works alone all the time keeps nobody waiting.
  EXPECT_TRUE(Nodes({{"n1", cores(0, 30)}, {"n2", late}}).compare({{101, 121}}).stragglers.empty());
}

TEST(CompareNodes, OfASilentNodeNothingIsClaimed) {
  // GIVEN a node whose samples end in the middle of the cell, and one whose clock is not known
  std::vector<double> work = cores(3, 10);
  work.resize(30, 0);
  Nodes nodes({{"n1", cores(3, 30)}, {"n2", cores(3, 6)}, {"n3", work}});
  nodes.data()[2].clock_offset_ns.reset();
  // WHEN
  const NodeComparison comparison = nodes.compare({{101, 121}});
  // THEN
  EXPECT_TRUE(comparison.nodes[0].is_compared);
  EXPECT_FALSE(comparison.nodes[1].is_compared);
  EXPECT_NEAR(comparison.nodes[1].measured_seconds, 5, 1e-9);
  EXPECT_FALSE(comparison.nodes[2].cpu_share);
  EXPECT_EQ(comparison.compared, 1U);
  EXPECT_FALSE(comparison.cpu_imbalance);
  EXPECT_TRUE(comparison.stragglers.empty());
}

TEST(CompareNodes, AnErrorOfTheClockWidensTheBounds) {
  Nodes nodes({{"n1", cores(4, 30)}, {"n2", cores(2, 30)}});
  const Bounded narrow = *nodes.compare({{102, 106}}).cpu_imbalance;
  for (NodeData& node : nodes.data()) node.clock_error_ns = kSecond;
  const Bounded wide = *nodes.compare({{102, 106}}).cpu_imbalance;
  EXPECT_LT(wide.low, narrow.low);
  EXPECT_GT(wide.high, narrow.high);
  EXPECT_DOUBLE_EQ(wide.likely, narrow.likely);
}

TEST(CounterSteps, DoNotReachOverRestartsAndResets) {
  using metric::TickKind;
  const metric::SeriesKey key{metric::Metric::kCpuTime, metric::Scope::kSlurm, metric::kWhole};
  store::Store store;
  store.begin(std::make_shared<const metric::Schema>(std::vector{key}));
  const auto add = [&](int64_t second, double value, TickKind kind = TickKind::kPeriodic) {
    const std::array values = {value};
    store.append({second * kSecond, kind, values});
  };
  add(0, 5, TickKind::kStart);
  add(1, 6);
  add(2, metric::kAbsent);
  add(3, 9);
  add(4, 20, TickKind::kStart);
  add(5, 2);  // reset
  add(6, 4);
  const auto steps = steps_in(store.snapshot(), key, {kSecond / 2, 6 * kSecond});
  ASSERT_EQ(steps.size(), 3U);
  EXPECT_EQ(steps[0].change, 1);
  EXPECT_EQ(steps[1].change, 3);
  EXPECT_EQ(steps[1].length_ns(), 2 * kSecond);
  EXPECT_EQ(steps[2].from_ns, 5 * kSecond);
}

TEST(CounterSteps, BoundWhatFellIntoAnInterval) {
  const CounterStep step{0, 10, 6};
  const StepPart some = part_of(step, {0, 5}, 1);
  EXPECT_EQ(some.length_ns, 5);
  EXPECT_EQ(some.least, 1) << "at most 5 outside";
  EXPECT_EQ(some.likely, 3);
  EXPECT_EQ(some.most, 5);
  const StepPart all = part_of(step, {-5, 20}, 1);
  EXPECT_EQ(all.least, 6);
  EXPECT_EQ(all.most, 6);
  EXPECT_EQ(part_of(step, {10, 12}, 1).length_ns, 0);
}

}  // namespace
}  // namespace jumper::analysis
