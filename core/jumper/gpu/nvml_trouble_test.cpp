// SPDX-License-Identifier: BSD-3-Clause
// What goes wrong with NVIDIA's cards, driver and library.
#include <dlfcn.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <thread>

#include "testing/fake_nvml/nvml_test.h"

namespace jumper::gpu {
namespace {

class NvmlTrouble : public jumper::testing::NvmlTest {
 protected:
  // A card that answers, a card that may not, and processes on both.
  static std::string two_cards(std::string_view rules) {
    return "cards 2 util=30 used=1GiB\nprocess card=0 pid=10 memory=1GiB\n"
           "process card=1 pid=11 memory=1GiB\n" +
           std::string(rules);
  }
};

TEST_F(NvmlTrouble, WithoutALibraryThereIsNothingToTell) {
  library_ = "libthere-is-no-such-thing.so.1";
  const Found found = open("cards 1");
  EXPECT_FALSE(found.has_cards);
  EXPECT_EQ(found.why_none, "");
  EXPECT_TRUE(backend_->cards().empty());
  EXPECT_TRUE(read().cards.empty());
  EXPECT_EQ(backend_->current_call(), nullptr);
}

TEST_F(NvmlTrouble, ADriverWithoutALibraryIsTold) {
  root_files_.make_folder("proc/driver/nvidia");
  library_ = "libthere-is-no-such-thing.so.1";
  const Found found = open("cards 1");
  EXPECT_FALSE(found.has_cards);
  EXPECT_EQ(found.why_none,
            "NVIDIA's driver is here, its library is not (libthere-is-no-such-thing.so.1 was not "
            "found), as in containers that were started without it");
}

TEST_F(NvmlTrouble, AnotherLibraryIsNotTaken) {
  library_ = "libc.so.6";
  EXPECT_EQ(open("cards 1").why_none, "libc.so.6 is not NVIDIA's management library");
}

TEST_F(NvmlTrouble, SaysWhyTheDriverDoesNotStart) {
  EXPECT_EQ(open("cards 1\nerror nvmlInit LIB_RM_VERSION_MISMATCH").why_none,
            "NVIDIA's driver and library have different versions, as after an update: restart the "
            "machine, or load the kernel module again");
  EXPECT_EQ(open("error nvmlInit DRIVER_NOT_LOADED").why_none, "NVIDIA's driver is not loaded");
  EXPECT_EQ(open("error nvmlInit NO_PERMISSION").why_none,
            "NVIDIA's driver does not let this process in: no permission");
  EXPECT_EQ(open("error nvmlInit 777").why_none, "NVIDIA's driver does not start: error 777");
  EXPECT_EQ(open("driver 1").why_none, "the NVIDIA driver has no cards");
  EXPECT_EQ(open("cards 1\nerror nvmlDeviceGetCount UNKNOWN").why_none,
            "the NVIDIA driver does not tell its cards: unknown error");
  EXPECT_TRUE(read().cards.empty());
}

TEST_F(NvmlTrouble, CardsThatAreNotForUsAreNotListed) {
  // GIVEN a job that was given the second of three cards
  open(
      "cards 3\ncard 1 name=Ours\n"
      "error nvmlDeviceGetHandleByIndex NO_PERMISSION card=0\n"
      "error nvmlDeviceGetHandleByIndex OPERATING_SYSTEM card=2");
  ASSERT_EQ(backend_->cards().size(), 1U);
  EXPECT_EQ(backend_->cards()[0].name, "Ours");
  read();
  EXPECT_TRUE(card(0).energy_joules);
  EXPECT_EQ(open("cards 3\nerror nvmlDeviceGetHandleByIndex NO_PERMISSION").why_none,
            "the NVIDIA driver lets this process use none of its 3 cards: no permission");
}

TEST_F(NvmlTrouble, ALostCardIsToldAndTheOthersGoOn) {
  open(two_cards(""));
  read();
  EXPECT_EQ(card(1).trouble, "");
  change(two_cards("lost card=1"));
  pass(1);
  read();
  EXPECT_EQ(card(1).trouble, "the card fell off the bus");
  EXPECT_EQ(card(1).energy_joules, std::nullopt);
  EXPECT_EQ(card(1).memory_used_bytes, std::nullopt);
  EXPECT_FALSE(card(1).has_process_memory);
  EXPECT_EQ(process(1, 11), nullptr);
  EXPECT_EQ(card(0).trouble, "");
  EXPECT_DOUBLE_EQ(card(0).utilization.value(), 0.3);
  EXPECT_NE(process(0, 10), nullptr);
  // At a cell's edge too.
  read(Depth::kEdge);
  EXPECT_EQ(card(1).trouble, "the card fell off the bus");
  // WHEN it comes back
  change(two_cards(""));
  pass(1);
  read();
  EXPECT_EQ(card(1).trouble, "");
  EXPECT_DOUBLE_EQ(card(1).utilization.value(), 0.3);
  EXPECT_NE(process(1, 11), nullptr);
}

TEST_F(NvmlTrouble, ACardThatIsLostInTheMiddleTellsNothingOfThisReading) {
  open(two_cards("error nvmlDeviceGetTemperature GPU_IS_LOST card=1"));
  read();
  EXPECT_EQ(card(1).trouble, "the card fell off the bus");
  EXPECT_EQ(card(1).energy_joules, std::nullopt);
  EXPECT_EQ(process(1, 11), nullptr);
  open(two_cards("error nvmlDeviceGetProcessUtilization GPU_IS_LOST card=1"));
  read();
  EXPECT_EQ(card(1).trouble, "the card fell off the bus");
  EXPECT_EQ(card(1).energy_joules, std::nullopt);
  EXPECT_EQ(process(1, 11), nullptr);
}

TEST_F(NvmlTrouble, ACardThatWasLostFromTheStartIsLookedForAgain) {
  open(two_cards("error nvmlDeviceGetHandleByIndex GPU_IS_LOST card=1"));
  ASSERT_EQ(backend_->cards().size(), 2U);
  EXPECT_EQ(backend_->cards()[1].name, "NVIDIA GPU");
  read();
  EXPECT_EQ(card(1).trouble, "the card fell off the bus");
  change(two_cards(""));
  for (int time = 0; time < 10; ++time) {
    pass(1);
    read();
  }
  EXPECT_EQ(card(1).trouble, "");
  EXPECT_DOUBLE_EQ(card(1).utilization.value(), 0.3);
  EXPECT_EQ(backend_->cards()[1].name, "NVIDIA Fake 16GB");
}

TEST_F(NvmlTrouble, ACardOfWhichEveryCallFailsDoesNotAnswer) {
  open(two_cards(""));
  change(two_cards("error * UNKNOWN card=1"));
  read();
  EXPECT_EQ(card(1).trouble, "the driver says: unknown error");
  EXPECT_EQ(card(0).trouble, "");
}

TEST_F(NvmlTrouble, WhatIsNotSupportedIsToldOnceAndNotAskedAgain) {
  open(two_cards("error nvmlDeviceGetPowerUsage NOT_SUPPORTED card=1"));
  for (int time = 0; time < 3; ++time) {
    read();
    pass(1);
  }
  EXPECT_TRUE(card(0).power_watts);
  EXPECT_EQ(card(1).power_watts, std::nullopt);
  EXPECT_EQ(why(0, "power"), "");
  EXPECT_EQ(why(1, "power"), "the driver says: not supported;");
  EXPECT_EQ(card(1).trouble, "");
  // WHEN it could, nobody asks.
  change(two_cards(""));
  read();
  EXPECT_EQ(card(1).power_watts, std::nullopt);
}

TEST_F(NvmlTrouble, APermissionMayBeGivenLater) {
  open(two_cards("error nvmlDeviceGetComputeRunningProcesses NO_PERMISSION card=1"));
  read();
  EXPECT_FALSE(card(1).has_process_memory);
  EXPECT_EQ(why(1, "memory of processes"), "the driver says: no permission;");
  change(two_cards(""));
  pass(1);
  read();
  EXPECT_FALSE(card(1).has_process_memory);
  for (int time = 0; time < 60; ++time) read();
  EXPECT_TRUE(card(1).has_process_memory);
  EXPECT_EQ(why(1, "memory of processes"), "");
  EXPECT_NE(process(1, 11), nullptr);
}

TEST_F(NvmlTrouble, AnyOtherErrorIsOfThisReadingOnly) {
  open(
      two_cards("error nvmlDeviceGetPowerUsage UNKNOWN card=0\n"
                "error nvmlDeviceGetTotalEnergyConsumption TIMEOUT card=0"));
  read();
  EXPECT_EQ(card(0).power_watts, std::nullopt);
  EXPECT_EQ(card(0).energy_joules, std::nullopt);
  EXPECT_EQ(card(0).trouble, "");
  EXPECT_EQ(why(0, "power"), "");
  change(two_cards(""));
  read();
  EXPECT_TRUE(card(0).power_watts);
  EXPECT_TRUE(card(0).energy_joules);
}

TEST_F(NvmlTrouble, ALibraryThatSomebodyElseClosedIsOpenedAgain) {
  open(two_cards(""));
  read();
  // WHEN a program closes the library once more than it opened it
  void* library = ::dlopen(library_.c_str(), RTLD_NOW | RTLD_NOLOAD);
  ASSERT_NE(library, nullptr);
  const auto shut_down = reinterpret_cast<int (*)()>(::dlsym(library, "nvmlShutdown"));
  ASSERT_EQ(shut_down(), 0);
  ::dlclose(library);
  read(Depth::kEdge);
  EXPECT_EQ(card(0).trouble, "not initialized");
  read(Depth::kEdge);
  EXPECT_EQ(card(0).trouble, "");
  EXPECT_TRUE(card(0).energy_joules);
  EXPECT_TRUE(card(1).energy_joules);
}

TEST_F(NvmlTrouble, ACallThatHangsIsNamed) {
  open(two_cards(""));
  read();
  EXPECT_EQ(backend_->current_call(), nullptr);
  change(two_cards("hang nvmlDeviceGetPowerUsage"));
  std::thread reader([&] { read(); });
  const auto is_there = [&] {
    const char* call = backend_->current_call();
    return call != nullptr && std::string_view(call) == "nvmlDeviceGetPowerUsage";
  };
  while (!is_there()) std::this_thread::yield();
  EXPECT_STREQ(backend_->current_call(), "nvmlDeviceGetPowerUsage");
  change(two_cards(""));
  reader.join();
  EXPECT_EQ(backend_->current_call(), nullptr);
  EXPECT_DOUBLE_EQ(card(1).power_watts.value(), 100);
}

}  // namespace
}  // namespace jumper::gpu
