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

}  // namespace
}  // namespace jumper::report
