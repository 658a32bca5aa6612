// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/session/csv_reader.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "testing/parser_checks.h"

namespace jumper::session {
namespace {

using Rows = std::vector<std::vector<std::string>>;

// The names and all rows; where reading fails, the error as the only field of the last row.
Rows rows_of(std::string_view text, const CsvLimits& limits = {}) {
  const jumper::testing::ExactBytes exact(text);
  auto reader = CsvReader::open(exact.view(), limits);
  if (!reader) return {{reader.error().message}};
  Rows rows = {reader->names()};
  for (;;) {
    const auto has_row = reader->next();
    if (!has_row) rows.push_back({has_row.error().message});
    if (!has_row || !*has_row) return rows;
    std::vector<std::string>& row = rows.emplace_back();
    for (size_t i = 0; i < reader->names().size(); ++i) row.push_back(reader->field(i));
  }
}
std::string error_of(std::string_view text, const CsvLimits& limits = {}) {
  return rows_of(text, limits).back().front();
}

TEST(CsvReader, ReadsATable) {
  EXPECT_EQ(rows_of("a,b\n1,2\n3,\n"), (Rows{{"a", "b"}, {"1", "2"}, {"3", ""}}));
  EXPECT_EQ(rows_of("a,b\n1,2"), (Rows{{"a", "b"}, {"1", "2"}}));
  EXPECT_EQ(rows_of("a,b"), (Rows{{"a", "b"}}));
}

TEST(CsvReader, ReadsQuotes) {
  EXPECT_EQ(rows_of("a,b\n\"x,\"\"y\"\"\nz\",\"\"\n"), (Rows{{"a", "b"}, {"x,\"y\"\nz", ""}}));
  EXPECT_EQ(rows_of("a\n\"\"\"\""), (Rows{{"a"}, {"\""}}));
}

TEST(CsvReader, TakesLineEndsOfAnyKind) {
  const Rows expected = {{"a", "b"}, {"1", "2"}, {"3", "4"}, {"5", "6"}};
  EXPECT_EQ(rows_of("\xEF\xBB\xBF"
                    "a,b\r\n1,2\r3,4\n5,6\r\n"),
            expected);
  EXPECT_EQ(rows_of("a,b\r\n\r\n1,2\n\n3,4\r\r5,6"), expected);
  // Within quotes they belong to the field.
  EXPECT_EQ(rows_of("a\n\"x\r\ny\rz\""), (Rows{{"a"}, {"x\r\ny\rz"}}));
}

TEST(CsvReader, SaysInWhichLineItIsNoTable) {
  EXPECT_EQ(error_of(""), "it is empty");
  EXPECT_EQ(error_of("a,b\n1,2\n1\n"), "line 3: 1 field where the first line names 2 columns");
  EXPECT_EQ(error_of("a,b\n\"1\r\n\r2\n\",2\n1,2,3\n"),
            "line 6: 3 fields where the first line names 2 columns");
  EXPECT_EQ(error_of("a,b,a\n"), "line 1: two columns are named 'a'");
  EXPECT_EQ(error_of("a\n\"x\n"), "line 2: a field begins with a quote that nothing closes");
  EXPECT_EQ(error_of("a\nx\"y\n"), "line 2: a quote stands within a field");
  EXPECT_EQ(error_of("a\n\"x\"y\n"), "line 2: something follows the quote that closes a field");
  EXPECT_EQ(error_of(std::string_view("a\nx\0\n", 5)), "line 2: there is a NUL: this is no text");
}

TEST(CsvReader, HoldsToItsLimits) {
  const CsvLimits limits = {.most_columns = 2, .most_rows = 2, .most_field_bytes = 5};
  EXPECT_EQ(error_of("a,b,c\n", limits), "line 1: there are more than 2 fields");
  EXPECT_EQ(error_of("a\n1\n2\n3\n", limits), "line 4: there are more than 2 rows");
  EXPECT_EQ(error_of("a\n123456\n", limits), "line 2: a field is too long");
  EXPECT_EQ(error_of("a\n\"12\"\"345\"\n", limits), "line 2: a field is too long");
  EXPECT_EQ(rows_of("a\n\"1234\"\"\"\n", limits).back().front(), "1234\"");
}

TEST(CsvReader, ReadsNumbers) {
  auto reader = CsvReader::open("n\n-1.5e3\nnan\n inf\n\"\"\n=1+1\n");
  ASSERT_TRUE(reader.ok());
  ASSERT_TRUE(*reader->next());
  EXPECT_EQ(*reader->number(0), -1500);
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(*reader->next());
    EXPECT_TRUE(std::isnan(*reader->number(0)));
  }
  ASSERT_TRUE(*reader->next());
  EXPECT_EQ(reader->number(0).error().message, "line 6: 'n' should be a number, and is '=1+1'");
  EXPECT_FALSE(*reader->next());
}

TEST(CsvReader, BearsAnyDamage) {
  const std::string whole = "a,b\r\n\"x\"\"y\",1\n\"long\ntext\",2\n";
  for (size_t size = 0; size <= whole.size(); ++size) (void)rows_of(whole.substr(0, size));
  for (size_t at = 0; at < whole.size(); ++at) {
    for (const char c : {'"', ',', '\n', '\r', '\0', '\xFF'}) {
      std::string bytes = whole;
      bytes[at] = c;
      EXPECT_FALSE(rows_of(bytes).empty());
    }
  }
}

}  // namespace
}  // namespace jumper::session
