// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/monitor/oom_guard.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cmath>
#include <csignal>
#include <vector>

namespace jumper::monitor {
namespace {

using metric::Metric;
using metric::Scope;
using metric::TickKind;

constexpr double kMb = 1024.0 * 1024;
constexpr int64_t kSecondNs = 1'000'000'000;

class OomGuardTest : public ::testing::Test {
 protected:
  void prepare(bool is_armed) {
    guard_.prepare({.group_bytes = static_cast<uint64_t>(2048 * kMb),
                    .machine_bytes = static_cast<uint64_t>(8192 * kMb)},
                   is_armed);
    guard_.begin(std::make_shared<metric::Schema>(std::vector<metric::SeriesKey>{
        {Metric::kMemoryAgainstLimit, Scope::kProcess, metric::kWhole},
        {Metric::kMemory, Scope::kSystem, metric::kWhole}}));
  }
  // A tick after `step_ns`.
  void tick(TickKind kind, double group_mb, double machine_mb = 1000, int64_t step_ns = kStepNs) {
    now_ns_ += step_ns;
    const std::array values = {group_mb * kMb, machine_mb * kMb};
    guard_.append({now_ns_, kind, values});
  }
  // A cell that grows by 100 MB/s from 0 to `end_mb`; where it was interrupted.
  std::optional<int> grow(int end_mb, int machine_mb_per_mb = 0) {
    tick(TickKind::kCellStart, 0);
    const int before = interrupts_;
    for (int mb = 0; mb < end_mb; mb += 10) {
      tick(TickKind::kPeriodic, machine_mb_per_mb > 0 ? metric::kAbsent : mb,
           machine_mb_per_mb > 0 ? mb * machine_mb_per_mb : 1000);
      if (interrupts_ > before) return mb;
    }
    return std::nullopt;
  }

