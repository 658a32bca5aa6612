// SPDX-License-Identifier: BSD-3-Clause
#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <mutex>
#include <thread>

#include "jumper/base/fd.h"
#include "jumper/sampler/sampler.h"
#include "testing/fake_gpu.h"

namespace jumper::sampler {
namespace {

using jumper::testing::fake_card;
using jumper::testing::FakeGpu;
using jumper::testing::FakeGpuBackend;
using metric::kWhole;
using metric::Metric;
using metric::Scope;
using metric::TickKind;

constexpr int64_t kMs = 1'000'000;
constexpr int64_t kLong = 20 * base::kNanosPerSecond;  // only to fail instead of hanging

// Keeps ticks by the names of their series.
class RowKeeper final : public metric::TickSink {
 public:
  struct Row {
    int64_t time_ns = 0;
    TickKind kind = TickKind::kPeriodic;
    std::shared_ptr<const metric::Schema> schema;
    std::vector<double> values;

    [[nodiscard]] std::optional<double> value(Metric metric, Scope scope,
                                              int32_t instance = kWhole) const {
      const auto at = schema->find({metric, scope, instance});
      return at ? metric::maybe(values.at(*at)) : std::nullopt;
    }
  };

  void begin(const std::shared_ptr<const metric::Schema>& schema) override {
    const std::scoped_lock lock(mutex_);
    schema_ = schema;
  }
  void append(const metric::Tick& tick) override {
    const std::scoped_lock lock(mutex_);
    rows_.push_back({tick.time_ns, tick.kind, schema_, {tick.values.begin(), tick.values.end()}});
  }
  [[nodiscard]] std::vector<Row> rows() const {
    const std::scoped_lock lock(mutex_);
    return rows_;
  }
  [[nodiscard]] std::optional<Row> last(TickKind kind) const {
    const std::vector<Row> all = rows();
    for (auto row = all.rbegin(); row != all.rend(); ++row) {
      if (row->kind == kind) return *row;
    }
    return std::nullopt;
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const metric::Schema> schema_;
  std::vector<Row> rows_;
};

class SamplerGpuTest : public ::testing::Test {
 protected:
  SamplerGpuTest() {
    options_.period_ns = 5 * kMs;
    options_.silent_after_ns = 20 * kMs;
    options_.longest_edge_ns = kLong;
    options_.edge_fresh_ns = 0;
    options_.stop_ns = 50 * kMs;
    fake_->cards = {fake_card("A", 1000)};
    // Each reading finds the card 1 J further, and our process with 100 bytes on it.
    fake_->read = [joules = 0.0](gpu::Depth depth, gpu::Reading& reading) mutable {
      reading.cards[0].energy_joules = joules += 1;
      reading.cards[0].memory_used_bytes = 300;
      reading.cards[0].has_process_memory = true;
      if (depth == gpu::Depth::kFull) reading.cards[0].utilization = 0.5;
      reading.processes.push_back({0, ::getpid(), uint64_t{100}, {}, {}});
      reading.processes.push_back({0, 1, uint64_t{200}, {}, {}});
    };
  }

  void make_poller() {
    poller_ = std::make_unique<gpu::Poller>(
        std::move(*kernfs::KernelRoot::open()),
        [fake = fake_](const kernfs::KernelRoot& /*root*/) {
          std::vector<std::unique_ptr<gpu::Backend>> made;
          made.push_back(std::make_unique<FakeGpuBackend>(fake));
          return made;
        },
        options_);
    sampler_ = std::make_unique<Sampler>(root_, clock_, clocks_,
                                         ProcessTable::Options{.root_pid = ::getpid(),
                                                               .root_counts = true,
                                                               .self_pid = ::getpid(),
                                                               .user = {},
                                                               .open_files = {}},
                                         sink_);
  }
  void start(bool waits_for_cards = true) {
    if (!poller_) make_poller();
    if (waits_for_cards) {
      ASSERT_TRUE(poller_->wait_until_known(kLong));
    }
    SamplerOptions options;
    options.interval_ns = kLong;
    options.budget_share = 0;
    options.exact_peak = false;
    options.gpus = poller_.get();
    const auto started = sampler_->start(options);
    ASSERT_TRUE(started.ok()) << started.error().message;
  }
  template <typename Condition>
  static bool comes_true(Condition condition) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::nanoseconds(kLong);
    while (!condition()) {
      if (std::chrono::steady_clock::now() > end) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return true;
  }
  [[nodiscard]] bool has_row_of_gpus_alone() const {
    for (const RowKeeper::Row& row : sink_.rows()) {
      if (row.kind == TickKind::kPeriodic && row.value(Metric::kGpuUtil, Scope::kSystem) &&
          !row.value(Metric::kCpuTime, Scope::kProcess))
        return true;
    }
    return false;
  }
  void expect_times_rise() const {
    const auto rows = sink_.rows();
    for (size_t i = 1; i < rows.size(); ++i) ASSERT_GT(rows[i].time_ns, rows[i - 1].time_ns) << i;
  }

