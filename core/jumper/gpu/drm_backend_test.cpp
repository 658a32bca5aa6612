// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/gpu/drm_backend.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "testing/fake_clock.h"
#include "testing/made_cards.h"
#include "testing/temp_root.h"

namespace jumper::gpu {
namespace {

using jumper::testing::device_path;
using jumper::testing::FakeClock;
using jumper::testing::make_card;
using jumper::testing::open_card;
using jumper::testing::TempRoot;
using jumper::testing::write_fdinfo;

constexpr int64_t kSecond = base::kNanosPerSecond;

std::string why_absent(const Card& card, std::string_view what) {
  const auto absence = std::ranges::find(card.absent, what, &Absence::what);
  return absence == card.absent.end() ? "" : absence->why;
}

class DrmBackendTest : public ::testing::Test {
 protected:
  Found open(const Variables& variables = {}) {
    root_ = std::make_unique<kernfs::KernelRoot>(files_.open());
    backend_ = make_drm_backend(*root_, variables, &clock_);
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

TEST_F(DrmBackendTest, WithoutACardThereIsNone) {
  EXPECT_FALSE(open().has_cards);
  EXPECT_TRUE(read().cards.empty());
}

TEST_F(DrmBackendTest, WithoutSysThereIsNone) {
  const auto root = kernfs::KernelRoot::open((files_.path() / "proc").string(),
                                             (files_.path() / "nothing").string());
  ASSERT_TRUE(root.ok());
  const auto backend = make_drm_backend(*root);
  EXPECT_FALSE(backend->open().has_cards);
}

TEST_F(DrmBackendTest, ShowsNoBytesThatCannotBeShown) {
  make_card(files_, 0,
            "i9\x1b\xff"
            "15",
            "8086:\x07"
            "56A0",
            "0000:\xe9"
            "03:00.0");
  ASSERT_TRUE(open().has_cards);
  EXPECT_EQ(card(0).driver, "i915");
  EXPECT_EQ(card(0).name, "Intel GPU 8086:56a0");
  EXPECT_EQ(card(0).bus_id, "0000:03:00.0");
}

TEST_F(DrmBackendTest, LeavesOutWhatOthersMeasureAndWhatOnlyShowsPictures) {
  make_card(files_, 0, "amdgpu", "1002:740F", "0000:01:00.0");
  make_card(files_, 1, "nvidia", "10DE:2330", "0000:02:00.0");
  make_card(files_, 2, "virtio_gpu", "1AF4:1050", "0000:03:00.0");
  make_card(files_, 3, "ast", "1A03:2000", "0000:04:00.0");
  files_.remove(device_path(3) + "drm/renderD131");
  make_card(files_, 6, "amdgpu_xcp_drv", "", "");
  files_.write(device_path(4) + "uevent", "garbage\n=\n");
  files_.make_folder("sys/class/drm/card5");
  files_.write("sys/class/drm/version", "drm 1.1.0\n");
  EXPECT_FALSE(open().has_cards);
}

TEST_F(DrmBackendTest, ReadsAnI915CardOfItsOwn) {
  // GIVEN an Arc A770 with its sensors and those of its part beside
  make_card(files_, 1, "i915", "8086:56A0", "0000:03:00.0");
  const std::string device = device_path(1);
  files_.write(device + "hwmon/hwmon1/name", "i915_gt0\n");
  files_.write(device + "hwmon/hwmon1/energy1_input", "1\n");
  files_.write(device + "hwmon/hwmon3/name", "i915\n");
  files_.write(device + "hwmon/hwmon3/energy1_input", "90000000\n");
  files_.write(device + "hwmon/hwmon3/temp1_input", "47000\n");
  files_.write("sys/class/drm/card1/gt_act_freq_mhz", "2050\n");
  files_.write("sys/class/drm/card1/gt/gt0/rps_act_freq_mhz", "2100\n");
  ASSERT_TRUE(open().has_cards);
  EXPECT_EQ(card(0).vendor, Vendor::kIntel);
  EXPECT_EQ(card(0).name, "Intel GPU 8086:56a0");
  EXPECT_EQ(card(0).driver, "i915");

  // THEN
  const CardReading first = read().cards[0];
  EXPECT_DOUBLE_EQ(first.energy_joules.value_or(-1), 90);
  EXPECT_EQ(first.power_watts, std::nullopt);  // of energy alone, a second reading tells it
  EXPECT_DOUBLE_EQ(first.temperature_celsius.value_or(-1), 47);
  EXPECT_DOUBLE_EQ(first.sm_clock_hertz.value_or(-1), 2.1e9);
  EXPECT_EQ(first.utilization, std::nullopt);
  EXPECT_NE(why_absent(card(0), "utilization"), "");

  files_.write(device + "hwmon/hwmon3/energy1_input", "165000000\n");
  EXPECT_DOUBLE_EQ(read().cards[0].power_watts.value_or(-1), 75);

  // WHEN the counter falls back, THEN there is no power, and never a negative one
  files_.write(device + "hwmon/hwmon3/energy1_input", "5\n");
  EXPECT_EQ(read().cards[0].power_watts, std::nullopt);
}

TEST_F(DrmBackendTest, ReadsAnXeCard) {
  make_card(files_, 0, "xe", "8086:E20B", "0000:03:00.0");
  const std::string device = device_path(0);
  files_.write(device + "hwmon/hwmon4/name", "xe\n");
  files_.write(device + "hwmon/hwmon4/energy2_input", "2500000\n");
  files_.write(device + "hwmon/hwmon4/temp2_input", "39000\n");
  files_.write(device + "tile0/gt0/freq0/act_freq", "2850\n");
  files_.write(device + "tile0/physical_vram_size_bytes", "12809404416\n");
  open();
  const CardReading& reading = read().cards[0];
  EXPECT_EQ(card(0).memory_bytes, 12809404416U);
  EXPECT_DOUBLE_EQ(reading.energy_joules.value_or(-1), 2.5);
  EXPECT_DOUBLE_EQ(reading.temperature_celsius.value_or(-1), 39);
  EXPECT_DOUBLE_EQ(reading.sm_clock_hertz.value_or(-1), 2.85e9);
}

TEST_F(DrmBackendTest, LeavesASleepingCardAsleep) {
  make_card(files_, 0, "xe", "8086:E20B", "0000:03:00.0");
  files_.write(device_path(0) + "hwmon/hwmon4/energy1_input", "1000000\n");
  open();
  read();
  files_.write(device_path(0) + "power/runtime_status", "suspended\n");
  EXPECT_NE(read().cards[0].trouble, "");
  EXPECT_EQ(reading_.cards[0].energy_joules, std::nullopt);

  // THEN the power is not made over the time of its sleep
  files_.write(device_path(0) + "power/runtime_status", "active\n");
  files_.write(device_path(0) + "hwmon/hwmon4/energy1_input", "9000000\n");
  const CardReading& reading = read().cards[0];
  EXPECT_EQ(reading.trouble, "");
  EXPECT_DOUBLE_EQ(reading.energy_joules.value_or(-1), 9);
  EXPECT_EQ(reading.power_watts, std::nullopt);
}

TEST_F(DrmBackendTest, ProcessesOfAMixedMachine) {
  // GIVEN graphics in the processor, a card beside, and a small machine's without a bus
  make_card(files_, 0, "i915", "8086:4680", "0000:00:02.0");
  make_card(files_, 1, "xe", "8086:56A0", "0000:03:00.0");
  files_.write(device_path(2) + "uevent", "DRIVER=panfrost\nOF_NAME=gpu\n");
  files_.make_folder(device_path(2) + "drm/renderD130");
  open();
  ASSERT_EQ(backend_->cards().size(), 3U);  // what has no place on a bus comes first
  EXPECT_EQ(card(0).name, "GPU panfrost");

  const auto i915 = [](int64_t busy_ns) {
    return "drm-driver: i915\ndrm-client-id: 1\ndrm-pdev: 0000:00:02.0\n"
           "drm-resident-system0: 4 MiB\ndrm-engine-render: " +
           std::to_string(busy_ns) + " ns\n";
  };
  const auto xe = [](int busy) {
    return "drm-driver: xe\ndrm-client-id: 1\ndrm-pdev: 0000:03:00.0\ndrm-resident-vram0: 1 MiB\n"
           "drm-resident-gtt: 9 MiB\ndrm-cycles-ccs: " +
           std::to_string(busy) + "\ndrm-total-cycles-ccs: " + std::to_string(10 * busy) + "\n";
  };
  const auto panfrost = [](int64_t busy_ns) {
    return "drm-driver: panfrost\ndrm-client-id: 1\ndrm-resident-memory: 2 MiB\n"
           "drm-engine-fragment: " +
           std::to_string(busy_ns) + " ns\n";
  };
  open_card(files_, 42, 3, 0, i915(0));
  open_card(files_, 42, 4, 1, xe(0));
  open_card(files_, 43, 3, 2, panfrost(0));
  read(Depth::kFull, {42, 43});
  write_fdinfo(files_, 42, 3, i915(kSecond / 5));
  write_fdinfo(files_, 42, 4, xe(1000));
  write_fdinfo(files_, 43, 3, panfrost(kSecond / 2));

  // WHEN
  const Reading& reading = read(Depth::kFull, {42, 43});

  // THEN
  ASSERT_EQ(reading.processes.size(), 3U);
  const auto of = [&](size_t place) {
    return *std::ranges::find(reading.processes, place, &ProcessReading::card);
  };
  EXPECT_EQ(of(0).pid, 43);
  EXPECT_EQ(of(0).memory_bytes, uint64_t{2} << 20);
  EXPECT_DOUBLE_EQ(of(0).utilization.value_or(-1), 0.5);
  EXPECT_EQ(of(1).memory_bytes, uint64_t{4} << 20);
  EXPECT_DOUBLE_EQ(of(1).utilization.value_or(-1), 0.2);
  EXPECT_EQ(of(2).memory_bytes, uint64_t{1} << 20);
  EXPECT_DOUBLE_EQ(of(2).utilization.value_or(-1), 0.1);
}

TEST_F(DrmBackendTest, TheMaskOfLevelZeroChooses) {
  // GIVEN graphics in the processor, which come after cards, and a card of another maker
  make_card(files_, 0, "i915", "8086:4680", "0000:00:02.0");
  make_card(files_, 1, "xe", "8086:56A0", "0000:03:00.0");
  make_card(files_, 2, "nouveau", "10DE:2330", "0000:04:00.0");
  open([](const char* name) -> std::optional<std::string> {
    if (std::string_view(name) == "ZE_AFFINITY_MASK") return "0";
    return std::nullopt;
  });
  EXPECT_FALSE(card(0).is_chosen);
  EXPECT_TRUE(card(1).is_chosen);
  EXPECT_TRUE(card(2).is_chosen);
}

}  // namespace
}  // namespace jumper::gpu
