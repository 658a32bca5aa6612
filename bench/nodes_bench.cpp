// SPDX-License-Identifier: BSD-3-Clause
// What it costs to read what the collectors of a job send: a second of so many nodes with 64 CPUs
// each, at one sample per second, in the pieces in which a pipe gives it.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "jumper/base/clock.h"
#include "jumper/journal/writer.h"
#include "jumper/nodes/line.h"
#include "jumper/nodes/streams.h"

namespace {

using namespace jumper;

constexpr std::string_view kSecret = "0123456789abcdef";
constexpr int kCpus = 64;
constexpr size_t kPieceBytes = size_t{64} << 10;

class Lines final : public journal::ByteSink {
 public:
  Lines(uint32_t rank, std::string& text) : rank_(rank), text_(text) {}
  int write(std::string_view bytes) override {
    for (; !bytes.empty(); bytes.remove_prefix(std::min<size_t>(bytes.size(), 714)))
      text_ += nodes::make_line(kSecret, rank_, number_++, bytes.substr(0, 714));
    return 0;
  }

 private:
  uint32_t rank_;
  uint64_t number_ = 0;
  std::string& text_;
};

// The series of a node in a job: the job's counters and the machine's.
std::shared_ptr<const metric::Schema> node_schema() {
  std::vector<metric::SeriesKey> series;
  for (const metric::MetricInfo& info : metric::catalog()) {
    series.push_back({info.metric, metric::Scope::kSlurm, metric::kWhole});
    series.push_back({info.metric, metric::Scope::kSystem, metric::kWhole});
  }
  for (int cpu = 0; cpu < kCpus; ++cpu)
    series.push_back({metric::Metric::kCpuTime, metric::Scope::kSystem, cpu});
  return std::make_shared<const metric::Schema>(std::move(series));
}

// A busy node: every counter moves at every sample.
class MadeNode {
 public:
  MadeNode(uint32_t rank, std::string& text, const base::Clock& clock,
           std::shared_ptr<const metric::Schema> schema)
      : lines_(rank, text), writer_(lines_, {}, clock), random_(rank), values_(schema->size()) {
    journal::Facts facts;
    facts.start_ns = 0;
    facts.wall_start_ns = 0;
    facts.origin.host = "node" + std::to_string(rank);
    writer_.set_facts(facts);
    writer_.begin(std::move(schema));
  }
  void tick(int64_t time_ns) {
    for (double& value : values_) value += static_cast<double>(random_() % 10'000'000);
    writer_.append({time_ns, metric::TickKind::kPeriodic, values_});
  }

 private:
  Lines lines_;
  journal::Writer writer_;
  std::mt19937 random_;
  std::vector<double> values_;
};

void read_a_second(benchmark::State& state) {
  const auto count = static_cast<uint32_t>(state.range(0));
  const base::SystemClock clock;
  std::string text;
  const auto schema = node_schema();
  std::vector<std::unique_ptr<MadeNode>> made;
  for (uint32_t rank = 0; rank < count; ++rank)
    made.push_back(std::make_unique<MadeNode>(rank, text, clock, schema));
  nodes::StreamsOptions options;
  options.secret = kSecret;
  options.node_count = count;
  nodes::Streams streams(options);
  int64_t now_ns = 0;
  size_t bytes = 0;
  const auto send = [&] {
    now_ns += base::kNanosPerSecond;
    text.clear();
    for (const auto& node : made) node->tick(now_ns);
    bytes = text.size();
  };
  const auto read = [&] {
    for (std::string_view rest = text; !rest.empty();) {
      streams.take_output(rest.substr(0, kPieceBytes), now_ns);
      rest.remove_prefix(std::min(rest.size(), kPieceBytes));
    }
  };
  send();
  read();  // the headers
  for (auto _ : state) {
    state.PauseTiming();
    send();
    state.ResumeTiming();
    read();
  }
  if (streams.heard() != count || streams.counts().foreign_lines > 0)
    state.SkipWithError("not all lines were understood");
  state.counters["bytes_per_node"] = static_cast<double>(bytes) / static_cast<double>(count);
}
// 100 ms of CPU per second would be 10 % of a core.
BENCHMARK(read_a_second)
    ->Name("nodes/read_a_second")
    ->Arg(4)
    ->Arg(1000)
    ->Iterations(60)
    ->Unit(benchmark::kMillisecond);

}  // namespace
