// SPDX-License-Identifier: BSD-3-Clause
// The journal: bytes per tick, what writing one costs beside the write(2) alone that it cannot do
// without, and how long it takes to read a day back.

#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

#include "jumper/base/clock.h"
#include "jumper/journal/reader.h"
#include "jumper/journal/tick_codec.h"
#include "jumper/journal/writer.h"
#include "testing/notebook_session.h"

namespace {

using namespace jumper;

class JournalFile {
 public:
  JournalFile() {
    std::string path = (std::filesystem::current_path() / "journal-bench-XXXXXX").string();
    fd_.reset(::mkostemp(path.data(), O_APPEND | O_CLOEXEC));
    path_ = path;
  }
  JournalFile(const JournalFile&) = delete;
  JournalFile& operator=(const JournalFile&) = delete;
  ~JournalFile() { ::unlink(path_.c_str()); }
  [[nodiscard]] base::UniqueFd fd() const { return base::UniqueFd(::dup(fd_.get())); }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  base::UniqueFd fd_;
  std::string path_;
};

// A notebook's session of 40 series at 1 Hz, made.
struct MadeSession {
  explicit MadeSession(const JournalFile& file)
      : writer(file.fd(), file.path(), {.max_bytes = uint64_t{1} << 40}, clock) {
    journal::Facts facts;
    facts.start_ns = facts.wall_start_ns = 1;
    writer.set_facts(facts);
    writer.begin(session.schema());
  }
  base::SystemClock clock;
  testing::NotebookSession session{testing::NotebookOptions{}};
  journal::Writer writer;
};

void BM_JournalTick(benchmark::State& state) {
  const JournalFile file;
  MadeSession made(file);
  for (auto _ : state) made.writer.append(made.session.next());
  state.counters["bytes_per_tick"] =
      static_cast<double>(made.writer.bytes()) / static_cast<double>(state.iterations());
}
BENCHMARK(BM_JournalTick);

// What making up the next tick costs in the benchmark above.
void BM_MadeTick(benchmark::State& state) {
  testing::NotebookSession session{testing::NotebookOptions{}};
  for (auto _ : state) benchmark::DoNotOptimize(session.next().values.data());
}
BENCHMARK(BM_MadeTick);

// The floor: as many bytes by one write(2) to the same file system.
void BM_Write(benchmark::State& state) {
  const JournalFile file;
  const base::UniqueFd fd = file.fd();
  const std::string bytes(static_cast<size_t>(state.range(0)), 'x');
  for (auto _ : state) {
    if (::write(fd.get(), bytes.data(), bytes.size()) < 0) state.SkipWithError("write failed");
  }
}
BENCHMARK(BM_Write)->Arg(60);

void BM_EncodeTick(benchmark::State& state) {
  testing::NotebookSession session{testing::NotebookOptions{}};
  std::vector<uint32_t> quanta;
  for (const auto& key : session.schema()->series()) quanta.push_back(journal::quantum_of(key));
  journal::TickEncoder encoder(quanta);
  std::string payload;
  std::string frame;
  for (auto _ : state) {
    payload.clear();
    frame.clear();
    encoder.encode(session.next(), payload);
    journal::append_frame(frame, journal::FrameType::kTick, payload);
    benchmark::DoNotOptimize(frame.data());
  }
}
BENCHMARK(BM_EncodeTick);

// 86,400 ticks: a day at 1 Hz.
void BM_ReadADay(benchmark::State& state) {
  const JournalFile file;
  MadeSession made(file);
  for (int tick = 0; tick < 86'400; ++tick) made.writer.append(made.session.next());
  for (auto _ : state) {
    const auto journal = journal::read_journal_file(file.path());
    if (!journal || journal->recording.samples.rows() != 86'400)
      state.SkipWithError("the journal was not read whole");
  }
  state.counters["megabytes"] = static_cast<double>(made.writer.bytes()) / 1e6;
}
BENCHMARK(BM_ReadADay)->Unit(benchmark::kMillisecond);

}  // namespace
