// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/gpu/poller.h"

#include <gtest/gtest.h>

#include <chrono>
#include <mutex>
#include <thread>

#include "testing/fake_gpu.h"
#include "testing/temp_root.h"

namespace jumper::gpu {
namespace {

using testing::fake_card;
using testing::FakeGpu;
using testing::FakeGpuBackend;

constexpr int64_t kMs = 1'000'000;
constexpr int64_t kLong = 20 * base::kNanosPerSecond;  // only to fail instead of hanging

class PollerTest : public ::testing::Test {
 protected:
  PollerTest() {
    options_.period_ns = 5 * kMs;
    options_.silent_after_ns = 20 * kMs;
    options_.longest_edge_ns = kLong;
    options_.edge_fresh_ns = 0;
    options_.stop_ns = 50 * kMs;
    fake_->cards = {fake_card("A", 100), fake_card("B", 200)};
    fake_->read = [](Depth /*depth*/, Reading& reading) {
      reading.cards[0].energy_joules = 5;
      reading.processes.push_back({1, 42, uint64_t{7}, 0.5, {}});
    };
  }

  [[nodiscard]] Poller make(size_t backends = 1) {
    return Poller(
        files_.open(),
        [fake = fake_, backends](const kernfs::KernelRoot& /*root*/) {
          std::vector<std::unique_ptr<Backend>> made;
          for (size_t i = 0; i < backends; ++i)
            made.push_back(std::make_unique<FakeGpuBackend>(fake));
          return made;
        },
        options_);
  }

  template <typename Condition>
  static bool comes_true(Condition condition) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::nanoseconds(kLong);
    while (!condition()) {
      if (std::chrono::steady_clock::now() > end) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return true;
  }

