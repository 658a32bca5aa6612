// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/report/resources.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "jumper/report/gpu_resources.h"
#include "testing/golden.h"
#include "testing/json_check.h"

namespace jumper::report {
namespace {

using jumper::testing::expect_golden;
using jumper::testing::parse_json;

constexpr uint64_t kGb = uint64_t{1} << 30U;

source::Resources limited() {
  source::Resources resources;
  resources.usable_cpus = {0, 1, 2, 5};
  resources.online_cpus = 8;
  resources.physical_bytes = 64 * kGb;
  resources.available_bytes = 50 * kGb;
  resources.swap_bytes = 2 * kGb;
  resources.memory_limit_bytes = 16 * kGb;
  resources.memory_limit_reason = "cgroup /sys/fs/cgroup/job/memory.max";
  resources.kernel = "6.1.0-18-amd64";
  return resources;
}

source::Resources unlimited() {
  source::Resources resources = limited();
  resources.usable_cpus = {0};
  resources.online_cpus = 1;
  resources.memory_limit_bytes = resources.physical_bytes;
  resources.memory_limit_reason = "physical memory";
  resources.swap_bytes = 0;
  return resources;
}

TEST(ResourcesText, IsTheGoldenOne) {
  expect_golden("resources_limited.txt", to_text(limited()));
  expect_golden("resources_unlimited.txt", to_text(unlimited()));
}

// One and a half CPUs of four, of eight; words of JupyterHub beside what the kernel enforces.
source::Resources in_a_container() {
  source::Resources resources = limited();
  resources.memory_limit_reason = "cgroup v2 /sys/fs/cgroup/memory.max";
  resources.cpu_limits = {{1.5, "cgroup v2 /sys/fs/cgroup/cpu.max", true},
                          {2, "JupyterHub, CPU_LIMIT", false},
                          {4, "CPU affinity", true},
                          {8, "CPUs of the machine", true}};
  resources.memory_limits = {{16.0 * kGb, "cgroup v2 /sys/fs/cgroup/memory.max", true},
                             {16.0 * kGb, "JupyterHub, MEM_LIMIT", false},
                             {64.0 * kGb, "physical memory", true}};
  resources.gpu_choices = {{{"0", "3"}, "CUDA_VISIBLE_DEVICES"}};
  return resources;
}

TEST(ResourcesText, TellsTheWinnerAndTheOthers) {
  expect_golden("resources_container.txt", to_text(in_a_container()));
}

TEST(ResourcesText, TellsThatAllGpusAreHidden) {
  source::Resources resources = in_a_container();
  resources.gpu_choices = {{{}, "CUDA_VISIBLE_DEVICES"}, {{"0"}, "NVIDIA_VISIBLE_DEVICES"}};
  const std::string text = to_text(resources);
  EXPECT_NE(text.find("  GPUs      none: CUDA_VISIBLE_DEVICES\n"
                      "            also 1 (0): NVIDIA_VISIBLE_DEVICES\n"),
            std::string::npos)
      << text;
}

gpu::Card card_of(std::string name, double memory_gb) {
  gpu::Card card;
  card.name = std::move(name);
  card.memory_bytes = static_cast<uint64_t>(memory_gb * static_cast<double>(kGb));
  card.driver = "NVIDIA 550.54.15";
  return card;
}

TEST(GpuResources, AreTheCardsThereAre) {
  source::Resources resources = limited();
  resources.gpu.is_known = true;
  resources.gpu.cards.assign(8, card_of("NVIDIA H100 80GB HBM3", 80));
  EXPECT_EQ(gpu_resource_lines(resources),
            std::vector<std::string>{"8: NVIDIA H100 80GB HBM3 (80.00 GB each), NVIDIA 550.54.15"});
  EXPECT_NE(to_text(resources).find(
                "  GPUs      8: NVIDIA H100 80GB HBM3 (80.00 GB each), NVIDIA 550.54.15\n"),
            std::string::npos);
  resources.gpu.cards.resize(1);
  EXPECT_EQ(gpu_resource_lines(resources),
            std::vector<std::string>{"1: NVIDIA H100 80GB HBM3 (80.00 GB), NVIDIA 550.54.15"});
  resources.gpu.cards.push_back(card_of("NVIDIA T4", 15));
  EXPECT_EQ(gpu_resource_lines(resources),
            std::vector<std::string>{"2: 0 NVIDIA H100 80GB HBM3 (80.00 GB), NVIDIA 550.54.15; 1 "
                                     "NVIDIA T4 (15.00 GB), NVIDIA 550.54.15"});
}

TEST(GpuResources, TellWhichAreChosen) {
  source::Resources resources = limited();
  resources.gpu.cards.assign(4, card_of("A", 8));
  resources.gpu.cards[0].is_chosen = resources.gpu.cards[3].is_chosen = false;
  resources.gpu_choices = {{{"1", "2"}, "CUDA_VISIBLE_DEVICES"}};
  EXPECT_EQ(gpu_resource_lines(resources).at(1), "this process may use 1, 2: CUDA_VISIBLE_DEVICES");
  resources.gpu.cards[1].is_chosen = resources.gpu.cards[2].is_chosen = false;
  EXPECT_EQ(gpu_resource_lines(resources).at(1),
            "this process may use none of them: CUDA_VISIBLE_DEVICES");
  for (gpu::Card& card : resources.gpu.cards) card.is_chosen = true;
  EXPECT_EQ(gpu_resource_lines(resources).at(1),
            "this process may use all of them: CUDA_VISIBLE_DEVICES");
}

TEST(GpuResources, TellOfInstances) {
  source::Resources resources = limited();
  resources.gpu.cards = {card_of("NVIDIA H100", 80), card_of("NVIDIA H100", 80),
                         card_of("NVIDIA H100 MIG 1g.10gb", 9.75),
                         card_of("NVIDIA H100 MIG 1g.10gb", 9.75)};
  resources.gpu.cards[1].is_divided = true;
  resources.gpu.cards[2].part_of = resources.gpu.cards[3].part_of = 1;
  EXPECT_EQ(gpu_resource_lines(resources),
            (std::vector<std::string>{"2: NVIDIA H100 (80.00 GB each), NVIDIA 550.54.15",
                                      "GPU 1 is divided: 2, 3 NVIDIA H100 MIG 1g.10gb (9.75 GB "
                                      "each)"}));
}

TEST(GpuResources, TellWhyThereAreNone) {
  source::Resources resources = limited();
  EXPECT_TRUE(gpu_resource_lines(resources).empty()) << "nobody has looked";
  resources.gpu.is_known = true;
  EXPECT_EQ(gpu_resource_lines(resources), std::vector<std::string>{"none found"});
  resources.gpu.why_none = "no GPU driver";
  EXPECT_EQ(gpu_resource_lines(resources), std::vector<std::string>{"none found (no GPU driver)"});
  resources.gpu.silent_since_ns = 1;
  resources.gpu.silent_call = "nvmlInit_v2";
  EXPECT_EQ(gpu_resource_lines(resources),
            std::vector<std::string>{"n/a: the driver does not answer (nvmlInit_v2)"});
}

TEST(GpuResources, TellWhatCannotBeMeasured) {
  source::Resources resources = limited();
  resources.gpu.cards.assign(2, card_of("A", 8));
  resources.gpu.cards[0].absent = resources.gpu.cards[1].absent = {
      {"utilization of processes", "not supported"}, {"activity", "not supported"}};
  resources.gpu.cards[1].absent.push_back({"energy", "an old card"});
  resources.gpu.troubles = {"card 1: fell off the bus"};
  const std::vector<std::string> lines = gpu_resource_lines(resources);
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[1], "card 1: fell off the bus");
  EXPECT_EQ(lines[2],
            "not measurable: utilization of processes, activity (not supported); energy (GPU 1: an "
            "old card)");
}

TEST(GpuResources, StandInJson) {
  source::Resources resources = limited();
  resources.gpu.is_known = true;
  resources.gpu.cards = {card_of("NVIDIA H100", 80)};
  resources.gpu.cards[0].uuid = "GPU-1";
  const auto json = parse_json(to_json(resources));
  ASSERT_TRUE(json.ok());
  EXPECT_EQ(json->at("gpus").at("cards").at(0).at("uuid").text, "GPU-1");
  EXPECT_EQ(json->at("gpus").at("cards").at(0).at("memory_bytes").number, 80 * kGb);
  EXPECT_TRUE(json->at("gpus").at("cards").at(0).at("part_of").is_null());
}

TEST(ResourcesJson, HasAllLimitsWithTheirReasons) {
  const auto json = parse_json(to_json(in_a_container()));
  ASSERT_TRUE(json.ok()) << json.error().message;
  EXPECT_EQ(json->at("effective_cpus").number, 1.5);
  ASSERT_EQ(json->at("cpu_limits").items.size(), 4U);
  EXPECT_EQ(json->at("cpu_limits").at(1).at("reason").text, "JupyterHub, CPU_LIMIT");
  EXPECT_FALSE(json->at("cpu_limits").at(1).at("enforced").truth);
  EXPECT_TRUE(json->at("memory_limits").at(0).at("enforced").truth);
  EXPECT_EQ(json->at("gpu_choices").at(0).at("ids").at(1).text, "3");
}

TEST(ResourcesText, SaysWhatCannotBeRead) {
  // GIVEN a machine that hides everything
  source::Resources resources;
  resources.usable_cpus = {0};
  resources.online_cpus = 1;
  resources.kernel = "6.1";

  // THEN
  EXPECT_EQ(to_text(resources),
            "Resources this process may use\n"
            "  CPUs      1 CPU (0), all that the machine has\n"
            "  Memory    n/a (/proc/meminfo cannot be read)\n"
            "  Kernel    Linux 6.1\n");
}

TEST(ResourcesText, AHostileGroupNameDoesNoHarm) {
  source::Resources resources = limited();
  resources.memory_limit_reason = "cgroup /sys/fs/cgroup/\x1B[2J\nx/memory.max";
  const std::string text = to_text(resources);
  EXPECT_EQ(text.find('\x1B'), std::string::npos);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 6);
}

