// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/gpu/detect.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "jumper/gpu/backend.h"
#include "testing/made_cards.h"
#include "testing/temp_root.h"

namespace jumper::gpu {
namespace {

using jumper::testing::device_path;
using jumper::testing::make_card;
using jumper::testing::open_card;
using jumper::testing::TempRoot;

const Places kNoLibraries = {"libjumper_no_nvml.so", "libjumper_no_amd_smi.so",
                             "libjumper_no_rocm_smi.so"};

TEST(AllBackends, ShareTheCardsOfAMachine) {
  // GIVEN a processor with graphics, a card of AMD's and one of NVIDIA's with the kernel's driver
  const TempRoot files;
  make_card(files, 0, "i915", "8086:4680", "0000:00:02.0");
  make_card(files, 1, "amdgpu", "1002:740F", "0000:03:00.0");
  make_card(files, 2, "nouveau", "10DE:2330", "0000:04:00.0");
  files.write(device_path(1) + "gpu_busy_percent", "50\n");
  open_card(files, 42, 3, 0, "drm-driver: i915\ndrm-client-id: 1\ndrm-pdev: 0000:00:02.0\n");
  open_card(files, 42, 4, 1, "drm-driver: amdgpu\ndrm-client-id: 1\ndrm-pdev: 0000:03:00.0\n");
  const auto root = files.open();
  const auto none = [](const char*) { return std::optional<std::string>(); };

  // WHEN all look for theirs
  std::vector<std::string> found;
  std::vector<std::string> processes;
  for (const auto& backend : all_backends(root, none, kNoLibraries)) {
    backend->open();
    Reading reading;
    const pid_t pid = 42;
    backend->read(Depth::kFull, {&pid, 1}, reading);
    ASSERT_EQ(reading.cards.size(), backend->cards().size());
    for (const Card& card : backend->cards()) {
      found.push_back(std::string(backend->name()) + " " + card.driver);
    }
    for (const ProcessReading& process : reading.processes) {
      processes.push_back(backend->cards()[process.card].bus_id);
    }
    EXPECT_EQ(backend->current_call(), nullptr);
  }

  // THEN each card is one back-end's, and so is what a process has of it
  EXPECT_EQ(found, (std::vector<std::string>{"amdgpu amdgpu", "DRM i915", "DRM nouveau"}));
  EXPECT_EQ(processes, (std::vector<std::string>{"0000:03:00.0", "0000:00:02.0"}));
}

TEST(AllBackends, LeaveGpusAloneWhenAskedTo) {
  const TempRoot files;
  make_card(files, 1, "amdgpu", "1002:740F", "0000:03:00.0");
  const auto root = files.open();
  const auto off = [](const char* name) -> std::optional<std::string> {
    if (std::string_view(name) == "JUMPER_GPU") return "0";
    return std::nullopt;
  };
  const auto backends = all_backends(root, off, kNoLibraries);
  ASSERT_EQ(backends.size(), 1U);
  const Found found = backends[0]->open();
  EXPECT_FALSE(found.has_cards);
  EXPECT_NE(found.why_none.find("JUMPER_GPU=0"), std::string::npos);
}

TEST(Variables, AreThoseOfTheMomentOfTheQuestion) {
  // GIVEN
  constexpr const char* kName = "JUMPER_TEST_OF_VARIABLES";
  ::setenv(kName, "0=first", 1);
  const Variables variables = variables_now();
  // WHEN the program changes it, as notebooks do
  ::setenv(kName, "1", 1);
  // THEN who asks on another thread is not concerned
  EXPECT_EQ(variables(kName), "0=first");
  ::unsetenv(kName);
  EXPECT_EQ(variables_now()(kName), std::nullopt);
}

}  // namespace
}  // namespace jumper::gpu
