// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/report/post_mortem.h"

#include <gtest/gtest.h>

#include <array>
#include <csignal>

#include "jumper/report/quantity.h"
#include "jumper/store/store.h"

namespace jumper::report {
namespace {

using base::kNanosPerSecond;
using journal::OomKills;
using journal::SignalWords;
using metric::Metric;
using metric::Scope;

constexpr double kGb = kBytesPerGb;
constexpr int64_t kStartNs = 1'000 * kNanosPerSecond;
constexpr int64_t kWallNs = 1'790'000'000 * kNanosPerSecond;

// A session that died 10.5 s after its start, 4.5 s into cell 7, with memory that rose.
class PostMortemTest : public ::testing::Test {
 protected:
  PostMortemTest() {
    journal::Facts& facts = journal_.recording.facts;
    facts.origin.host = "node1";
    facts.origin.boot_id = "boot-one";
    facts.origin.pid = 4711;
    facts.start_ns = kStartNs;
    facts.wall_start_ns = kWallNs;
    facts.resources.memory_limit_bytes = uint64_t{2} << 30U;
    facts.resources.memory_limit_reason = "cgroup /sys/fs/cgroup/job/memory.max";
    facts.resources.physical_bytes = uint64_t{64} << 30U;
    cells::Cell cell;
    cell.index = 7;
    cell.start_ns = kStartNs + 6 * kNanosPerSecond;
    cell.source = "\n  x = make()\ny = 1";
    cell.status = cells::CellStatus::kKilled;
    journal_.recording.cells = {std::make_shared<const cells::Cell>(cell)};
    journal_.ending.open_cell = 0;
    journal_.ending.last_ns = kStartNs + 10'500'000'000;
    journal_.ending.vitals.emplace();
    journal_.ending.vitals->largest = {{4711, "python3", uint64_t{1} << 30U},
                                       {4712, "worker", 50 << 20U}};
    journal_.ending.vitals->oom_kills = {"fs/cgroup/job/memory.events", 5, 1, 3};
    now_.machine = {"node1", "boot-one", kWallNs - 1000 * kNanosPerSecond};
    now_.oom_kills = journal_.ending.vitals->oom_kills;
    set_memory(1.0 * kGb, 0.1 * kGb);
  }

  // A sample every second until 10 s after the start; memory ends with `bytes`.
  void set_memory(double bytes, double rise_per_second, double of_machine = 4 * kGb) {
    store::Store store;
    store.begin(std::make_shared<const metric::Schema>(std::vector<metric::SeriesKey>{
        {Metric::kMemory, Scope::kProcess}, {Metric::kMemory, Scope::kSystem}}));
    for (int second = 0; second <= 10; ++second) {
      const std::array values = {bytes - (10 - second) * rise_per_second, of_machine};
      store.append({kStartNs + second * kNanosPerSecond, metric::TickKind::kPeriodic, values});
    }
    journal_.recording.samples = store.snapshot();
  }
  [[nodiscard]] PostMortem found() const {
    auto post_mortem = find_post_mortem(journal_, now_);
    EXPECT_TRUE(post_mortem);
    return post_mortem.value_or(PostMortem{});
  }
  [[nodiscard]] std::string cause() const { return found().cause_text; }
  void signal(const SignalWords& words) { journal_.ending.signal = words; }

