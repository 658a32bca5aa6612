// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/gpu/nvml_processes.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <string>

#include "testing/fake_nvml/nvml_test.h"

namespace jumper::gpu {
namespace {

constexpr double kGiB = 0x1p30;

class NvmlProcesses : public jumper::testing::NvmlTest {};

TEST_F(NvmlProcesses, TellsEachProcessItsMemoryAndItsTime) {
  open(
      "cards 2\n"
      "process card=0 pid=self memory=3GiB util=60 band=20\n"
      "process card=0 pid=4321 memory=1GiB\n"
      "process card=1 pid=4321 memory=2GiB util=30 band=10\n");
  read();
  // WHEN nobody has asked yet, what the driver remembers is from before.
  EXPECT_TRUE(card(0).has_process_memory);
  EXPECT_FALSE(card(0).has_process_utilization);
  ASSERT_NE(process(0, ::getpid()), nullptr);
  EXPECT_EQ(process(0, ::getpid())->memory_bytes, 3ULL << 30U);
  EXPECT_EQ(process(0, ::getpid())->utilization, std::nullopt);
  pass(1);
  read();
  EXPECT_TRUE(card(0).has_process_utilization);
  EXPECT_TRUE(card(0).has_process_bandwidth);
  EXPECT_DOUBLE_EQ(process(0, ::getpid())->utilization.value(), 0.6);
  EXPECT_DOUBLE_EQ(process(0, ::getpid())->bandwidth_utilization.value(), 0.2);
  // A process without a sample ran nothing.
  EXPECT_DOUBLE_EQ(process(0, 4321)->utilization.value(), 0);
  EXPECT_DOUBLE_EQ(process(1, 4321)->utilization.value(), 0.3);
  EXPECT_EQ(process(1, ::getpid()), nullptr);
  EXPECT_EQ(reading_.processes.size(), 3U);
  EXPECT_DOUBLE_EQ(static_cast<double>(card(0).memory_used_bytes.value()), 4 * kGiB);
}

TEST_F(NvmlProcesses, AddsUpWhatRanBetweenTwoReadings) {
  open("separate_samples\ncards 1\nprocess card=0 pid=10 util=step:20:80:2 band=10");
  read();
  pass(2);
  read();
  EXPECT_NEAR(process(0, 10)->utilization.value(), 0.5, 1e-9);
  EXPECT_NEAR(process(0, 10)->bandwidth_utilization.value(), 0.1, 1e-9);
  // WHEN it stops, that is a measured 0.
  change("separate_samples\ncards 1\nprocess card=0 pid=10");
  pass(2);
  read();
  EXPECT_TRUE(card(0).has_process_utilization);
  EXPECT_DOUBLE_EQ(process(0, 10)->utilization.value(), 0);
}

TEST_F(NvmlProcesses, WithoutANewSampleRestIsNotKnownAtOnce) {
  // GIVEN a card that was busy until now
  open("cards 1\nprocess card=0 pid=10 util=80");
  clock_.set_wall_ns(static_cast<int64_t>(seconds_) * base::kNanosPerSecond);
  read();
  pass(1);
  read();
  ASSERT_DOUBLE_EQ(process(0, 10)->utilization.value(), 0.8);

  // WHEN the driver has no new sample soon after, THEN it may not have made one
  change("cards 1\nprocess card=0 pid=10");
  pass(1);
  read();
  EXPECT_FALSE(card(0).has_process_utilization);
  EXPECT_FALSE(card(0).has_process_bandwidth);
  EXPECT_EQ(process(0, 10)->utilization, std::nullopt);

  // WHEN there is none later either, THEN nobody ran
  pass(1);
  read();
  EXPECT_TRUE(card(0).has_process_utilization);
  EXPECT_DOUBLE_EQ(process(0, 10)->utilization.value(), 0);
}

TEST_F(NvmlProcesses, TellsTheTimeOfAProcessThatEnded) {
  open("cards 1\nprocess card=0 pid=10 util=50 memory=1GiB kind=compute");
  read();
  pass(1);
  // It is in no list any more, but the driver remembers that it ran.
  change(
      "cards 1\nprocess card=0 pid=10 util=50 kind=mps\nmissing "
      "nvmlDeviceGetMPSComputeRunningProcesses");
  read();
  ASSERT_NE(process(0, 10), nullptr);
  EXPECT_DOUBLE_EQ(process(0, 10)->utilization.value(), 0.5);
  EXPECT_EQ(process(0, 10)->memory_bytes, 0U);
}

TEST_F(NvmlProcesses, TellsAProcessOnceThatIsInSeveralLists) {
  open(
      "cards 1\n"
      "process card=0 pid=10 memory=2GiB kind=both\n"
      "process card=0 pid=11 memory=1GiB kind=mps\n"
      "process card=0 pid=12 memory=3GiB kind=graphics");
  read();
  ASSERT_EQ(reading_.processes.size(), 3U);
  EXPECT_EQ(process(0, 10)->memory_bytes, 2ULL << 30U);
  EXPECT_EQ(process(0, 11)->memory_bytes, 1ULL << 30U);
  EXPECT_EQ(process(0, 12)->memory_bytes, 3ULL << 30U);
}

TEST_F(NvmlProcesses, AsksAtEdgesOnlyForListsThatHadSomeone) {
  open(
      "cards 2\nprocess card=0 pid=12 memory=3GiB kind=graphics\n"
      "process card=1 pid=10 memory=2GiB");
  read();
  change(
      "cards 2\nprocess card=0 pid=12 memory=4GiB kind=graphics\n"
      "process card=1 pid=10 memory=2GiB\n"
      "hang nvmlDeviceGetGraphicsRunningProcesses card=1\n"
      "hang nvmlDeviceGetMPSComputeRunningProcesses");
  read(Depth::kEdge);
  EXPECT_EQ(process(0, 12)->memory_bytes, 4ULL << 30U);
  EXPECT_EQ(process(1, 10)->memory_bytes, 2ULL << 30U);
}

TEST_F(NvmlProcesses, ReadsAsManyAsThereAre) {
  open("cards 1 memory=80GiB\nprocess card=0 pid=1000 memory=1MiB util=1 count=300");
  read();
  EXPECT_TRUE(card(0).has_process_memory);
  EXPECT_EQ(reading_.processes.size(), 300U);
  EXPECT_NE(process(0, 1'299), nullptr);
  pass(1);
  read();
  EXPECT_EQ(reading_.processes.size(), 300U);
  EXPECT_DOUBLE_EQ(process(0, 1'299)->utilization.value(), 0.01);
}

TEST_F(NvmlProcesses, BelievesNoCountThatCannotBe) {
  const Found found = open("wrong_counts\ncards 1\nprocess card=0 pid=10 memory=1GiB count=2\n");
  EXPECT_TRUE(found.has_cards);
  EXPECT_EQ(backend_->cards().size(), 1U);
  read();
  EXPECT_FALSE(card(0).has_process_memory);
  EXPECT_TRUE(reading_.processes.empty());
  EXPECT_TRUE(card(0).energy_joules);
  // Success with more entries than there was room for.
  change("wrong_counts\ncards 1\nprocess card=0 pid=10 memory=1GiB\n");
  read();
  EXPECT_FALSE(card(0).has_process_memory);
  EXPECT_TRUE(reading_.processes.empty());
}

TEST_F(NvmlProcesses, KnowsTheWideEntriesOfSomeDrivers) {
  for (const int count : {1, 2, 50, 64, 65, 200}) {
    open("wide_processes\ncards 1\nprocess card=0 pid=1000 memory=1MiB count=" +
         std::to_string(count));
    read();
    ASSERT_EQ(reading_.processes.size(), static_cast<size_t>(count));
    EXPECT_NE(process(0, 1'000), nullptr);
    ASSERT_NE(process(0, 999 + count), nullptr) << count;
    EXPECT_EQ(process(0, 999 + count)->memory_bytes, 1ULL << 20U);
  }
  // A pid that looks like a number of bytes is no reason to take entries for wide ones.
  open("cards 1\nprocess card=0 pid=4095 memory=1MiB count=3");
  read();
  EXPECT_NE(process(0, 4'096), nullptr);
  EXPECT_NE(process(0, 4'097), nullptr);
}

TEST_F(NvmlProcesses, TakesNoSampleThatNobodyFilled) {
  open("garbage_samples 100\ncards 1\nprocess card=0 pid=10 util=50 memory=1GiB");
  for (int time = 0; time < 3; ++time) {
    read();
    pass(1);
  }
  EXPECT_EQ(reading_.processes.size(), 1U);
  EXPECT_DOUBLE_EQ(process(0, 10)->utilization.value(), 0.5);
}

TEST_F(NvmlProcesses, SaysWhatTheDriverDoesNotTell) {
  open(
      "cards 2\nprocess card=0 pid=10 util=50 memory=1GiB\n"
      "error nvmlDeviceGetProcessUtilization NOT_SUPPORTED card=0\n"
      "error nvmlDeviceGetComputeRunningProcesses NOT_SUPPORTED card=1");
  read();
  pass(1);
  read();
  EXPECT_TRUE(card(0).has_process_memory);
  EXPECT_FALSE(card(0).has_process_utilization);
  EXPECT_EQ(process(0, 10)->utilization, std::nullopt);
  EXPECT_EQ(why(0, "utilization of processes"), "the driver says: not supported;");
  EXPECT_FALSE(card(1).has_process_memory);
  EXPECT_EQ(why(1, "memory of processes"), "the driver says: not supported;");
}

TEST_F(NvmlProcesses, DoNotRestForEverWhenTheClockIsSetBack) {
  open("cards 1\nprocess card=0 pid=10 util=50", 1'700'000'000);
  read();
  pass(1);
  read();
  EXPECT_DOUBLE_EQ(process(0, 10)->utilization.value(), 0.5);
  // WHEN the wall clock, which the driver's samples carry, goes back by an hour
  seconds_ -= 3'600;
  clock_.set_wall_ns(clock_.wall_ns() - 3'600 * base::kNanosPerSecond);
  pass(1);
  read();
  EXPECT_FALSE(card(0).has_process_utilization);
  // THEN it is known again what ran since.
  pass(1);
  read();
  EXPECT_TRUE(card(0).has_process_utilization);
  EXPECT_DOUBLE_EQ(process(0, 10)->utilization.value(), 0.5);
}

TEST_F(NvmlProcesses, SaysWhoseNumbersItCannotTell) {
  root_files_.remove("proc/self");
  root_files_.link("proc/self/ns/pid", "pid:[4026532000]");
  const std::string self = std::to_string(::getpid());
  root_files_.write("proc/" + self + "/stat",
                    self + " (python) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 500 0 0");
  open(
      "cards 2\nprocess card=0 pid=self memory=1GiB util=20\n"
      "process card=1 pid=self memory=1GiB util=20\nprocess card=1 pid=70000 memory=2GiB util=30");
  read();
  pass(1);
  read();
  EXPECT_TRUE(card(0).has_process_memory);
  EXPECT_TRUE(card(0).has_process_utilization);
  EXPECT_EQ(process(0, ::getpid())->memory_bytes, 1ULL << 30U);
  EXPECT_EQ(why(0, "processes"), "");
  // Ours may be among those that nobody here has that number.
  EXPECT_FALSE(card(1).has_process_memory);
  EXPECT_FALSE(card(1).has_process_utilization);
  EXPECT_EQ(process(1, ::getpid())->memory_bytes, 1ULL << 30U);
  EXPECT_EQ(process(1, 70'000), nullptr);
  EXPECT_EQ(why(1, "processes"), "the driver names them by pids of another namespace;");
  // WHEN that one is gone, all are known.
  change("cards 2\nprocess card=1 pid=self memory=1GiB util=20");
  read();
  EXPECT_TRUE(card(1).has_process_memory);
  EXPECT_EQ(why(1, "processes"), "");
}

// As driver 560 does: its lists have pids of our namespace, its samples those of the first.
TEST_F(NvmlProcesses, SamplesOfAnotherNamespaceAreNobodysRest) {
  root_files_.remove("proc/self");
  root_files_.link("proc/self/ns/pid", "pid:[4026532000]");
  const std::string self = std::to_string(::getpid());
  root_files_.write("proc/" + self + "/stat",
                    self + " (python) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 500 0 0");
  constexpr const char* kScenario =
      "missing nvmlDeviceGetMPSComputeRunningProcesses\ncards 1\n"
      "process card=0 pid=self memory=1GiB\nprocess card=0 pid=645400 kind=mps";
  open(kScenario + std::string(" util=80"));
  read();
  pass(1);
  read();
  // THEN that this process did not work is not known, and what it has of the memory is
  EXPECT_FALSE(card(0).has_process_utilization);
  EXPECT_FALSE(card(0).has_process_bandwidth);
  ASSERT_NE(process(0, ::getpid()), nullptr);
  EXPECT_EQ(process(0, ::getpid())->utilization, std::nullopt);
  EXPECT_EQ(why(0, "utilization of processes"),
            "the driver names them by pids of another namespace;");
  EXPECT_TRUE(card(0).has_process_memory);
  EXPECT_EQ(process(0, ::getpid())->memory_bytes, 1ULL << 30U);
  // WHEN nobody works, THEN nor does this one
  change(kScenario);
  pass(1);
  read();
  EXPECT_TRUE(card(0).has_process_utilization);
  EXPECT_EQ(process(0, ::getpid())->utilization, 0);
  EXPECT_EQ(why(0, "utilization of processes"), "");
}

// As drivers do in containers.
TEST_F(NvmlProcesses, NobodyIsOnACardWithoutMemory) {
  open("cards 1\nprocess card=0 pid=10 memory=0\nprocess card=0 pid=11 memory=1GiB");
  read();
  ASSERT_NE(process(0, 10), nullptr);
  EXPECT_EQ(process(0, 10)->memory_bytes, std::nullopt);
  EXPECT_EQ(process(0, 11)->memory_bytes, 1ULL << 30U);
  EXPECT_EQ(why(0, "memory of processes"), "the driver lists them without, as in containers;");
  change("cards 1\nprocess card=0 pid=11 memory=1GiB");
  read();
  EXPECT_EQ(why(0, "memory of processes"), "");
}

}  // namespace
}  // namespace jumper::gpu
