// SPDX-License-Identifier: BSD-3-Clause
// Writer and reader together: what was written is read, whatever happens to the file in between.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <bit>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

#include "jumper/journal/node_records.h"
#include "jumper/journal/payload.h"
#include "jumper/journal/reader.h"
#include "jumper/journal/writer.h"
#include "jumper/store/store.h"
#include "testing/fake_clock.h"
#include "testing/temp_folder.h"

namespace jumper::journal {
namespace {

using metric::Metric;
using metric::Scope;
using metric::TickKind;

std::vector<metric::SeriesKey> made_series() {
  std::vector<metric::SeriesKey> series;
  for (const Metric metric : {Metric::kCpuTime, Metric::kMemory, Metric::kIoReadBytes,
                              Metric::kIoWriteChars, Metric::kProcesses}) {
    for (const Scope scope : {Scope::kProcess, Scope::kUser, Scope::kSystem})
      series.push_back({metric, scope, metric::kWhole});
  }
  series.push_back({Metric::kCpuTime, Scope::kSystem, 0});
  series.push_back({Metric::kCpuTime, Scope::kSystem, 1});
  return series;
}

source::SlurmJob job() {
  source::SlurmJob job;
  job.id = "71";
  job.node_name = "n2";
  job.node_list = "n[1-4]";
  job.nodes = 4;
  job.cpus_on_node = 2;
  job.memory_per_node_bytes = 600U << 20;
  job.gpus = {"0", "3"};
  job.is_step = true;
  return job;
}

std::vector<source::LevelLimits> level_limits() {
  return {{Scope::kContainer, 1.5, 600U << 20U, "cgroup /sys/fs/cgroup/a/memory.max"},
          {Scope::kSlurm, std::nullopt, std::nullopt, ""}};
}

gpu::Status gpus() {
  gpu::Status status;
  status.is_known = true;
  status.why_none = "not looked for";
  gpu::Card card;
  card.vendor = gpu::Vendor::kNvidia;
  card.name = "NVIDIA H100";
  card.uuid = "GPU-1";
  card.bus_id = "0000:17:00.0";
  card.driver = "NVIDIA 550.54.15";
  card.memory_bytes = 80ULL << 30U;
  card.is_divided = true;
  status.cards.push_back(card);
  card.uuid = "MIG-1";
  card.memory_bytes.reset();
  card.part_of = 0;
  card.is_divided = false;
  card.is_chosen = false;
  card.absent = {{"utilization", "the driver says: not supported"}};
  status.cards.push_back(card);
  status.troubles = {"card 0: fell off the bus"};
  status.silent_since_ns = 123'456'789;
  status.silent_call = "nvmlDeviceGetMemoryInfo";
  return status;
}

// Writes the same ticks to a store and to a journal.
class Session {
 public:
  explicit Session(const std::string& path, const WriterOptions& options = {})
      : Session(base::UniqueFd(::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND, 0600)), path,
                options) {}

  Session(base::UniqueFd file, const std::string& path, const WriterOptions& options = {})
      : writer_(std::move(file), path, options, clock_),
        schema_(std::make_shared<const metric::Schema>(made_series())),
        values_(schema_->size()) {
    Facts facts;
    facts.origin.id = "20260101-120000-1-abcd";
    facts.origin.host = "node1";
    facts.origin.notebook = "/home/me/a.ipynb";
    facts.origin.pid = 4711;
    facts.start_ns = 1'000'000'000;
    facts.wall_start_ns = 1'790'000'000'000'000'000;
    facts.interval_seconds = 0.25;
    facts.resources.usable_cpus = {0, 3};
    facts.resources.memory_limit_bytes = 1ULL << 34U;
    facts.resources.memory_limit_reason = "cgroup /a";
    facts.resources.cpu_limits = {{1.5, "cgroup v2 /a/cpu.max", true},
                                  {2, "JupyterHub, CPU_LIMIT", false}};
    facts.resources.memory_limits = {{0x1p34, "cgroup v2 /a", true}};
    facts.resources.gpu_choices = {{{"0", "MIG-1"}, "CUDA_VISIBLE_DEVICES"}, {{}, "ZE"}};
    facts.resources.gpu = gpus();
    facts.levels = {Scope::kProcess, Scope::kSystem};
    facts.job = job();
    facts.level_limits = level_limits();
    writer_.set_facts(facts);
    writer_.begin(schema_);
    store_.begin(schema_);
  }

