// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/report/plot_columns.h"

#include <gtest/gtest.h>

namespace jumper::report {
namespace {

std::vector<uint8_t> column(std::vector<int64_t> numbers) {
  std::vector<uint8_t> bytes;
  append_column(bytes, numbers);
  return bytes;
}

// What frontend/tests/protocol.test.ts decodes.
TEST(PlotColumns, WritesDifferencesRunsAndWhatIsAbsent) {
  EXPECT_EQ(column({}), (std::vector<uint8_t>{}));
  EXPECT_EQ(column({5}), (std::vector<uint8_t>{11}));
  EXPECT_EQ(column({5, 3, 3, 3}), (std::vector<uint8_t>{11, 4, 0, 2}));
  EXPECT_EQ(column({0, 0, 7}), (std::vector<uint8_t>{0, 2, 15}));
  EXPECT_EQ(column({7, kAbsentNumber, kAbsentNumber, 7}), (std::vector<uint8_t>{15, 1, 2, 0, 1}));
  EXPECT_EQ(column({1000, -1000}), (std::vector<uint8_t>{0xD1, 0x0F, 0xA0, 0x1F}));
}

TEST(PlotColumns, HoldsLargeNumbers) {
  EXPECT_EQ(column({int64_t{1} << 45}),
            (std::vector<uint8_t>{0x81, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10}));
}

TEST(PlotColumns, ASteadyColumnIsShort) {
  EXPECT_LE(column(std::vector<int64_t>(100'000, 77)).size(), 6U);
}

TEST(PlotColumns, ReadsBackWhatItWrites) {
  // GIVEN two columns behind each other
  const std::vector<int64_t> first = {5, 3, 3, 3, kAbsentNumber, kAbsentNumber, 3, -1000, 1 << 30};
  const std::vector<int64_t> second(1000, 42);
  std::vector<uint8_t> bytes = column(first);
  append_column(bytes, second);
  std::span<const uint8_t> rest = bytes;
  // THEN
  EXPECT_EQ(take_column(rest, first.size()), first);
  EXPECT_EQ(take_column(rest, 0), std::vector<int64_t>());
  EXPECT_EQ(take_column(rest, second.size()), second);
  EXPECT_TRUE(rest.empty());
}

TEST(PlotColumns, RefusesWhatIsNoColumn) {
  const auto is_refused = [](std::vector<uint8_t> bytes, size_t count) {
    std::span<const uint8_t> rest = bytes;
    return !take_column(rest, count);
  };
  EXPECT_TRUE(is_refused({}, 1));
  EXPECT_TRUE(is_refused({11}, 2)) << "too few";
  EXPECT_TRUE(is_refused({0}, 1)) << "a run without length";
  EXPECT_TRUE(is_refused({0, 0}, 1)) << "a run of nothing, which never ends";
  EXPECT_TRUE(is_refused({0, 3}, 2)) << "a run that is too long";
  EXPECT_TRUE(is_refused({0x80}, 1)) << "half a number";
  EXPECT_TRUE(is_refused(std::vector<uint8_t>(20, 0xFF), 1)) << "a number too large";
  EXPECT_TRUE(is_refused({0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F}, 1));
}

}  // namespace
}  // namespace jumper::report
