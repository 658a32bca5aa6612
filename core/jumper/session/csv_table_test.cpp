// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/session/csv_table.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <string>
#include <vector>

#include "testing/temp_folder.h"

namespace jumper::session {
namespace {

using Names = std::vector<std::string>;

base::Result<std::vector<CsvColumn>> read(std::string_view content) {
  const testing::TempFolder folder;
  std::ofstream(folder.file("t.csv"), std::ios::binary) << content;
  return read_csv_table(folder.file("t.csv"), Names{"raw_cell"}, Names{"time"});
}

TEST(ReadCsvTable, TellsTextFromNumbers) {
  const auto columns = read("time,raw_cell,other,note\n1,1,,a\n2,NA,5,2\n");
  ASSERT_TRUE(columns.ok()) << columns.error().message;
  ASSERT_EQ(columns->size(), 4U);
  EXPECT_EQ(columns->at(0).numbers, (std::vector<double>{1, 2}));
  EXPECT_EQ(columns->at(1).texts, (Names{"1", "NA"}));
  EXPECT_TRUE(std::isnan(columns->at(2).numbers.at(0)));
  EXPECT_EQ(columns->at(2).numbers.at(1), 5);
  EXPECT_EQ(columns->at(3).texts, (Names{"a", "2"}));
}

TEST(ReadCsvTable, SaysWhatIsWrong) {
  const auto wrong = [](std::string_view content, std::string_view what) {
    const auto columns = read(content);
    ASSERT_FALSE(columns.ok());
    EXPECT_NE(columns.error().message.find(what), std::string::npos) << columns.error().message;
  };
  wrong("time\n1\nx\n", "is not a CSV table: line 3: 'time' should be a number, and is 'x'");
  wrong("time,a\n1\n", "line 2: 1 field where");
  wrong("", "it is empty");
  EXPECT_FALSE(read_csv_table("/nothing", {}, {}).ok());
  EXPECT_NE(read_csv_table("/", {}, {}).error().message.find("is a folder"), std::string::npos);
}

TEST(ReadCsvTable, TakesBytesThatAreNoText) {
  const auto columns = read("raw_cell\n\xFF\n");
  ASSERT_TRUE(columns.ok());
  EXPECT_EQ(columns->at(0).texts, (Names{"\xEF\xBF\xBD"}));
}

}  // namespace
}  // namespace jumper::session
