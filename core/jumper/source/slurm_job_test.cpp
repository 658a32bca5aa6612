// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/source/slurm_job.h"

#include <gtest/gtest.h>

#include <map>

namespace jumper::source {
namespace {

Environment of(std::map<std::string, std::string> variables) {
  return [variables = std::move(variables)](const char* name) {
    const auto found = variables.find(name);
    return found == variables.end() ? std::string() : found->second;
  };
}

using Names = std::vector<std::string>;

TEST(SlurmJob, IsToldByTheEnvironment) {
  // GIVEN the variables of a step, whose SLURM_NNODES is the step's
  const auto job = read_slurm_job(of({{"SLURM_JOB_ID", "71"},
                                      {"SLURM_JOB_NODELIST", "n[1-4]"},
                                      {"SLURM_JOB_NUM_NODES", "4"},
                                      {"SLURM_NNODES", "1"},
                                      {"SLURMD_NODENAME", "n2"},
                                      {"SLURM_STEP_ID", "0"},
                                      {"SLURM_CPUS_ON_NODE", "2"},
                                      {"SLURM_MEM_PER_NODE", "600"},
                                      {"SLURM_JOB_GPUS", "0,1,2"},
                                      {"SLURM_STEP_GPUS", "1"}}));
  // THEN
  ASSERT_TRUE(job);
  EXPECT_EQ(job->id, "71");
  EXPECT_EQ(job->nodes, 4U);
  EXPECT_EQ(job->node_name, "n2");
  EXPECT_EQ(job->cpus_on_node, 2U);
  EXPECT_EQ(job->memory_per_node_bytes, 600U << 20);
  EXPECT_EQ(job->gpus, Names{"1"});
  EXPECT_TRUE(job->is_step);
  EXPECT_FALSE(job->cpus_per_task);
}

TEST(SlurmJob, IsAbsentWithoutAnIdOfDigits) {
  EXPECT_FALSE(read_slurm_job(of({})));
  EXPECT_FALSE(read_slurm_job(of({{"SLURM_JOB_ID", "../../etc"}})));
  EXPECT_FALSE(read_slurm_job(of({{"SLURM_JOB_ID", "123456789012345678901"}})));
}

TEST(SlurmJob, AllOfTheMemoryIsNoNumber) {
  const auto job = read_slurm_job(of({{"SLURM_JOB_ID", "1"}, {"SLURM_MEM_PER_NODE", "0"}}));
  ASSERT_TRUE(job);
  EXPECT_FALSE(job->memory_per_node_bytes);
}

TEST(NodeList, IsExpanded) {
  EXPECT_EQ(expand_node_list("n1"), Names{"n1"});
  EXPECT_EQ(expand_node_list("n[1-3,07],gpu1"), (Names{"n1", "n2", "n3", "n07", "gpu1"}));
  EXPECT_EQ(expand_node_list("a[08-10]-ib"), (Names{"a08-ib", "a09-ib", "a10-ib"}));
}

TEST(NodeList, RefusesWhatIsNone) {
  for (const char* text : {"", ",", "n[", "n[]", "n[3-1]", "n]1", "n[1-x]", "n[1-2][3-4]",
                           "n[0-99999999]", "n[1-18446744073709551615]", "n1,,n2", "n[1"}) {
    EXPECT_FALSE(expand_node_list(text)) << text;
  }
}

TEST(PerNode, IsExpanded) {
  EXPECT_EQ(expand_per_node("2(x3),4"), (std::vector<uint32_t>{2, 2, 2, 4}));
  for (const char* text : {"", "x", "2(x", "2(x)", "2(x99999999)", "(x2)"})
    EXPECT_FALSE(expand_per_node(text)) << text;
}

}  // namespace
}  // namespace jumper::source
