// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/session/export.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "jumper/metric/sample.h"
#include "testing/json_check.h"
#include "testing/temp_folder.h"

namespace jumper::session {
namespace {

using analysis::CellCost;
using analysis::PerfTable;
using jumper::testing::Json;
using jumper::testing::parse_json;
using jumper::testing::read_file;
using jumper::testing::TempFolder;
using metric::kAbsent;

constexpr double kGb = 1024.0 * 1024 * 1024;
constexpr double kMb = 1024.0 * 1024;

using Records = std::vector<std::vector<std::string>>;

// A reader as strict as RFC 4180: a quote opens a field or it is an error, and closes it at its
// end. Ends of lines are LF.
Records parse_csv(std::string_view text) {
  Records records;
  std::vector<std::string> record;
  std::string field;
  size_t at = 0;
  const auto fail = [&](std::string_view why) { ADD_FAILURE() << why << " at byte " << at; };
  const auto end_field = [&] { record.push_back(std::exchange(field, {})); };
  while (at < text.size()) {
    if (text[at] == '"') {
      if (!field.empty()) fail("a quote in the middle of a field");
      for (++at;; ++at) {
        if (at >= text.size()) {
          fail("no closing quote");
          return records;
        }
        if (text[at] != '"') {
          field += text[at];
        } else if (at + 1 < text.size() && text[at + 1] == '"') {
          field += text[at++];
        } else {
          break;
        }
      }
      ++at;
      if (at < text.size() && text[at] != ',' && text[at] != '\n')
        fail("text behind a closing quote");
    }
    while (at < text.size() && text[at] != ',' && text[at] != '\n') {
      if (text[at] == '"' || text[at] == '\r') fail("an unquoted quote or carriage return");
      field += text[at++];
    }
    end_field();
    if (at >= text.size()) {
      fail("no end of the last line");
    } else if (text[at++] == '\n') {
      records.push_back(std::exchange(record, {}));
    }
  }
  return records;
}

PerfTable small_table() {
  PerfTable table;
  table.columns = {{"time", {100.5, 101.5, 102.5}},
                   {"timestamp", {1'700'000'000.25, 1'700'000'001.25, 1'700'000'002.25}},
                   {"cpu_util_avg", {kAbsent, 12.5, 0.1}},
                   {"io_read", {0, 123456789012, kAbsent}}};
  table.cell_index = {analysis::kNoCell, 0, 12};
  return table;
}

CellCost cell_of(std::string source, std::vector<std::string> magics = {}) {
  cells::Cell cell;
  cell.index = 4;
  cell.source = std::move(source);
  cell.magics = std::move(magics);
  cell.start_ns = 10'250'000'000;
  cell.end_ns = 12'750'000'000;
  cell.wall_start_ns = 1'700'000'000'500'000'000;
  cell.wall_end_ns = 1'700'000'003'000'000'000;
  cell.status = cells::CellStatus::kError;
  CellCost cost;
  cost.cell = std::make_shared<const cells::Cell>(std::move(cell));
  return cost;
}

CellCost measured(CellCost cost) {
  cost.summary.cpu_seconds = 1.5;
  cost.summary.memory_change_bytes = -0.25 * kGb;
  cost.summary.io_read_bytes = 3 * kMb;
  cost.summary.io_write_bytes = 0;
  cost.peak_bytes = 2 * kGb;
  return cost;
}

const std::vector<std::string> kHistoryColumns = {
    "cell_index",           "raw_cell",           "start_time",  "end_time",   "duration",
    "wallclock_start_time", "wallclock_end_time", "cell_magics", "status",     "cpu_seconds",
    "memory_peak",          "memory_retained",    "io_read_mb",  "io_write_mb"};

// Sources that break what does not quote.
std::vector<std::string> hostile_sources() {
  return {"a,b",
          "say \"hi\"",
          "\"",
          "line 1\nline 2",
          "dos\r\nline",
          "\r",
          ",,,\n\"\"\"",
          " leading and trailing ",
          "'single' \\ back\\slash",
          "</script>",
          "=1+1",
          "\xF0\x9F\x98\x80 \xE2\x80\xAE rtl",
          "\x1B[2J",
          std::string(1'000'000, '"')};
}

TEST(FormatOf, GoesByTheSuffix) {
  EXPECT_EQ(*format_of("a.csv"), FileFormat::kCsv);
  EXPECT_EQ(*format_of("/tmp/x.y/a.json"), FileFormat::kJson);
  EXPECT_EQ(*format_of("A.CSV"), FileFormat::kCsv);
  EXPECT_EQ(*format_of("a.csv.JSon"), FileFormat::kJson);
  EXPECT_EQ(*format_of("with blank.csv"), FileFormat::kCsv);
}

TEST(FormatOf, NamesTheSuffixesThereAre) {
  for (const std::string_view path : {"", "a", "a.txt", "a.csv.gz", "a.csv ", "a.", "folder.csv/a",
                                      "folder.csv/", "csv", "a.xcsv"}) {
    const auto format = format_of(path);
    ASSERT_FALSE(format.ok()) << path;
    EXPECT_EQ(format.error().code, base::ErrorCode::kBadInput);
    EXPECT_NE(format.error().message.find("should end in .csv or .json"), std::string::npos);
  }
  EXPECT_EQ(format_of("a\n\x1B[2J").error().message.find_first_of("\n\x1B"), std::string::npos);
}

TEST(PerfCsv, HasOneLinePerRowAndEmptyFieldsForAbsentValues) {
  EXPECT_EQ(to_csv(small_table()),
            "time,timestamp,cell_index,cpu_util_avg,io_read\n"
            "100.5,1700000000.25,,,0\n"
            "101.5,1700000001.25,0,12.5,123456789012\n"
            "102.5,1700000002.25,12,0.1,\n");
}

TEST(PerfCsv, WithoutRowsHasItsHeader) {
  PerfTable table = small_table();
  table.cell_index.clear();
  for (auto& column : table.columns) column.values.clear();
  EXPECT_EQ(to_csv(table), "time,timestamp,cell_index,cpu_util_avg,io_read\n");
  const auto json = parse_json(to_json(table));
  ASSERT_TRUE(json.ok());
  EXPECT_TRUE(json->items.empty());
}

TEST(PerfJson, HasOneRecordPerRowAndNullForAbsentValues) {
  // WHEN
  const auto json = parse_json(to_json(small_table()));

  // THEN
  ASSERT_TRUE(json.ok()) << json.error().message;
  ASSERT_EQ(json->items.size(), 3U);
  EXPECT_EQ(json->at(0).names, (std::vector<std::string>{"time", "timestamp", "cell_index",
                                                         "cpu_util_avg", "io_read"}));
  EXPECT_TRUE(json->at(0).at("cell_index").is_null());
  EXPECT_TRUE(json->at(0).at("cpu_util_avg").is_null());
  EXPECT_EQ(json->at(0).at("io_read").number, 0);
  EXPECT_EQ(json->at(1).at("cell_index").number, 0);
  EXPECT_EQ(json->at(1).at("timestamp").number, 1'700'000'001.25);
  EXPECT_EQ(json->at(1).at("io_read").number, 123456789012.0);
  EXPECT_EQ(json->at(2).at("cell_index").number, 12);
  EXPECT_TRUE(json->at(2).at("io_read").is_null());
}

TEST(HistoryCsv, HoldsACell) {
  // WHEN
  const Records records =
      parse_csv(history_to_csv(std::vector{measured(cell_of("x = 1", {"time", "run"}))}));

  // THEN
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(records[0], kHistoryColumns);
  EXPECT_EQ(records[1], (std::vector<std::string>{"4", "x = 1", "10.25", "12.75", "2.5",
                                                  "1700000000.5", "1700000003", "['time', 'run']",
                                                  "error", "1.5", "2", "-0.25", "3", "0"}));
}

TEST(HistoryCsv, HasGpusWhereTheyWereMeasured) {
  // GIVEN two cells, of which one tells something of GPUs
  std::vector costs = {measured(cell_of("x")), measured(cell_of("y"))};
  EXPECT_EQ(parse_csv(history_to_csv(costs))[0], kHistoryColumns);
  costs[0].summary.gpu_utilization = 0.25;
  costs[0].summary.gpu_memory_peak_bytes = 3 * 1024.0 * 1024 * 1024;
  costs[0].summary.gpu_energy_joules = 1234.5;

  // THEN
  const Records records = parse_csv(history_to_csv(costs));
  std::vector<std::string> columns = kHistoryColumns;
  columns.insert(columns.end(), {"gpu_util_avg", "gpu_mem_peak", "gpu_energy"});
  EXPECT_EQ(records[0], columns);
  const auto last_three = [](const std::vector<std::string>& record) {
    return std::vector<std::string>(record.end() - 3, record.end());
  };
  EXPECT_EQ(last_three(records[1]), (std::vector<std::string>{"25", "3", "1234.5"}));
  EXPECT_EQ(last_three(records[2]), (std::vector<std::string>{"", "", ""}));
  const auto json = parse_json(history_to_json(costs));
  EXPECT_EQ(json->at(0).at("gpu_energy").number, 1234.5);
  EXPECT_TRUE(json->at(1).at("gpu_energy").is_null());
}

TEST(HistoryCsv, AbsentValuesAreEmpty) {
  const Records records = parse_csv(history_to_csv(std::vector{cell_of("x = 1")}));
  ASSERT_EQ(records.size(), 2U);
  ASSERT_EQ(records[1].size(), kHistoryColumns.size());
  for (size_t i = 9; i < records[1].size(); ++i) EXPECT_EQ(records[1][i], "") << kHistoryColumns[i];
  EXPECT_EQ(records[1][7], "[]");
}

TEST(HistoryCsv, HostileSourcesReadBackWhole) {
  for (const std::string& source : hostile_sources()) {
    const Records records =
        parse_csv(history_to_csv(std::vector{cell_of(source), cell_of("next")}));
    ASSERT_EQ(records.size(), 3U) << source.substr(0, 50);
    EXPECT_EQ(records[1].size(), kHistoryColumns.size());
    EXPECT_EQ(records[1][1] == source, true) << source.substr(0, 50);
    EXPECT_EQ(records[2][1], "next");
  }
}

TEST(HistoryCsv, TakesOutWhatNoReaderTakes) {
  const Records records =
      parse_csv(history_to_csv(std::vector{cell_of(std::string("a\0b\xFF", 4))}));
  EXPECT_EQ(records[1][1], "ab\xEF\xBF\xBD");
}

TEST(HistoryCsv, MagicsAreAPythonList) {
  const auto list = [](std::vector<std::string> magics) {
    return parse_csv(history_to_csv(std::vector{cell_of("x", std::move(magics))}))[1][7];
  };
  EXPECT_EQ(list({}), "[]");
  EXPECT_EQ(list({"time"}), "['time']");
  EXPECT_EQ(list({"a", "b c", ""}), "['a', 'b c', '']");
  EXPECT_EQ(list({"it's"}), R"(['it\'s'])");
  EXPECT_EQ(list({R"(\n)"}), R"(['\\n'])");
  EXPECT_EQ(list({"a\nb\rc"}), R"(['a\nb\rc'])");
  EXPECT_EQ(list({std::string("a\0b", 3)}), R"(['a\x00b'])");
  EXPECT_EQ(list({"say \"x\", y"}), R"(['say "x", y'])");
  EXPECT_EQ(list({"\xFF\xC3\xA9"}), "['\xEF\xBF\xBD\xC3\xA9']");
}

TEST(HistoryJson, HoldsACell) {
  // WHEN
  const auto json =
      parse_json(history_to_json(std::vector{measured(cell_of("x = 1", {"time", "it's"}))}));

  // THEN
  ASSERT_TRUE(json.ok()) << json.error().message;
  ASSERT_EQ(json->items.size(), 1U);
  const Json& record = json->at(0);
  EXPECT_EQ(record.names, kHistoryColumns);
  EXPECT_EQ(record.at("cell_index").number, 4);
  EXPECT_EQ(record.at("raw_cell").text, "x = 1");
  EXPECT_EQ(record.at("start_time").number, 10.25);
  EXPECT_EQ(record.at("duration").number, 2.5);
  EXPECT_EQ(record.at("wallclock_end_time").number, 1'700'000'003);
  ASSERT_EQ(record.at("cell_magics").items.size(), 2U);
  EXPECT_EQ(record.at("cell_magics").at(1).text, "it's");
  EXPECT_EQ(record.at("status").text, "error");
  EXPECT_EQ(record.at("memory_peak").number, 2);
  EXPECT_EQ(record.at("memory_retained").number, -0.25);
  EXPECT_EQ(record.at("io_read_mb").number, 3);
  EXPECT_EQ(record.at("io_write_mb").number, 0);
}

TEST(HistoryJson, AbsentValuesAreNull) {
  const auto json = parse_json(history_to_json(std::vector{cell_of("x")}));
  ASSERT_TRUE(json.ok()) << json.error().message;
  for (size_t i = 9; i < kHistoryColumns.size(); ++i)
    EXPECT_TRUE(json->at(0).at(kHistoryColumns[i]).is_null());
}

TEST(HistoryJson, HostileSourcesReadBackWhole) {
  std::vector<std::string> sources = hostile_sources();
  sources.emplace_back("a\0b", 3);
  for (const std::string& source : sources) {
    const auto json = parse_json(history_to_json(std::vector{cell_of(source)}));
    ASSERT_TRUE(json.ok()) << json.error().message;
    EXPECT_EQ(json->at(0).at("raw_cell").text == source, true) << source.substr(0, 50);
  }
}

TEST(HistoryJson, OfNoCellsIsAnEmptyList) {
  EXPECT_EQ(history_to_json({}), "[]\n");
  EXPECT_EQ(parse_csv(history_to_csv({})), Records{kHistoryColumns});
}

TEST(Export, WritesTheFormatOfTheSuffix) {
  // GIVEN
  const TempFolder folder;
  const std::vector costs = {measured(cell_of("x = 1"))};

  // WHEN
  for (const char* name : {"p.csv", "p.json"}) {
    ASSERT_TRUE(export_perf(folder.file(name), small_table()).ok());
  }
  for (const char* name : {"h.csv", "h.json"})
    ASSERT_TRUE(export_history(folder.file(name), costs).ok());

  // THEN
  EXPECT_EQ(read_file(folder.file("p.csv")), to_csv(small_table()));
  EXPECT_EQ(read_file(folder.file("p.json")), to_json(small_table()));
  EXPECT_EQ(read_file(folder.file("h.csv")), history_to_csv(costs));
  EXPECT_EQ(read_file(folder.file("h.json")), history_to_json(costs));
  EXPECT_EQ(folder.entries(), 4U);
}

TEST(Export, AnUnknownSuffixWritesNothing) {
  const TempFolder folder;
  EXPECT_EQ(export_perf(folder.file("p.txt"), small_table()).error().code,
            base::ErrorCode::kBadInput);
  EXPECT_EQ(export_history(folder.file("h"), {}).error().code, base::ErrorCode::kBadInput);
  EXPECT_EQ(folder.entries(), 0U);
}

TEST(Export, AFolderIsNoFileName) {
  // GIVEN a folder whose name has the right suffix
  const TempFolder folder;
  std::filesystem::create_directory(folder.file("folder.csv"));

  // WHEN
  const base::Status written = export_perf(folder.file("folder.csv"), small_table());

  // THEN
  ASSERT_FALSE(written.ok());
  EXPECT_EQ(written.error().code, base::ErrorCode::kBadInput);
  EXPECT_NE(written.error().message.find("is a folder"), std::string::npos);
}

TEST(Export, AMissingOrUnwritableFolderIsNamed) {
  const TempFolder folder;
  EXPECT_EQ(export_perf(folder.file("none/p.csv"), small_table()).error().code,
            base::ErrorCode::kNotFound);
  // Not even root may make a file here.
  const base::Status written = export_history("/proc/self/task/h.csv", {});
  ASSERT_FALSE(written.ok());
  EXPECT_NE(written.error().message.find("/proc/self/task/h.csv"), std::string::npos);
}

}  // namespace
}  // namespace jumper::session
