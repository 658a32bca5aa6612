// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/nodes/streams.h"

#include <gtest/gtest.h>

#include <random>

#include "jumper/base/base64.h"
#include "jumper/journal/payload.h"
#include "jumper/journal/reader.h"
#include "jumper/journal/writer.h"
#include "jumper/nodes/line.h"
#include "testing/fake_clock.h"

namespace jumper::nodes {
namespace {

using journal::NodeState;

constexpr int64_t kMs = 1'000'000;
constexpr std::string_view kSecret = "0123456789abcdef";

// Collects lines instead of writing them.
class Lines final : public journal::ByteSink {
 public:
  Lines(std::string secret, uint32_t rank) : secret_(std::move(secret)), rank_(rank) {}
  int write(std::string_view bytes) override;
  std::vector<std::string> take() { return std::exchange(lines_, {}); }

 private:
  std::string secret_;
  uint32_t rank_;
  uint64_t number_ = 0;
  std::vector<std::string> lines_;
};

// As LineSink does, into memory.
int Lines::write(std::string_view bytes) {
  for (; !bytes.empty(); bytes.remove_prefix(std::min<size_t>(bytes.size(), 700)))
    lines_.push_back(make_line(secret_, rank_, number_++, bytes.substr(0, 700)));
  return 0;
}

// A collector whose clock is so far ahead of ours.
class MadeNode {
 public:
  explicit MadeNode(uint32_t rank, const std::string& name, int64_t ahead_ns = 0,
                    std::string_view secret = kSecret)
      : ahead_ns_(ahead_ns),
        lines_(std::string(secret), rank),
        writer_(lines_, {}, clock_),
        schema_(std::make_shared<const metric::Schema>(std::vector<metric::SeriesKey>{
            {metric::Metric::kCpuTime, metric::Scope::kSystem, metric::kWhole}})) {
    journal::Facts facts;
    facts.start_ns = ahead_ns;
    facts.wall_start_ns = 1;
    facts.origin.host = "host" + std::to_string(rank);
    facts.job.emplace();
    facts.job->id = "71";
    facts.job->node_name = name;
    writer_.set_facts(facts);
    writer_.begin(schema_);
  }

  std::vector<std::string> tick(int64_t now_ns) {
    cpu_ns_ += 10 * kMs;
    const double value = cpu_ns_;
    writer_.append({now_ns + ahead_ns_, metric::TickKind::kPeriodic, {&value, 1}});
    return lines_.take();
  }
  // What it answers to what is said to all.
  std::vector<std::string> hear(const std::string& requests, int64_t now_ns, uint32_t rank) {
    std::string_view rest = requests;
    while (!rest.empty()) {
      const std::string line(rest.substr(0, rest.find('\n')));
      rest.remove_prefix(std::min(rest.size(), line.size() + 1));
      if (line == "key " + std::to_string(rank)) writer_.repeat_header();
      if (!line.starts_with("ping ")) continue;
      std::string payload;
      journal::put_number(payload, std::stoull(line.substr(5)));
      journal::put_signed(payload, now_ns + ahead_ns_);
      writer_.put(journal::FrameType::kPong, payload);
    }
    return lines_.take();
  }
  void end(int64_t now_ns) {
    writer_.stop({now_ns + ahead_ns_, 2}, {});
    writer_.end({now_ns + ahead_ns_, 2});
  }
  std::vector<std::string> take() { return lines_.take(); }

