// SPDX-License-Identifier: BSD-3-Clause
// What it costs to read out: a report over 1,000 cells and 1,000,000 samples, and the tables made
// from them.

#include <benchmark/benchmark.h>

#include <array>
#include <memory>
#include <vector>

#include "jumper/analysis/cell_cost.h"
#include "jumper/analysis/perf_table.h"
#include "jumper/analysis/summary.h"
#include "jumper/report/report.h"
#include "jumper/store/store.h"

namespace {

using namespace jumper;
using metric::Metric;
using metric::Scope;

constexpr int64_t kPeriodNs = 100'000'000;
constexpr size_t kSamples = 1'000'000;
constexpr size_t kCells = 1'000;

struct Session {
  store::Store store;
  cells::CellList cells;
};

// A session of 28 hours at 10 Hz: three levels, CPU, memory and I/O at each.
const Session& session() {
  static const auto kSession = [] {
    auto made = std::make_unique<Session>();
    std::vector<metric::SeriesKey> series;
    for (const Scope scope : {Scope::kProcess, Scope::kUser, Scope::kSystem}) {
      for (const metric::MetricInfo& info : metric::catalog())
        series.push_back({info.metric, scope, metric::kWhole});
    }
    std::vector<double> values(series.size(), 0);
    made->store.begin(std::make_shared<const metric::Schema>(series));
    for (size_t row = 0; row < kSamples; ++row) {
      for (size_t i = 0; i < values.size(); ++i)
        values[i] += static_cast<double>((row * 7 + i * 13) % 97) * 1e5;
      made->store.append(
          {static_cast<int64_t>(row) * kPeriodNs, metric::TickKind::kPeriodic, values});
    }
    const int64_t length_ns = static_cast<int64_t>(kSamples / kCells) * kPeriodNs;
    for (size_t i = 0; i < kCells; ++i) {
      cells::Cell cell;
      cell.index = i;
      cell.source = "x = work()";
      cell.start_ns = static_cast<int64_t>(i) * length_ns;
      cell.end_ns = cell.start_ns + length_ns - kPeriodNs;
      cell.status = cells::CellStatus::kOk;
      made->cells.push_back(std::make_shared<const cells::Cell>(cell));
    }
    return made;
  }();
  return *kSession;
}

void report_of_the_whole_session(benchmark::State& state) {
  const Session& data = session();
  for (auto _ : state) {
    const store::Snapshot snapshot = data.store.snapshot();
    std::vector<analysis::Interval> intervals;
    for (const auto& cell : data.cells) intervals.push_back({cell->start_ns, cell->end_ns});
    report::Report report;
    report.cells = cells::CellRange{0, kCells - 1};
    report.summary =
        analysis::summarize(snapshot, intervals, {.scope = Scope::kProcess, .cpus = 2});
    benchmark::DoNotOptimize(report::to_text(report));
  }
}
BENCHMARK(report_of_the_whole_session)->Unit(benchmark::kMillisecond);

void report_of_one_cell(benchmark::State& state) {
  const Session& data = session();
  for (auto _ : state) {
    const store::Snapshot snapshot = data.store.snapshot();
    const std::array interval = {
        analysis::Interval{data.cells[500]->start_ns, data.cells[500]->end_ns}};
    benchmark::DoNotOptimize(
        analysis::summarize(snapshot, interval, {.scope = Scope::kProcess, .cpus = 2}));
  }
}
BENCHMARK(report_of_one_cell)->Unit(benchmark::kMicrosecond);

void cell_history_of_the_session(benchmark::State& state) {
  const Session& data = session();
  for (auto _ : state)
    benchmark::DoNotOptimize(analysis::cell_costs(data.store.snapshot(), data.cells, {}));
}
BENCHMARK(cell_history_of_the_session)->Unit(benchmark::kMillisecond);

void performance_data_of_the_session(benchmark::State& state) {
  const Session& data = session();
  for (auto _ : state)
    benchmark::DoNotOptimize(analysis::make_perf_table(data.store.snapshot(), data.cells, {}));
}
BENCHMARK(performance_data_of_the_session)->Unit(benchmark::kMillisecond);

}  // namespace
