// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/analysis/advice.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace jumper::analysis {
namespace {

constexpr double kMb = 1024.0 * 1024;
constexpr double kGb = 1024 * kMb;

NodeUse node(const std::string& name, double busiest, double peak_bytes, double seconds = 600) {
  return {.name = name,
          .seconds = seconds,
          .cpus_average = busiest / 2,
          .cpus_busiest = busiest,
          .memory_average_bytes = peak_bytes / 2,
          .memory_peak_bytes = peak_bytes};
}

AdviceInput job(std::vector<NodeUse> nodes) {
  AdviceInput input;
  input.level = metric::Scope::kSlurm;
  input.asked = {.is_slurm = true,
                 .cpus = 4,
                 .cpus_reason = {},
                 .memory_bytes = 24 * kGb,
                 .memory_reason = {},
                 .is_memory_requested = true,
                 .nodes = static_cast<uint32_t>(nodes.size()),
                 .tasks_per_node = 1,
                 .gpus = {}};
  input.nodes = std::move(nodes);
  return input;
}

TEST(RoundedUpMemory, IsWhatPeopleAskFor) {
  EXPECT_EQ(rounded_up_memory(1), 128 * kMb);
  EXPECT_EQ(rounded_up_memory(129 * kMb), 256 * kMb);
  EXPECT_EQ(rounded_up_memory(1000 * kMb), kGb);
  EXPECT_EQ(rounded_up_memory(2.4 * kGb), 3 * kGb);
  EXPECT_EQ(rounded_up_memory(3 * kGb), 3 * kGb);
  EXPECT_EQ(rounded_up_memory(65 * kGb), 68 * kGb);
  EXPECT_EQ(rounded_up_memory(300 * kGb), 304 * kGb);
}

TEST(Advise, ThePeakWithAMarginIsEnough) {
  const Advice advice = advise(job({node("n1", 1.9, 2.4 * kGb)}));
  EXPECT_EQ(advice.enough_memory_bytes, 3 * kGb);  // 2.88
  EXPECT_EQ(advice.enough_cpus, 2);
  EXPECT_EQ(advice.cpus_per_task, 2U);
  EXPECT_FALSE(advice.is_too_short);
  EXPECT_FALSE(advice.is_memory_short);
  EXPECT_FALSE(advice.are_cpus_full);
  EXPECT_EQ(advice.use.memory_average_bytes, 1.2 * kGb);
}

TEST(Advise, NeverBelowWhatWasNeeded) {
  for (double peak_mb = 1; peak_mb < 1e6; peak_mb *= 1.37) {
    for (const double busiest : {0.0, 0.3, 1.02, 1.5, 3.97, 4.0, 4.4}) {
      const Advice advice = advise(job({node("n1", busiest, peak_mb * kMb)}));
      ASSERT_TRUE(advice.enough_memory_bytes && advice.enough_cpus);
      EXPECT_GE(*advice.enough_memory_bytes, peak_mb * kMb * 1.2);
      EXPECT_GE(*advice.enough_cpus, busiest - 0.05);
      EXPECT_GE(*advice.enough_cpus, 1);
    }
  }
}

TEST(Advise, APeakAtTheLimitMayHaveNeededMore) {
  const Advice advice = advise(job({node("n1", 4, 23.5 * kGb)}));
  EXPECT_TRUE(advice.is_memory_short);
  EXPECT_GT(*advice.enough_memory_bytes, 24 * kGb);
  EXPECT_TRUE(advice.are_cpus_full);
  EXPECT_EQ(advice.enough_cpus, 4);
}

TEST(Advise, AShortSessionTellsNothing) {
  AdviceInput input = job({node("n1", 1, kGb, 59), node("n2", 0, kGb, 59)});
  const Advice advice = advise(input);
  EXPECT_TRUE(advice.is_too_short);
  EXPECT_EQ(advice.enough_memory_bytes, std::nullopt);
  EXPECT_EQ(advice.enough_cpus, std::nullopt);
  EXPECT_EQ(advice.enough_nodes, std::nullopt);
  // What was used is told all the same.
  EXPECT_EQ(advice.use.memory_peak_bytes, kGb);

  // A program from its start to its end is all there is.
  input.is_whole_program = true;
  EXPECT_FALSE(advise(input).is_too_short);
}

TEST(Advise, TheFullestNodeDecidesAndIdleOnesAreNamed) {
  const Advice advice =
      advise(job({node("n1", 3.2, 2 * kGb), node("n2", 0.02, 0.1 * kGb), node("n3", 1, 5 * kGb)}));
  EXPECT_EQ(advice.enough_memory_bytes, 6 * kGb);
  EXPECT_EQ(advice.enough_cpus, 4);
  EXPECT_EQ(advice.idle_nodes, std::vector<std::string>{"n2"});
  EXPECT_EQ(advice.enough_nodes, 2U);
}

TEST(Advise, OfNodesNobodyLookedAtNothingIsSaid) {
  AdviceInput input = job({node("n1", 3, kGb), node("n2", 0, kGb)});
  input.unmeasured = {"n3"};
  const Advice advice = advise(input);
  EXPECT_EQ(advice.idle_nodes, std::vector<std::string>{"n2"});
  EXPECT_EQ(advice.enough_nodes, std::nullopt);
  // The one node that was measured, of four.
  input = job({node("n1", 0, kGb)});
  input.asked.nodes = 4;
  EXPECT_EQ(advise(input).enough_nodes, std::nullopt);
}

TEST(Advise, SharesTheCpusAmongTheTasksOfANode) {
  AdviceInput input = job({node("n1", 7.6, kGb)});
  input.asked.cpus = 16;
  input.asked.tasks_per_node = 4;
  EXPECT_EQ(advise(input).enough_cpus, 8);
  EXPECT_EQ(advise(input).cpus_per_task, 2U);
  input.asked.tasks_per_node = 16;
  EXPECT_EQ(advise(input).cpus_per_task, 1U);
}

TEST(Advise, AShareOfACpuIsNotRoundedUpToMoreThanThereIs) {
  AdviceInput input = job({node("n1", 1.4, kGb)});
  input.asked.is_slurm = false;
  input.asked.cpus = 1.5;
  EXPECT_EQ(advise(input).enough_cpus, 1.5);
  EXPECT_FALSE(advise(input).are_cpus_full);
}

TEST(Advise, WhatWasNotMeasuredIsAbsent) {
  NodeUse blind;
  blind.name = "n1";
  blind.seconds = 100;
  const Advice advice = advise(job({blind}));
  EXPECT_EQ(advice.enough_memory_bytes, std::nullopt);
  EXPECT_EQ(advice.enough_cpus, std::nullopt);
  EXPECT_TRUE(advice.idle_nodes.empty());
  EXPECT_EQ(advise({}).use.memory_peak_bytes, std::nullopt);
}

}  // namespace
}  // namespace jumper::analysis
