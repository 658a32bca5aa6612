// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/session/import.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "jumper/session/zip_reader.h"
#include "jumper/session/zip_writer.h"
#include "testing/temp_folder.h"
#include "testing/testdata.h"

namespace jumper::session {
namespace {

using jumper::testing::read_testdata;
using jumper::testing::TempFolder;
using metric::Metric;
using metric::Scope;

constexpr const char* kManifest =
    R"({"version": "1.0", "app": {"name": "JUmPER", "version": "0.3.6"},
        "monitor": {"interval": 1.0, "start_time": 100.0, "stop_time": null,
                    "wallclock_start_time": 1000000100.0, "num_cpus": 2, "num_system_cpus": 4,
                    "num_gpus": 0, "memory_limits": {"process": 8.0, "system": 16.0},
                    "cpu_handles": [1, 3], "pid": 42, "uid": 7},
        "levels": ["process"]})";
constexpr const char* kColumns =
    "time,memory,io_read_count,io_write_count,io_read,io_write,"
    "cpu_util_avg,cpu_util_min,cpu_util_max";

void write(const std::string& path, std::string_view content) {
  std::ofstream(path, std::ios::binary) << content;
}

class ImportSession : public ::testing::Test {
 protected:
  void put(const std::string& name, std::string_view content) {
    write(folder_.file(name), content);
  }
  void put_perf(const std::string& rows) {
    put("manifest.json", kManifest);
    put("perf_process.csv", std::string(kColumns) + "\n" + rows);
  }
  void put_cells(const std::string& rows) {
    put("manifest.json", kManifest);
    put("cell_history.csv",
        "cell_index,raw_cell,start_time,end_time,duration,cell_magics\n" + rows);
  }
  [[nodiscard]] std::string path() const { return folder_.path().string(); }
  [[nodiscard]] journal::Recording imported() const {
    auto recording = import_session(path());
    EXPECT_TRUE(recording.ok()) << recording.error().message;
    return recording.ok() ? *std::move(recording) : journal::Recording{};
  }
  [[nodiscard]] std::string error() const {
    const auto recording = import_session(path());
    if (recording.ok()) return "";
    EXPECT_EQ(recording.error().message.find('\n'), std::string::npos);
    return recording.error().message;
  }
  void expect_error(std::string_view what) const {
    EXPECT_NE(error().find(what), std::string::npos) << error();
  }

  TempFolder folder_;
};

double value(const journal::Recording& recording, Metric metric, size_t row,
             Scope scope = Scope::kProcess, int32_t instance = metric::kWhole) {
  return recording.samples.value({metric, scope, instance}, row).value_or(-1);
}
bool has_note(const journal::Recording& recording, std::string_view part) {
  for (const std::string& note : recording.facts.notes) {
    if (note.find(part) != std::string::npos) return true;
  }
  return false;
}

// The session that the Python JUmPER exported, as a folder or as a zip.
void unpack(const std::string& testdata, const TempFolder& folder) {
  for (const char* name : {"manifest.json", "cell_history.csv", "perf_process.csv",
                           "perf_system.csv", "perf_user.csv"}) {
    write(folder.file(name), read_testdata(testdata + "/" + name));
  }
}