  journal::Journal journal_;
  Afterwards now_;
};

SignalWords sent(int number, pid_t pid, std::string_view name) {
  SignalWords words{.number = number, .code = SI_USER, .sender_pid = pid, .sender_uid = 1000};
  std::ranges::copy(name, words.sender_name.begin());
  return words;
}

TEST_F(PostMortemTest, TellsWhenWhereAndWithHowMuchMemory) {
  const std::vector<std::string> lines = found().lines("The last session");
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(lines[0], "The last session died at " + date_text(kWallNs + 10'500'000'000) +
                          ", 4.50 s into cell 7: x = make()");
  EXPECT_EQ(lines[1],
            "Memory at the end: 1.00 GB of 2.00 GB (cgroup /sys/fs/cgroup/job/memory.max), rising "
            "by 102.4 MB/s. Largest processes: python3 (pid 4711) 1.00 GB, worker (pid 4712) 50.0 "
            "MB.");
  EXPECT_TRUE(lines[2].starts_with("Cause: unknown"));
}

TEST_F(PostMortemTest, SaysNothingOfWhatItDoesNotKnow) {
  journal_.recording.cells.clear();
  journal_.recording.samples = {};
  journal_.recording.facts.resources = {};
  journal_.ending.open_cell.reset();
  journal_.ending.vitals.reset();
  const std::vector<std::string> lines = found().lines("It");
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_TRUE(lines[0].ends_with(", before any cell")) << lines[0];
}

TEST_F(PostMortemTest, TellsBetweenCellsWhichWasTheLast) {
  journal_.ending.open_cell.reset();
  EXPECT_TRUE(found().lines("It")[0].ends_with(", after cell 7: x = make()"));
}

TEST_F(PostMortemTest, IsNoneWhereItEndedOnPurpose) {
  journal_.ending.is_clean = true;
  EXPECT_FALSE(find_post_mortem(journal_, now_));
}

TEST_F(PostMortemTest, SlopesAreToldWhereTheyAreKnown) {
  set_memory(kGb, -0.05 * kGb);
  EXPECT_NE(found().lines("It")[1].find("falling by 51.2 MB/s"), std::string::npos);
  set_memory(kGb, 1000);
  EXPECT_NE(found().lines("It")[1].find("job/memory.max), steady."), std::string::npos);
  EXPECT_NEAR(*found().memory->bytes_per_second, 1000, 1);
}

TEST_F(PostMortemTest, ASlopeIsOfTheEndAlone) {
  // GIVEN memory that jumped a while ago, and stood still since
  store::Store store;
  store.begin(std::make_shared<const metric::Schema>(
      std::vector<metric::SeriesKey>{{Metric::kMemory, Scope::kProcess}}));
  for (int64_t i = 0; i <= 30; ++i) {
    const std::array values = {i < 15 ? 0.1 * kGb : kGb};
    store.append({kStartNs + i * 100'000'000, metric::TickKind::kPeriodic, values});
  }
  journal_.recording.samples = store.snapshot();
  EXPECT_NE(found().lines("It")[1].find(", steady."), std::string::npos) << found().lines("It")[1];
}

TEST_F(PostMortemTest, AGroupsMemoryIsWhatTheGroupCounts) {
  // GIVEN resident memory with pages that were charged to another group, and the group's own count
  store::Store store;
  store.begin(std::make_shared<const metric::Schema>(std::vector<metric::SeriesKey>{
      {Metric::kMemory, Scope::kProcess}, {Metric::kMemoryAgainstLimit, Scope::kProcess}}));
  for (int64_t i = 0; i <= 10; ++i) {
    const std::array values = {2.5 * kGb, 1.9 * kGb};
    store.append({kStartNs + i * 100'000'000, metric::TickKind::kPeriodic, values});
  }
  journal_.recording.samples = store.snapshot();
  EXPECT_TRUE(found().lines("It")[1].starts_with("Memory at the end: 1.90 GB of 2.00 GB"));
  // Where another limit is the lowest, the group's count says nothing.
  journal_.recording.facts.resources.memory_limit_reason = "physical memory";
  EXPECT_TRUE(found().lines("It")[1].starts_with("Memory at the end: 2.50 GB of 2.00 GB"));
}

TEST_F(PostMortemTest, ACrashIsNamed) {
  signal({.number = SIGSEGV, .code = SEGV_MAPERR, .address = 0x1f0});
  EXPECT_EQ(cause(), "segmentation fault (SIGSEGV at address 0x1f0).");
  EXPECT_EQ(found().cause, DeathCause::kCrash);
  // abort() sends it to itself, as those do who handle a fault and pass it on.
  signal(sent(SIGABRT, 4711, "python3"));
  EXPECT_TRUE(cause().starts_with("abort(), as after")) << cause();
  EXPECT_TRUE(cause().ends_with("(SIGABRT).")) << cause();
  signal({.number = SIGFPE, .code = FPE_INTDIV});
  EXPECT_EQ(cause(), "arithmetic fault (SIGFPE).");
  signal({.number = SIGXCPU, .code = SI_KERNEL});
  EXPECT_TRUE(cause().starts_with("the limit on CPU time was reached")) << cause();
}

TEST_F(PostMortemTest, WhoSentASignalIsNamed) {
  signal(sent(SIGTERM, 99, "earlyoom"));
  EXPECT_EQ(found().cause, DeathCause::kSignal);
  EXPECT_EQ(cause(), "it was ended by SIGTERM, sent by earlyoom (pid 99, user 1000).");
  SignalWords words = sent(SIGTERM, 99, "jupyter-lab");
  words.is_from_parent = true;
  signal(words);
  EXPECT_EQ(cause(),
            "it was ended by SIGTERM, sent by jupyter-lab (pid 99, user 1000), its parent, as a "
            "server does to a kernel that it shuts down or restarts.");
  signal(sent(SIGSEGV, 99, ""));
  EXPECT_EQ(cause(),
            "it was ended by SIGSEGV, sent by a process that has ended (pid 99, user 1000).");
  signal(sent(SIGTERM, 0, ""));
  EXPECT_NE(cause().find("cannot be seen from its container"), std::string::npos);
  signal({.number = SIGHUP, .code = SI_KERNEL});
  EXPECT_EQ(cause(), "it was ended by SIGHUP, sent by Linux.");
  signal({.number = 64, .code = SI_USER, .sender_pid = 4711});
  EXPECT_EQ(cause(), "it was ended by a signal (number 64), sent by itself.");
}

TEST_F(PostMortemTest, ASignalIsBetterEvidenceThanAnyCount) {
  signal({.number = SIGSEGV, .code = SEGV_MAPERR});
  now_.oom_kills.group = 9;
  now_.machine.boot_id = "another";
  EXPECT_EQ(found().cause, DeathCause::kCrash);
}

TEST_F(PostMortemTest, AKillForWantOfMemoryIsSeenByTheGroupsCount) {
  now_.oom_kills.group = 2;
  EXPECT_EQ(found().cause, DeathCause::kOutOfMemory);
  EXPECT_EQ(cause(),
            "out of memory: Linux killed it (oom_kill of its control group rose from 1 to 2).");
  set_memory(1.95 * kGb, 0.05 * kGb);
  EXPECT_EQ(
      cause(),
      "out of memory: Linux killed it (oom_kill of its control group rose from 1 to 2; memory "
      "was at 100 % of its limit).");
}

TEST_F(PostMortemTest, WithoutTheGroupTheMachinesCountAndTheMemoryTell) {
  now_.oom_kills.group.reset();
  now_.oom_kills.machine = 4;
  set_memory(1.9 * kGb, 0);
  EXPECT_EQ(found().cause, DeathCause::kOutOfMemory);
  EXPECT_EQ(cause(),
            "out of memory: Linux killed it (oom_kill of /proc/vmstat rose from 3 to 4; memory was "
            "at 95 % of its limit).");
  // With memory to spare it may have been anybody.
  set_memory(1.0 * kGb, 0);
  EXPECT_EQ(found().cause, DeathCause::kUnknown);
  EXPECT_NE(cause().find("rose from 3 to 4), perhaps this one"), std::string::npos);
}

TEST_F(PostMortemTest, MemoryAtItsLimitAloneIsAGuess) {
  now_.oom_kills = {"", 0, std::nullopt, std::nullopt};
  set_memory(1.75 * kGb, 0.2 * kGb);  // 88 %, and 98 % a second later
  EXPECT_EQ(found().cause, DeathCause::kLikelyOutOfMemory);
  EXPECT_TRUE(cause().starts_with("probably out of memory: memory was at 98 %")) << cause();
  // The group is there, and nobody was killed in it.
  now_.oom_kills = journal_.ending.vitals->oom_kills;
  EXPECT_EQ(found().cause, DeathCause::kUnknown);
  EXPECT_NE(cause().find("killed nobody in its control group"), std::string::npos);
}

TEST_F(PostMortemTest, TheMachinesMemoryIsFilledByAll) {
  journal_.recording.facts.resources.memory_limit_bytes = uint64_t{64} << 30U;
  journal_.recording.facts.resources.memory_limit_reason = "physical memory";
  now_.oom_kills.machine = 4;
  set_memory(1.0 * kGb, 0, 63 * kGb);
  EXPECT_EQ(found().cause, DeathCause::kOutOfMemory);
  set_memory(1.0 * kGb, 0, 30 * kGb);
  EXPECT_EQ(found().cause, DeathCause::kUnknown);
}

TEST_F(PostMortemTest, AnotherBootIsARestart) {
  now_.machine.boot_id = "boot-two";
  now_.machine.booted_wall_ns = kWallNs + 60 * kNanosPerSecond;
  EXPECT_EQ(found().cause, DeathCause::kRestart);
  EXPECT_TRUE(cause().starts_with("the machine was restarted")) << cause();
  // Long after: then it says nothing of the death.
  now_.machine.booted_wall_ns = kWallNs + 7200 * kNanosPerSecond;
  EXPECT_TRUE(cause().starts_with("unknown: the machine was restarted some time later"));
}

TEST_F(PostMortemTest, WhatRanElsewhereCannotBeLookedAt) {
  now_.machine = {"node2", "boot-two", kWallNs};
  EXPECT_EQ(found().cause, DeathCause::kElsewhere);
  EXPECT_EQ(cause(), "unknown: it ran on 'node1', which cannot be looked at from here.");
  set_memory(1.99 * kGb, 0);
  EXPECT_EQ(found().cause, DeathCause::kLikelyOutOfMemory);
}

TEST_F(PostMortemTest, HostileTextStaysOnItsLine) {
  cells::Cell cell = *journal_.recording.cells[0];
  cell.source = "\x1b[2J\x1b]0;title\x07 <script>\xff" + std::string(500, 'x') + "\nsecond";
  journal_.recording.cells[0] = std::make_shared<const cells::Cell>(cell);
  journal_.ending.vitals->largest[0].name = "\x1b[31mred\n[JUmPER]: fake";
  journal_.recording.facts.resources.memory_limit_reason = "cgroup \r\n\x1b[2K";
  signal(sent(SIGTERM, 99, "\x1b[1mx\ny"));
  for (const std::string& line : found().lines("It")) {
    for (const char c : line) ASSERT_GE(static_cast<unsigned char>(c), ' ') << line;
    EXPECT_LT(line.size(), 500U);
  }
}

}  // namespace
}  // namespace jumper::report
