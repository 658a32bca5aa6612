// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/gpu/visible_devices.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace jumper::gpu {
namespace {

std::vector<NamedDevice> three_cards() {
  return {{.name = "H100", .uuid = "GPU-6a2b1111-22"},
          {.name = "H100", .uuid = "GPU-6a2c3333-44"},
          {.name = "H100", .uuid = "GPU-ffff5555-66"},
          {.name = "H100 MIG",
           .uuid = "MIG-90ab-1",
           .part_of = 2,
           .gpu_instance = 1,
           .compute_instance = 0},
          {.name = "H100 MIG",
           .uuid = "MIG-90cd-2",
           .part_of = 2,
           .gpu_instance = 5,
           .compute_instance = 1}};
}

// "110" for the first two of three.
std::string chosen(std::optional<std::string_view> variable,
                   std::optional<std::string_view> order = std::nullopt,
                   std::vector<NamedDevice> devices = three_cards()) {
  const VisibleDevices visible = visible_devices(variable, order, devices);
  std::string text = visible.is_order_unknown ? "?" : "";
  for (const bool is_chosen : visible.is_chosen) text += is_chosen ? '1' : '0';
  return text;
}

TEST(VisibleDevices, AreAllWithoutTheVariable) {
  EXPECT_EQ(chosen(std::nullopt), "11111");
}

TEST(VisibleDevices, AreNoneWhereItNamesNone) {
  for (const char* none : {"", " ", "-1", "NoDevFiles", "none", ",", "3", "99999999999999999999",
                           "0x1", "1.0", "+0", "GPU-", "GPU-zz", "MIG-", "MIG-9", "MIG-GPU-6a2b"}) {
    EXPECT_EQ(chosen(none), "00000") << none;
  }
}

TEST(VisibleDevices, AreNamedByNumber) {
  EXPECT_EQ(chosen("0"), "10000");
  EXPECT_EQ(chosen("1,0"), "11000");
  EXPECT_EQ(chosen(" 1 , 0 "), "11000");
  EXPECT_EQ(chosen("1,1"), "01000");
  // A card that is divided: CUDA takes one of its instances.
  EXPECT_EQ(chosen("2"), "00111");
}

TEST(VisibleDevices, EndAtTheFirstEntryThatNamesNothing) {
  EXPECT_EQ(chosen("0,-1,1"), "10000");
  EXPECT_EQ(chosen("0,,1"), "10000");
  EXPECT_EQ(chosen("0,7,1"), "10000");
  EXPECT_EQ(chosen("0,GPU-6a,1"), "10000");
  EXPECT_EQ(chosen("-1,0"), "00000");
}

TEST(VisibleDevices, AreNamedByUuidOrItsBeginning) {
  EXPECT_EQ(chosen("GPU-6a2b1111-22"), "10000");
  EXPECT_EQ(chosen("gpu-6A2C"), "01000");
  EXPECT_EQ(chosen("GPU-6a2c,GPU-6a2b"), "11000");
  // Two cards begin so.
  EXPECT_EQ(chosen("GPU-6a2"), "00000");
  EXPECT_EQ(chosen("GPU-f"), "00111");
}

TEST(VisibleDevices, AreInstancesByEitherName) {
  EXPECT_EQ(chosen("MIG-90ab-1"), "00110");
  EXPECT_EQ(chosen("MIG-90c"), "00101");
  EXPECT_EQ(chosen("MIG-GPU-ffff5555-66/5/1"), "00101");
  EXPECT_EQ(chosen("MIG-GPU-ffff/1/0"), "00110");
  for (const char* none : {"MIG-GPU-ffff5555-66/5", "MIG-GPU-ffff5555-66/5/0", "MIG-GPU-6a2b/1/0",
                           "MIG-GPU-ffff5555-66/x/0", "MIG-GPU-ffff5555-66//", "MIG-GPU-/1/0"}) {
    EXPECT_EQ(chosen(none), "00000") << none;
  }
}

TEST(VisibleDevices, AreUnknownByNumberWhereCardsDiffer) {
  std::vector<NamedDevice> devices = three_cards();
  devices[1].name = "A100";
  EXPECT_EQ(chosen("0", std::nullopt, devices), "?11111");
  EXPECT_EQ(chosen("0", "FASTEST_FIRST", devices), "?11111");
  EXPECT_EQ(chosen("0", "PCI_BUS_ID", devices), "10000");
  EXPECT_EQ(chosen("GPU-6a2c", std::nullopt, devices), "01000");
  EXPECT_EQ(chosen("", std::nullopt, devices), "00000");
}

TEST(VisibleDevices, BearWhatLeadsNowhere) {
  EXPECT_EQ(chosen("0", std::nullopt, {}), "");
  // An instance whose card is not there.
  const std::vector<NamedDevice> lone{{.name = "a", .uuid = "MIG-1", .part_of = 7}};
  EXPECT_EQ(chosen("MIG-1", std::nullopt, lone), "1");
}

}  // namespace
}  // namespace jumper::gpu