  void tick(TickKind kind = TickKind::kPeriodic) {
    time_ns_ += 1'000'000'000 + static_cast<int64_t>(random_() % 200'000);
    for (size_t i = 0; i < values_.size(); ++i) {
      if (random_() % 2 == 0) values_[i] += static_cast<double>(random_() % 1000 * 1024);
    }
    std::vector<double> given = values_;
    if (random_() % 4 == 0) given[1] = given[4] = metric::kAbsent;
    writer_.append({time_ns_, kind, given});
    store_.append({time_ns_, kind, given});
  }

  cells::Cell cell(const std::string& source, int ticks = 3) {
    cells::Cell cell;
    cell.index = cells_++;
    cell.source = source;
    cell.magics = {"time"};
    tick(TickKind::kCellStart);
    cell.start_ns = time_ns_;
    cell.wall_start_ns = time_ns_ + 7;
    writer_.begin_cell(cell, stats_);
    for (int i = 0; i < ticks; ++i) tick();
    tick(TickKind::kCellEnd);
    cell.end_ns = time_ns_;
    cell.wall_end_ns = time_ns_ + 7;
    cell.status = cells::CellStatus::kError;
    cell.readings.peak_resident_bytes = 12345;
    cell.readings.wall_times = source::WallTimes{.thread_id = 5,
                                                 .user_ns = 6,
                                                 .system_ns = 7,
                                                 .run_delay_ns = 8,
                                                 .disk_wait_ns = std::nullopt,
                                                 .throttled_ns = 9,
                                                 .major_faults = 1,
                                                 .voluntary_switches = 2,
                                                 .involuntary_switches = 3};
    stats_.ticks += 3;
    writer_.end_cell(cell, stats_);
    return cell;
  }

  // It does not end.
  cells::Cell open_cell(const std::string& source) {
    cells::Cell cell;
    cell.index = cells_++;
    cell.source = source;
    cell.start_ns = time_ns_;
    cell.wall_start_ns = 99;
    writer_.begin_cell(cell, stats_);
    return cell;
  }

  testing::FakeClock clock_;
  Writer writer_;
  std::shared_ptr<const metric::Schema> schema_;
  store::Store store_;
  sampler::SamplerStats stats_;
  int64_t time_ns_ = 5'000'000'000;

 private:
  std::vector<double> values_;
  std::mt19937_64 random_{3};
  size_t cells_ = 0;
};

std::string content(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream bytes;
  bytes << file.rdbuf();
  return bytes.str();
}

bool is_same(std::optional<double> a, std::optional<double> b) {
  if (!a || !b) return a == b;
  return std::bit_cast<uint64_t>(*a) == std::bit_cast<uint64_t>(*b);
}

// The first `rows` of one are the rows of the other.
void expect_same_rows(const store::Snapshot& read, const store::Snapshot& written, size_t rows) {
  ASSERT_EQ(read.rows(), rows);
  for (size_t row = 0; row < rows; ++row) {
    ASSERT_EQ(read.time_ns(row), written.time_ns(row)) << row;
    ASSERT_EQ(read.kind(row), written.kind(row)) << row;
  }
  for (const metric::SeriesKey& key : written.series()) {
    for (size_t row = 0; row < rows; ++row)
      ASSERT_TRUE(is_same(read.value(key, row), written.value(key, row))) << row;
  }
}

class JournalTest : public ::testing::Test {
 protected:
  testing::TempFolder folder_;
  std::string path_ = folder_.file("a.journal");
};