TEST(ResourcesJson, HoldsEverything) {
  const auto json = parse_json(to_json(limited()));
  ASSERT_TRUE(json.ok()) << json.error().message;
  EXPECT_EQ(json->at("usable_cpus").items.size(), 4U);
  EXPECT_EQ(json->at("usable_cpus").at(3).number, 5);
  EXPECT_EQ(json->at("online_cpus").number, 8);
  EXPECT_EQ(json->at("memory_limit_bytes").number, static_cast<double>(16 * kGb));
  EXPECT_EQ(json->at("memory_limit_reason").text, "cgroup /sys/fs/cgroup/job/memory.max");
  EXPECT_EQ(json->at("physical_memory_bytes").number, static_cast<double>(64 * kGb));
  EXPECT_EQ(json->at("available_memory_bytes").number, static_cast<double>(50 * kGb));
  EXPECT_EQ(json->at("swap_bytes").number, static_cast<double>(2 * kGb));
  EXPECT_TRUE(json->at("address_space_limit_bytes").is_null());
  EXPECT_EQ(json->at("kernel").text, "6.1.0-18-amd64");
}

TEST(ResourcesJson, AbsentValuesAreNull) {
  const auto json = parse_json(to_json(source::Resources{}));
  ASSERT_TRUE(json.ok()) << json.error().message;
  EXPECT_TRUE(json->at("memory_limit_bytes").is_null());
  EXPECT_TRUE(json->at("physical_memory_bytes").is_null());
  EXPECT_TRUE(json->at("usable_cpus").items.empty());
}

}  // namespace
}  // namespace jumper::report
