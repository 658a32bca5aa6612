// SPDX-License-Identifier: BSD-3-Clause
// Cards that are divided into MIG instances.
#include <gtest/gtest.h>

#include <string>

#include "testing/fake_nvml/nvml_test.h"

namespace jumper::gpu {
namespace {

class NvmlMig : public jumper::testing::NvmlTest {};

// The second of three cards is divided; its instances lie behind all cards.
constexpr const char* kDivided =
    "cards 3 gpm=yes memory=80GiB\n"
    "card 0 uuid=GPU-aaaa\n"
    "card 1 uuid=GPU-bbbb power=300\n"
    "card 2 uuid=GPU-cccc\n"
    "mig card=1 index=0 gi=7 ci=0 uuid=MIG-1111 memory=10GiB graphics=80 sm_util=30 dram=20\n"
    "mig card=1 index=3 gi=9 ci=0 uuid=MIG-2222 memory=20GiB graphics=10 sm_util=5 dram=2\n"
    "process card=1 mig=0 pid=100 memory=4GiB\n"
    "process card=1 mig=3 pid=200 memory=5GiB\n"
    "process card=1 mig=3 pid=100 memory=1GiB\n"
    "process card=0 pid=300 memory=6GiB\n";

TEST_F(NvmlMig, ListsInstancesBehindTheCards) {
  open(kDivided);
  const auto cards = backend_->cards();
  ASSERT_EQ(cards.size(), 5U);
  EXPECT_FALSE(cards[0].is_divided);
  EXPECT_TRUE(cards[1].is_divided);
  EXPECT_FALSE(cards[2].is_divided);
  for (size_t place = 3; place < 5; ++place) {
    EXPECT_EQ(cards[place].part_of, 1U);
    EXPECT_FALSE(cards[place].is_divided);
    EXPECT_EQ(cards[place].bus_id, cards[1].bus_id);
    EXPECT_EQ(cards[place].driver, cards[1].driver);
  }
  EXPECT_EQ(cards[3].uuid, "MIG-1111");
  EXPECT_EQ(cards[3].memory_bytes, 10ULL << 30U);
  EXPECT_EQ(cards[4].uuid, "MIG-2222");
  EXPECT_EQ(cards[4].memory_bytes, 20ULL << 30U);
}

TEST_F(NvmlMig, MeasuresEachInstance) {
  open(kDivided);
  read();
  pass(1);
  read();
  EXPECT_DOUBLE_EQ(card(1).power_watts.value(), 300);
  EXPECT_TRUE(card(1).energy_joules);
  EXPECT_EQ(card(1).utilization, std::nullopt);
  EXPECT_NE(why(1, "utilization"), "");
  EXPECT_EQ(card(3).memory_used_bytes, 4ULL << 30U);
  EXPECT_EQ(card(4).memory_used_bytes, 6ULL << 30U);
  EXPECT_DOUBLE_EQ(card(3).utilization.value(), 0.8);
  EXPECT_DOUBLE_EQ(card(3).sm_active.value(), 0.3);
  EXPECT_DOUBLE_EQ(card(4).utilization.value(), 0.1);
  EXPECT_DOUBLE_EQ(card(4).dram_active.value(), 0.02);
  EXPECT_EQ(card(3).power_watts, std::nullopt);
  EXPECT_EQ(card(3).energy_joules, std::nullopt);
  EXPECT_NE(why(3, "energy, power, clocks, temperature, throttling, PCIe and NVLink traffic"), "");
}

TEST_F(NvmlMig, TellsProcessesOfTheInstanceThatTheyAreOn) {
  open(kDivided);
  read();
  EXPECT_FALSE(card(1).has_process_memory);
  EXPECT_TRUE(card(3).has_process_memory);
  EXPECT_TRUE(card(4).has_process_memory);
  EXPECT_EQ(reading_.processes.size(), 4U);
  EXPECT_EQ(process(3, 100)->memory_bytes, 4ULL << 30U);
  EXPECT_EQ(process(4, 200)->memory_bytes, 5ULL << 30U);
  EXPECT_EQ(process(4, 100)->memory_bytes, 1ULL << 30U);
  EXPECT_EQ(process(0, 300)->memory_bytes, 6ULL << 30U);
  EXPECT_EQ(process(3, 200), nullptr);
  EXPECT_EQ(process(1, 100), nullptr);
  EXPECT_FALSE(card(3).has_process_utilization);
  EXPECT_NE(why(3, "utilization of processes"), "");
}

TEST_F(NvmlMig, TakesTheListOfTheCardWhereAnInstanceHasNone) {
  std::string text = kDivided;
  for (const char* instance : {"0", "3"}) {
    text += std::string("error nvmlDeviceGetComputeRunningProcesses NOT_SUPPORTED card=1 mig=") +
            instance + "\n";
  }
  open(text);
  read();
  EXPECT_EQ(reading_.processes.size(), 4U);
  EXPECT_EQ(process(3, 100)->memory_bytes, 4ULL << 30U);
  EXPECT_EQ(process(4, 200)->memory_bytes, 5ULL << 30U);
  EXPECT_EQ(process(4, 100)->memory_bytes, 1ULL << 30U);
}

TEST_F(NvmlMig, DoesNotGiveOneInstanceWhatSeveralShare) {
  open(
      "cards 1 gpm=yes\n"
      "mig card=0 gi=1 ci=0 graphics=80 sm_util=30\n"
      "mig card=0 gi=1 ci=1 graphics=80 sm_util=30\n"
      "mig card=0 gi=2 ci=0 graphics=20 sm_util=10\n");
  read();
  pass(1);
  read();
  EXPECT_EQ(card(1).utilization, std::nullopt);
  EXPECT_EQ(card(2).sm_active, std::nullopt);
  EXPECT_NE(why(1, "SM activity, occupancy, tensor and DRAM activity"), "");
  EXPECT_NE(why(1, "utilization"), "");
  EXPECT_DOUBLE_EQ(card(3).utilization.value(), 0.2);
}

TEST_F(NvmlMig, IsChosenByEitherKindOfName) {
  variables_["CUDA_VISIBLE_DEVICES"] = "MIG-2222";
  open(kDivided);
  EXPECT_FALSE(backend_->cards()[0].is_chosen);
  EXPECT_TRUE(backend_->cards()[1].is_chosen);  // its card, whose energy it uses
  EXPECT_FALSE(backend_->cards()[3].is_chosen);
  EXPECT_TRUE(backend_->cards()[4].is_chosen);
  variables_["CUDA_VISIBLE_DEVICES"] = "MIG-GPU-bbbb/7/0";
  open(kDivided);
  EXPECT_TRUE(backend_->cards()[3].is_chosen);
  EXPECT_FALSE(backend_->cards()[4].is_chosen);
}

TEST_F(NvmlMig, AnInstanceThatIsTakenAwayIsTold) {
  open(kDivided);
  read();
  EXPECT_EQ(card(4).trouble, "");
  std::string text = kDivided;
  text.erase(text.find("mig card=1 index=3"),
             text.find("process card=1 mig=0") - text.find("mig card=1 index=3"));
  change(text);
  pass(1);
  read();
  EXPECT_EQ(card(4).trouble, "the MIG instance is gone");
  EXPECT_EQ(card(4).memory_used_bytes, std::nullopt);
  EXPECT_EQ(card(3).trouble, "");
  EXPECT_EQ(card(3).memory_used_bytes, 4ULL << 30U);
  // WHEN it is made again, it works again.
  change(kDivided);
  pass(1);
  read();
  EXPECT_EQ(card(4).trouble, "");
  EXPECT_EQ(card(4).memory_used_bytes, 6ULL << 30U);
}

}  // namespace
}  // namespace jumper::gpu
