// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/gpu/nvml_backend.h"

#include <gtest/gtest.h>

#include <string>

#include "jumper/gpu/nvml_readings.h"
#include "testing/fake_nvml/nvml_test.h"
#include "testing/fake_nvml/paths.h"

namespace jumper::gpu {
namespace {

class NvmlBackend : public jumper::testing::NvmlTest {};

TEST_F(NvmlBackend, TellsWhatEachOfEightCardsIs) {
  const Found found = open(jumper::testing::fake_nvml_scenario("eight_cards"));
  EXPECT_TRUE(found.has_cards);
  EXPECT_EQ(found.why_none, "");
  EXPECT_EQ(backend_->name(), "NVML");
  ASSERT_EQ(backend_->cards().size(), 8U);
  for (const Card& one : backend_->cards()) {
    EXPECT_EQ(one.vendor, Vendor::kNvidia);
    EXPECT_EQ(one.name, "NVIDIA H100 80GB HBM3");
    EXPECT_EQ(one.driver, "NVIDIA 550.54.15");
    EXPECT_EQ(one.memory_bytes, 80ULL << 30U);
    EXPECT_TRUE(one.is_chosen);
    EXPECT_FALSE(one.is_divided);
    EXPECT_EQ(one.part_of, std::nullopt);
    EXPECT_TRUE(one.absent.empty());
  }
  EXPECT_EQ(backend_->cards()[0].bus_id, "0000:17:00.0");
  EXPECT_EQ(backend_->cards()[7].bus_id, "0000:1e:00.0");
  EXPECT_NE(backend_->cards()[0].uuid, backend_->cards()[1].uuid);
  EXPECT_TRUE(backend_->cards()[0].uuid.starts_with("GPU-"));
}

TEST_F(NvmlBackend, ReadsAllNumbersOfACard) {
  open(
      "cards 1 memory=80GiB reserved=1GiB used=20GiB util=73 band=41 power=512.5 energy=3000 "
      "sm_clock=1755 mem_clock=2619 temperature=64 throttle=24 nvlink_rx=2GiB nvlink_tx=1GiB");
  read();
  EXPECT_EQ(card(0).trouble, "");
  EXPECT_DOUBLE_EQ(card(0).utilization.value(), 0.73);
  EXPECT_DOUBLE_EQ(card(0).bandwidth_utilization.value(), 0.41);
  EXPECT_EQ(card(0).memory_used_bytes, 20ULL << 30U);  // without what the driver keeps for itself
  EXPECT_DOUBLE_EQ(card(0).power_watts.value(), 512.5);
  EXPECT_DOUBLE_EQ(card(0).sm_clock_hertz.value(), 1'755e6);
  EXPECT_DOUBLE_EQ(card(0).memory_clock_hertz.value(), 2'619e6);
  EXPECT_DOUBLE_EQ(card(0).temperature_celsius.value(), 64);
  EXPECT_EQ(card(0).is_power_throttled, true);
  EXPECT_EQ(card(0).is_thermal_throttled, true);
  EXPECT_EQ(card(0).nvlink_received_bytes, 0U);
  EXPECT_DOUBLE_EQ(card(0).energy_joules.value(), 3'000);
  pass(4);
  read();
  EXPECT_DOUBLE_EQ(card(0).energy_joules.value(), 3'000 + 4 * 512.5);
  EXPECT_EQ(card(0).nvlink_received_bytes, 8ULL << 30U);
  EXPECT_EQ(card(0).nvlink_sent_bytes, 4ULL << 30U);
}

TEST_F(NvmlBackend, AtTheEdgeOfACellReadsEnergyAndMemoryOnly) {
  open(
      "cards 1 used=20GiB memory=80GiB util=73 power=500 gpm=yes sm_util=50 nvlink_rx=5\n"
      "process card=0 pid=99 memory=3GiB util=60");
  read();
  pass(1);
  read(Depth::kEdge);
  EXPECT_TRUE(card(0).energy_joules);
  EXPECT_EQ(card(0).memory_used_bytes, 20ULL << 30U);
  EXPECT_TRUE(card(0).has_process_memory);
  ASSERT_NE(process(0, 99), nullptr);
  EXPECT_EQ(process(0, 99)->memory_bytes, 3ULL << 30U);
  EXPECT_EQ(process(0, 99)->utilization, std::nullopt);
  EXPECT_FALSE(card(0).has_process_utilization);
  EXPECT_EQ(card(0).utilization, std::nullopt);
  EXPECT_EQ(card(0).power_watts, std::nullopt);
  EXPECT_EQ(card(0).sm_active, std::nullopt);
  EXPECT_EQ(card(0).nvlink_received_bytes, std::nullopt);
}

TEST_F(NvmlBackend, TellsWhatTheCardCountedBetweenTwoReadings) {
  open(
      "cards 1 gpm=yes sm_util=step:0:80:2:1.95 occupancy=40 tensor=25 dram=60 graphics=90 "
      "pcie_rx=3MiB "
      "pcie_tx=1MiB\nhang nvmlDeviceGetPcieThroughput");  // which is not needed then
  read();
  EXPECT_EQ(card(0).sm_active, std::nullopt);
  EXPECT_EQ(why(0, "SM activity, occupancy, tensor and DRAM activity"), "");
  pass(2);
  read();
  EXPECT_NEAR(card(0).sm_active.value(), 0.4, 1e-9);  // the mean of a period
  EXPECT_DOUBLE_EQ(card(0).sm_occupancy.value(), 0.4);
  EXPECT_DOUBLE_EQ(card(0).tensor_active.value(), 0.25);
  EXPECT_DOUBLE_EQ(card(0).dram_active.value(), 0.6);
  EXPECT_DOUBLE_EQ(card(0).pcie_received_bytes_per_second.value(), 3 << 20);
  EXPECT_DOUBLE_EQ(card(0).pcie_sent_bytes_per_second.value(), 1 << 20);
  // WHEN a reading follows too soon, the card has nothing new to tell; the next one tells all
  // since.
  pass(0.05);
  read();
  EXPECT_EQ(card(0).sm_active, std::nullopt);
  pass(0.95);
  read();
  EXPECT_NEAR(card(0).sm_active.value(), 0.04, 1e-9);  // 80 % for 0.05 s
}

TEST_F(NvmlBackend, WatchesPcieTrafficInTurns) {
  open("cards 2 pcie_rx=3MiB pcie_tx=1MiB");
  read();
  pass(1);
  read();
  EXPECT_EQ(card(0).pcie_received_bytes_per_second, std::nullopt);
  pass(1);
  // One direction of one card with each reading.
  read();
  const int seen = static_cast<int>(card(0).pcie_received_bytes_per_second.has_value()) +
                   static_cast<int>(card(1).pcie_received_bytes_per_second.has_value());
  EXPECT_EQ(seen, 1);
  EXPECT_EQ(card(0).pcie_sent_bytes_per_second, std::nullopt);
  for (int time = 0; time < 3; ++time) {
    pass(1);
    read();
  }
  for (size_t place = 0; place < 2; ++place) {
    EXPECT_DOUBLE_EQ(card(place).pcie_received_bytes_per_second.value(), 3 << 20);
    EXPECT_DOUBLE_EQ(card(place).pcie_sent_bytes_per_second.value(), 1 << 20);
  }
  // WHEN it can be watched no more, what was seen is soon too old.
  change("cards 2\nerror nvmlDeviceGetPcieThroughput TIMEOUT");
  pass(21);
  read();
  EXPECT_EQ(card(0).pcie_received_bytes_per_second, std::nullopt);
  EXPECT_EQ(card(1).pcie_sent_bytes_per_second, std::nullopt);
}

TEST_F(NvmlBackend, TakesNothingThatIsMarkedAsNotAvailable) {
  open(
      "cards 1 util=na band=na used=na power=na energy=na sm_clock=na mem_clock=na temperature=na "
      "nvlink_rx=na nvlink_tx=na pcie_rx=na pcie_tx=na gpm=yes\n"
      "process card=0 pid=77 memory=na");
  for (int time = 0; time < 4; ++time) {
    read();
    pass(1);
  }
  EXPECT_EQ(card(0).utilization, std::nullopt);
  EXPECT_EQ(card(0).bandwidth_utilization, std::nullopt);
  EXPECT_EQ(card(0).power_watts, std::nullopt);
  EXPECT_EQ(card(0).energy_joules, std::nullopt);
  EXPECT_EQ(card(0).sm_clock_hertz, std::nullopt);
  EXPECT_EQ(card(0).memory_clock_hertz, std::nullopt);
  EXPECT_EQ(card(0).temperature_celsius, std::nullopt);
  EXPECT_EQ(card(0).nvlink_received_bytes, std::nullopt);
  EXPECT_EQ(card(0).nvlink_sent_bytes, std::nullopt);
  EXPECT_EQ(card(0).pcie_received_bytes_per_second, std::nullopt);
  EXPECT_EQ(card(0).sm_active, std::nullopt);
  // The process is there all the same.
  ASSERT_NE(process(0, 77), nullptr);
  EXPECT_EQ(process(0, 77)->memory_bytes, std::nullopt);
}

TEST_F(NvmlBackend, TakesNoNonsense) {
  open(
      "cards 1 memory=16GiB used=17GiB util=101 band=250 power=10001 sm_clock=200000 "
      "temperature=999 gpm=yes sm_util=130 occupancy=100.5 dram=-1");
  read();
  pass(1);
  read();
  EXPECT_EQ(card(0).memory_used_bytes, std::nullopt);  // more than there is
  EXPECT_EQ(card(0).utilization, std::nullopt);
  EXPECT_EQ(card(0).bandwidth_utilization, std::nullopt);
  EXPECT_EQ(card(0).power_watts, std::nullopt);
  EXPECT_EQ(card(0).sm_clock_hertz, std::nullopt);
  EXPECT_EQ(card(0).temperature_celsius, std::nullopt);
  EXPECT_EQ(card(0).sm_active, std::nullopt);
  EXPECT_DOUBLE_EQ(card(0).sm_occupancy.value(), 1);  // rounding
  EXPECT_EQ(card(0).dram_active, std::nullopt);
}

TEST_F(NvmlBackend, ShowsNoBytesOfANameThatCannotBeShown) {
  open("cards 1 name=\"bad \x01\xff name\"");
  EXPECT_EQ(backend_->cards()[0].name, "bad \xEF\xBF\xBD\xEF\xBF\xBD name");
  // A name that is longer than the driver may write is none.
  open("cards 1 name=" + std::string(200, 'x') + " uuid=" + std::string(200, 'y'));
  EXPECT_EQ(backend_->cards()[0].name, "NVIDIA GPU");
  EXPECT_EQ(backend_->cards()[0].uuid, "");
}

TEST_F(NvmlBackend, MarksTheCardsThatCudaMayUse) {
  variables_["CUDA_VISIBLE_DEVICES"] = "2,0,9,1";
  open("cards 4");
  EXPECT_TRUE(backend_->cards()[0].is_chosen);
  EXPECT_FALSE(backend_->cards()[1].is_chosen);
  EXPECT_TRUE(backend_->cards()[2].is_chosen);
  EXPECT_FALSE(backend_->cards()[3].is_chosen);
  // WHEN the cards differ, CUDA's numbers are not known.
  open("cards 4\ncard 3 name=\"Faster one\"");
  for (size_t place = 0; place < 4; ++place) {
    EXPECT_TRUE(backend_->cards()[place].is_chosen);
    EXPECT_NE(why(place, "whether CUDA_VISIBLE_DEVICES names it"), "");
  }
  variables_["CUDA_DEVICE_ORDER"] = "PCI_BUS_ID";
  open("cards 4\ncard 3 name=\"Faster one\"");
  EXPECT_FALSE(backend_->cards()[3].is_chosen);
  EXPECT_EQ(why(3, "whether CUDA_VISIBLE_DEVICES names it"), "");
}

TEST_F(NvmlBackend, WorksWithTheLibraryOfAnOldDriver) {
  library_ = jumper::testing::old_fake_nvml_library();
  const Found found = open(
      "driver 440.33.01\ncards 2 name=\"Tesla V100\" memory=32GiB reserved=1GiB util=40 "
      "throttle=20\n"
      "process card=0 pid=99 memory=3GiB util=40 count=3\n"
      "process card=1 pid=5 memory=1GiB kind=graphics");
  EXPECT_TRUE(found.has_cards) << found.why_none;
  EXPECT_EQ(backend_->cards()[0].driver, "NVIDIA 440.33.01");
  EXPECT_EQ(backend_->cards()[0].memory_bytes, 32ULL << 30U);
  EXPECT_FALSE(backend_->cards()[0].is_divided);
  read();
  pass(1);
  read();
  EXPECT_DOUBLE_EQ(card(0).utilization.value(), 0.4);
  EXPECT_EQ(card(0).memory_used_bytes, 10ULL << 30U);  // it cannot tell apart what is reserved
  EXPECT_EQ(card(0).is_thermal_throttled, true);
  EXPECT_EQ(card(0).is_power_throttled, false);
  for (const pid_t pid : {99, 100, 101}) {
    ASSERT_NE(process(0, pid), nullptr) << pid;
    EXPECT_EQ(process(0, pid)->memory_bytes, 3ULL << 30U);
    EXPECT_DOUBLE_EQ(process(0, pid)->utilization.value(), 0.4);
  }
  EXPECT_EQ(process(1, 5)->memory_bytes, 1ULL << 30U);
  EXPECT_EQ(card(0).sm_active, std::nullopt);
  EXPECT_EQ(why(0, "SM activity, occupancy, tensor and DRAM activity"),
            "the driver says: this version of the driver cannot;");
}

TEST(NvmlThrottling, TellsPowerFromHeat) {
  EXPECT_FALSE(nvml::is_power_throttled(0));
  EXPECT_FALSE(nvml::is_thermal_throttled(0));
  EXPECT_FALSE(nvml::is_power_throttled(0x1 | 0x2 | 0x10 | 0x100));  // idle, settings
  EXPECT_TRUE(nvml::is_power_throttled(0x4));
  EXPECT_TRUE(nvml::is_power_throttled(0x80));
  EXPECT_TRUE(nvml::is_power_throttled(0x8));
  EXPECT_FALSE(nvml::is_power_throttled(0x8 | 0x40));
  EXPECT_TRUE(nvml::is_power_throttled(0x8 | 0x40 | 0x80));
  EXPECT_TRUE(nvml::is_thermal_throttled(0x20));
  EXPECT_TRUE(nvml::is_thermal_throttled(0x8 | 0x40));
  EXPECT_FALSE(nvml::is_thermal_throttled(0x8 | 0x4 | 0x80));
}

}  // namespace
}  // namespace jumper::gpu
