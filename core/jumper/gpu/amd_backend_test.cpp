// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/gpu/amd_backend.h"

#include <dlfcn.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "testing/fake_clock.h"
#include "testing/made_amd.h"
#include "testing/made_cards.h"
#include "testing/temp_root.h"

namespace jumper::gpu {
namespace {

using jumper::testing::AmdTable;
using jumper::testing::device_path;
using jumper::testing::FakeClock;
using jumper::testing::make_card;
using jumper::testing::open_card;
using jumper::testing::TempRoot;
using jumper::testing::write_fdinfo;

constexpr const char* kNoLibrary = "libjumper_no_such_library.so";
constexpr int64_t kSecond = base::kNanosPerSecond;

std::string why_absent(const Card& card, std::string_view what) {
  const auto absence = std::ranges::find(card.absent, what, &Absence::what);
  return absence == card.absent.end() ? "" : absence->why;
}

std::optional<std::string> no_variable(const char* /*name*/) {
  return std::nullopt;
}

// An MI210 as amdgpu shows it, with the table of MI300, whose energy is documented.
void make_amd_card(const TempRoot& files, int number, const std::string& bus_id) {
  make_card(files, number, "amdgpu", "1002:740F", bus_id);
  const std::string device = device_path(number);
  files.write(device + "product_name", "AMD INSTINCT MI210\n");
  files.write(device + "unique_id", "4ca2" + std::to_string(number) + "beef\n");
  files.write(device + "gpu_busy_percent", "87\n");
  files.write(device + "mem_busy_percent", "41\n");
  files.write(device + "mem_info_vram_total", "68702699520\n");
  files.write(device + "mem_info_vram_used", "1073741824\n");
  files.write(device + "hwmon/hwmon2/name", "amdgpu\n");
  files.write(device + "hwmon/hwmon2/power1_average", "212000000\n");
  files.write(device + "hwmon/hwmon2/temp1_input", "54000\n");
  files.write(device + "hwmon/hwmon2/freq1_input", "1700000000\n");
  files.write(device + "hwmon/hwmon2/freq2_input", "1600000000\n");
  files.write(device + "gpu_metrics", AmdTable(1, 4, 280).put64(24, 65536 * 500).bytes());
}

class AmdBackendTest : public ::testing::Test {
 protected:
  Found open(const Variables& variables = no_variable, const std::string& amd_smi = kNoLibrary) {
    root_ = std::make_unique<kernfs::KernelRoot>(files_.open());
    backend_ = make_amd_backend(*root_, variables, amd_smi, kNoLibrary, &clock_);
    return backend_->open();
  }
  const Reading& read(Depth depth = Depth::kFull, std::vector<pid_t> pids = {}) {
    clock_.advance_ns(kSecond);
    backend_->read(depth, pids, reading_);
    return reading_;
  }
  [[nodiscard]] const Card& card(size_t place) const { return backend_->cards()[place]; }

