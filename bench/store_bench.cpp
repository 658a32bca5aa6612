// SPDX-License-Identifier: BSD-3-Clause
// The store: bytes per tick, and what it costs to append, to seal a chunk, to thin one, to scan a
// column and to ask for a plot's 1,000 buckets of 10 million rows.

#include <benchmark/benchmark.h>
#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <memory>
#include <thread>
#include <vector>

#include "jumper/sampler/sampler.h"
#include "jumper/store/pyramid.h"
#include "jumper/store/store.h"
#include "testing/notebook_session.h"

namespace {

using namespace jumper;
using metric::Metric;
using metric::Scope;
using metric::SeriesKey;

constexpr size_t kRows = store::Chunk::kRows;
constexpr store::StoreLimits kNoLimit = {size_t{16} << 30};
const SeriesKey kCounter = {Metric::kCpuTime, Scope::kProcess, metric::kWhole};
const SeriesKey kGauge = {Metric::kMemory, Scope::kSystem, metric::kWhole};

// What the C library has handed out.
size_t heap_bytes() {
  const struct mallinfo2 info = ::mallinfo2();
  return info.uordblks + info.hblkhd;
}

void fill(store::Store& to, size_t rows, const testing::NotebookOptions& options) {
  testing::NotebookSession session(options);
  to.begin(session.schema());
  for (size_t row = 0; row < rows; ++row) to.append(session.next());
}

// A chunk in the midst of a session.
std::unique_ptr<store::Chunk> full_chunk(const testing::NotebookOptions& options) {
  testing::NotebookSession session(options);
  const auto schema = session.schema();
  auto chunk = std::make_unique<store::Chunk>(schema, std::vector<store::Carry>(schema->size()));
  for (size_t row = 0; row < 5 * kRows; ++row) {
    const metric::Tick tick = session.next();
    chunk->times_ns[row % kRows] = tick.time_ns;
    chunk->kinds[row % kRows] = tick.kind;
    for (size_t i = 0; i < tick.values.size(); ++i) chunk->column(i)[row % kRows] = tick.values[i];
  }
  return chunk;
}

// 11.6 days at 10 Hz, 40 series.
const store::Store& long_session() {
  static const auto kStore = [] {
    auto made = std::make_unique<store::Store>(kNoLimit);
    fill(*made, 10'000'000, {});
    return made;
  }();
  return *kStore;
}

void report_size(benchmark::State& state, const store::Store& filled, size_t heap_before) {
  const store::StoreUsage usage = filled.usage();
  const auto rows = static_cast<double>(filled.snapshot().sealed().rows());
  state.counters["bytes_per_tick"] = static_cast<double>(usage.bytes) / rows;
  state.counters["heap_per_tick"] =
      static_cast<double>(heap_bytes() - heap_before - usage.open_bytes) / rows;
}

// Argument: with the curves of young cells, where most series are absent.
void bytes_per_tick(benchmark::State& state) {
  for (auto _ : state) {
    const size_t heap_before = heap_bytes();
    store::Store filled(kNoLimit);
    fill(filled, 100 * kRows + 1, {.has_curves = state.range(0) != 0});
    report_size(state, filled, heap_before);
  }
}
BENCHMARK(bytes_per_tick)->Arg(0)->Arg(1)->Iterations(1)->Unit(benchmark::kMillisecond);

// This machine's own counters, as fast as they can be read, while this process computes and
// allocates.
void bytes_per_tick_live(benchmark::State& state) {
  const auto root = kernfs::KernelRoot::open();
  if (!root) {
    state.SkipWithError("no /proc");
    return;
  }
  const base::SystemClock clock;
  const base::SystemProcessClocks process_clocks;
  for (auto _ : state) {
    const size_t heap_before = heap_bytes();
    store::Store filled(kNoLimit);
    sampler::Sampler sampler(
        *root, clock, process_clocks,
        {.root_pid = ::getpid(), .root_counts = true, .self_pid = ::getpid(), .user = ::getuid()},
        filled);
    if (!sampler.start({.interval_ns = 2'000'000, .budget_share = 0})) {
      state.SkipWithError("cannot start");
      return;
    }
    std::vector<std::vector<char>> blocks;
    while (filled.snapshot().rows() < 2 * kRows + 2) {
      if (blocks.size() == 64) blocks.clear();
      blocks.emplace_back(size_t{1} << 20, 'x');
      std::this_thread::sleep_for(std::chrono::milliseconds(blocks.size() % 7));
    }
    sampler.stop();
    report_size(state, filled, heap_before);
    state.counters["series"] = static_cast<double>(filled.snapshot().series().size());
  }
}
BENCHMARK(bytes_per_tick_live)->Iterations(1)->Unit(benchmark::kSecond);

// What a tick costs the sampler, sealing left out.
void append(benchmark::State& state) {
  testing::NotebookSession session;
  std::vector<double> values(session.next().values.begin(), session.next().values.end());
  auto filled = std::make_unique<store::Store>(kNoLimit);
  filled->begin(session.schema());
  int64_t time_ns = 0;
  size_t rows = 0;
  for (auto _ : state) {
    if (++rows == kRows) {
      state.PauseTiming();
      filled = std::make_unique<store::Store>(kNoLimit);
      filled->begin(session.schema());
      rows = 0;
      state.ResumeTiming();
    }
    filled->append({++time_ns, metric::TickKind::kPeriodic, values});
  }
}
BENCHMARK(append);

void seal_a_chunk(benchmark::State& state) {
  const auto chunk = full_chunk({.has_curves = state.range(0) != 0});
  const auto sealer = std::make_unique<store::Sealer>();
  for (auto _ : state) benchmark::DoNotOptimize(sealer->seal(*chunk, kRows));
}
BENCHMARK(seal_a_chunk)->Arg(0)->Arg(1)->Unit(benchmark::kMicrosecond);

void thin_a_chunk(benchmark::State& state) {
  const auto chunk = full_chunk({.has_curves = state.range(0) != 0});
  const auto sealer = std::make_unique<store::Sealer>();
  const auto sealed = sealer->seal(*chunk, kRows);
  for (auto _ : state) benchmark::DoNotOptimize(sealer->thin(*sealed));
}
BENCHMARK(thin_a_chunk)->Arg(0)->Arg(1)->Unit(benchmark::kMicrosecond);

// Argument 0: a counter, 1: a gauge.
const SeriesKey& key_of(int64_t argument) {
  return argument == 0 ? kCounter : kGauge;
}

void thousand_buckets_of_10_million_rows(benchmark::State& state) {
  const store::Snapshot snapshot = long_session().snapshot();
  const int64_t from_ns = snapshot.time_ns(0);
  const int64_t to_ns = snapshot.time_ns(snapshot.rows() - 1);
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        store::buckets(snapshot, key_of(state.range(0)), from_ns, to_ns, 1'000));
  }
}
BENCHMARK(thousand_buckets_of_10_million_rows)->Arg(0)->Arg(1)->Unit(benchmark::kMicrosecond);

// The last so many rows, from the finest to where blocks take over.
void thousand_buckets_of_a_part(benchmark::State& state) {
  const store::Snapshot snapshot = long_session().snapshot();
  const size_t rows = snapshot.rows();
  const int64_t from_ns = snapshot.time_ns(rows - static_cast<size_t>(state.range(0)));
  const int64_t to_ns = snapshot.time_ns(rows - 1);
  for (auto _ : state)
    benchmark::DoNotOptimize(store::buckets(snapshot, kCounter, from_ns, to_ns, 1'000));
}
BENCHMARK(thousand_buckets_of_a_part)
    ->Arg(6'000)
    ->Arg(36'000)
    ->Arg(120'000)
    ->Arg(140'000)
    ->Arg(864'000)
    ->Unit(benchmark::kMicrosecond);

void scan_a_column_of_10_million_rows(benchmark::State& state) {
  const store::Snapshot snapshot = long_session().snapshot();
  for (auto _ : state) {
    double sum = 0;
    snapshot.for_each_part(key_of(state.range(0)), {0, snapshot.rows()},
                           [&](const store::Snapshot::Part& part) {
                             for (const double value : part.values)
                               sum += metric::is_absent(value) ? 0 : value;
                           });
    benchmark::DoNotOptimize(sum);
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(snapshot.rows()));
}
BENCHMARK(scan_a_column_of_10_million_rows)->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);

void take_a_snapshot_of_10_million_rows(benchmark::State& state) {
  const store::Store& filled = long_session();
  for (auto _ : state) benchmark::DoNotOptimize(filled.snapshot());
}
BENCHMARK(take_a_snapshot_of_10_million_rows);

}  // namespace