  kernfs::KernelRoot root_ = std::move(*kernfs::KernelRoot::open());
  base::SystemClock clock_;
  base::SystemProcessClocks clocks_;
  gpu::Poller::Options options_;
  std::shared_ptr<FakeGpu> fake_ = std::make_shared<FakeGpu>();
  RowKeeper sink_;
  std::unique_ptr<gpu::Poller> poller_;
  std::unique_ptr<Sampler> sampler_;
};

TEST_F(SamplerGpuTest, ReadingsComeAsRowsOfTheirOwn) {
  start();
  ASSERT_TRUE(comes_true([&] { return has_row_of_gpus_alone(); }));
  sampler_->stop();
  expect_times_rise();
  const auto first = sink_.rows().front();
  EXPECT_EQ(first.kind, TickKind::kStart);
  EXPECT_EQ(first.value(Metric::kGpuMemory, Scope::kSystem, 0), 300);
  EXPECT_EQ(first.value(Metric::kGpuMemory, Scope::kProcess, 0), 100);
  EXPECT_TRUE(first.value(Metric::kCpuTime, Scope::kProcess));
}

TEST_F(SamplerGpuTest, EdgesOfCellsTellOfTheGpus) {
  // GIVEN a poller that reads only when it is asked
  options_.period_ns = kLong;
  start();
  ASSERT_TRUE(comes_true([&] { return has_row_of_gpus_alone(); }));
  // WHEN a cell runs
  ASSERT_TRUE(sampler_->begin_cell());
  ASSERT_TRUE(sampler_->end_cell());
  // THEN both of its edges have what must be exact, from two readings
  const auto begin = sink_.last(TickKind::kCellStart);
  const auto end = sink_.last(TickKind::kCellEnd);
  ASSERT_TRUE(begin && end);
  EXPECT_EQ(begin->value(Metric::kGpuMemory, Scope::kProcess), 100);
  const auto energy = end->value(Metric::kGpuEnergy, Scope::kProcess);
  EXPECT_EQ(energy.value_or(0) - begin->value(Metric::kGpuEnergy, Scope::kProcess).value_or(0),
            1000);
  EXPECT_EQ(end->value(Metric::kGpuUtil, Scope::kSystem), std::nullopt);
  EXPECT_TRUE(end->value(Metric::kCpuTime, Scope::kProcess));
  sampler_->stop();
  expect_times_rise();
}

TEST_F(SamplerGpuTest, ACellTooShortForTwoReadingsEndsWithoutOne) {
  options_.period_ns = kLong;
  options_.edge_fresh_ns = kLong;
  start();
  ASSERT_TRUE(comes_true([&] { return has_row_of_gpus_alone(); }));
  ASSERT_TRUE(sampler_->begin_cell());
  ASSERT_TRUE(sampler_->end_cell());
  EXPECT_TRUE(sink_.last(TickKind::kCellStart)->value(Metric::kGpuEnergy, Scope::kProcess));
  EXPECT_FALSE(sink_.last(TickKind::kCellEnd)->value(Metric::kGpuEnergy, Scope::kProcess));
}

TEST_F(SamplerGpuTest, CountersOfEdgesAndOfReadingsBetweenThemGoForward) {
  // GIVEN edges that share readings for as long as they may
  options_.edge_fresh_ns = kLong;
  start();
  for (int cell = 0; cell < 5; ++cell) {
    ASSERT_TRUE(sampler_->begin_cell());
    const int readings = fake_->full_readings;
    ASSERT_TRUE(comes_true([&] { return fake_->full_readings >= readings + 2; }));
    ASSERT_TRUE(sampler_->end_cell());
  }
  sampler_->stop();
  // THEN no row tells of less energy than the one before, and none was counted twice
  double card_before = 0;
  double level_before = 0;
  for (const RowKeeper::Row& row : sink_.rows()) {
    const auto card = row.value(Metric::kGpuEnergy, Scope::kSystem, 0);
    const auto level = row.value(Metric::kGpuEnergy, Scope::kProcess);
    if (!card || !level) continue;
    EXPECT_GE(*card, card_before);
    if (card_before > 0) {
      EXPECT_EQ(*level - level_before, *card - card_before);
    }
    card_before = *card;
    level_before = *level;
  }
  EXPECT_GT(card_before, 0);
}

TEST_F(SamplerGpuTest, ADriverThatHangsHoldsUpNeitherCellsNorTheEnd) {
  options_.longest_edge_ns = kMs;
  start();
  ASSERT_TRUE(comes_true([&] { return has_row_of_gpus_alone(); }));
  fake_->hang();
  ASSERT_TRUE(comes_true([&] { return poller_->status().silent_since_ns.has_value(); }));
  // WHEN
  ASSERT_TRUE(sampler_->begin_cell());
  ASSERT_TRUE(sampler_->end_cell());
  sampler_->stop();
  // THEN everything but the GPUs is there
  const auto end = sink_.last(TickKind::kCellEnd);
  ASSERT_TRUE(end);
  EXPECT_TRUE(end->value(Metric::kCpuTime, Scope::kProcess));
  EXPECT_FALSE(end->value(Metric::kGpuEnergy, Scope::kSystem));
  EXPECT_TRUE(sink_.last(TickKind::kStop));
  fake_->answer_again();
}

TEST_F(SamplerGpuTest, CardsThatAreFoundLateAreMeasuredFromThenOn) {
  // GIVEN a driver that takes its time to begin
  fake_->hang();
  start(false);
  EXPECT_FALSE(sink_.rows().front().schema->find({Metric::kGpuUtil, Scope::kSystem, kWhole}));
  // WHEN
  fake_->answer_again();
  // THEN
  EXPECT_TRUE(comes_true([&] { return has_row_of_gpus_alone(); }));
  sampler_->tick_now(TickKind::kPeriodic);
  sampler_->stop();
  expect_times_rise();
  EXPECT_TRUE(sink_.last(TickKind::kStop)->value(Metric::kGpuEnergy, Scope::kProcess));
}

TEST_F(SamplerGpuTest, NewMetricsAreMeasuredFromTheReadingThatHasThem) {
  std::atomic<bool> has_clock = false;
  fake_->read = [&](gpu::Depth /*depth*/, gpu::Reading& reading) {
    reading.cards[0].utilization = 0.5;
    if (has_clock) reading.cards[0].sm_clock_hertz = 1e9;
  };
  start();
  ASSERT_TRUE(comes_true([&] { return has_row_of_gpus_alone(); }));
  has_clock = true;
  EXPECT_TRUE(comes_true(
      [&] { return sink_.rows().back().value(Metric::kGpuSmClock, Scope::kSystem) == 1e9; }));
  sampler_->stop();
  expect_times_rise();
}

TEST_F(SamplerGpuTest, WhatAskingCostsIsTheMonitorsOwn) {
  // GIVEN a driver that uses much CPU
  fake_->read = [](gpu::Depth /*depth*/, gpu::Reading& /*reading*/) {
    const int64_t until_ns = base::thread_cpu_ns() + 40 * kMs;
    while (base::thread_cpu_ns() < until_ns) {
    }
  };
  options_.longest_edge_ns = kMs;
  start();
  ASSERT_TRUE(comes_true([&] { return fake_->full_readings >= 2; }));
  sampler_->stop();
  // THEN it is told of, and no work of the user's
  EXPECT_GE(sampler_->stats().cpu_ns, 80 * kMs);
  const auto rows = sink_.rows();
  const auto used = rows.back().value(Metric::kCpuTime, Scope::kProcess).value_or(0) -
                    rows.front().value(Metric::kCpuTime, Scope::kProcess).value_or(0);
  EXPECT_LT(used, 40e6);
}

TEST_F(SamplerGpuTest, WhatAskingReadsIsTheMonitorsOwn) {
  // GIVEN a back-end that reads much
  constexpr int kReads = 2'000;
  fake_->read = [](gpu::Depth /*depth*/, gpu::Reading& /*reading*/) {
    const base::UniqueFd file(::open("/proc/self/stat", O_RDONLY | O_CLOEXEC));
    for (int one = 0; one < kReads; ++one) {
      char byte = 0;
      if (::pread(file.get(), &byte, 1, 0) != 1) FAIL();
    }
  };
  start();
  ASSERT_TRUE(comes_true([&] { return fake_->full_readings >= 3; }));
  sampler_->stop();
  // THEN the process is not told to have read that
  const auto rows = sink_.rows();
  const auto grown = [&](Metric metric) {
    return rows.back().value(metric, Scope::kProcess).value_or(kReads) -
           rows.front().value(metric, Scope::kProcess).value_or(0);
  };
  EXPECT_LT(grown(Metric::kIoReadCalls), kReads);
  EXPECT_LT(grown(Metric::kIoReadChars), kReads);
}

TEST_F(SamplerGpuTest, StoppingAndStartingAgainListensAgain) {
  start();
  ASSERT_TRUE(comes_true([&] { return has_row_of_gpus_alone(); }));
  sampler_->stop();
  const size_t rows = sink_.rows().size();
  start();
  EXPECT_TRUE(comes_true([&] { return sink_.rows().size() > rows + 2; }));
  sampler_->stop();
  expect_times_rise();
}

}  // namespace
}  // namespace jumper::sampler
