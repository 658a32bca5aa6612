// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/nodes/srun.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace jumper::nodes {
namespace {

using Texts = std::vector<std::string>;

source::SlurmJob four_nodes() {
  source::SlurmJob job;
  job.id = "71";
  job.node_list = "n[1-4]";
  job.nodes = 4;
  return job;
}

base::Result<Launch> plan(const std::string& nodes, const Texts& environment = {}) {
  return plan_launch({nodes, "/opt/jumper", 0.1}, four_nodes(), environment);
}

bool has(const Texts& texts, const std::string& text) {
  return std::ranges::find(texts, text) != texts.end();
}

TEST(PlanLaunch, AllIsEveryNodeOfTheJob) {
  const auto launch = plan("all");
  ASSERT_TRUE(launch);
  EXPECT_EQ(launch->node_count, 4U);
  EXPECT_EQ(launch->expected, (Texts{"n1", "n2", "n3", "n4"}));
  EXPECT_EQ(launch->arguments[0], "srun");
  for (const char* argument : {"--jobid=71", "--overlap", "--mem=0", "--nodes=4", "--ntasks=4",
                               "--ntasks-per-node=1", "/opt/jumper", "--lines", "0.1"})
    EXPECT_TRUE(has(launch->arguments, argument)) << argument;
}

TEST(PlanLaunch, TakesANumberAndAList) {
  const auto two = plan("2");
  ASSERT_TRUE(two);
  EXPECT_EQ(two->node_count, 2U);
  EXPECT_TRUE(two->expected.empty());
  const auto named = plan("n[2-3],n2");
  ASSERT_TRUE(named);
  EXPECT_EQ(named->node_count, 2U);
  EXPECT_EQ(named->expected, (Texts{"n2", "n3"}));
  EXPECT_TRUE(has(named->arguments, "--nodelist=n[2-3],n2"));
}

TEST(PlanLaunch, RefusesWhatCannotBe) {
  const std::pair<const char*, const char*> cases[] = {
      {"0", "from 1 to 4"},
      {"5", "from 1 to 4"},
      {"n5", "it has n1, n2, n3, n4"},
      {"n[", "no list"},
      {"", "no list"},
      {"; rm -rf /", "has no node"},
      {"-1", "has no node"},
      {"n1\n--uid=0", "has no node"},
  };
  for (const auto& [nodes, why] : cases) {
    const auto launch = plan(nodes);
    ASSERT_FALSE(launch) << nodes;
    EXPECT_NE(launch.error().message.find(why), std::string::npos) << launch.error().message;
    EXPECT_EQ(launch.error().message.find('\n'), std::string::npos);
  }
  const auto outside = plan_launch({"all", "/opt/jumper", 1}, std::nullopt, {});
  ASSERT_FALSE(outside);
  EXPECT_NE(outside.error().message.find("inside a Slurm job"), std::string::npos);
}

TEST(PlanLaunch, TheJobsOwnSettingsDoNotActOnOurStep) {
  const auto launch = plan(
      "all", {"PATH=/bin", "SLURM_CONF=/etc/s.conf", "SLURM_NTASKS=64", "SLURM_UNBUFFEREDIO=1",
              "SRUN_CPUS_PER_TASK=3", "SBATCH_EXCLUSIVE=1", "PMI_RANK=3", "SLURMD_NODENAME=n1"});
  ASSERT_TRUE(launch);
  EXPECT_EQ(launch->environment, (Texts{"PATH=/bin", "SLURM_CONF=/etc/s.conf"}));
}

}  // namespace
}  // namespace jumper::nodes
