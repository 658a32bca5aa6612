// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/procfs/meminfo.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "testing/parser_checks.h"
#include "testing/testdata.h"

namespace jumper::procfs {
namespace {

using jumper::testing::expect_parse_error;
using jumper::testing::read_testdata;

constexpr std::string_view kFile = "/proc/meminfo";
constexpr uint64_t kKilobyte = 1024;

TEST(Meminfo, ReadsACapturedMachine) {
  // GIVEN
  const std::string text = read_testdata("debian12-2cpu/proc/meminfo");

  // WHEN
  const auto memory = parse_meminfo(text);

  // THEN
  ASSERT_TRUE(memory.ok()) << memory.error().message;
  EXPECT_EQ(*memory, (Meminfo{.total_bytes = 24684084 * kKilobyte,
                              .free_bytes = 24357532 * kKilobyte,
                              .available_bytes = 24363148 * kKilobyte,
                              .buffers_bytes = 3916 * kKilobyte,
                              .cached_bytes = 49804 * kKilobyte,
                              .swap_total_bytes = 0,
                              .swap_free_bytes = 0,
                              .dirty_bytes = 112 * kKilobyte,
                              .shared_bytes = 8872 * kKilobyte}));
}

TEST(Meminfo, EstimatesWhatOldKernelsDoNotSay) {
  // GIVEN
  const std::string text = read_testdata("made-kernel-2.6.32/proc/meminfo");

  // WHEN
  const auto memory = parse_meminfo(text);

  // THEN it is free + buffers + cached - shared memory
  ASSERT_TRUE(memory.ok()) << memory.error().message;
  EXPECT_EQ(memory->available_bytes, (1204512 + 402316 + 9876544 - 316544) * kKilobyte);
  EXPECT_EQ(memory->swap_total_bytes, 8388604 * kKilobyte);
  EXPECT_EQ(memory->shared_bytes, 316544 * kKilobyte);
}

TEST(Meminfo, TheEstimateIsNeitherNegativeNorAboveTheTotal) {
  // GIVEN caches that are all shared memory, and parts above the total
  const auto shared = parse_meminfo(
      "MemTotal: 100 kB\nMemFree: 10 kB\nBuffers: 1 kB\nCached: 20 kB\nShmem: 30 kB\n");
  const auto large = parse_meminfo(
      "MemTotal: 100 kB\nMemFree: 18014398509481983 kB\nBuffers: 18014398509481983 kB\n"
      "Cached: 18014398509481983 kB\n");

  // THEN
  ASSERT_TRUE(shared.ok() && large.ok());
  EXPECT_EQ(shared->available_bytes, 11 * kKilobyte);
  EXPECT_EQ(large->available_bytes, 100 * kKilobyte);
}

TEST(Meminfo, WhatAKernelWasBuiltWithoutIsAbsent) {
  // GIVEN
  const std::string_view text =
      "MemTotal: 9 kB\nMemFree: 8 kB\nMemAvailable: 7 kB\nBuffers: 6 kB\nCached: 5 kB\n";

  // WHEN
  const auto memory = parse_meminfo(text);

  // THEN
  ASSERT_TRUE(memory.ok());
  EXPECT_EQ(memory->available_bytes, 7 * kKilobyte);
  EXPECT_FALSE(memory->swap_total_bytes.has_value());
  EXPECT_FALSE(memory->swap_free_bytes.has_value());
  EXPECT_FALSE(memory->dirty_bytes.has_value());
  EXPECT_FALSE(memory->shared_bytes.has_value());
}

TEST(Meminfo, IgnoresUnknownKeysAndColumns) {
  const auto memory = parse_meminfo(
      "MemNew: ?\nMemTotal: 9 kB new\nMemFree: 8 kB\nno colon\n\nBuffers: 6 kB\nCached: 5 kB\n"
      "CachedNew: x\n");
  ASSERT_TRUE(memory.ok()) << memory.error().message;
  EXPECT_EQ(memory->total_bytes, 9 * kKilobyte);
}

TEST(Meminfo, RefusesAMissingKey) {
  const std::string text = read_testdata("debian12-2cpu/proc/meminfo");
  for (const std::string_view key : {"MemTotal", "MemFree", "Buffers", "Cached"}) {
    // GIVEN the captured text with the key renamed
    std::string changed = text;
    const size_t at = key == "MemTotal" ? 0 : text.find(std::string("\n").append(key) + ':') + 1;
    changed[at] = 'X';

    // THEN
    expect_parse_error(parse_meminfo(changed), kFile, key);
  }
  expect_parse_error(parse_meminfo(""), kFile, "MemTotal");
}

TEST(Meminfo, RefusesAGarbledKey) {
  const std::string text = read_testdata("debian12-2cpu/proc/meminfo");
  for (const std::string_view key : {"MemTotal", "MemFree", "MemAvailable", "Buffers", "Cached",
                                     "SwapTotal", "SwapFree", "Dirty", "Shmem"}) {
    for (const std::string_view value :
         {"", "x kB", "-1 kB", "1", "1 MB", "18446744073709551616 kB", "18014398509481984 kB"}) {
      const std::string line = std::string(key) + ": " + std::string(value) + "\n";
      expect_parse_error(parse_meminfo(text + line), kFile, key);
    }
  }
}

TEST(Meminfo, BearsEveryTruncation) {
  for (const char* path : {"debian12-2cpu/proc/meminfo", "made-kernel-2.6.32/proc/meminfo"}) {
    const std::string text = read_testdata(path);
    const size_t shortest = jumper::testing::expect_prefixes_bearable(text, kFile, parse_meminfo);
    // Cached is the last that must be there.
    EXPECT_EQ(shortest, text.find('\n', text.find("\nCached:") + 1)) << path;
  }
}

}  // namespace
}  // namespace jumper::procfs
