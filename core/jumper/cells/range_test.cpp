// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/cells/range.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace jumper::cells {
namespace {

constexpr size_t kCells = 10;

struct Case {
  std::string_view text;
  CellRange range;
};

void expect_ranges(const std::vector<Case>& cases) {
  for (const Case& entry : cases) {
    const auto range = parse_range(entry.text, kCells);
    ASSERT_TRUE(range.ok()) << entry.text << ": " << range.error().message;
    EXPECT_EQ(range->first, entry.range.first) << entry.text;
    EXPECT_EQ(range->last, entry.range.last) << entry.text;
  }
}

// A mistake's message is one line that names the valid cells.
void expect_refused(std::string_view text, std::string_view why, size_t count = kCells) {
  const auto range = parse_range(text, count);
  ASSERT_FALSE(range.ok()) << "'" << text << "' was taken";
  const base::Error& error = range.error();
  EXPECT_EQ(error.code, base::ErrorCode::kBadInput);
  EXPECT_NE(error.message.find(why), std::string::npos) << error.message;
  EXPECT_EQ(error.message.find('\n'), std::string::npos) << error.message;
  if (count > 1) {
    const std::string valid = "valid cells are 0 to " + std::to_string(count - 1);
    EXPECT_NE(error.message.find(valid), std::string::npos) << error.message;
  }
}

TEST(ParseRange, TakesEveryPromisedForm) {
  expect_ranges({
      {"5", {5, 5}},
      {"0", {0, 0}},
      {"9", {9, 9}},
      {"2:8", {2, 8}},
      {"4:4", {4, 4}},
      {":5", {0, 5}},
      {"3:", {3, 9}},
      {":", {0, 9}},
  });
}

TEST(ParseRange, NegativeNumbersCountFromTheEnd) {
  expect_ranges({
      {"-1", {9, 9}},
      {"-10", {0, 0}},
      {"-3:-1", {7, 9}},
      {":-2", {0, 8}},
      {"-4:", {6, 9}},
      {"2:-1", {2, 9}},
      {"-10:3", {0, 3}},
      {"-0", {0, 0}},
  });
}

TEST(ParseRange, IsGenerousWithBlanksAndSigns) {
  expect_ranges({
      {" 5 ", {5, 5}},
      {"\t2 : 8\n", {2, 8}},
      {" : ", {0, 9}},
      {"-3 : -1", {7, 9}},
      {"+1", {1, 1}},
      {"+1:+2", {1, 2}},
      {"007", {7, 7}},
  });
}

TEST(ParseRange, RefusesWhatIsEmpty) {
  expect_refused("", "is empty");
  expect_refused("  \t", "is empty");
}

TEST(ParseRange, RefusesWhatLiesOutside) {
  expect_refused("10", "goes past the last cell");
  expect_refused("2:10", "goes past the last cell");
  expect_refused("10:", "goes past the last cell");
  expect_refused("-11", "begins before the first cell");
  expect_refused("-11:3", "begins before the first cell");
  expect_refused(":-11", "before the first cell");
}

TEST(ParseRange, RefusesReversedRanges) {
  expect_refused("8:2", "ends before it begins");
  expect_refused("-1:-3", "ends before it begins");
  expect_refused("5:-8", "ends before it begins");
}

TEST(ParseRange, RefusesGarbage) {
  for (const std::string_view text : {"2:8:9",
                                      "::",
                                      ":::",
                                      "a",
                                      "1.5",
                                      "1e3",
                                      "0x3",
                                      "2-4",
                                      "2,4",
                                      "--1",
                                      "+-1",
                                      "-+1",
                                      "++1",
                                      "+",
                                      "-",
                                      "1 2",
                                      "- 1",
                                      "5:x",
                                      "x:5",
                                      "\xE2\x88\x92"
                                      "1",
                                      "\xEF\xBC\x95",
                                      "None",
                                      "nan"}) {
    expect_refused(text, "is not a cell number");
  }
  expect_refused(std::string_view("1\0", 2), "is not a cell number");
}

TEST(ParseRange, RefusesNumbersThatNoTypeHolds) {
  for (const std::string_view text :
       {"9223372036854775808", "-9223372036854775809", "99999999999999999999999999999",
        "0:99999999999999999999999999999"}) {
    expect_refused(text, "is not a cell number");
  }
  expect_refused("9223372036854775807", "goes past the last cell");
  expect_refused("-9223372036854775808", "begins before the first cell");
}

TEST(ParseRange, ShowsHostileTextHarmlesslyAndCut) {
  // WHEN
  const auto range = parse_range("\x1B[2J\n" + std::string(100'000, 'x'), kCells);

  // THEN
  ASSERT_FALSE(range.ok());
  EXPECT_EQ(range.error().message.find('\x1B'), std::string::npos);
  EXPECT_EQ(range.error().message.find('\n'), std::string::npos);
  EXPECT_LT(range.error().message.size(), 300U);
}

TEST(ParseRange, SaysWhenThereIsNothingToChooseFrom) {
  for (const std::string_view text : {"0", ":", "", "-1"}) {
    const auto range = parse_range(text, 0);
    ASSERT_FALSE(range.ok());
    EXPECT_EQ(range.error().code, base::ErrorCode::kBadInput);
    EXPECT_NE(range.error().message.find("no cell has finished yet"), std::string::npos);
  }
}

TEST(ParseRange, NamesTheOneCellThereIs) {
  const auto range = parse_range("1", 1);
  ASSERT_FALSE(range.ok());
  EXPECT_NE(range.error().message.find("there is one cell so far: 0"), std::string::npos);
  EXPECT_EQ(*parse_range("-1:", 1), (CellRange{0, 0}));
}

TEST(CellRange, CountsBothEnds) {
  EXPECT_EQ((CellRange{3, 3}).size(), 1U);
  EXPECT_EQ((CellRange{2, 8}).size(), 7U);
}

}  // namespace
}  // namespace jumper::cells