TEST_F(JournalTest, IsReadBackExactly) {
  // GIVEN a session with cells, whose header is repeated often
  Session session(path_, {.max_bytes = 1ULL << 30U, .key_bytes = 2000, .keeps_source = true});
  session.tick(TickKind::kStart);
  const cells::Cell first = session.cell("x = 1\n");
  const cells::Cell second = session.cell(std::string("any\0bytes\xff", 10));
  for (int i = 0; i < 200; ++i) session.tick();
  session.writer_.stop({session.time_ns_, 42}, session.stats_);
  // WHEN it is read
  const auto journal = read_journal_file(path_);
  // THEN all is there
  ASSERT_TRUE(journal) << journal.error().message;
  const Facts& facts = journal->recording.facts;
  EXPECT_EQ(facts.origin.id, "20260101-120000-1-abcd");
  EXPECT_EQ(facts.origin.notebook, "/home/me/a.ipynb");
  EXPECT_EQ(facts.origin.pid, 4711);
  EXPECT_EQ(facts.interval_seconds, 0.25);
  EXPECT_EQ(facts.start_ns, 1'000'000'000);
  EXPECT_EQ(facts.stop_ns, session.time_ns_);
  EXPECT_EQ(facts.wall_stop_ns, 42);
  EXPECT_EQ(facts.resources.usable_cpus, (std::vector<int>{0, 3}));
  EXPECT_EQ(facts.resources.memory_limit_bytes, 1ULL << 34U);
  EXPECT_EQ(facts.resources.cpu_limits,
            (std::vector<source::Limit>{{1.5, "cgroup v2 /a/cpu.max", true},
                                        {2, "JupyterHub, CPU_LIMIT", false}}));
  EXPECT_EQ(facts.resources.memory_limits,
            (std::vector<source::Limit>{{0x1p34, "cgroup v2 /a", true}}));
  EXPECT_EQ(facts.resources.gpu_choices,
            (std::vector<source::GpuChoice>{{{"0", "MIG-1"}, "CUDA_VISIBLE_DEVICES"}, {{}, "ZE"}}));
  EXPECT_EQ(facts.resources.gpu, gpus());
  EXPECT_EQ(facts.levels, (std::vector<Scope>{Scope::kProcess, Scope::kSystem}));
  EXPECT_EQ(facts.job, job());
  EXPECT_EQ(facts.level_limits, level_limits());
  EXPECT_EQ(facts.stats.ticks, 6U);
  EXPECT_TRUE(journal->ending.is_clean);
  EXPECT_FALSE(journal->has_gap);
  ASSERT_EQ(journal->recording.cells.size(), 2U);
  EXPECT_EQ(*journal->recording.cells[0], first);
  EXPECT_EQ(*journal->recording.cells[1], second);
  const store::Snapshot written = session.store_.snapshot();
  expect_same_rows(journal->recording.samples, written, written.rows());
}

TEST_F(JournalTest, OfAnyLengthGivesEveryWholeTick) {
  Session session(path_);
  session.tick(TickKind::kStart);
  session.cell("one");
  session.cell("two");
  const std::string bytes = content(path_);
  const store::Snapshot written = session.store_.snapshot();
  size_t last_rows = 0;
  for (size_t size = 0; size <= bytes.size(); ++size) {
    const auto journal = read_journal(std::string_view(bytes).substr(0, size));
    if (!journal) {
      // Only as long as not even the header is whole.
      EXPECT_EQ(last_rows, 0U);
      continue;
    }
    const size_t rows = journal->recording.samples.rows();
    EXPECT_GE(rows, last_rows);
    EXPECT_FALSE(journal->ending.is_clean);
    expect_same_rows(journal->recording.samples, written, rows);
    last_rows = rows;
  }
  EXPECT_EQ(last_rows, written.rows());
}

TEST_F(JournalTest, WithOneBitFlippedLosesOnlyUpToTheNextKey) {
  Session session(path_, {.max_bytes = 1ULL << 30U, .key_bytes = 1500, .keeps_source = true});
  session.tick(TickKind::kStart);
  session.cell("one");
  for (int i = 0; i < 150; ++i) session.tick();
  const std::string bytes = content(path_);
  const size_t rows = session.store_.snapshot().rows();
  std::mt19937 random(5);
  for (int attempt = 0; attempt < 400; ++attempt) {
    std::string damaged = bytes;
    const size_t at = random() % bytes.size();
    damaged[at] = static_cast<char>(damaged[at] ^ (1 << random() % 8));
    const auto journal = read_journal(damaged);
    ASSERT_TRUE(journal) << at;
    // A key comes after 1,500 bytes of ticks, and has about as many itself.
    EXPECT_GE(journal->recording.samples.rows() + 90, rows) << at;
  }
}

TEST_F(JournalTest, InADifferentOrderIsReadWithoutWhatDoesNotFit) {
  Session session(path_, {.max_bytes = 1ULL << 30U, .key_bytes = 400, .keeps_source = true});
  for (int i = 0; i < 60; ++i) session.tick();
  const std::string bytes = content(path_);
  const size_t second = bytes.find(kKeyMarker, 1);
  ASSERT_NE(second, std::string::npos);
  const std::string turned = bytes.substr(second) + bytes.substr(0, second);
  const auto journal = read_journal(turned);
  ASSERT_TRUE(journal);
  const store::Snapshot& samples = journal->recording.samples;
  EXPECT_GT(samples.rows(), 0U);
  for (size_t row = 1; row < samples.rows(); ++row)
    EXPECT_LT(samples.time_ns(row - 1), samples.time_ns(row));
  // Twice the same is the same as once.
  EXPECT_EQ(read_journal(bytes + bytes)->recording.samples.rows(), 60U);
}

TEST_F(JournalTest, ThatEndsInACellNamesIt) {
  Session session(path_);
  session.tick(TickKind::kStart);
  session.cell("whole");
  const cells::Cell open = session.open_cell("import ctypes; ctypes.string_at(0)");
  session.tick();
  session.tick();
  const auto journal = read_journal_file(path_);
  ASSERT_TRUE(journal);
  EXPECT_FALSE(journal->ending.is_clean);
  EXPECT_EQ(journal->ending.open_cell, 1U);
  const cells::Cell& killed = *journal->recording.cells.at(1);
  EXPECT_EQ(killed.status, cells::CellStatus::kKilled);
  EXPECT_EQ(killed.source, open.source);
  EXPECT_EQ(killed.end_ns, session.time_ns_);
  EXPECT_EQ(killed.wall_end_ns, 99 + killed.duration_ns());
  // Of a process that is alive, the cell is running.
  const auto live = read_journal_file(path_, {.is_live = true});
  EXPECT_EQ(live->recording.cells.at(1)->status, cells::CellStatus::kRunning);
}

void put_signal(const std::string& path, int64_t time_ns) {
  std::array<char, kMostSignalFrame> bytes{};
  const size_t length = write_signal_frame({.time_ns = time_ns, .number = 11}, bytes);
  std::ofstream(path, std::ios::binary | std::ios::app)
      .write(bytes.data(), static_cast<std::streamsize>(length));
}

TEST_F(JournalTest, NamesTheSignalThatCameLast) {
  Session session(path_);
  session.tick(TickKind::kStart);
  session.tick();
  put_signal(path_, session.time_ns_ + 500);
  // THEN
  auto journal = read_journal_file(path_);
  ASSERT_TRUE(journal && journal->ending.signal);
  EXPECT_EQ(journal->ending.signal->number, 11);
  EXPECT_EQ(journal->ending.last_ns, session.time_ns_ + 500);
  EXPECT_FALSE(journal->ending.is_clean);
  // AND other threads went on while the process died
  session.tick();
  EXPECT_TRUE(read_journal_file(path_)->ending.signal);
  // BUT one that it has survived did not end it
  session.tick();
  session.tick();
  EXPECT_FALSE(read_journal_file(path_)->ending.signal);
}

TEST_F(JournalTest, ForgetsASignalWhenACellEndsAfterIt) {
  Session session(path_);
  session.tick(TickKind::kStart);
  put_signal(path_, session.time_ns_);
  session.cell("later", 0);
  EXPECT_FALSE(read_journal_file(path_)->ending.signal);
  // One that ended on purpose is not told to have died.
  put_signal(path_, session.time_ns_ + 1);
  session.writer_.end({session.time_ns_ + 2, 99});
  const auto journal = read_journal_file(path_);
  EXPECT_TRUE(journal->ending.is_clean);
  EXPECT_FALSE(journal->ending.signal);
}

TEST_F(JournalTest, TellsByItsEndWhetherItWasEnded) {
  EXPECT_FALSE(ends_on_purpose(path_));  // there is none
  Session session(path_);
  EXPECT_FALSE(ends_on_purpose(path_));  // it is empty
  session.tick(TickKind::kStart);
  EXPECT_FALSE(ends_on_purpose(path_));
  session.writer_.stop({session.time_ns_, 99}, session.stats_);
  EXPECT_TRUE(ends_on_purpose(path_));
  session.tick(TickKind::kStart);
  EXPECT_FALSE(ends_on_purpose(path_));
  session.writer_.end({session.time_ns_, 99});
  EXPECT_TRUE(ends_on_purpose(path_));
  // A torn end is none.
  std::filesystem::resize_file(path_, std::filesystem::file_size(path_) - 1);
  EXPECT_FALSE(ends_on_purpose(path_));
}

TEST_F(JournalTest, HasTheVitalsThatCameLast) {
  Session session(path_);
  session.tick(TickKind::kStart);
  for (const uint32_t processes : {3U, 4U}) {
    Vitals vitals;
    vitals.processes = processes;
    session.writer_.put(FrameType::kVitals, encode_vitals(vitals));
  }
  session.writer_.put(FrameType::kVitals, "garbage");
  session.tick();
  const auto journal = read_journal_file(path_);
  ASSERT_TRUE(journal && journal->ending.vitals);
  EXPECT_EQ(journal->ending.vitals->processes, 4U);
}

TEST_F(JournalTest, TellsAtItsEndAloneHowItEnded) {
  // GIVEN a long journal that ends in its third cell, which began far before the end
  Session session(path_, {.max_bytes = 1ULL << 30U, .key_bytes = 4000, .keeps_source = true});
  session.tick(TickKind::kStart);
  session.cell("one");
  session.cell("two");
  const cells::Cell open = session.open_cell("while True: pass");
  for (int i = 0; i < 2000; ++i) session.tick();
  // WHEN only its end is read
  const auto end = read_journal_file(path_, {.is_live = false, .end_bytes = 10'000});
  // THEN the cell is known, by its number
  ASSERT_TRUE(end) << end.error().message;
  ASSERT_EQ(end->recording.cells.size(), 1U);
  EXPECT_EQ(end->ending.open_cell, 0U);
  EXPECT_EQ(end->recording.cells[0]->index, 2U);
  EXPECT_EQ(end->recording.cells[0]->source, open.source);
  EXPECT_EQ(end->recording.cells[0]->end_ns, session.time_ns_);
  EXPECT_LT(end->recording.samples.rows(), 500U);
  EXPECT_FALSE(end->has_gap);
  // AND in the whole of it, it stands once
  const auto whole = read_journal_file(path_);
  ASSERT_EQ(whole->recording.cells.size(), 3U);
  EXPECT_EQ(whole->recording.cells[2]->start_ns, open.start_ns);
  // A file that is shorter is read whole.
  EXPECT_EQ(
      read_journal_file(path_, {.is_live = false, .end_bytes = 1 << 30})->recording.cells.size(),
      3U);
}

TEST_F(JournalTest, WithoutSourcesKeepsTheCells) {
  Session session(path_, {.max_bytes = 1ULL << 30U, .key_bytes = 100'000, .keeps_source = false});
  session.tick(TickKind::kStart);
  session.cell("password = 'secret'");
  EXPECT_EQ(content(path_).find("secret"), std::string::npos);
  const auto journal = read_journal_file(path_);
  ASSERT_EQ(journal->recording.cells.size(), 1U);
  EXPECT_EQ(journal->recording.cells[0]->source, "");
  EXPECT_TRUE(journal->recording.cells[0]->magics.empty());
}

TEST_F(JournalTest, OfANewerFormatSaysSo) {
  std::string payload = encode_header({}, metric::Schema(made_series()));
  payload[0] = 2;
  std::string bytes(kKeyMarker);
  append_frame(bytes, FrameType::kHeader, payload);
  const auto journal = read_journal(bytes);
  ASSERT_FALSE(journal);
  EXPECT_EQ(journal.error().message,
            "it is of format 2, and this version reads 1: update jumper-extension");
  EXPECT_FALSE(read_journal(""));
  EXPECT_FALSE(read_journal("hello"));
}

TEST_F(JournalTest, SkipsWhatANewerVersionAdded) {
  // GIVEN a header with a tag and a metric of the future, and a frame of an unknown type
  std::string series;
  put_number(series, 2);
  for (const std::string_view name : {"gpu_dreams_total", "memory_bytes"}) {
    put_text(series, name);
    put_text(series, "process");
    put_signed(series, metric::kWhole);
    put_number(series, 1);
  }
  std::string header(1, '\1');
  put_number(header, 1);
  put_text(header, series);
  put_number(header, 200);
  put_text(header, "from the future");
  std::string bytes(kKeyMarker);
  append_frame(bytes, FrameType::kHeader, header);
  append_frame(bytes, static_cast<FrameType>(99), "?");
  TickEncoder encoder({1, 1});
  std::string payload;
  encoder.encode({5, TickKind::kPeriodic, std::vector<double>{1, 2}}, payload);
  append_frame(bytes, FrameType::kTick, payload);
  // THEN what is known is read
  const auto journal = read_journal(bytes);
  ASSERT_TRUE(journal);
  const store::Snapshot& samples = journal->recording.samples;
  ASSERT_EQ(samples.rows(), 1U);
  EXPECT_EQ(samples.value({Metric::kMemory, Scope::kProcess}, 0), 2);
  EXPECT_EQ(samples.series().size(), 1U);
}

TEST_F(JournalTest, IsThinnedWhenItIsTooLarge) {
  // GIVEN a journal that may have 64 KiB, and a session with three times as much
  Session session(path_, {.max_bytes = 64 << 10, .key_bytes = 8 << 10, .keeps_source = true});
  session.tick(TickKind::kStart);
  const cells::Cell first = session.cell("first", 5);
  for (int i = 0; i < 5000; ++i) session.tick();
  const cells::Cell last = session.cell("last", 5);
  // THEN it stays near that, the newest ticks are whole, and both cells are there with their edges
  struct stat info{};
  ASSERT_EQ(::stat(path_.c_str(), &info), 0);
  EXPECT_LT(info.st_size, 90 << 10);
  EXPECT_EQ(static_cast<uint64_t>(info.st_size), session.writer_.bytes());
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
  const auto journal = read_journal_file(path_);
  ASSERT_TRUE(journal);
  EXPECT_EQ(journal->skipped_bytes, 0U);
  ASSERT_EQ(journal->recording.cells.size(), 2U);
  EXPECT_EQ(*journal->recording.cells[0], first);
  EXPECT_EQ(*journal->recording.cells[1], last);
  const store::Snapshot& read = journal->recording.samples;
  const store::Snapshot written = session.store_.snapshot();
  EXPECT_LT(read.rows(), written.rows() / 2);
  for (size_t back = 1; back <= 100; ++back)
    EXPECT_EQ(read.time_ns(read.rows() - back), written.time_ns(written.rows() - back));
  for (const int64_t edge : {first.start_ns, first.end_ns})
    EXPECT_EQ(read.time_ns(read.lower_bound(edge)), edge);
  // What is left is as it was.
  for (size_t row = 0; row < read.rows(); ++row) {
    const size_t same = written.lower_bound(read.time_ns(row));
    for (const metric::SeriesKey& key : written.series())
      ASSERT_TRUE(is_same(read.value(key, row), written.value(key, same))) << row;
  }
}

TEST_F(JournalTest, IsThinnedBetweenWhatOtherNodesSay) {
  // GIVEN a session with frames of another node between its ticks
  Session session(path_, {.max_bytes = 256 << 10, .key_bytes = 8 << 10, .keeps_source = true});
  session.tick(TickKind::kStart);
  constexpr int kTicks = 10'000;
  for (int i = 0; i < kTicks; ++i) {
    session.tick();
    session.writer_.put(FrameType::kNodeClock, encode_node_clock({"n1", i, 1}));
  }
  // THEN our ticks are thinned, and all that the node said is there
  const auto journal = read_journal_file(path_);
  ASSERT_TRUE(journal);
  EXPECT_LT(journal->recording.samples.rows(), size_t{kTicks} * 3 / 4);
  std::ifstream file(path_);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  FrameReader frames(bytes);
  int64_t said = 0;
  while (const auto frame = frames.next()) {
    if (frame->type != FrameType::kNodeClock) continue;
    EXPECT_EQ(decode_node_clock(frame->payload)->offset_ns, said);
    ++said;
  }
  EXPECT_EQ(said, kTicks);
}

TEST_F(JournalTest, OfARecordingIsReadAsTheSame) {
  Session session(path_);
  session.tick(TickKind::kStart);
  session.cell("one");
  for (int i = 0; i < 5000; ++i) session.tick();
  session.cell("two");
  session.writer_.stop({session.time_ns_ + 5, 6}, session.stats_);
  const auto first = read_journal_file(path_);
  ASSERT_TRUE(first);
  const auto second = read_journal(to_journal(first->recording));
  ASSERT_TRUE(second);
  EXPECT_TRUE(second->ending.is_clean);
  EXPECT_EQ(second->recording.facts.stop_ns, first->recording.facts.stop_ns);
  ASSERT_EQ(second->recording.cells.size(), 2U);
  EXPECT_EQ(*second->recording.cells[1], *first->recording.cells[1]);
  expect_same_rows(second->recording.samples, first->recording.samples,
                   first->recording.samples.rows());
}

TEST_F(JournalTest, GoesThroughAPipe) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
  const base::UniqueFd read_end(ends[0]);
  std::string bytes;
  int64_t last_ns = 0;
  {
    Session session{base::UniqueFd(ends[1]), "a pipe"};
    session.tick(TickKind::kStart);
    session.cell("one");
    last_ns = session.time_ns_;
    EXPECT_TRUE(session.writer_.status());
  }
  std::array<char, 4096> part{};
  for (ssize_t got = 0; (got = ::read(read_end.get(), part.data(), part.size())) > 0;)
    bytes.append(part.data(), static_cast<size_t>(got));
  const auto journal = read_journal(bytes);
  ASSERT_TRUE(journal);
  EXPECT_EQ(journal->recording.cells.size(), 1U);
  EXPECT_EQ(journal->ending.last_ns, last_ns);
  EXPECT_EQ(journal->skipped_bytes, 0U);
}

TEST_F(JournalTest, OnAFullDiskSaysSo) {
  // /dev/full takes no byte: every write fails with ENOSPC.
  Session session("/dev/full");
  session.tick(TickKind::kStart);
  ASSERT_FALSE(session.writer_.status());
  EXPECT_EQ(session.writer_.status().error().message,
            "cannot write the journal '/dev/full': No space left on device");
}

}  // namespace
}  // namespace jumper::journal
