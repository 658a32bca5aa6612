// SPDX-License-Identifier: BSD-3-Clause
// Processes that write a journal are killed at random moments: what they had written is all there.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <random>

#include "jumper/journal/reader.h"
#include "jumper/journal/writer.h"
#include "testing/fake_clock.h"
#include "testing/sanitizers.h"
#include "testing/temp_folder.h"

namespace jumper::journal {
namespace {

// Shared with the process that will be killed: which tick it wrote last.
struct Progress {
  std::atomic<int64_t> last_ns = 0;
};

constexpr int64_t kStepNs = 1'000'000;

// Writes ticks and cells as fast as it can, until it is killed.
[[noreturn]] void write_for_ever(const std::string& path, Progress& progress) {
  const testing::FakeClock clock;
  Writer writer(base::UniqueFd(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_APPEND, 0600)),
                path, {.max_bytes = 200'000, .key_bytes = 3000, .keeps_source = true}, clock);
  std::vector<metric::SeriesKey> series;
  for (int32_t cpu = 0; cpu < 40; ++cpu)
    series.push_back({metric::Metric::kCpuTime, metric::Scope::kSystem, cpu});
  Facts facts;
  facts.start_ns = facts.wall_start_ns = 1;
  writer.set_facts(facts);
  writer.begin(std::make_shared<const metric::Schema>(series));
  std::vector<double> values(series.size());
  for (int64_t tick = 1;; ++tick) {
    values[static_cast<size_t>(tick) % values.size()] += 1e7;
    if (tick % 10 == 1) {
      cells::Cell cell;
      cell.index = static_cast<size_t>(tick / 10);
      cell.start_ns = tick * kStepNs;
      cell.source = "x = " + std::to_string(tick);
      writer.begin_cell(cell, {});
      cell.end_ns = cell.start_ns + 1;
      cell.status = cells::CellStatus::kOk;
      writer.end_cell(cell, {});
    }
    writer.append({tick * kStepNs, metric::TickKind::kPeriodic, values});
    progress.last_ns = tick * kStepNs;
  }
}

TEST(AKilledWriter, LosesNothingThatItHadWritten) {
  constexpr int kKills = testing::kIsSanitized ? 200 : 1000;
  const testing::TempFolder folder;
  void* const shared =
      ::mmap(nullptr, sizeof(Progress), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(shared, MAP_FAILED);
  auto* const progress = new (shared) Progress;
  std::mt19937 random(std::random_device{}());
  size_t ticks = 0;
  int written_anything = 0;
  for (int kill = 0; kill < kKills; ++kill) {
    const std::string path = folder.file(std::to_string(kill) + ".journal");
    progress->last_ns = 0;
    const pid_t pid = ::fork();
    if (pid == 0) write_for_ever(path, *progress);
    ASSERT_GT(pid, 0);
    // Mostly soon, at times late enough for the file to have been thinned.
    ::usleep(static_cast<useconds_t>(random() % (kill % 20 == 0 ? 40'000 : 4000)));
    ::kill(pid, SIGKILL);
    int status = 0;
    ASSERT_EQ(::waitpid(pid, &status, 0), pid);
    ASSERT_TRUE(WIFSIGNALED(status));
    const int64_t last_ns = progress->last_ns;
    if (last_ns == 0) continue;  // killed before its first tick
    ++written_anything;
    const auto journal = read_journal_file(path);
    ASSERT_TRUE(journal) << journal.error().message;
    const store::Snapshot& samples = journal->recording.samples;
    ASSERT_FALSE(samples.empty());
    // The tick that was being written may be there, too.
    EXPECT_GE(samples.time_ns(samples.rows() - 1), last_ns);
    EXPECT_FALSE(journal->has_gap);
    const auto cells = static_cast<size_t>((last_ns / kStepNs + 9) / 10);
    EXPECT_GE(journal->recording.cells.size(), cells);
    EXPECT_LE(journal->recording.cells.size(), cells + 1);
    ticks += samples.rows();
    ::unlink(path.c_str());
  }
  EXPECT_GT(written_anything, kKills / 4);
  RecordProperty("ticks", static_cast<int>(ticks));
  ::munmap(shared, sizeof(Progress));
}

}  // namespace
}  // namespace jumper::journal