TEST_F(ImportSession, ReadsWhatThePythonJumperExported) {
  unpack("python_jumper/session", folder_);
  const journal::Recording recording = imported();
  const journal::Facts& facts = recording.facts;
  EXPECT_EQ(facts.interval_seconds, 0.25);
  EXPECT_EQ(facts.start_ns, 1'012'313'471'236);
  EXPECT_EQ(facts.origin.pid, 16071);
  EXPECT_EQ(facts.levels, (std::vector{Scope::kProcess, Scope::kUser, Scope::kSystem}));
  EXPECT_EQ(facts.resources.usable_cpus, (std::vector{0, 1}));
  EXPECT_NE(facts.source.find("a session of the Python JUmPER (JUmPER 0.3.6)"), std::string::npos)
      << facts.source;
  // All levels share their times.
  ASSERT_EQ(recording.samples.rows(), 37U);
  EXPECT_EQ(recording.samples.kind(0), metric::TickKind::kStart);
  // 0.11226654052734375 GB
  EXPECT_EQ(value(recording, Metric::kMemory, 0), 120'545'280);
  // 52.25 % of two CPUs in the 0.308 s between the first two samples
  EXPECT_NEAR(value(recording, Metric::kCpuTime, 1), 0.5225 * 2 * 308'212'741, 2);
  // Per CPU on the machine only.
  EXPECT_NEAR(value(recording, Metric::kCpuTime, 1, Scope::kSystem, 0), 0.97 * 308'212'741, 2);
  EXPECT_EQ(value(recording, Metric::kCpuTime, 1, Scope::kProcess, 0), -1);
}

