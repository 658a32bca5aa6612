// SPDX-License-Identifier: BSD-3-Clause
// jumper record: a journal to a file or a pipe, and the collector that other nodes run.

#include <gtest/gtest.h>

#include <unistd.h>

#include <csignal>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/jumper_process.h"
#include "jumper/base/clock.h"
#include "jumper/journal/reader.h"
#include "jumper/nodes/streams.h"
#include "testing/temp_folder.h"

namespace jumper::cli {
namespace {

using jumper::testing::TempFolder;

constexpr std::string_view kSecret = "0123456789abcdef";

nodes::Streams streams_of(const std::string& output) {
  nodes::StreamsOptions options;
  options.secret = kSecret;
  nodes::Streams streams(options);
  static_cast<void>(streams.take_requests(0));  // the question that is answered
  streams.take_output(output, base::SystemClock().monotonic_ns());
  return streams;
}

TEST(Record, WritesAJournalUntilItIsInterrupted) {
  // GIVEN
  const TempFolder folder;
  Process process(jumper({"record", "-o", folder.file("a.journal"), "--interval", "0.02"}));
  for (int i = 0; i < 1000 && !journal::read_journal_header(folder.file("a.journal")); ++i)
    ::usleep(10'000);
  ::usleep(200'000);
  // WHEN
  ::kill(process.pid(), SIGINT);
  const Outcome outcome = process.finish();
  // THEN
  EXPECT_EQ(outcome.status(), 0) << outcome.err;
  const auto journal = journal::read_journal_file(folder.file("a.journal"));
  ASSERT_TRUE(journal) << journal.error().message;
  EXPECT_TRUE(journal->ending.is_clean);
  EXPECT_GE(journal->recording.samples.rows(), 3U);
  EXPECT_TRUE(journal->recording.facts.stop_ns);
  // AND it is not written over
  expect_one_line(Process(jumper({"record", "-o", folder.file("a.journal")})).finish(),
                  "exists already");
}

TEST(Record, AsACollectorSendsLinesAndEndsWithItsInput) {
  Process process(jumper({"record", "--lines", "-o", "-", "--interval", "0.05"}));
  const Outcome outcome = process.finish("hello " + std::string(kSecret) + "\nping 0\nnonsense\n");
  EXPECT_EQ(outcome.status(), 0) << outcome.err;
  const nodes::Streams streams = streams_of(outcome.out);
  EXPECT_EQ(streams.counts().foreign_lines, 0U);
  const auto node = streams.recordings(0).at(0);
  EXPECT_EQ(node.state, journal::NodeState::kEnded);
  EXPECT_GE(node.samples.rows(), 1U);
  EXPECT_TRUE(node.clock_offset_ns);
  EXPECT_EQ(node.facts.interval_seconds, 0.05);
}

TEST(Record, ACollectorRepeatsItsHeaderAndTakesATickWhenAsked) {
  Process process(jumper({"record", "--lines", "-o", "-", "--interval", "1000"}));
  const Outcome outcome =
      process.finish("hello " + std::string(kSecret) + "\ntick B\nkey 7\nkey 0\ntick E\n");
  EXPECT_EQ(outcome.status(), 0) << outcome.err;
  const auto node = streams_of(outcome.out).recordings(0).at(0);
  EXPECT_EQ(node.samples.rows(), 4U) << "start, begin and end of a cell, stop";
}

TEST(Record, RefusesWhatCannotBe) {
  const std::pair<Arguments, const char*> cases[] = {
      {{"record"}, "needs -o FILE"},
      {{"record", "-o"}, "needs a value"},
      {{"record", "-o", "/no/such/folder/x"}, "cannot make"},
      {{"record", "--lines", "-o", "x"}, "give -o -"},
      {{"record", "-o", "x", "--interval", "fast"}, "not a number"},
      {{"record", "--live"}, "does not take '--live'"},
      {{"record", "--lines", "-o", "-"}, "collectors that JUmPER starts"},
  };
  for (const auto& [arguments, why] : cases) {
    const Outcome outcome = Process(jumper(arguments)).finish();
    EXPECT_NE(outcome.status(), 0);
    expect_one_line(outcome, why);
  }
}

}  // namespace
}  // namespace jumper::cli
