// SPDX-License-Identifier: BSD-3-Clause
// Advice on sessions made by hand.
#include <gtest/gtest.h>

#include <string>

#include "jumper/monitor/session.h"
#include "testing/made_session.h"

namespace jumper::monitor {
namespace {

using jumper::testing::made_recording;
using metric::Metric;
using metric::Scope;

constexpr double kMb = 1024.0 * 1024;
constexpr int64_t kSecond = 1'000'000'000;

// Samples once a second at one level: so many CPUs busy, so much memory.
store::Snapshot made_samples(Scope level, double cpus, double memory_bytes, int seconds = 100) {
  store::Store store;
  store.begin(std::make_shared<const metric::Schema>(std::vector<metric::SeriesKey>{
      {Metric::kCpuTime, level, metric::kWhole}, {Metric::kMemory, level, metric::kWhole}}));
  for (int i = 0; i <= seconds; ++i) {
    const std::array values = {i * cpus * 1e9, memory_bytes};
    store.append({(100 + i) * kSecond,
                  i == 0 ? metric::TickKind::kStart : metric::TickKind::kPeriodic, values});
  }
  return store.snapshot();
}

source::SlurmJob made_job() {
  source::SlurmJob job;
  job.id = "7";
  job.node_name = "n1";
  job.nodes = 1;
  job.cpus_on_node = 4;
  job.tasks = 1;
  job.memory_per_node_bytes = uint64_t{24} << 30U;
  return job;
}

TEST(SessionAdvice, OfANotebookIsFromTheLimitsAndTheExactPeak) {
  // GIVEN a session with cells, the kernel's high-water mark above the highest sample
  auto recording = made_recording({{.seconds = 100, .cpu_seconds = 50, .memory_bytes = 300 * kMb}});
  recording.facts.resources.memory_limit_bytes = uint64_t{8} << 30U;
  recording.facts.resources.memory_limit_reason = "cgroup v2 /x/memory.max";
  auto cell = std::make_shared<cells::Cell>(*recording.cells[0]);
  cell->readings.peak_resident_bytes = static_cast<uint64_t>(900 * kMb);
  recording.cells[0] = cell;

  // WHEN
  const auto advice = Session(recording).advice();

  // THEN
  ASSERT_TRUE(advice.ok());
  EXPECT_EQ(advice->input.level, Scope::kProcess);
  EXPECT_FALSE(advice->input.asked.is_slurm);
  EXPECT_EQ(advice->input.asked.cpus, 2);
  EXPECT_EQ(advice->input.asked.memory_reason, "cgroup v2 /x/memory.max");
  EXPECT_EQ(advice->use.memory_peak_bytes, 900 * kMb);
  EXPECT_FALSE(advice->is_too_short);
  EXPECT_FALSE(advice->input.asked.is_memory_requested);
}

TEST(SessionAdvice, OfAJobIsAtItsLevelAndFromItsRequest) {
  // GIVEN
  journal::Recording recording;
  recording.facts.start_ns = 100 * kSecond;
  recording.facts.wall_start_ns = 0;
  recording.facts.job = made_job();
  recording.facts.resources.online_cpus = 96;
  recording.samples = made_samples(Scope::kSlurm, 1.5, 2000 * kMb);

  // WHEN
  const auto advice = Session(recording).advice();

  // THEN
  ASSERT_TRUE(advice.ok());
  EXPECT_EQ(advice->input.level, Scope::kSlurm);
  EXPECT_EQ(advice->input.asked.cpus, 4);
  EXPECT_TRUE(advice->input.asked.is_memory_requested);
  EXPECT_EQ(advice->input.nodes.at(0).name, "n1");
  EXPECT_NEAR(*advice->use.cpus_busiest, 1.5, 1e-9);
  EXPECT_EQ(advice->enough_cpus, 2);
  EXPECT_EQ(advice->enough_memory_bytes, 3072 * kMb);
}

TEST(SessionAdvice, OfManyNodesTakesEachOnce) {
  // GIVEN our own node measured here and by a collector, an idle one, and one that never told
  journal::Recording recording;
  recording.facts.start_ns = 100 * kSecond;
  recording.facts.wall_start_ns = 0;
  recording.facts.job = made_job();
  recording.facts.job->nodes = 3;
  recording.samples = made_samples(Scope::kSlurm, 3, 100 * kMb);
  journal::NodeRecording own;
  own.name = "n1";
  own.samples = made_samples(Scope::kSlurm, 3, 100 * kMb);
  journal::NodeRecording idle;
  idle.name = "n2";
  idle.samples = made_samples(Scope::kSlurm, 0, 50 * kMb);
  journal::NodeRecording silent;
  silent.name = "n3";
  recording.nodes = {own, idle, silent};

  // WHEN
  const auto advice = Session(recording).advice();

  // THEN
  ASSERT_TRUE(advice.ok());
  ASSERT_EQ(advice->input.nodes.size(), 2U);
  EXPECT_EQ(advice->idle_nodes, std::vector<std::string>{"n2"});
  EXPECT_EQ(advice->input.unmeasured, std::vector<std::string>{"n3"});
  EXPECT_EQ(advice->enough_nodes, std::nullopt);
}

TEST(SessionAdvice, WithoutSamplesIsRefusedWithAReason) {
  EXPECT_FALSE(Session(journal::Recording{}).advice().ok());
  journal::Recording recording;
  recording.facts.start_ns = 1;
  const auto advice = Session(recording).advice();
  ASSERT_FALSE(advice.ok());
  EXPECT_NE(advice.error().message.find("two samples"), std::string::npos);
}

}  // namespace
}  // namespace jumper::monitor
