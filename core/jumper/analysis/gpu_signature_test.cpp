// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/analysis/gpu_signature.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace jumper::analysis {
namespace {

constexpr double kGb = 1024.0 * 1024 * 1024;

Spread flat(double value) {
  return {value, value, value};
}

// Two cards of 80 GB, half busy, with 8 GB each; one of 4 CPUs half busy, for ten seconds.
struct Case {
  Summary summary;
  GpuCost gpu;
  double memory_bytes = 80 * kGb;

  Case() {
    summary.measured_ns = 10'000'000'000;
    summary.cpus = 4;
    summary.cpu_seconds = 5;
    gpu.utilization = flat(0.5);
    gpu.memory_bytes = flat(8 * kGb);
    gpu.held_idle_ratio = 0;
    for (const int32_t card : {0, 1}) {
      GpuCardCost& cost = gpu.cards.emplace_back();
      cost.card = card;
      cost.utilization = flat(0.5);
      cost.memory_bytes = flat(8 * kGb);
    }
  }

  [[nodiscard]] std::vector<Signature> found() const {
    SignatureInput input;
    input.summary = &summary;
    input.gpu = &gpu;
    input.gpu_memory_bytes = memory_bytes;
    return signatures(input, {});
  }
  // What it says; empty where it is not found.
  [[nodiscard]] std::string evidence(std::string_view tag) const {
    for (const Signature& signature : found()) {
      if (signature.tag == tag) return signature.evidence;
    }
    return "";
  }
};

TEST(GpuSignatures, OfAnUnremarkableCaseThereAreNone) {
  EXPECT_TRUE(Case().found().empty());
}

TEST(GpuSignatures, WithoutGpusThereAreNone) {
  const Case made;
  SignatureInput input;
  input.summary = &made.summary;
  EXPECT_TRUE(gpu_signatures(input, {}).empty());
  EXPECT_FALSE(gpu_held_idle(input, {}));
}

TEST(GpuSignatures, UtilBoundFromEightyPercentOn) {
  Case made;
  for (GpuCardCost& card : made.gpu.cards) card.utilization = flat(0.8);
  EXPECT_EQ(made.evidence("gpu-util-bound"), "the 2 GPUs in use were busy 80 % of the time");
  for (GpuCardCost& card : made.gpu.cards) card.utilization = flat(0.799);
  EXPECT_EQ(made.evidence("gpu-util-bound"), "");
}

TEST(GpuSignatures, UtilBoundIsToldOfTheCardsInUse) {
  // GIVEN a second card that is not used
  Case made;
  made.gpu.cards[0].utilization = flat(0.95);
  made.gpu.cards[1].utilization = flat(0);
  made.gpu.cards[1].memory_bytes = flat(0);
  EXPECT_EQ(made.evidence("gpu-util-bound"), "the GPU was busy 95 % of the time");
}

TEST(GpuSignatures, WithoutNumbersOfCardsTheAverageCounts) {
  Case made;
  made.gpu.cards.clear();
  made.gpu.utilization = flat(0.85);
  EXPECT_EQ(made.evidence("gpu-util-bound"), "the GPU was busy 85 % of the time");
}

TEST(GpuSignatures, MemoryBoundFromEightyPercentOn) {
  Case made;
  for (GpuCardCost& card : made.gpu.cards) card.memory_bytes = flat(64 * kGb);
  EXPECT_EQ(made.evidence("gpu-memory-bound"), "80 % of a GPU's memory was in use on average");
  for (GpuCardCost& card : made.gpu.cards) card.memory_bytes = flat(63.9 * kGb);
  EXPECT_EQ(made.evidence("gpu-memory-bound"), "");
  for (GpuCardCost& card : made.gpu.cards) card.memory_bytes = flat(80 * kGb);
  made.memory_bytes = 0;
  EXPECT_EQ(made.evidence("gpu-memory-bound"), "") << "how much a card has is not known";
}

TEST(GpuSignatures, BandwidthBoundFromSixtyPercentOfTheBandwidthOn) {
  Case made;
  for (GpuCardCost& card : made.gpu.cards) card.dram_active = 0.6;
  EXPECT_EQ(made.evidence("gpu-memory-bandwidth-bound"),
            "60 % of the bandwidth of the GPU's memory was used");
  for (GpuCardCost& card : made.gpu.cards) {
    card.dram_active = 0.59;
    card.bandwidth = flat(1);  // the coarser number, which does not count where there is a better
  }
  EXPECT_EQ(made.evidence("gpu-memory-bandwidth-bound"), "");
}

TEST(GpuSignatures, BandwidthBoundFromEightyPercentOfTheTimeOn) {
  Case made;
  for (GpuCardCost& card : made.gpu.cards) card.bandwidth = flat(0.8);
  EXPECT_EQ(made.evidence("gpu-memory-bandwidth-bound"),
            "the GPU's memory was read or written 80 % of the time");
  for (GpuCardCost& card : made.gpu.cards) card.bandwidth = flat(0.79);
  EXPECT_EQ(made.evidence("gpu-memory-bandwidth-bound"), "");
}

TEST(GpuSignatures, StarvedWhereItIdlesWhileAllCpusWork) {
  Case made;
  for (GpuCardCost& card : made.gpu.cards) card.utilization = flat(0.3);
  made.summary.cpus = 1;
  made.summary.cpu_seconds = 7;  // 70 % of the one CPU there is
  EXPECT_EQ(made.evidence("gpu-starved"),
            "the 2 GPUs in use were busy 30 % of the time while 0.70 of 1 CPUs worked");
  made.summary.cpu_seconds = 6.9;
  EXPECT_EQ(made.evidence("gpu-starved"), "");
  made.summary.cpu_seconds = 7;
  for (GpuCardCost& card : made.gpu.cards) card.utilization = flat(0.31);
  EXPECT_EQ(made.evidence("gpu-starved"), "");
}

TEST(GpuSignatures, StarvedWhereItIdlesWhileOneWholeCpuWorks) {
  Case made;
  for (GpuCardCost& card : made.gpu.cards) card.utilization = flat(0.1);
  made.summary.cpus = 64;
  made.summary.cpu_seconds = 9;
  EXPECT_EQ(made.evidence("gpu-starved"),
            "the 2 GPUs in use were busy 10 % of the time while 0.90 of 64 CPUs worked");
  made.summary.cpu_seconds = 8.9;
  EXPECT_EQ(made.evidence("gpu-starved"), "");
}

TEST(GpuSignatures, AGpuThatNobodyUsesIsNotStarved) {
  Case made;
  made.gpu.utilization = flat(0);
  made.gpu.memory_bytes = flat(0);
  for (GpuCardCost& card : made.gpu.cards) card.utilization = card.memory_bytes = flat(0);
  made.summary.cpu_seconds = 40;
  EXPECT_EQ(made.evidence("gpu-starved"), "");
  // Nor one of which nothing is known.
  made.gpu.utilization.reset();
  for (GpuCardCost& card : made.gpu.cards) card.utilization.reset();
  EXPECT_EQ(made.evidence("gpu-starved"), "");
}

TEST(GpuSignatures, ThrottledFromTenPercentOfTheTimeOn) {
  Case made;
  made.gpu.cards[0].power_throttled = 0.05;
  made.gpu.cards[1].power_throttled = 0.1;
  EXPECT_EQ(made.evidence("gpu-throttled"),
            "10 % of the time GPU 1 was held back by its power limit");
  made.gpu.cards[1].power_throttled = 0.09;
  EXPECT_EQ(made.evidence("gpu-throttled"), "");
  made.gpu.cards[0].thermal_throttled = 0.25;
  EXPECT_EQ(made.evidence("gpu-throttled"), "25 % of the time GPU 0 was held back by heat");
}

TEST(GpuSignatures, HeldAndNotUsedStandsFirst) {
  // GIVEN a case in which something else is as strong as can be
  Case made;
  made.summary.cpu_seconds = 40;
  made.gpu.held_idle_ratio = 0.5;
  const std::vector<Signature> found = made.found();
  ASSERT_GE(found.size(), 2U);
  EXPECT_EQ(found[0].tag, "gpu-allocated-but-not-used");
  EXPECT_EQ(found[0].evidence,
            "GPU memory was held, and next to nothing ran on the GPU, 50 % of the time");
  EXPECT_EQ(found[1].tag, "cpu-bound");

  made.gpu.held_idle_ratio = 0.49;
  EXPECT_EQ(made.evidence("gpu-allocated-but-not-used"), "");
  made.gpu.held_idle_ratio.reset();
  EXPECT_EQ(made.evidence("gpu-allocated-but-not-used"), "");
}

}  // namespace
}  // namespace jumper::analysis
