// SPDX-License-Identifier: BSD-3-Clause
#include "testing/fake_nvml/scenario.h"

#include <gtest/gtest.h>

#include <string_view>

#include "testing/fake_nvml/paths.h"

namespace jumper::testing::fake_nvml {
namespace {

TEST(FakeNvmlCurve, AddsUpToWhatItShows) {
  using Kind = Curve::Kind;
  for (const Curve& curve : {Curve{Kind::kConstant, 5, 5, 1, 0}, Curve{Kind::kWave, 10, 90, 7, 0},
                             Curve{Kind::kWave, 10, 90, 7, 2}, Curve{Kind::kStep, 10, 90, 4, 0},
                             Curve{Kind::kStep, 10, 90, 4, 1.5}}) {
    constexpr int kSteps = 200'000;
    double sum = 0;
    for (int step = 0; step < kSteps; ++step) sum += curve.at(3 + (step + 0.5) * 20 / kSteps);
    EXPECT_NEAR(curve.mean(3, 23), sum / kSteps, 0.01);
  }
}

TEST(FakeNvmlScenario, SaysWhatItCannotUnderstand) {
  EXPECT_EQ(parse_scenario(fake_nvml_scenario("eight_cards")).mistake, "");
  for (const std::string_view text :
       {"card", "cards x", "cards 1 power", "cards 1 power=x", "cards 1 util=wave:1:2",
        "cards 1 util=wave:1:2:0", "card 1", "mig card=0", "process card", "error f", "error f NO",
        "hang", "slow f", "clock", "clock x", "nonsense 1", "lost card=x", "garbage_samples"}) {
    EXPECT_EQ(parse_scenario(text).mistake, "line 1: cannot understand: " + std::string(text));
  }
}

}  // namespace
}  // namespace jumper::testing::fake_nvml