  static constexpr int64_t kStepNs = kSecondNs / 10;
  int64_t now_ns_ = 100 * kSecondNs;
  int interrupts_ = 0;
  bool is_refused_ = false;
  OomGuard guard_{[this] {
    if (is_refused_) return false;
    ++interrupts_;
    return true;
  }};
};

TEST_F(OomGuardTest, ForetellsEightSecondsBeforeAndInterruptsNobodyUnlessArmed) {
  // WHEN
  prepare(false);
  EXPECT_FALSE(grow(1300));

  // THEN
  const auto told = guard_.forecast(now_ns_);
  ASSERT_TRUE(told);
  EXPECT_NEAR(told->forecast.seconds_left, 7.6, 0.2);
  EXPECT_EQ(told->text(), "memory limit reached in about 8 s");
  EXPECT_FALSE(told->is_machine);

  // WHEN time goes on without a tick, it comes nearer, and then nothing is known any more
  EXPECT_NEAR(guard_.forecast(now_ns_ + kSecondNs)->forecast.seconds_left, 6.6, 0.2);
  EXPECT_FALSE(guard_.forecast(now_ns_ + 5 * kSecondNs));

  // WHEN it goes on to the limit
  for (int mb = 1300; mb <= 2048; mb += 10) tick(TickKind::kPeriodic, mb);
  EXPECT_EQ(guard_.forecast(now_ns_)->text(), "memory limit reached in less than 1 s");
  EXPECT_EQ(interrupts_, 0);
  EXPECT_FALSE(guard_.take_reason());
}

TEST_F(OomGuardTest, ArmedItInterruptsOnceShortlyBeforeTheLimit) {
  prepare(true);
  const auto at_mb = grow(2048);
  ASSERT_TRUE(at_mb);
  EXPECT_GT(*at_mb, 1850);
  EXPECT_LT(*at_mb, 1950);
  for (int mb = *at_mb; mb < 2048; mb += 10) tick(TickKind::kPeriodic, mb);
  EXPECT_EQ(interrupts_, 1);
  tick(TickKind::kCellEnd, 2040);
  const auto reason = guard_.take_reason();
  ASSERT_TRUE(reason);
  EXPECT_TRUE(reason->starts_with("interrupted by --oom-guard: 1.8")) << *reason;
  EXPECT_NE(reason->find("of 2.00 GB"), std::string::npos) << *reason;
  EXPECT_NE(reason->find("growing by 100 MB/s"), std::string::npos) << *reason;
  EXPECT_FALSE(guard_.take_reason());  // told once

  // WHEN the next cell does so again
  tick(TickKind::kPeriodic, 0, 1000, 100 * kSecondNs);
  EXPECT_TRUE(grow(2048));
}

TEST_F(OomGuardTest, OutsideOfCellsItInterruptsNobody) {
  prepare(true);
  for (int mb = 0; mb < 2048; mb += 10) tick(TickKind::kPeriodic, mb);
  EXPECT_EQ(interrupts_, 0);
}

TEST_F(OomGuardTest, TheNextCellIsNotBlamedForWhatWasThere) {
  // GIVEN a cell that was interrupted, and what it had is still there
  prepare(true);
  const auto at_mb = grow(2048);
  ASSERT_TRUE(at_mb);
  tick(TickKind::kCellEnd, *at_mb);

  // WHEN the next begins at once
  tick(TickKind::kCellStart, *at_mb);
  for (int i = 0; i < 50; ++i) tick(TickKind::kPeriodic, *at_mb);

  // THEN it is left alone, until it grows itself
  EXPECT_EQ(interrupts_, 1);
  EXPECT_FALSE(guard_.take_reason());
  for (int mb = *at_mb; mb < 2048; mb += 10) tick(TickKind::kPeriodic, mb);
  EXPECT_EQ(interrupts_, 2);
}

TEST_F(OomGuardTest, ACellThatStopsInTimeIsLeftAlone) {
  prepare(true);
  EXPECT_FALSE(grow(1800));
  for (int i = 0; i < 100; ++i) tick(TickKind::kPeriodic, 1800);
  EXPECT_EQ(interrupts_, 0);
}

TEST_F(OomGuardTest, WhereStepsAreLongItComesTwoStepsAhead) {
  // GIVEN 100 MB/s seen every three seconds
  prepare(true);
  tick(TickKind::kCellStart, 0);
  for (int mb = 0; mb <= 2048 && interrupts_ == 0; mb += 300)
    tick(TickKind::kPeriodic, mb, 1000, 3 * kSecondNs);
  ASSERT_EQ(interrupts_, 1);
  EXPECT_NE(guard_.take_reason()->find("1.46 of 2.00 GB"), std::string::npos);
}

TEST_F(OomGuardTest, TheMachinesMemoryCountsToo) {
  prepare(true);
  ASSERT_TRUE(grow(2048, 4));
  EXPECT_NE(guard_.take_reason()->find("of the machine's memory"), std::string::npos);
  EXPECT_TRUE(guard_.forecast(now_ns_)->is_machine);
}

TEST_F(OomGuardTest, TheSoonerLimitWins) {
  prepare(false);
  for (int i = 0; i < 150; ++i) tick(TickKind::kPeriodic, 10 * i, 6000 + 10 * i);
  EXPECT_FALSE(guard_.forecast(now_ns_)->is_machine);
  prepare(false);
  for (int i = 0; i < 150; ++i) tick(TickKind::kPeriodic, 10 * i, 6600 + 10 * i);
  EXPECT_TRUE(guard_.forecast(now_ns_)->is_machine);
}

TEST_F(OomGuardTest, WhoDoesNotHandleTheSignalIsNotEnded) {
  // GIVEN an interrupt that was refused: nothing is claimed
  prepare(true);
  is_refused_ = true;
  EXPECT_FALSE(grow(2048));
  EXPECT_FALSE(guard_.take_reason());

  // GIVEN a process that does not handle SIGINT, and one that does
  const pid_t child = ::fork();
  if (child == 0) {
    std::signal(SIGINT, SIG_DFL);
    if (interrupt_main_thread()) ::_exit(1);
    std::signal(SIGINT, SIG_IGN);
    if (interrupt_main_thread()) ::_exit(2);
    static volatile std::sig_atomic_t seen = 0;
    std::signal(SIGINT, [](int) { seen = 1; });
    if (!interrupt_main_thread()) ::_exit(3);
    // Under a sanitizer handlers run at the next call that may be interrupted.
    for (int i = 0; i < 1000 && seen == 0; ++i) ::usleep(1000);
    ::_exit(seen == 1 ? 0 : 4);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace jumper::monitor