  jumper::testing::TempRoot files_;
  Poller::Options options_;
  std::shared_ptr<FakeGpu> fake_ = std::make_shared<FakeGpu>();
};

TEST_F(PollerTest, CardsAreReadOnceSomebodyListensAndNotBefore) {
  // GIVEN a poller that found its cards
  Poller poller = make();
  ASSERT_TRUE(poller.wait_until_known(kLong));
  EXPECT_EQ(poller.status().cards.size(), 2);
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_EQ(fake_->full_readings, 0);
  // WHEN somebody listens
  std::atomic<int> heard = 0;
  poller.set_listener([&](const Readout& readout) {
    EXPECT_EQ(readout.depth, Depth::kFull);
    EXPECT_EQ(readout.reading.cards.at(0).energy_joules, 5);
    ++heard;
  });
  // THEN it hears of reading after reading, until it does not want to
  EXPECT_TRUE(comes_true([&] { return heard >= 3; }));
  poller.set_listener(nullptr);
  const int heard_until_then = heard;
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_EQ(heard, heard_until_then);
}

TEST_F(PollerTest, CardsOfSeveralBackEndsAreNumberedThrough) {
  fake_->cards[1].part_of = 0;
  Poller poller = make(2);
  ASSERT_TRUE(poller.wait_until_known(kLong));
  const Status status = poller.status();
  ASSERT_EQ(status.cards.size(), 4);
  EXPECT_EQ(status.cards[3].part_of, 2U);
  std::mutex mutex;
  std::optional<Readout> heard;
  poller.set_listener([&](const Readout& readout) {
    const std::scoped_lock lock(mutex);
    heard = readout;
  });
  ASSERT_TRUE(comes_true([&] {
    const std::scoped_lock lock(mutex);
    return heard.has_value();
  }));
  poller.set_listener(nullptr);
  ASSERT_EQ(heard->reading.cards.size(), 4);
  ASSERT_EQ(heard->reading.processes.size(), 2);
  EXPECT_EQ(heard->reading.processes[0].card, 1);
  EXPECT_EQ(heard->reading.processes[1].card, 3);
}

TEST_F(PollerTest, WithoutCardsTheThreadEndsAndSaysWhy) {
  fake_->cards.clear();
  fake_->found = {false, "the driver is too old"};
  Poller poller = make();
  ASSERT_TRUE(poller.wait_until_known(kLong));
  EXPECT_EQ(poller.status().why_none, "the driver is too old");
  EXPECT_FALSE(poller.request_edge());
}

TEST_F(PollerTest, AnEdgeIsReadWhenItIsAskedFor) {
  // GIVEN one that reads rarely
  options_.period_ns = kLong;
  Poller poller = make();
  ASSERT_TRUE(poller.wait_until_known(kLong));
  std::atomic<int> heard = 0;
  poller.set_listener([&](const Readout& /*readout*/) { ++heard; });
  poller.read_now();
  ASSERT_TRUE(comes_true([&] { return heard == 1; }));
  // WHEN an edge is asked for
  const int64_t before_ns = base::SystemClock().monotonic_ns();
  const auto request = poller.request_edge();
  ASSERT_TRUE(request);
  const auto readout = poller.wait_for_edge(*request);
  // THEN it was read after that, for the one who waited and nobody else
  ASSERT_TRUE(readout);
  EXPECT_EQ(readout->depth, Depth::kEdge);
  EXPECT_GE(readout->time_ns, before_ns);
  poller.set_listener(nullptr);
  EXPECT_EQ(heard, 1);
  EXPECT_EQ(fake_->edge_readings, 1);
}

TEST_F(PollerTest, EdgesCloseToEachOtherShareAReading) {
  options_.period_ns = kLong;
  options_.edge_fresh_ns = kLong;
  Poller poller = make();
  ASSERT_TRUE(poller.wait_until_known(kLong));
  poller.set_listener([](const Readout& /*readout*/) {});
  const auto first = poller.wait_for_edge(poller.request_edge().value_or(0));
  const auto second = poller.wait_for_edge(poller.request_edge().value_or(0));
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->time_ns, second->time_ns);
  EXPECT_EQ(fake_->edge_readings, 1);
}

TEST_F(PollerTest, AnEdgeIsNotSharedOnceSomethingWasReadAfterIt) {
  // GIVEN the reading of an edge, which others could share for long, and one of all after it
  options_.period_ns = kLong;
  options_.edge_fresh_ns = kLong;
  Poller poller = make();
  ASSERT_TRUE(poller.wait_until_known(kLong));
  std::atomic<int64_t> heard_ns = 0;
  poller.set_listener([&](const Readout& readout) { heard_ns = readout.time_ns; });
  ASSERT_TRUE(poller.wait_for_edge(poller.request_edge().value_or(0)));
  poller.read_now();
  ASSERT_TRUE(comes_true([&] { return heard_ns > 0; }));

  // WHEN another edge comes, THEN what it is told is newer than what was told already
  const auto next = poller.wait_for_edge(poller.request_edge().value_or(0));
  ASSERT_TRUE(next);
  EXPECT_GT(next->time_ns, heard_ns);
}

TEST_F(PollerTest, AnEdgeThatComesLateIsHeardOfLikeAnyOther) {
  // GIVEN a driver that does not answer for a while
  options_.longest_edge_ns = 10 * kMs;
  options_.period_ns = kLong;
  Poller poller = make();
  ASSERT_TRUE(poller.wait_until_known(kLong));
  std::atomic<int> full = 0;
  std::atomic<int> edges = 0;
  poller.set_listener(
      [&](const Readout& readout) { ++(readout.depth == Depth::kEdge ? edges : full); });
  poller.read_now();
  ASSERT_TRUE(comes_true([&] { return full == 1; }));
  fake_->hang();
  // WHEN an edge is asked for
  const auto request = poller.request_edge();
  ASSERT_TRUE(request);
  EXPECT_FALSE(poller.wait_for_edge(*request));
  // THEN it is told of when it comes
  fake_->answer_again();
  EXPECT_TRUE(comes_true([&] { return edges == 1; }));
}

TEST_F(PollerTest, ADriverThatDoesNotComeBackIsToldOfAndLeftToItself) {
  std::atomic<int> heard = 0;
  {
    Poller poller = make();
    ASSERT_TRUE(poller.wait_until_known(kLong));
    poller.set_listener([&](const Readout& /*readout*/) { ++heard; });
    ASSERT_TRUE(comes_true([&] { return heard > 0; }));
    EXPECT_FALSE(poller.status().silent_since_ns);
    // WHEN it hangs
    fake_->hang();
    // THEN the status says since when, and in which call
    ASSERT_TRUE(comes_true([&] { return poller.status().silent_since_ns.has_value(); }));
    EXPECT_EQ(poller.status().silent_call, "fakeRead");
    // and ending does not wait for it
  }
  const int heard_until_then = heard;
  fake_->answer_again();
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_EQ(heard, heard_until_then);
}

TEST_F(PollerTest, ADriverThatHangsWhenItIsOpenedIsNotWaitedFor) {
  fake_->hang();
  Poller poller = make();
  EXPECT_FALSE(poller.wait_until_known(5 * kMs));
  ASSERT_TRUE(comes_true([&] { return poller.status().silent_since_ns.has_value(); }));
  EXPECT_FALSE(poller.status().is_known);
  // WHEN it answers after all, its cards are there
  fake_->answer_again();
  EXPECT_TRUE(poller.wait_until_known(kLong));
  EXPECT_TRUE(poller.has_cards());
}

TEST_F(PollerTest, ACardThatDoesNotAnswerIsNamed) {
  fake_->read = [](Depth /*depth*/, Reading& reading) {
    reading.cards[1].trouble = "fell off the bus";
  };
  Poller poller = make();
  ASSERT_TRUE(poller.wait_until_known(kLong));
  poller.set_listener([](const Readout& /*readout*/) {});
  ASSERT_TRUE(comes_true([&] { return !poller.status().troubles.empty(); }));
  EXPECT_EQ(poller.status().troubles.front(), "card 1: fell off the bus");
}

TEST_F(PollerTest, ItCountsWhatItUsesItself) {
  fake_->read = [](Depth /*depth*/, Reading& /*reading*/) {
    const int64_t until_ns = base::thread_cpu_ns() + kMs;
    while (base::thread_cpu_ns() < until_ns) {
    }
  };
  Poller poller = make();
  ASSERT_TRUE(poller.wait_until_known(kLong));
  poller.set_listener([](const Readout& /*readout*/) {});
  EXPECT_TRUE(comes_true([&] { return fake_->full_readings >= 2; }));
  EXPECT_GE(poller.cpu_ns(), 2 * kMs);
}

}  // namespace
}  // namespace jumper::gpu
