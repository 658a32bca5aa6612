// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/journal/recording.h"

#include <gtest/gtest.h>

namespace jumper::journal {
namespace {

using metric::Scope;

Facts made_facts() {
  Facts facts;
  facts.resources.usable_cpus = {0, 1, 2, 3};
  facts.resources.online_cpus = 8;
  facts.resources.physical_bytes = 1000;
  facts.resources.memory_limit_bytes = 300;
  facts.resources.memory_limit_reason = "the step";
  return facts;
}

TEST(LevelLimits, OfAGroupAreItsOwn) {
  Facts facts = made_facts();
  facts.level_limits = {{Scope::kSlurm, 2.5, 500, "the job"},
                        {Scope::kContainer, std::nullopt, std::nullopt, ""}};

  EXPECT_EQ(cpus_of(facts, Scope::kSlurm), 2.5);
  EXPECT_EQ(memory_end_of(facts, Scope::kSlurm).bytes, 500U);
  EXPECT_EQ(memory_end_of(facts, Scope::kSlurm).reason, "the job");

  // A group without a limit ends where the machine does.
  EXPECT_EQ(cpus_of(facts, Scope::kContainer), 4);
  EXPECT_EQ(memory_end_of(facts, Scope::kContainer).bytes, 1000U);
  EXPECT_EQ(memory_end_of(facts, Scope::kContainer).reason, "");

  EXPECT_EQ(cpus_of(facts, Scope::kSystem), 8);
  EXPECT_EQ(memory_end_of(facts, Scope::kSystem).bytes, 1000U);
  EXPECT_EQ(cpus_of(facts, Scope::kProcess), 4);
  EXPECT_EQ(memory_end_of(facts, Scope::kProcess).bytes, 300U);
  EXPECT_EQ(memory_end_of(facts, Scope::kProcess).reason, "the step");
}

TEST(LevelLimits, AboveTheMachineAreTheMachines) {
  Facts facts = made_facts();
  facts.level_limits = {{Scope::kSlurm, std::nullopt, 5000, "the job"}};
  EXPECT_EQ(memory_end_of(facts, Scope::kSlurm).bytes, 1000U);
  EXPECT_EQ(memory_end_of(facts, Scope::kSlurm).reason, "");
}

TEST(LevelLimits, SayWhyAllOfTheCpuIsLess) {
  // GIVEN a quota for the process, and more for its job
  Facts facts = made_facts();
  facts.resources.cpu_limits = {{1.5, "a quota", true}, {8, "CPUs of the machine", true}};
  facts.level_limits = {{Scope::kSlurm, 2.5, std::nullopt, ""},
                        {Scope::kContainer, 8, std::nullopt, ""}};

  // THEN
  EXPECT_EQ(cpus_of(facts, Scope::kProcess), 1.5);
  EXPECT_EQ(cpus_reason_of(facts, Scope::kProcess), "a quota");
  EXPECT_EQ(cpus_reason_of(facts, Scope::kSlurm), "what the level slurm has");
  EXPECT_EQ(cpus_reason_of(facts, Scope::kContainer), "");
  EXPECT_EQ(cpus_reason_of(facts, Scope::kSystem), "");
  // A quota has more for a moment: all CPUs of the affinity.
  EXPECT_EQ(most_cpus_of(facts, Scope::kProcess), 4);
  EXPECT_EQ(most_cpus_of(facts, Scope::kSystem), 8);
}

TEST(LevelLimits, ThatNobodyToldAreThoseOfTheProcess) {
  // A session of the Python JUmPER has no limits of groups.
  EXPECT_EQ(cpus_of(made_facts(), Scope::kSlurm), 4);
  EXPECT_EQ(memory_end_of(made_facts(), Scope::kSlurm).bytes, 300U);
  EXPECT_EQ(cpus_of(Facts{}, Scope::kProcess), 1);
}

}  // namespace
}  // namespace jumper::journal