 private:
  int64_t ahead_ns_;
  testing::FakeClock clock_;
  Lines lines_;
  journal::Writer writer_;
  std::shared_ptr<const metric::Schema> schema_;
  double cpu_ns_ = 0;
};

StreamsOptions options(uint32_t nodes = 2) {
  return {.secret = std::string(kSecret),
          .expected = {},
          .node_count = nodes,
          .interval_seconds = 0.1,
          .started_ns = 0};
}

void give(Streams& streams, const std::vector<std::string>& lines, int64_t now_ns) {
  for (const std::string& line : lines) streams.take_output(line, now_ns);
}

TEST(Streams, KeepsOneRecordingPerNode) {
  // GIVEN two nodes, the later one heard first, and one that tells nothing
  StreamsOptions two = options(3);
  two.expected = {"n2", "n10", "n3"};
  Streams streams(two);
  MadeNode n10(1, "n10");
  MadeNode n2(0, "n2");
  for (int i = 1; i <= 5; ++i) {
    give(streams, n10.tick(i * 100 * kMs), i * 100 * kMs);
    give(streams, n2.tick(i * 100 * kMs + 1), i * 100 * kMs);
  }
  // THEN
  const auto nodes = streams.recordings(500 * kMs);
  ASSERT_EQ(nodes.size(), 3U);
  EXPECT_EQ(nodes[0].name, "n2");
  EXPECT_EQ(nodes[0].state, NodeState::kLive);
  EXPECT_EQ(nodes[0].samples.rows(), 5U);
  EXPECT_EQ(nodes[1].name, "n3");
  EXPECT_EQ(nodes[1].state, NodeState::kWaiting);
  EXPECT_EQ(nodes[2].name, "n10");
  EXPECT_EQ(nodes[2].samples.time_ns(4), 500 * kMs);
  EXPECT_EQ(streams.heard(), 2U);
}

TEST(Streams, BytesMayComeInAnyPieces) {
  Streams streams(options());
  MadeNode node(0, "n1");
  std::string all;
  for (int i = 1; i <= 20; ++i) {
    for (const std::string& line : node.tick(i * 100 * kMs)) all += line;
  }
  for (const char c : all) streams.take_output({&c, 1}, 0);
  EXPECT_EQ(streams.recordings(0).at(0).samples.rows(), 20U);
  EXPECT_EQ(streams.counts().foreign_lines, 0U);
}

TEST(Streams, WhatOthersPrintIsLeftOutAndCounted) {
  // GIVEN a node, between whose lines a program prints, and a forger who does not know the secret
  Streams streams(options());
  MadeNode node(0, "n1");
  MadeNode forger(0, "n1", 0, "fedcba9876543210");
  size_t foreign = 0;
  for (int i = 1; i <= 5; ++i) {
    give(streams, node.tick(i * 100 * kMs), 0);
    streams.take_output("step " + std::to_string(i) + "\n", 0);
    const auto forged = forger.tick(i * 100 * kMs);
    give(streams, forged, 0);
    foreign += forged.size() + 2;
    streams.take_output(std::string(5000, 'x') + "\n", 0);
  }
  // THEN
  EXPECT_EQ(streams.recordings(0).at(0).samples.rows(), 5U);
  EXPECT_EQ(streams.counts().foreign_lines, foreign);
  EXPECT_EQ(streams.counts().foreign_example.substr(0, 5), "xxxxx");
}

TEST(Streams, ALineThatIsDoubledCountsOnce) {
  Streams streams(options());
  MadeNode node(0, "n1");
  for (int i = 1; i <= 5; ++i) {
    const auto lines = node.tick(i * 100 * kMs);
    give(streams, lines, 0);
    give(streams, lines, 0);
  }
  EXPECT_EQ(streams.recordings(0).at(0).samples.rows(), 5U);
  EXPECT_GE(streams.counts().doubled_lines, 5U);
}

TEST(Streams, AfterAGapItAsksForAHeaderAndGoesOn) {
  // GIVEN a node of which one line was lost
  Streams streams(options());
  MadeNode node(0, "n1");
  give(streams, node.tick(100 * kMs), 100 * kMs);
  static_cast<void>(node.tick(200 * kMs));
  // WHEN
  give(streams, node.tick(300 * kMs), 300 * kMs);
  const std::string requests = streams.take_requests(2'000 * kMs);
  // THEN what differs from what was lost is left out, and a header is asked for
  EXPECT_EQ(streams.recordings(0).at(0).samples.rows(), 1U);
  EXPECT_NE(requests.find("key 0\n"), std::string::npos);
  give(streams, node.hear(requests, 0, 0), 0);
  give(streams, node.tick(400 * kMs), 0);
  give(streams, node.tick(500 * kMs), 0);
  const auto recording = streams.recordings(0).at(0);
  ASSERT_EQ(recording.samples.rows(), 3U);
  EXPECT_EQ(recording.samples.time_ns(1), 400 * kMs);
  EXPECT_EQ(streams.counts().gaps, 1U);
  EXPECT_EQ(streams.take_requests(4'000 * kMs).find("key"), std::string::npos);
}

TEST(Streams, MeasuresHowFarAClockIsOff) {
  // GIVEN a node whose clock is 3 s behind, that answers within 0.4 ms
  Streams streams(options(1));
  MadeNode node(0, "n1", -3'000 * kMs);
  give(streams, node.tick(5'000 * kMs), 5'000 * kMs);
  const std::string requests = streams.take_requests(5'000 * kMs);
  give(streams, node.hear(requests, 5'000 * kMs + 200'000, 0), 5'000 * kMs + 400'000);
  // THEN
  const auto recording = streams.recordings(5'001 * kMs).at(0);
  EXPECT_EQ(recording.clock_offset_ns, -3'000 * kMs);
  EXPECT_LT(recording.clock_error_ns, kMs);
}

TEST(Streams, AnAnswerToNoQuestionIsNotTaken) {
  Streams streams(options(1));
  MadeNode node(0, "n1");
  give(streams, node.tick(0), 0);
  give(streams, node.hear("ping 0\nping 18446744073709551615\n", 0, 0), 0);
  EXPECT_FALSE(streams.recordings(0).at(0).clock_offset_ns);
}

TEST(Streams, ANodeThatFallsSilentIsStaleAndComesBack) {
  Streams streams(options(1));
  MadeNode node(0, "n1");
  give(streams, node.tick(100 * kMs), 100 * kMs);
  EXPECT_EQ(streams.recordings(1'000 * kMs).at(0).state, NodeState::kLive);
  EXPECT_EQ(streams.recordings(3'000 * kMs).at(0).state, NodeState::kStale);
  EXPECT_EQ(streams.recordings(3'000 * kMs).at(0).last_heard_ns, 100 * kMs);
  give(streams, node.tick(200 * kMs), 3'000 * kMs);
  EXPECT_EQ(streams.recordings(3'000 * kMs).at(0).state, NodeState::kLive);
}

TEST(Streams, WhatSrunSaysOfANodeIsItsTrouble) {
  Streams streams(options(2));
  MadeNode n1(0, "n1");
  MadeNode n11(1, "n11");
  give(streams, n1.tick(100 * kMs), 100 * kMs);
  give(streams, n11.tick(100 * kMs), 100 * kMs);
  streams.take_complaint("srun: error: n11: task 1: Killed\033[31m");
  const auto nodes = streams.recordings(5'000 * kMs);
  EXPECT_EQ(nodes[0].state, NodeState::kStale);
  EXPECT_EQ(nodes[0].trouble, "");
  EXPECT_EQ(nodes[1].state, NodeState::kLost);
  EXPECT_EQ(nodes[1].trouble.find('\033'), std::string::npos);
  EXPECT_NE(nodes[1].trouble.find("n11: task 1: Killed"), std::string::npos);
}

TEST(Streams, AnEndOnPurposeIsNoLoss) {
  Streams streams(options(2));
  MadeNode n1(0, "n1");
  MadeNode n2(1, "n2");
  give(streams, n1.tick(100 * kMs), 100 * kMs);
  give(streams, n2.tick(100 * kMs), 100 * kMs);
  n1.end(150 * kMs);
  give(streams, n1.take(), 150 * kMs);
  streams.end("srun ended with status 0");
  const auto nodes = streams.recordings(200 * kMs);
  EXPECT_EQ(nodes[0].state, NodeState::kEnded);
  EXPECT_EQ(nodes[1].state, NodeState::kLost);
  EXPECT_EQ(nodes[1].trouble, "srun ended with status 0");
}

TEST(Streams, NamesAreMadeHarmlessAndDistinct) {
  Streams streams(options(3));
  MadeNode a(0, "n1\n<script>");
  MadeNode b(1, "same");
  MadeNode c(2, "same");
  for (MadeNode* node : {&a, &b, &c}) give(streams, node->tick(100 * kMs), 0);
  const auto nodes = streams.recordings(0);
  EXPECT_EQ(nodes[0].name.find('\n'), std::string::npos);
  EXPECT_EQ(nodes[1].name, "same");
  EXPECT_EQ(nodes[2].name, "same (rank 2)");
}

TEST(Streams, ARankThatIsNoneIsForeign) {
  Streams streams(options(1));
  MadeNode node(7, "n7");
  give(streams, node.tick(100 * kMs), 0);
  EXPECT_TRUE(streams.recordings(0).empty());
  EXPECT_GT(streams.counts().foreign_lines, 0U);
}

TEST(Streams, WhatIsWrittenDownIsReadAgain) {
  // GIVEN a journal of our own, into which a node's frames are put, some of them after a gap
  testing::FakeClock clock;
  Lines ours(std::string(kSecret), 0);
  std::string bytes;
  class Bytes final : public journal::ByteSink {
   public:
    explicit Bytes(std::string& bytes) : bytes_(bytes) {}
    int write(std::string_view more) override {
      bytes_ += more;
      return 0;
    }

   private:
    std::string& bytes_;
  } sink(bytes);
  journal::Writer writer(sink, {}, clock);
  journal::Facts facts;
  facts.start_ns = 0;
  facts.wall_start_ns = 0;
  writer.set_facts(facts);
  const auto schema = std::make_shared<const metric::Schema>(std::vector<metric::SeriesKey>{});
  writer.begin(schema);
  writer.append({1, metric::TickKind::kStart, {}});
  Streams streams(options(1), {[&](journal::FrameType type, std::string_view payload) {
                    writer.put(type, payload);
                  }});
  MadeNode node(0, "n1", 3'000 * kMs);
  for (int i = 1; i <= 10; ++i) {
    const auto lines = node.tick(i * 100 * kMs);
    if (i != 5) give(streams, lines, i * 100 * kMs);
    const std::string requests = streams.take_requests(i * 2'000 * kMs);
    give(streams, node.hear(requests, i * 2'000 * kMs, 0), i * 2'000 * kMs);
  }
  // WHEN
  const auto read = journal::read_journal(bytes);
  // THEN
  ASSERT_TRUE(read);
  const auto live = streams.recordings(20'000 * kMs).at(0);
  ASSERT_EQ(read->recording.nodes.size(), 1U);
  const auto& told = read->recording.nodes[0];
  EXPECT_EQ(told.name, "n1");
  EXPECT_EQ(told.clock_offset_ns, 3'000 * kMs);
  ASSERT_EQ(told.samples.rows(), live.samples.rows());
  EXPECT_GE(told.samples.rows(), 7U);
  for (size_t row = 0; row < told.samples.rows(); ++row)
    EXPECT_EQ(told.samples.time_ns(row), live.samples.time_ns(row));
  EXPECT_EQ(told.facts.job->node_name, "n1");
  // AND a journal that is made of what was read has the same
  const auto again = journal::read_journal(journal::to_journal(read->recording));
  ASSERT_TRUE(again);
  ASSERT_EQ(again->recording.nodes.size(), 1U);
  EXPECT_EQ(again->recording.nodes[0].samples.rows(), told.samples.rows());
  EXPECT_EQ(again->recording.nodes[0].clock_offset_ns, 3'000 * kMs);
  EXPECT_EQ(again->recording.nodes[0].state, NodeState::kLost);
  // AND one of a session that goes on has nodes that ended with it
  journal::Recording live_session = read->recording;
  live_session.nodes[0].state = NodeState::kLive;
  const auto exported = journal::read_journal(journal::to_journal(live_session));
  ASSERT_TRUE(exported);
  EXPECT_EQ(exported->recording.nodes[0].state, NodeState::kEnded);
}

}  // namespace
}  // namespace jumper::nodes