TEST_F(ImportSession, FindsTheTotalsThatWereDivided) {
  unpack("python_jumper/session", folder_);
  const journal::Recording recording = imported();
  EXPECT_EQ(value(recording, Metric::kIoReadCalls, 0), 5885);
  EXPECT_EQ(value(recording, Metric::kIoReadCalls, 1), 8634);
  EXPECT_EQ(value(recording, Metric::kIoReadBytes, 0), 64'757'760);
  EXPECT_EQ(value(recording, Metric::kIoWriteBytes, 2), 192'512);
  EXPECT_EQ(value(recording, Metric::kIoReadBytes, 1, Scope::kSystem), 2'736'148'480);
  EXPECT_TRUE(has_note(recording, "each total divided by the time"));
  EXPECT_FALSE(has_note(recording, "but for"));
  EXPECT_TRUE(has_note(recording, "private pages (USS)"));
  EXPECT_TRUE(has_note(recording, "over a tenth of a second"));
  EXPECT_TRUE(has_note(recording, "bear the time at which measuring began"));
}

TEST_F(ImportSession, ReadsItsCells) {
  unpack("python_jumper/session", folder_);
  const journal::Recording recording = imported();
  ASSERT_GT(recording.cells.size(), 30U);
  EXPECT_EQ(recording.cells[0]->magics, (std::vector<std::string>{"perfmonitor_start 0.25"}));
  EXPECT_EQ(recording.cells[2]->source,
            "s = sum(i*i for i in range(12_000_000))  # CPU, pure Python");
  EXPECT_EQ(recording.cells[2]->start_ns, 1'012'333'286'299);
  EXPECT_EQ(recording.cells[2]->duration_ns(), 939'470'314);
  EXPECT_NEAR(static_cast<double>(recording.cells[2]->wall_start_ns), 1795332363.166403e9, 1000);
  EXPECT_TRUE(has_note(recording, "does not say how cells ended"));
}

TEST_F(ImportSession, ReadsTheSameFromAZipArchive) {
  unpack("python_jumper/session", folder_);
  TempFolder other;
  write(other.file("session.zip"), read_testdata("python_jumper/session.zip"));
  const auto zipped = import_session(other.file("session.zip"));
  ASSERT_TRUE(zipped.ok()) << zipped.error().message;
  // It was taken one cell later.
  EXPECT_EQ(zipped->samples.rows(), imported().samples.rows() + 1);
  EXPECT_EQ(zipped->cells.size(), imported().cells.size() + 1);
  EXPECT_EQ(value(*zipped, Metric::kIoReadCalls, 1), 8634);
}

TEST_F(ImportSession, ReadsWhatVersion04Exports) {
  put("s.zip", read_testdata("python_jumper/session_0_4.zip"));
  const auto recording = import_session(folder_.file("s.zip"));
  ASSERT_TRUE(recording.ok()) << recording.error().message;
  ASSERT_EQ(recording->cells.size(), 6U);
  // Cell 2 wrote 40 MiB, in the time of which the samples lie.
  size_t last = recording->samples.rows() - 1;
  while (value(*recording, Metric::kIoWriteBytes, last) < 0) --last;  // another level's sample
  EXPECT_NEAR(value(*recording, Metric::kIoWriteBytes, last), 40 << 20, 1 << 20);
  EXPECT_TRUE(has_note(*recording, "its I/O columns were rates"));
  EXPECT_TRUE(has_note(*recording, "resident memory (RSS)"));
  EXPECT_FALSE(has_note(*recording, "divided"));
}

TEST_F(ImportSession, ReadsAFolderThatWasZippedAsOne) {
  const auto bytes =
      zip_archive(std::vector<NamedBytes>{{"mine/", ""}, {"mine/manifest.json", kManifest}}, 0);
  put("s.zip", *bytes);
  EXPECT_TRUE(import_session(folder_.file("s.zip")).ok());
}

TEST_F(ImportSession, ReadsGpuColumns) {
  unpack("python_jumper/gpu_session", folder_);
  const journal::Recording recording = imported();
  // 50 % on average over two cards, of which one has 1 GB and runs at 100 %.
  const auto process = [&](Metric metric, int32_t card) {
    return recording.samples.value({metric, Scope::kProcess, card}, 0);
  };
  EXPECT_EQ(process(Metric::kGpuUtil, metric::kWhole), 5000);
  EXPECT_EQ(process(Metric::kGpuUtil, 0), 10'000);
  EXPECT_EQ(process(Metric::kGpuUtil, 1), 0);
  EXPECT_EQ(process(Metric::kGpuMemory, 0), 1024.0 * 1024 * 1024);
  EXPECT_EQ(recording.samples.value({Metric::kGpuMemory, Scope::kSystem, 1}, 0),
            41.0 * 1024 * 1024 * 1024);
  const gpu::Status& gpus = recording.facts.resources.gpu;
  ASSERT_EQ(gpus.cards.size(), 2U);
  EXPECT_EQ(gpus.cards[0].name, "Fake H200");
  EXPECT_EQ(gpus.cards[0].memory_bytes, 80ULL * 1024 * 1024 * 1024);
  EXPECT_FALSE(gpus.cards[1].memory_bytes);
  EXPECT_TRUE(has_note(recording, "whole cards on which they had memory"));
}

TEST_F(ImportSession, TheConstantBandwidthOfGpusIsNoMeasurement) {
  unpack("python_jumper/gpu_session", folder_);
  const journal::Recording recording = imported();
  for (const metric::SeriesKey& key : recording.samples.series())
    EXPECT_NE(key.metric, Metric::kGpuBandwidthUtil);
  EXPECT_TRUE(has_note(recording, "GPU bandwidth is 0 throughout"));
}

TEST_F(ImportSession, TakesTotalsAsTheyAre) {
  put_perf("100,1,10,20,4096,0,0,0,0\n101,1,10,25,8192,0,50,50,50\n");
  const journal::Recording recording = imported();
  EXPECT_EQ(value(recording, Metric::kIoReadBytes, 1), 8192);
  EXPECT_EQ(value(recording, Metric::kIoWriteCalls, 1), 25);
  EXPECT_FALSE(has_note(recording, "divided"));
  EXPECT_EQ(value(recording, Metric::kMemory, 1), 1024.0 * 1024 * 1024);
}

TEST_F(ImportSession, AddsUpRates) {
  // GIVEN what 0.4 of the Python JUmPER writes: nothing in the first row, then rates
  put_perf("100,1,0,0,0,0,0,0,0\n102.5,1,1.00001,0,4000.123,0,5,5,5\n103.5,1,7.3,0,0,0,5,5,5\n");
  const journal::Recording recording = imported();
  EXPECT_EQ(value(recording, Metric::kIoReadBytes, 1), 10'000);
  EXPECT_EQ(value(recording, Metric::kIoReadBytes, 2), 10'000);
  EXPECT_EQ(value(recording, Metric::kIoReadCalls, 2), 10);
  EXPECT_TRUE(has_note(recording, "its I/O columns were rates"));
  EXPECT_FALSE(has_note(recording, "divided"));
}

TEST_F(ImportSession, SaysWhatCouldNotBeFound) {
  // GIVEN totals over times (8 read calls at 100 s, 16 at 102 s), with one number that is none
  put_perf("100,1,0.08,0,0,0,0,0,0\n102,1,8,0,0,0,0,0,0\n104,1,0.123,0,0,0,0,0,0\n");
  const journal::Recording recording = imported();
  EXPECT_EQ(value(recording, Metric::kIoReadCalls, 0), 8);
  EXPECT_EQ(value(recording, Metric::kIoReadCalls, 1), 16);
  EXPECT_EQ(value(recording, Metric::kIoReadCalls, 2), -1);
  EXPECT_TRUE(has_note(recording, "but for 1 of 12 values"));
}

TEST_F(ImportSession, LeavesAbsentWhatIsAbsent) {
  put_perf("100,1,0,0,0,0,,,\n101,nan,,0,0,0,inf,0,0\n103,-1,1,0,0,0,50,0,0\n");
  const journal::Recording recording = imported();
  EXPECT_EQ(value(recording, Metric::kMemory, 1), -1);
  EXPECT_EQ(value(recording, Metric::kMemory, 2), -1);
  EXPECT_EQ(value(recording, Metric::kCpuTime, 0), 0);
  EXPECT_EQ(value(recording, Metric::kCpuTime, 1), -1);
  // Over the time since the last row that had a value.
  EXPECT_EQ(value(recording, Metric::kCpuTime, 2), 3e9);
  EXPECT_TRUE(has_note(recording, "1 values were negative"));
}

TEST_F(ImportSession, TakesCellsWithoutTheirExtras) {
  put_cells(
      "5,\"a = 'x'\ny\",100,101.5,1.5,\"['a \\'b\\'', \"\"c\\x41\\u00e9\"\"]\"\n"
      "6,=1+1,101.5,102,0.5,not a list\n");
  const journal::Recording recording = imported();
  ASSERT_EQ(recording.cells.size(), 2U);
  EXPECT_EQ(recording.cells[0]->index, 0U);
  EXPECT_EQ(recording.cells[0]->source, "a = 'x'\ny");
  EXPECT_EQ(recording.cells[0]->magics, (std::vector<std::string>{"a 'b'", "cA\u00e9"}));
  EXPECT_EQ(recording.cells[0]->wall_start_ns, 1'000'000'100'000'000'000);
  EXPECT_EQ(recording.cells[1]->source, "=1+1");
  EXPECT_TRUE(recording.cells[1]->magics.empty());
  EXPECT_TRUE(has_note(recording, "not numbered from 0 on"));
  EXPECT_EQ(recording.facts.stop_ns, 102'000'000'000);
}

TEST_F(ImportSession, TakesCellsFromJsonWhereThatIsAllThereIs) {
  put("manifest.json", kManifest);
  put("cell_history.json",
      R"([{"index": 0, "raw_cell": "x", "start_time": 1.5, "end_time": 2, "cell_magics": ["m"]}])");
  EXPECT_EQ(imported().cells.at(0)->magics, (std::vector<std::string>{"m"}));
  put("cell_history.json", R"([{"cell_index": 0, "raw_cell": 1, "start_time": 1, "end_time": 2}])");
  expect_error("cell_history.json: cell 0: 'raw_cell' should be text");
  put("cell_history.json", R"([{"cell_index": 0, "raw_cell": "", "start_time": "1"}])");
  expect_error("cell_history.json: cell 0: 'start_time' should be a number");
}

TEST_F(ImportSession, RefusesWhatIsNoSession) {
  expect_error("there is no manifest.json in it: this is no exported session");
  EXPECT_NE(import_session(folder_.file("nothing")).error().message.find("No such file"),
            std::string::npos);
  put("x.zip", "PK no");
  EXPECT_NE(import_session(folder_.file("x.zip")).error().message.find("no zip archive"),
            std::string::npos);
  EXPECT_FALSE(import_session("/dev/zero").ok());
  EXPECT_FALSE(import_session("").ok());
}

TEST_F(ImportSession, RefusesABadManifest) {
  const auto refuses = [&](const char* manifest, std::string_view what) {
    put("manifest.json", manifest);
    expect_error(what);
  };
  refuses("{", "manifest.json cannot be used");
  refuses("[]", "it is no object");
  refuses(R"({"version": "2.0"})", "it is of version 2.0; this program reads version 1.0");
  refuses(R"({"version": 1})", "'version' is no text");
  refuses(R"({"monitor": {"interval": "1"}})", "'interval' is no number from 0 to 86400");
  refuses(R"({"monitor": {"num_cpus": 1e12}})", "'num_cpus' is no number");
  refuses(R"({"monitor": {"start_time": -1}})", "'start_time' is no number");
  refuses(R"({"monitor": [1]})", "'monitor' is no object");
  refuses(R"({"levels": [1]})", "'levels' is no list of names");
  refuses(R"({"time_origin": "epoch"})", "unknown clock");
  refuses(R"({"monitor": {"cpu_handles": ["x"]}})", "'cpu_handles' is no list of CPUs");
}

TEST_F(ImportSession, RefusesBadSamples) {
  put_perf("100,1,0,0,0,0,0,0,0\n99,1,0,0,0,0,0,0,0\n");
  expect_error("perf_process.csv: line 3: the time goes backwards");
  put_perf("nan,1,0,0,0,0,0,0,0\n");
  expect_error("perf_process.csv: line 2: 'time' is no time");
  put_perf("100,one,0,0,0,0,0,0,0\n");
  expect_error("perf_process.csv: line 2: 'memory' should be a number, and is 'one'");
  put_perf("100,1\n");
  expect_error("perf_process.csv: line 2: 2 fields where");
  put("perf_process.csv", "time,memory\n1,2\n");
  expect_error("perf_process.csv: it lacks the columns io_read_count");
  put("perf_process.csv", "");
  expect_error("perf_process.csv: it is empty");
}

TEST_F(ImportSession, RefusesBadCells) {
  put_cells("0,x,101,100,0,[]\n");
  expect_error("cell_history.csv: line 2: a cell ends before it starts");
  put_cells("0,x,100,102,0,[]\n1,y,101,103,0,[]\n");
  expect_error("line 3: a cell starts before the one before it ended");
  put_cells("0,x,,102,0,[]\n");
  expect_error("line 2: a cell has no sensible start_time");
  put("cell_history.csv", "cell_index,duration\n");
  expect_error("cell_history.csv: it lacks the columns start_time, end_time, raw_cell");
}

TEST_F(ImportSession, FollowsNoLinksInAFolder) {
  // GIVEN a session whose manifest, or whose samples, are links to another file
  TempFolder elsewhere;
  write(elsewhere.file("manifest.json"), kManifest);
  ASSERT_EQ(
      ::symlink(elsewhere.file("manifest.json").c_str(), folder_.file("manifest.json").c_str()), 0);
  expect_error("'manifest.json' is a link, which is not followed");
  std::filesystem::remove(folder_.file("manifest.json"));
  ASSERT_EQ(::mkfifo(folder_.file("manifest.json").c_str(), 0600), 0);
  expect_error("'manifest.json' is no plain file");
}

TEST_F(ImportSession, BearsADamagedArchive) {
  const std::string whole = read_testdata("python_jumper/session.zip");
  for (size_t at = 0; at < whole.size(); at += 97) {
    std::string bytes = whole;
    bytes[at] = static_cast<char>(bytes[at] ^ 0x20);
    put("s.zip", bytes);
    const auto recording = import_session(folder_.file("s.zip"));
    if (!recording) {
      EXPECT_EQ(recording.error().message.find('\n'), std::string::npos);
    }
    put("s.zip", std::string_view(whole).substr(0, at));
    EXPECT_FALSE(import_session(folder_.file("s.zip")).ok());
  }
}

}  // namespace
}  // namespace jumper::session
