// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/analysis/gpu_use.h"

#include <gtest/gtest.h>

#include <vector>

#include "testing/sparse_log.h"

namespace jumper::analysis {
namespace {

using jumper::testing::series_of;
using jumper::testing::SparseLog;
using metric::Metric;
using metric::Scope;
using metric::TickKind;

std::vector<gpu::Card> cards(size_t count) {
  std::vector<gpu::Card> made(count);
  for (gpu::Card& card : made) card.name = "A";
  return made;
}

TEST(GpuUseOf, TellsHowLongEachCardWasIdle) {
  // GIVEN ten seconds in which one card worked for three of them, and another for none
  const auto busy = series_of(Metric::kGpuUtil, Scope::kProcess, 0);
  const auto idle = series_of(Metric::kGpuUtil, Scope::kProcess, 1);
  const auto memory = series_of(Metric::kGpuMemory, Scope::kProcess, 1);
  SparseLog log({busy, idle, memory});
  log.add(0, {}, TickKind::kStart);
  for (int64_t second = 1; second <= 10; ++second) {
    log.add(second * 1000,
            {{busy, second <= 3 ? 0.5 : 0.0099}, {idle, 0}, {memory, second == 5 ? 1e9 : 0}});
  }

  // THEN
  const auto uses = gpu_use_of(log.snapshot(), Scope::kProcess, cards(2));
  ASSERT_EQ(uses.size(), 2U);
  EXPECT_NEAR(uses[0].seconds, 10, 1e-9);
  EXPECT_NEAR(uses[0].idle_ratio, 0.7, 1e-9);
  EXPECT_NEAR(uses[0].utilization, 0.15 + 0.00693, 1e-9);
  EXPECT_FALSE(uses[0].is_idle());
  EXPECT_NEAR(uses[1].idle_ratio, 1, 1e-9);
  EXPECT_NEAR(*uses[1].memory_peak_bytes, 1e9, 1);
  EXPECT_TRUE(uses[1].is_idle());
  EXPECT_TRUE(uses[1].is_of_level);
}

TEST(GpuUseOf, TakesTheWholeCardsWhereNobodyTellsOfProcesses) {
  const auto own = series_of(Metric::kGpuUtil, Scope::kProcess, 0);
  const auto whole = series_of(Metric::kGpuUtil, Scope::kSystem, 0);
  SparseLog log({own, whole});
  log.add(0, {}, TickKind::kStart).add(1000, {{whole, 0.5}});
  const auto uses = gpu_use_of(log.snapshot(), Scope::kProcess, cards(1));
  ASSERT_EQ(uses.size(), 1U);
  EXPECT_FALSE(uses[0].is_of_level);
  EXPECT_NEAR(uses[0].utilization, 0.5, 1e-9);
}

TEST(GpuUseOf, LeavesOutWhatMayNotBeUsedAndWhatToldNothing) {
  const auto first = series_of(Metric::kGpuUtil, Scope::kSystem, 0);
  const auto second = series_of(Metric::kGpuUtil, Scope::kSystem, 1);
  SparseLog log({first, second});
  log.add(0, {}, TickKind::kStart).add(1000, {{first, 0.5}});
  std::vector<gpu::Card> both = cards(2);
  EXPECT_EQ(gpu_use_of(log.snapshot(), Scope::kProcess, both).size(), 1U);
  both[0].is_chosen = false;
  EXPECT_TRUE(gpu_use_of(log.snapshot(), Scope::kProcess, both).empty());
  EXPECT_TRUE(gpu_use_of({}, Scope::kProcess, both).empty());
}

}  // namespace
}  // namespace jumper::analysis
