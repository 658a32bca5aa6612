// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/report/advice.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "testing/golden.h"
#include "testing/json_check.h"

namespace jumper::report {
namespace {

using analysis::AdviceInput;
using analysis::NodeUse;
using jumper::testing::expect_golden;
using jumper::testing::parse_json;

constexpr double kGb = 1024.0 * 1024 * 1024;
using Lines = std::vector<std::string>;

NodeUse used(const std::string& name, double busiest, double peak_gb, double seconds = 312) {
  return {.name = name,
          .seconds = seconds,
          .cpus_average = busiest / 2,
          .cpus_busiest = busiest,
          .memory_average_bytes = peak_gb * kGb / 2,
          .memory_peak_bytes = peak_gb * kGb};
}

AdviceInput job() {
  AdviceInput input;
  input.level = metric::Scope::kSlurm;
  input.asked.is_slurm = true;
  input.asked.cpus = 4;
  input.asked.memory_bytes = 24 * kGb;
  input.asked.memory_reason = "cgroup v1 /sys/fs/cgroup/memory/slurm/job_7";
  input.asked.is_memory_requested = true;
  input.asked.gpus = {"0", "3"};
  input.nodes = {used("n1", 1.9, 2.4)};
  return input;
}

TEST(AdviceText, OfAJobIsTheGoldenOne) {
  expect_golden("advice_job.txt", to_text(analysis::advise(job())));
}

TEST(AdviceText, OfManyNodesIsTheGoldenOne) {
  AdviceInput input = job();
  input.asked.nodes = 3;
  input.asked.gpus.clear();
  input.nodes.push_back(used("n2", 0.02, 0.05));
  input.nodes.push_back(used("n3", 4, 23.8));
  expect_golden("advice_nodes.txt", to_text(analysis::advise(input)));
}

TEST(AdviceText, OutsideSlurmTellsOfTheLimits) {
  // GIVEN a notebook in a container
  AdviceInput input;
  input.level = metric::Scope::kContainer;
  input.asked.cpus = 1.5;
  input.asked.cpus_reason = "cgroup v2 /sys/fs/cgroup/cpu.max";
  input.asked.memory_bytes = 24 * kGb;
  input.asked.memory_reason = "cgroup v2 /sys/fs/cgroup/memory.max";
  input.nodes = {used("host", 0.8, 3)};

  // WHEN
  const std::string text = to_text(analysis::advise(input));

  // THEN no line is for Slurm
  EXPECT_NE(text.find("may use 24.00 GB (cgroup v2 /sys/fs/cgroup/memory.max), used 3.00 GB"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("may use 1.5 CPUs (cgroup v2 /sys/fs/cgroup/cpu.max), busy 0.8 at most"),
            std::string::npos)
      << text;
  EXPECT_EQ(text.find("SBATCH"), std::string::npos) << text;
}

TEST(AdviceText, SaysWhenItIsTooShortToTell) {
  AdviceInput input = job();
  input.nodes = {used("n1", 1.9, 2.4, 12)};
  const std::string text = to_text(analysis::advise(input));
  EXPECT_NE(text.find("too short to tell"), std::string::npos);
  EXPECT_EQ(text.find("SBATCH"), std::string::npos);
  EXPECT_EQ(text.find("would have been enough"), std::string::npos);
}

TEST(AdviceText, NamesWhatWasNotMeasured) {
  AdviceInput input = job();
  input.unmeasured = {"n2\x1b[2J", "n3"};
  const std::string text = to_text(analysis::advise(input));
  EXPECT_NE(text.find("n3: not measured"), std::string::npos) << text;
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
}

analysis::GpuUse gpu_use(int32_t card, double utilization, double idle_ratio) {
  return {.card = card,
          .name = "NVIDIA H100",
          .seconds = 7200,
          .utilization = utilization,
          .idle_ratio = idle_ratio,
          .memory_peak_bytes = 0,
          .is_of_level = true};
}

TEST(AdviceText, NamesGpusThatWereNotUsed) {
  AdviceInput input = job();
  input.nodes[0].gpus = {gpu_use(0, 0.8, 0.05), gpu_use(1, 0.6, 0.1), gpu_use(2, 0.001, 0.97),
                         gpu_use(3, 0, 1)};
  input.nodes[0].gpus[3].memory_peak_bytes = 0.5 * kGb;
  const std::string text = to_text(analysis::advise(input));
  EXPECT_NE(text.find("  GPUs      asked for 4 GPUs, used 2, busy 70 % on average: 2 would have "
                      "been enough\n"
                      "  Idle      GPU 2 (NVIDIA H100) was as good as never used: 97 % of 2 h 00 "
                      "min under 1 %\n"
                      "  Idle      GPU 3 (NVIDIA H100) was never used: 100 % of 2 h 00 min under 1 "
                      "%; memory 512.0 MB at most\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("#SBATCH --gres=gpu:2\n"), std::string::npos);
}

TEST(AdviceText, SaysNothingOfGpusThatWereAllUsed) {
  AdviceInput input = job();
  // Just below the share of idle time from which on a GPU was not used.
  input.nodes[0].gpus = {gpu_use(0, 0.05, 0.94)};
  const std::string text = to_text(analysis::advise(input));
  EXPECT_NE(text.find("asked for 1 GPU, used 1, busy 5 % on average\n"), std::string::npos) << text;
  EXPECT_EQ(text.find("Idle"), std::string::npos);
  EXPECT_EQ(text.find("gres"), std::string::npos);
}

TEST(AdviceText, AJobThatUsedNoGpuNeedsNone) {
  AdviceInput input = job();
  input.nodes[0].gpus = {gpu_use(0, 0, 1), gpu_use(1, 0, 1)};
  const std::string text = to_text(analysis::advise(input));
  EXPECT_NE(text.find("asked for 2 GPUs, used none: it needs none\n"), std::string::npos) << text;
  EXPECT_EQ(text.find("gres"), std::string::npos);
}

TEST(AdviceText, CountsTheGpusOfTheNodeThatUsedMost) {
  AdviceInput input = job();
  input.nodes = {used("n1", 1, 1), used("n2", 1, 1)};
  input.nodes[0].gpus = {gpu_use(0, 0, 1), gpu_use(1, 0, 1)};
  input.nodes[1].gpus = {gpu_use(0, 0.5, 0), gpu_use(1, 0, 1)};
  const std::string text = to_text(analysis::advise(input));
  EXPECT_NE(text.find("#SBATCH --gres=gpu:1\n"), std::string::npos) << text;
  EXPECT_NE(text.find("  Idle      n2, GPU 1 (NVIDIA H100)"), std::string::npos) << text;
  // Where one node tells nothing of its GPUs, or is not known at all, nothing is concluded.
  AdviceInput unknown = input;
  unknown.nodes[0].gpus.clear();
  EXPECT_FALSE(analysis::advise(unknown).gpus);
  AdviceInput unmeasured = input;
  unmeasured.unmeasured = {"n3"};
  EXPECT_FALSE(analysis::advise(unmeasured).enough_gpus);
}

TEST(SbatchLines, AreWhatSlurmTakes) {
  EXPECT_EQ(sbatch_lines(analysis::advise(job())),
            (Lines{"#SBATCH --mem=3G", "#SBATCH --cpus-per-task=2"}));
  AdviceInput small = job();
  small.nodes = {used("n1", 0.4, 0.3)};
  EXPECT_EQ(sbatch_lines(analysis::advise(small)),
            (Lines{"#SBATCH --mem=384M", "#SBATCH --cpus-per-task=1"}));
  // Without --mem there is no request, and one is advised all the same.
  AdviceInput unasked = job();
  unasked.asked.memory_bytes.reset();
  unasked.asked.is_memory_requested = false;
  EXPECT_EQ(sbatch_lines(analysis::advise(unasked)).front(), "#SBATCH --mem=3G");
}

TEST(AdviceLine, IsShort) {
  EXPECT_EQ(advice_line(analysis::advise(job())), "2.40 GB of 24.00 GB and 1.9 of 4 CPUs");
}

TEST(AdviceJson, HasEverything) {
  const auto json = parse_json(to_json(analysis::advise(job())));
  ASSERT_TRUE(json.ok()) << json.error().message;
  EXPECT_EQ(json->at("level").text, "slurm");
  EXPECT_EQ(json->at("asked").at("memory_bytes").number, 24 * kGb);
  EXPECT_TRUE(json->at("asked").at("memory_requested").truth);
  EXPECT_EQ(json->at("asked").at("gpus").items.size(), 2U);
  EXPECT_EQ(json->at("used").at("memory_peak_bytes").number, 2.4 * kGb);
  EXPECT_EQ(json->at("enough").at("memory_bytes").number, 3 * kGb);
  EXPECT_EQ(json->at("enough").at("cpus_per_task").number, 2);
  EXPECT_TRUE(json->at("enough").at("nodes").is_null());
  EXPECT_EQ(json->at("sbatch").at(0).text, "#SBATCH --mem=3G");
  EXPECT_FALSE(json->at("too_short").truth);
}

}  // namespace
}  // namespace jumper::report