  TempRoot files_;
  FakeClock clock_;
  std::unique_ptr<kernfs::KernelRoot> root_;
  std::unique_ptr<Backend> backend_;
  Reading reading_;
};

TEST_F(AmdBackendTest, WithoutACardThereIsNone) {
  const Found found = open();
  EXPECT_FALSE(found.has_cards);
  EXPECT_EQ(found.why_none, "");
  EXPECT_TRUE(backend_->cards().empty());
  EXPECT_TRUE(read().cards.empty());
}

TEST_F(AmdBackendTest, SaysWhatEachCardIs) {
  // GIVEN cards whose numbers are not in the order of the bus
  make_amd_card(files_, 0, "0000:83:00.0");
  make_amd_card(files_, 1, "0000:03:00.0");
  make_card(files_, 2, "i915", "8086:56A0", "0000:04:00.0");
  ASSERT_TRUE(open().has_cards);

  // THEN
  ASSERT_EQ(backend_->cards().size(), 2U);
  EXPECT_EQ(card(0).vendor, Vendor::kAmd);
  EXPECT_EQ(card(0).name, "AMD INSTINCT MI210");
  EXPECT_EQ(card(0).uuid, "GPU-4ca21beef");
  EXPECT_EQ(card(0).bus_id, "0000:03:00.0");
  EXPECT_EQ(card(0).driver, "amdgpu");
  EXPECT_EQ(card(0).memory_bytes, 68702699520U);
  EXPECT_TRUE(card(0).is_chosen);
  EXPECT_EQ(card(1).bus_id, "0000:83:00.0");
}

TEST_F(AmdBackendTest, ReadsWhatTheDriverTells) {
  make_amd_card(files_, 0, "0000:03:00.0");
  open();

  const CardReading& reading = read().cards[0];

  EXPECT_DOUBLE_EQ(reading.utilization.value_or(-1), 0.87);
  EXPECT_DOUBLE_EQ(reading.bandwidth_utilization.value_or(-1), 0.41);
  EXPECT_EQ(reading.memory_used_bytes, 1073741824U);
  EXPECT_DOUBLE_EQ(reading.power_watts.value_or(-1), 212);
  EXPECT_DOUBLE_EQ(reading.temperature_celsius.value_or(-1), 54);
  EXPECT_DOUBLE_EQ(reading.sm_clock_hertz.value_or(-1), 1.7e9);
  EXPECT_DOUBLE_EQ(reading.memory_clock_hertz.value_or(-1), 1.6e9);
  EXPECT_DOUBLE_EQ(reading.energy_joules.value_or(-1), 500);
  EXPECT_EQ(reading.trouble, "");
  EXPECT_NE(why_absent(card(0), "PCIe traffic"), "");
}

TEST_F(AmdBackendTest, AnEdgeReadsEnergyAndMemoryAlone) {
  make_amd_card(files_, 0, "0000:03:00.0");
  open();
  const CardReading& reading = read(Depth::kEdge).cards[0];
  EXPECT_EQ(reading.memory_used_bytes, 1073741824U);
  EXPECT_DOUBLE_EQ(reading.energy_joules.value_or(-1), 500);
  EXPECT_EQ(reading.utilization, std::nullopt);
  EXPECT_EQ(reading.power_watts, std::nullopt);
  EXPECT_FALSE(reading.has_process_utilization);
  EXPECT_TRUE(reading.has_process_memory);
}

TEST_F(AmdBackendTest, LeavesASleepingCardAsleep) {
  // GIVEN two cards, of which one is switched off
  make_amd_card(files_, 0, "0000:03:00.0");
  make_amd_card(files_, 1, "0000:83:00.0");
  files_.write(device_path(1) + "power/runtime_status", "suspended\n");
  open();

  // THEN
  const Reading& reading = read();
  EXPECT_EQ(reading.cards[0].trouble, "");
  EXPECT_NE(reading.cards[1].trouble, "");
  EXPECT_EQ(reading.cards[1].utilization, std::nullopt);
  EXPECT_EQ(reading.cards[1].memory_used_bytes, std::nullopt);
  EXPECT_EQ(reading.cards[1].energy_joules, std::nullopt);

  // WHEN somebody wakes it up
  files_.write(device_path(1) + "power/runtime_status", "active\n");
  EXPECT_DOUBLE_EQ(read().cards[1].utilization.value_or(-1), 0.87);
}

TEST_F(AmdBackendTest, TakesWhatOtherCardsHaveInstead) {
  // GIVEN a card with the sensors of others, and no name
  make_card(files_, 0, "amdgpu", "1002:74A1", "0000:03:00.0");
  files_.write(device_path(0) + "hwmon/hwmon7/power1_input", "90500000\n");
  files_.write(device_path(0) + "hwmon/hwmon7/temp2_input", "61000\n");
  open();
  const CardReading& reading = read().cards[0];
  EXPECT_EQ(card(0).name, "AMD GPU 1002:74a1");
  EXPECT_EQ(card(0).uuid, "");
  EXPECT_DOUBLE_EQ(reading.power_watts.value_or(-1), 90.5);
  EXPECT_DOUBLE_EQ(reading.temperature_celsius.value_or(-1), 61);
  EXPECT_EQ(reading.utilization, std::nullopt);
  EXPECT_NE(why_absent(card(0), "utilization"), "");
  EXPECT_NE(why_absent(card(0), "memory bandwidth"), "");
  EXPECT_NE(why_absent(card(0), "energy"), "");
  EXPECT_EQ(why_absent(card(0), "power"), "");
}

TEST_F(AmdBackendTest, GarbageIsAbsentAndSaid) {
  make_amd_card(files_, 0, "0000:03:00.0");
  const std::string device = device_path(0);
  open();
  files_.write(device + "gpu_busy_percent", "-5\n");
  files_.write(device + "mem_busy_percent", "250\n");
  files_.write(device + "mem_info_vram_used", "99999999999999999999999\n");
  files_.write(device + "hwmon/hwmon2/power1_average", "");
  files_.write(device + "gpu_metrics", "\x04");
  const CardReading& some = read().cards[0];
  EXPECT_EQ(some.utilization, std::nullopt);
  EXPECT_EQ(some.bandwidth_utilization, std::nullopt);
  EXPECT_EQ(some.memory_used_bytes, std::nullopt);
  EXPECT_EQ(some.power_watts, std::nullopt);
  EXPECT_EQ(some.energy_joules, std::nullopt);
  EXPECT_EQ(some.trouble, "");  // others answer
}

TEST_F(AmdBackendTest, ACardThatDoesNotAnswerIsInTrouble) {
  make_card(files_, 0, "amdgpu", "1002:740F", "0000:03:00.0");
  // GIVEN a folder in place of the file: it opens, and every reading of it fails
  files_.make_folder(device_path(0) + "gpu_busy_percent");
  open();
  EXPECT_EQ(read().cards[0].trouble, "amdgpu does not answer: Is a directory");
}

TEST_F(AmdBackendTest, SaysWhatHoldsTheCardBack) {
  make_amd_card(files_, 0, "0000:03:00.0");
  const auto table = [](uint32_t ppt, uint32_t heat) {
    return AmdTable(1, 6, 900).put64(16, 65536).put32(40, ppt).put32(44, heat).bytes();
  };
  files_.write(device_path(0) + "gpu_metrics", table(5, 7));
  open();
  EXPECT_EQ(read().cards[0].is_power_throttled, std::nullopt);  // nothing to compare with
  files_.write(device_path(0) + "gpu_metrics", table(9, 7));
  const CardReading reading = read().cards[0];
  EXPECT_EQ(reading.is_power_throttled, true);
  EXPECT_EQ(reading.is_thermal_throttled, false);
}

TEST_F(AmdBackendTest, AnOldTableIsBelievedWhenItAgreesWithThePower) {
  make_amd_card(files_, 0, "0000:03:00.0");
  open();
  std::optional<double> joules;
  for (uint64_t second = 0; second < 6; ++second) {
    files_.write(device_path(0) + "gpu_metrics",
                 AmdTable(1, 3, 120).put64(24, 65536 * (1000 + 212 * second)).bytes());
    joules = read().cards[0].energy_joules;
    if (second < 2) {
      EXPECT_EQ(joules, std::nullopt);
    }
  }
  EXPECT_DOUBLE_EQ(joules.value_or(-1), 1000 + 212 * 5);
}

TEST_F(AmdBackendTest, AnOldTableThatDisagreesIsNotTold) {
  make_amd_card(files_, 0, "0000:03:00.0");
  open();
  for (uint64_t second = 0; second < 10; ++second) {
    files_.write(device_path(0) + "gpu_metrics",
                 AmdTable(1, 3, 120).put64(24, 1000 + second).bytes());
    EXPECT_EQ(read().cards[0].energy_joules, std::nullopt);
  }
  EXPECT_NE(why_absent(card(0), "energy").find("its counter says 0.0 J"), std::string::npos);
}

TEST_F(AmdBackendTest, AnUnknownTableIsLeftToAmdsLibrary) {
  make_amd_card(files_, 0, "0000:03:00.0");
  files_.write(device_path(0) + "gpu_metrics", AmdTable(1, 9, 400).bytes());
  open(no_variable, JUMPER_FAKE_AMD_SMI);
  EXPECT_NEAR(read().cards[0].energy_joules.value_or(-1), 0.0153, 1e-6);
  EXPECT_NE(why_absent(card(0), "throttling"), "");
}

TEST_F(AmdBackendTest, TheLibraryIsNotTouchedWithoutNeed) {
  make_amd_card(files_, 0, "0000:03:00.0");
  // One that no other test opened: it would be there still.
  const std::string library = (files_.path() / "libamd_smi.so").string();
  std::filesystem::copy_file(JUMPER_FAKE_AMD_SMI, library);
  open(no_variable, library);
  read();
  EXPECT_EQ(::dlopen(library.c_str(), RTLD_NOW | RTLD_NOLOAD), nullptr);
}

TEST_F(AmdBackendTest, WithoutALibraryItSaysWhy) {
  make_amd_card(files_, 0, "0000:03:00.0");
  files_.remove(device_path(0) + "gpu_metrics");
  open();
  EXPECT_EQ(read().cards[0].energy_joules, std::nullopt);
  EXPECT_NE(why_absent(card(0), "energy").find(kNoLibrary), std::string::npos);
}

TEST_F(AmdBackendTest, TheChosenCardsAreThoseOfTheRuntime) {
  make_amd_card(files_, 0, "0000:03:00.0");
  make_amd_card(files_, 1, "0000:83:00.0");
  open([](const char* name) -> std::optional<std::string> {
    if (std::string_view(name) == "ROCR_VISIBLE_DEVICES") return "GPU-4ca21beef";
    return std::nullopt;
  });
  EXPECT_FALSE(card(0).is_chosen);
  EXPECT_TRUE(card(1).is_chosen);
}

TEST_F(AmdBackendTest, ProcessesComeFromTheirOpenFiles) {
  make_amd_card(files_, 0, "0000:03:00.0");
  const auto text = [](int64_t busy_ns) {
    return "drm-driver:\tamdgpu\ndrm-client-id:\t9\ndrm-pdev:\t0000:03:00.0\n"
           "drm-resident-vram:\t3 MiB\ndrm-engine-gfx:\t" +
           std::to_string(busy_ns) + " ns\n";
  };
  open_card(files_, 42, 7, 0, text(0));
  open();
  EXPECT_FALSE(read(Depth::kFull, {42, 43}).cards[0].has_process_utilization);  // since when?
  write_fdinfo(files_, 42, 7, text(kSecond / 2));
  const Reading& reading = read(Depth::kFull, {42, 43});
  ASSERT_EQ(reading.processes.size(), 1U);
  EXPECT_EQ(reading.processes[0].pid, 42);
  EXPECT_EQ(reading.processes[0].memory_bytes, uint64_t{3} << 20);
  EXPECT_DOUBLE_EQ(reading.processes[0].utilization.value_or(-1), 0.5);
  EXPECT_TRUE(reading.cards[0].has_process_memory);
  EXPECT_TRUE(reading.cards[0].has_process_utilization);
  EXPECT_FALSE(reading.cards[0].has_process_bandwidth);
}

TEST_F(AmdBackendTest, RocmsQueuesAreNotTimed) {
  make_amd_card(files_, 0, "0000:03:00.0");
  open_card(files_, 42, 7, 0,
            "drm-driver: amdgpu\ndrm-client-id: 9\ndrm-pdev: 0000:03:00.0\ndrm-memory-vram: 1\n");
  files_.link("proc/42/fd/8", "/dev/kfd");
  open();
  const Reading& reading = read(Depth::kFull, {42});
  EXPECT_FALSE(reading.cards[0].has_process_utilization);
  EXPECT_TRUE(reading.cards[0].has_process_memory);
  EXPECT_NE(why_absent(card(0), "utilization of processes").find("ROCm"), std::string::npos);
}

TEST_F(AmdBackendTest, CardsKeepTheirPlacesWhateverComes) {
  make_amd_card(files_, 0, "0000:03:00.0");
  open();
  make_amd_card(files_, 1, "0000:02:00.0");
  files_.write(device_path(1) + "gpu_busy_percent", "1\n");
  ASSERT_EQ(read().cards.size(), 1U);
  EXPECT_DOUBLE_EQ(reading_.cards[0].utilization.value_or(-1), 0.87);
}

}  // namespace
}  // namespace jumper::gpu
