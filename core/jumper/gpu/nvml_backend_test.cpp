// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/gpu/nvml_backend.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "testing/fake_clock.h"
#include "testing/fake_nvml/paths.h"
#include "testing/fake_nvml/scenario_file.h"
#include "testing/temp_root.h"

namespace jumper::gpu {
namespace {

using jumper::testing::FakeClock;
using jumper::testing::ScenarioFile;
using jumper::testing::TempRoot;

constexpr double kGiB = 0x1p30;

// The fake library, in the first pid namespace, with a clock that stands still.
class NvmlBackend : public ::testing::Test {
 protected:
  NvmlBackend() { root_files_.link("proc/self/ns/pid", "pid:[4026531836]"); }

  // Opens the library with a scenario; the cards' time stands at `seconds`.
  Found open(std::string_view scenario, double seconds = 100) {
    text_ = scenario;
    file_ = std::make_unique<ScenarioFile>(at(seconds));
    backend_ = make_nvml_backend(
        root_,
        [this](const char* name) {
          const auto found = variables_.find(name);
          return found == variables_.end() ? std::nullopt : std::optional(found->second);
        },
        library_, &clock_);
    seconds_ = seconds;
    return backend_->open();
  }
  // Time passes for the cards, the driver and us.
  void pass(double seconds) {
    clock_.advance_ns(static_cast<int64_t>(seconds * 1e9));
    seconds_ += seconds;
    file_->write(at(seconds_));
  }
  void change(std::string_view scenario) {
    text_ = scenario;
    file_->write(at(seconds_));
  }
  const Reading& read(Depth depth = Depth::kFull) {
    backend_->read(depth, {}, reading_);
    return reading_;
  }
  const CardReading& card(size_t place) { return reading_.cards.at(place); }
  [[nodiscard]] const ProcessReading* process(size_t place, pid_t pid) const {
    for (const ProcessReading& one : reading_.processes) {
      if (one.card == place && one.pid == pid) return &one;
    }
    return nullptr;
  }
  // Why something is absent on a card; empty where it is not.
  [[nodiscard]] std::string why(size_t place, std::string_view what) const {
    std::string whys;
    for (const Absence& absence : backend_->cards()[place].absent) {
      if (absence.what == what) whys += absence.why + ";";
    }
    return whys;
  }

  std::string at(double seconds) const {
    return text_ + "\nclock " + std::to_string(seconds) + "\n";
  }

  std::string library_ = jumper::testing::fake_nvml_library();
  std::map<std::string, std::string, std::less<>> variables_;
  TempRoot root_files_;
  kernfs::KernelRoot root_ = root_files_.open();
  FakeClock clock_;
  std::string text_;
  double seconds_ = 0;
  std::unique_ptr<ScenarioFile> file_;
  std::unique_ptr<Backend> backend_;
  Reading reading_;
};

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

TEST_F(NvmlBackend, TellsEachProcessItsMemoryAndItsTime) {
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

}  // namespace
}  // namespace jumper::gpu
