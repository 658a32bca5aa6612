// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/gpu/drm_fdinfo.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "testing/parser_checks.h"

namespace jumper::gpu {
namespace {

const DrmEngine* engine_of(const DrmFdinfo& info, std::string_view name) {
  const auto found = std::ranges::find(info.engines, name, &DrmEngine::name);
  return found == info.engines.end() ? nullptr : &*found;
}

constexpr std::string_view kAmdgpu =
    "pos:\t0\nflags:\t02100002\nmnt_id:\t26\nino:\t1131\n"
    "drm-driver:\tamdgpu\ndrm-client-id:\t14\ndrm-pdev:\t0000:03:00.0\npasid:\t32771\n"
    "drm-total-vram:\t2097152 KiB\ndrm-shared-vram:\t0\ndrm-resident-vram:\t1048576 KiB\n"
    "drm-purgeable-vram:\t0\ndrm-resident-gtt:\t2 MiB\n"
    "drm-memory-vram:\t1048576 KiB\ndrm-memory-gtt: \t2048 KiB\ndrm-memory-cpu: \t0 KiB\n"
    "amd-evicted-vram:\t0 KiB\ndrm-engine-gfx:\t123456789 ns\ndrm-engine-compute:\t5 ns\n";

constexpr std::string_view kXe =
    "drm-driver:     xe\ndrm-client-id:  3\ndrm-pdev:       0000:03:00.0\n"
    "drm-total-system:       0\ndrm-resident-system:    0\ndrm-total-gtt:  192 KiB\n"
    "drm-resident-gtt:       192 KiB\ndrm-total-vram0:        23992 KiB\n"
    "drm-resident-vram0:     23992 KiB\ndrm-cycles-rcs: 28257900\n"
    "drm-total-cycles-rcs:   7655183225\ndrm-cycles-vcs: 0\ndrm-total-cycles-vcs: 7655183225\n"
    "drm-engine-capacity-vcs:        2\n";

TEST(DrmFdinfo, OfAmdgpu) {
  // WHEN
  const auto info = parse_drm_fdinfo(kAmdgpu);

  // THEN
  ASSERT_TRUE(info);
  EXPECT_EQ(info->driver, "amdgpu");
  EXPECT_EQ(info->bus_id, "0000:03:00.0");
  EXPECT_EQ(info->client_id, 14U);
  ASSERT_EQ(info->engines.size(), 2U);
  EXPECT_EQ(engine_of(*info, "gfx")->busy_ns, 123456789U);
  EXPECT_EQ(engine_of(*info, "compute")->busy_ns, 5U);
  EXPECT_EQ(memory_of(*info), uint64_t{1} << 30);
}

TEST(DrmFdinfo, OfXeCountsCycles) {
  const auto info = parse_drm_fdinfo(kXe);
  ASSERT_TRUE(info);
  const DrmEngine* render = engine_of(*info, "rcs");
  const DrmEngine* video = engine_of(*info, "vcs");
  ASSERT_TRUE(render != nullptr && video != nullptr);
  EXPECT_EQ(render->busy_cycles, 28257900U);
  EXPECT_EQ(render->all_cycles, 7655183225U);
  EXPECT_EQ(render->busy_ns, std::nullopt);
  EXPECT_EQ(render->capacity, 1U);
  EXPECT_EQ(video->capacity, 2U);
  EXPECT_EQ(memory_of(*info), 23992U * 1024);
}

TEST(DrmFdinfo, WithoutMemoryOfItsOwnACardUsesTheMachines) {
  const auto i915 = parse_drm_fdinfo(
      "drm-driver: i915\ndrm-client-id: 7\ndrm-resident-system0: 8 MiB\n"
      "drm-resident-stolen-system0: 4096\ndrm-engine-render: 9 ns\n");
  ASSERT_TRUE(i915);
  EXPECT_EQ(memory_of(*i915), 8U * 1024 * 1024 + 4096);
}

TEST(DrmFdinfo, TheResidentCountsBeforeWhatWasAskedFor) {
  EXPECT_EQ(memory_of(*parse_drm_fdinfo("drm-driver: a\ndrm-total-vram: 9\ndrm-memory-vram: 5\n")),
            5U);
  EXPECT_EQ(memory_of(*parse_drm_fdinfo("drm-driver: a\ndrm-total-vram: 9\n")), 9U);
  EXPECT_EQ(memory_of(*parse_drm_fdinfo("drm-driver: a\n")), std::nullopt);
}

TEST(DrmFdinfo, OfPanfrostHasClocks) {
  const auto info = parse_drm_fdinfo(
      "drm-driver:\tpanfrost\ndrm-client-id:\t10\ndrm-engine-fragment:\t1846584880 ns\n"
      "drm-cycles-fragment:\t1424359409\ndrm-maxfreq-fragment:\t799999987 Hz\n"
      "drm-maxfreq-vertex:\t800 MHz\ndrm-total-memory:\t290 MiB\n");
  ASSERT_TRUE(info);
  EXPECT_EQ(info->bus_id, "");
  EXPECT_EQ(engine_of(*info, "fragment")->busy_ns, 1846584880U);
  EXPECT_EQ(engine_of(*info, "fragment")->highest_hertz, 799999987U);
  EXPECT_EQ(engine_of(*info, "vertex")->highest_hertz, 800000000U);
  EXPECT_EQ(memory_of(*info), 290U << 20);
}

TEST(DrmFdinfo, OfNoDriverIsNone) {
  for (const std::string_view text :
       {"", "pos:\t0\nflags:\t02\n", "drm-driver\n", "drm-driver:\n", "drm-driver: two words\n",
        "drm-client-id: 4\n", " drm-driver: amdgpu\n", "drm-driver: a\x01z\n"}) {
    EXPECT_EQ(parse_drm_fdinfo(text), std::nullopt) << text;
  }
}

TEST(DrmFdinfo, WhatIsGarbledIsAbsent) {
  // GIVEN nothing but nonsense after the driver
  const auto info = parse_drm_fdinfo(
      "drm-driver: i915\ndrm-client-id: -3\ndrm-pdev: \x7f\x80\ndrm-engine-: 5 ns\n"
      "drm-engine-a: 5\ndrm-engine-b: 5 us\ndrm-engine-c: x ns\ndrm-engine-d d: 5 ns\n"
      "drm-engine-e: 18446744073709551616 ns\ndrm-cycles-f: 5 ns\n"
      "drm-engine-capacity-g: 0\ndrm-engine-capacity-h: 99999999999\n"
      "drm-memory-i: 5 kB\ndrm-memory-j: 18446744073709551615 KiB\ndrm-total-k: -1\n"
      "drm-maxfreq-l: 5 GHz\nno colon at all\n:::\n");

  // THEN there is the driver, and nothing else
  ASSERT_TRUE(info);
  EXPECT_EQ(*info, (DrmFdinfo{"i915", "", std::nullopt, {}, {}}));
}

TEST(DrmFdinfo, MemoryThatOverflowsIsAbsent) {
  const auto info =
      parse_drm_fdinfo("drm-driver: a\ndrm-memory-x: 18446744073709551615\ndrm-memory-y: 1\n");
  EXPECT_EQ(memory_of(*info), std::nullopt);
}

TEST(DrmFdinfo, AnEndlessListIsCutOff) {
  std::string text = "drm-driver: a\n";
  for (int at = 0; at < 1000; ++at) text += "drm-engine-e" + std::to_string(at) + ": 1 ns\n";
  text += "drm-engine-" + std::string(1000, 'x') + ": 1 ns\n";
  EXPECT_EQ(parse_drm_fdinfo(text)->engines.size(), 64U);
}

TEST(DrmFdinfo, MayBeCutOffAnywhere) {
  for (const std::string_view text : {kAmdgpu, kXe}) {
    for (size_t length = 0; length <= text.size(); ++length) {
      const testing::ExactBytes prefix(text.substr(0, length));
      const auto info = parse_drm_fdinfo(prefix.view());
      if (info) {
        EXPECT_LE(info->engines.size(), 2U);
      }
    }
  }
}

}  // namespace
}  // namespace jumper::gpu
