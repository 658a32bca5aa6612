// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/analysis/cost_condition.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "testing/made_costs.h"

namespace jumper::analysis {
namespace {

using jumper::testing::kMadeMb;
using jumper::testing::made_costs;
using jumper::testing::MadeCost;

MadeCost timed(std::string source, double seconds) {
  MadeCost made;
  made.source = std::move(source);
  made.seconds = seconds;
  return made;
}

Comparison durations(double a, double b) {
  return compare(made_costs({timed("f", a)}), made_costs({timed("f", b)}));
}

ConditionOutcome judged(std::string_view condition, const Comparison& comparison) {
  const auto parsed = parse_condition(condition);
  EXPECT_TRUE(parsed) << parsed.error().message;
  return judge(*parsed, comparison);
}
bool is_met(std::string_view condition, const Comparison& comparison) {
  return !judged(condition, comparison).hits.empty();
}

TEST(CostCondition, IsReadAsItIsWritten) {
  EXPECT_EQ(*parse_condition("peak_memory>+10%"),
            (CostCondition{"peak_memory>+10%", CostMetric::kPeakMemory, Relation::kMore, false,
                           true, 10, 0}));
  EXPECT_EQ(*parse_condition("  cell:duration >= +5 s "),
            (CostCondition{"cell:duration >= +5 s", CostMetric::kDuration, Relation::kAtLeast, true,
                           true, 0, 5}));
  EXPECT_EQ(*parse_condition("io_read<=200MB"),
            (CostCondition{"io_read<=200MB", CostMetric::kIoRead, Relation::kAtMost, false, false,
                           0, 200 * kMadeMb}));
  EXPECT_EQ(*parse_condition("cpu_seconds<-1.5%-20ms"),
            (CostCondition{"cpu_seconds<-1.5%-20ms", CostMetric::kCpuSeconds, Relation::kLess,
                           false, true, -1.5, -0.02}));
  EXPECT_EQ(parse_condition("memory_retained>0")->amount, 0);
  EXPECT_EQ(parse_condition("io_write>1GiB")->amount, 1024 * kMadeMb);
  EXPECT_EQ(parse_condition("gpu_energy>+2Wh+5%")->amount, 7200);
  EXPECT_EQ(parse_condition("gpu_energy>1.5kJ")->amount, 1500);
  EXPECT_EQ(parse_condition("gpu_memory>2MB")->amount, 2 * kMadeMb);
}

TEST(CostCondition, SaysWhatIsWrongWithIt) {
  const std::vector<std::pair<std::string, std::string>> wrong = {
      {"", "does not begin with one of duration, cpu_seconds, peak_memory"},
      {"memory>+10%", "does not begin with"},
      {"cells:duration>+1s", "does not begin with"},
      {"duration", "none of > >= < <="},
      {"gpu_energy>5W", "needs %, J, kJ, MJ, Wh or kWh after its number"},
      {"duration=5s", "does not begin with"},
      {"duration>", "no number"},
      {"duration>=>5s", "no number"},
      {"duration>fast", "no number"},
      {"duration>+", "no number"},
      {"duration>++5s", "no number"},
      {"duration>1.2.3s", "no number"},
      {"duration>+nan%", "no number"},
      {"duration>+inf s", "no number"},
      {"duration>10%", "a percentage without a sign"},
      {"duration>5", "needs %, us, ms"},
      {"duration>0x", "needs %, us, ms"},
      {"duration>+5MB", "needs %, us, ms"},
      {"peak_memory>+5s", "needs %, B, kB"},
      {"peak_memory>5GB+1MB", "adds to a number"},
      {"duration>1e3s", "needs %, us, ms"},
  };
  for (const auto& [text, part] : wrong) {
    const auto condition = parse_condition(text);
    ASSERT_FALSE(condition) << text;
    EXPECT_EQ(condition.error().code, base::ErrorCode::kBadInput);
    EXPECT_NE(condition.error().message.find(part), std::string::npos)
        << text << ": " << condition.error().message;
    EXPECT_EQ(condition.error().message.find('\n'), std::string::npos);
  }
}

TEST(CostCondition, AsksTheTotalsOfAllCells) {
  EXPECT_TRUE(is_met("duration>+10%", durations(10, 11.5)));
  EXPECT_FALSE(is_met("duration>+10%", durations(10, 10.5)));
  EXPECT_FALSE(is_met("duration>+10%", durations(10, 5)));
  EXPECT_TRUE(is_met("duration>+1s", durations(10, 11.5)));
  EXPECT_FALSE(is_met("duration>+10%+1s", durations(10, 11.5)));
  EXPECT_TRUE(is_met("duration>+10%+1s", durations(10, 12.5)));
  EXPECT_TRUE(is_met("duration<-10%", durations(10, 8)));
  EXPECT_TRUE(is_met("duration>11s", durations(10, 11.5)));
  EXPECT_FALSE(is_met("duration>11.5s", durations(10, 11.5)));
  EXPECT_TRUE(is_met("duration>=11.5s", durations(10, 11.5)));

  // A cell without a partner counts there
  const auto comparison =
      compare(made_costs({timed("f", 1)}), made_costs({timed("f", 1), timed("new", 1)}));
  EXPECT_TRUE(is_met("duration>+50%", comparison));
  EXPECT_FALSE(is_met("cell:duration>+50%", comparison));
}

TEST(CostCondition, AsksEachCell) {
  // GIVEN
  const auto comparison =
      compare(made_costs({timed("one", 1), timed("two", 1), timed("three", 50)}),
              made_costs({timed("one", 1), timed("two", 2), timed("three", 48)}));

  // WHEN
  const ConditionOutcome outcome = judged("cell:duration>+10%", comparison);

  // THEN
  EXPECT_EQ(outcome.judged, 3U);
  ASSERT_EQ(outcome.hits.size(), 1U);
  EXPECT_EQ(outcome.hits[0].cell, 1U);
  EXPECT_EQ(outcome.hits[0].difference.b, 2);
  EXPECT_FALSE(is_met("duration>+10%", comparison));
}

TEST(CostCondition, GrowthFromNothingIsMoreThanAnyPercentage) {
  EXPECT_TRUE(is_met("duration>+500%", durations(0, 1)));
  EXPECT_FALSE(is_met("duration>+10%", durations(0, 0)));
  EXPECT_FALSE(is_met("duration>+10%", durations(0, 0.0005))) << "less than measuring can tell";
}

TEST(CostCondition, APercentageOfANegativeNumberIsOfItsSize) {
  // GIVEN a cell that gave back 100 MB, and now 80 MB
  MadeCost before;
  before.kept_bytes = -100 * kMadeMb;
  MadeCost after;
  after.kept_bytes = -80 * kMadeMb;
  const auto comparison = compare(made_costs({before}), made_costs({after}));

  // THEN it keeps a fifth more
  EXPECT_TRUE(is_met("memory_retained>+10%", comparison));
  EXPECT_FALSE(is_met("memory_retained>+30%", comparison));
}

TEST(CostCondition, IsNotMetByWhatIsWithinTheNoise) {
  // GIVEN
  const auto a = made_costs({timed("f", 1), timed("f", 1.5), timed("f", 0.5)});
  const auto b = made_costs({timed("f", 1.2)});

  // WHEN
  const ConditionOutcome outcome = judged("cell:duration>+10%", compare(a, b));

  // THEN
  EXPECT_TRUE(outcome.hits.empty());
  EXPECT_EQ(outcome.excused, 1U);
  EXPECT_TRUE(is_met("cell:duration>1.1s", compare(a, b))) << "a limit knows no noise";
  EXPECT_TRUE(is_met("cell:duration<+50%", compare(a, b))) << "that asks for no change";
}

TEST(CostCondition, CannotBeJudgedWithoutTheNumber) {
  // GIVEN a peak on one side only
  MadeCost measured;
  measured.peak_bytes = 5 * kMadeMb;
  const auto comparison = compare(made_costs({MadeCost{}}), made_costs({measured}));

  // THEN
  EXPECT_EQ(judged("peak_memory>+10%", comparison).judged, 0U);
  EXPECT_EQ(judged("cell:peak_memory>+10%", comparison).judged, 0U);
  EXPECT_TRUE(is_met("peak_memory>1MB", comparison)) << "which asks B alone";
}

}  // namespace
}  // namespace jumper::analysis
