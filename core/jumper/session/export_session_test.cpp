// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/session/export_session.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "jumper/analysis/perf_table.h"
#include "jumper/base/json_reader.h"
#include "jumper/session/import.h"
#include "jumper/session/zip_reader.h"
#include "jumper/store/store.h"
#include "testing/notebook_session.h"
#include "testing/temp_folder.h"

namespace jumper::session {
namespace {

using jumper::testing::read_file;
using jumper::testing::TempFolder;
using metric::Scope;

constexpr const char* kFormula = "=HYPERLINK(\"http://x\")\n# ,\"quoted\"\r\n+1";

mode_t mode_of(const std::string& path) {
  struct stat status{};
  EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
  return status.st_mode & 07777U;
}

// A session of two cells and some hundred samples at three levels.
journal::Recording recorded() {
  journal::Recording recording;
  store::Store store;
  testing::NotebookSession notebook;
  store.begin(testing::NotebookSession::schema());
  for (int i = 0; i < 300; ++i) store.append(notebook.next());
  recording.samples = store.snapshot();
  const auto time_ns = [&](size_t row) { return recording.samples.time_ns(row); };
  journal::Facts& facts = recording.facts;
  facts.start_ns = time_ns(0);
  facts.stop_ns = time_ns(299);
  facts.wall_start_ns = 1'795'332'363'000'000'000;
  facts.wall_stop_ns = *facts.wall_start_ns + (*facts.stop_ns - *facts.start_ns);
  facts.interval_seconds = 0.1;
  facts.resources.usable_cpus = {0, 1};
  facts.resources.online_cpus = 2;
  facts.resources.physical_bytes = 25'000'000'000;
  facts.resources.memory_limit_bytes = 8'000'000'000;
  facts.resources.memory_limit_reason = "cgroup /x";
  facts.origin.pid = 42;
  facts.origin.version = "1.0.0";
  facts.levels = {Scope::kProcess, Scope::kUser, Scope::kSystem};
  for (size_t i = 0; i < 2; ++i) {
    auto cell = std::make_shared<cells::Cell>();
    cell->index = i;
    cell->source = i == 0 ? kFormula : "1/0";
    cell->magics = {"time x = 'a'"};
    cell->start_ns = time_ns(10 + 100 * i);
    cell->end_ns = time_ns(60 + 100 * i);
    cell->wall_start_ns = *facts.wall_start_ns + (cell->start_ns - *facts.start_ns);
    cell->wall_end_ns = cell->wall_start_ns + cell->duration_ns();
    cell->status = i == 0 ? cells::CellStatus::kOk : cells::CellStatus::kError;
    recording.cells.push_back(cell);
  }
  return recording;
}

analysis::PerfTable table_of(const journal::Recording& recording, Scope level) {
  analysis::PerfTableOptions options;
  options.scope = level;
  options.cpus = 2;
  return analysis::make_perf_table(recording.samples, recording.cells, options);
}
void expect_same_tables(const journal::Recording& a, const journal::Recording& b) {
  for (const Scope level : {Scope::kProcess, Scope::kUser, Scope::kSystem}) {
    const analysis::PerfTable one = table_of(a, level);
    const analysis::PerfTable other = table_of(b, level);
    ASSERT_EQ(one.columns.size(), other.columns.size());
    EXPECT_EQ(one.cell_index, other.cell_index);
    for (size_t i = 0; i < one.columns.size(); ++i) {
      ASSERT_EQ(one.columns[i].name, other.columns[i].name);
      for (size_t row = 0; row < one.cell_index.size(); ++row) {
        const double value = one.columns[i].values[row];
        if (std::isnan(value)) {
          EXPECT_TRUE(std::isnan(other.columns[i].values[row])) << one.columns[i].name;
        } else {
          // Percentages come from times that were rounded to nanoseconds.
          EXPECT_NEAR(other.columns[i].values[row], value, 1e-6 * std::abs(value) + 1e-5)
              << one.columns[i].name << " row " << row;
        }
      }
    }
  }
}

TEST(ExportSession, ComesBackAsItWas) {
  const TempFolder folder;
  const journal::Recording recording = recorded();
  for (const char* name : {"session", "session.zip"}) {
    const std::string path = folder.file(name);
    ASSERT_TRUE(export_session(path, recording).ok());
    const auto back = import_session(path);
    ASSERT_TRUE(back.ok()) << back.error().message;
    EXPECT_EQ(back->samples.rows(), recording.samples.rows());
    EXPECT_EQ(*back->cells[0], *recording.cells[0]);
    EXPECT_EQ(*back->cells[1], *recording.cells[1]);
    EXPECT_EQ(back->facts.resources.memory_limit_reason, "cgroup /x");
    EXPECT_TRUE(back->facts.notes.empty());
    EXPECT_NE(back->facts.source.find("an export of JUmPER 1.0.0"), std::string::npos)
        << back->facts.source;
    expect_same_tables(recording, *back);
  }
}

TEST(ExportSession, CanDoWithoutTheExactRecording) {
  const TempFolder folder;
  const journal::Recording recording = recorded();
  ASSERT_TRUE(export_session(folder.file("s"), recording).ok());
  std::filesystem::remove(folder.file("s/session.journal"));
  const auto back = import_session(folder.file("s"));
  ASSERT_TRUE(back.ok()) << back.error().message;
  EXPECT_EQ(back->cells[0]->source, kFormula);
  EXPECT_EQ(back->cells[0]->magics, recording.cells[0]->magics);
  EXPECT_EQ(back->cells[0]->start_ns, recording.cells[0]->start_ns);
  EXPECT_EQ(back->cells[0]->end_ns, recording.cells[0]->end_ns);
  EXPECT_EQ(back->cells[1]->status, cells::CellStatus::kError);
  EXPECT_EQ(back->facts.resources.memory_limit_bytes, 8'000'000'000U);
  EXPECT_TRUE(back->facts.notes.empty());
  expect_same_tables(recording, *back);
}

TEST(ExportSession, FallsBackOnTheTablesWhereTheRecordingIsDamaged) {
  const TempFolder folder;
  ASSERT_TRUE(export_session(folder.file("s"), recorded()).ok());
  std::string bytes = read_file(folder.file("s/session.journal"));
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
  std::ofstream(folder.file("s/session.journal"), std::ios::binary) << bytes;
  const auto back = import_session(folder.file("s"));
  ASSERT_TRUE(back.ok()) << back.error().message;
  ASSERT_EQ(back->facts.notes.size(), 1U);
  EXPECT_NE(back->facts.notes[0].find("exact recording cannot be read"), std::string::npos);
  expect_same_tables(recorded(), *back);
}

TEST(ExportSession, IsForItsOwnerAlone) {
  const TempFolder folder;
  ASSERT_TRUE(export_session(folder.file("s"), recorded()).ok());
  ASSERT_TRUE(export_session(folder.file("s.zip"), recorded()).ok());
  EXPECT_EQ(mode_of(folder.file("s")), 0700U);
  EXPECT_EQ(mode_of(folder.file("s.zip")), 0600U);
  size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder.file("s"))) {
    EXPECT_EQ(mode_of(entry.path()), 0600U) << entry.path();
    ++files;
  }
  EXPECT_EQ(files, 6U);
  EXPECT_EQ(folder.entries(), 2U);
}

TEST(ExportSession, HasTheKeysOfThePythonJumper) {
  const TempFolder folder;
  ASSERT_TRUE(export_session(folder.file("s"), recorded()).ok());
  const auto manifest = base::parse_json(read_file(folder.file("s/manifest.json")));
  ASSERT_TRUE(manifest.ok());
  EXPECT_EQ(manifest->at("version").text, "1.0");
  EXPECT_EQ(manifest->at("levels").items.size(), 3U);
  const base::Json& monitor = manifest->at("monitor");
  for (const char* key :
       {"interval", "start_time", "stop_time", "wallclock_start_time", "wallclock_stop_time",
        "num_cpus", "num_system_cpus", "num_gpus", "gpu_memory", "pid", "uid", "slurm_job"}) {
    EXPECT_TRUE(monitor.at(key).is_number()) << key;
  }
  EXPECT_NEAR(monitor.at("memory_limits").at("process").number, 7.45, 1e-9);
  const base::Json& columns = manifest->at("schemas").at("perf").at("process");
  EXPECT_EQ(columns.at(size_t{0}).text, "time");
  EXPECT_EQ(manifest->at("reporter").at("thresholds").at("cpu_ratio").number, 0.7);
  EXPECT_EQ(manifest->at("visualizer").at("io_window").number, 10);
}

TEST(ExportSession, LeavesOthersFilesAlone) {
  const TempFolder folder;
  std::filesystem::create_directory(folder.file("mine"));
  std::ofstream(folder.file("mine/notes.txt")) << "mine";
  std::ofstream(folder.file("file")) << "mine";
  const auto refused = export_session(folder.file("mine"), recorded());
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.error().message.find("is not empty"), std::string::npos);
  EXPECT_FALSE(export_session(folder.file("file"), recorded()).ok());
  EXPECT_FALSE(export_session(folder.file("no/such/folder"), recorded()).ok());
  EXPECT_FALSE(export_session("", recorded()).ok());
  EXPECT_EQ(read_file(folder.file("mine/notes.txt")), "mine");
  EXPECT_EQ(folder.entries(), 2U);
  // An empty one is taken, with the slash behind it or without.
  std::filesystem::create_directory(folder.file("empty"));
  EXPECT_TRUE(export_session(folder.file("empty/"), recorded()).ok());
  EXPECT_TRUE(import_session(folder.file("empty/")).ok());
}

TEST(ExportSession, SaysThatThereIsNothing) {
  const TempFolder folder;
  const auto refused = export_session(folder.file("s"), journal::Recording{});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, base::ErrorCode::kState);
  EXPECT_EQ(folder.entries(), 0U);
}

}  // namespace
}  // namespace jumper::session
