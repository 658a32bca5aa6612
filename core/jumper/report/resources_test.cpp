// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/report/resources.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <string>

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
