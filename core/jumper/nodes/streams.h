// SPDX-License-Identifier: BSD-3-Clause
// What the collectors of all nodes send, taken apart: lines into frames, frames into one recording
// per node. Bytes come from outside: other programs print to the same stream, lines are torn,
// doubled, late or forged. No input and output of its own, and no thread.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "jumper/journal/assembler.h"
#include "jumper/journal/node_records.h"
#include "jumper/journal/recording.h"
#include "jumper/nodes/clock_offset.h"

namespace jumper::nodes {

struct StreamsOptions {
  std::string secret;
  std::vector<std::string> expected;  // the nodes' names, where they are known
  uint32_t node_count = 1;
  double interval_seconds = 1;
  int64_t started_ns = 0;
};

struct StreamCounts {
  uint64_t lines = 0;
  uint64_t foreign_lines = 0;  // not a collector's, or torn
  uint64_t doubled_lines = 0;
  uint64_t gaps = 0;
  std::string foreign_example;  // the last one, in one short line
};

class Streams {
 public:
  // Is told each frame and each estimate of a clock, to write them down; may be empty.
  struct Listener {
    std::function<void(journal::FrameType type, std::string_view payload)> put;
  };

  explicit Streams(StreamsOptions options, Listener listener = {});

  // The next bytes of the collectors' common output.
  void take_output(std::string_view bytes, int64_t now_ns);
  // A line of srun's own, about a node or about all.
  void take_complaint(std::string_view line);
  // The connection to all of them ended.
  void end(std::string_view why);

  // What is to be said to all collectors now; empty: nothing.
  [[nodiscard]] std::string take_requests(int64_t now_ns);
  [[nodiscard]] int64_t next_request_ns() const { return next_ping_ns_; }

  // As of now. Those that are expected and told nothing yet are among them.
  [[nodiscard]] std::vector<journal::NodeRecording> recordings(int64_t now_ns) const;
  [[nodiscard]] size_t heard() const;  // so many nodes told of samples
  [[nodiscard]] const StreamCounts& counts() const { return counts_; }
  [[nodiscard]] const std::deque<std::string>& complaints() const { return complaints_; }

 private:
  struct Node {
    uint32_t rank = 0;
    std::string name;  // empty until a header told it
    journal::Assembler told;
    ClockOffset clock;
    std::optional<ClockOffset::Estimate> written_clock;
    std::string bytes;  // of a frame that is not whole yet
    uint64_t next_line = 0;
    uint64_t frames = 0;  // written down
    bool wants_header = false;
    int64_t asked_ns = 0;  // when a header was last asked for
    bool has_ticks = false;
    int64_t heard_ns = 0;
  };
  struct Ping {
    uint64_t id = 0;
    int64_t sent_ns = 0;
  };
  static constexpr size_t kPings = 64;

  void take_line(std::string_view line, int64_t now_ns);
  [[nodiscard]] Node* find_node(uint32_t rank);
  void take_frames(Node& node, int64_t now_ns);
  void take_frame(Node& node, const journal::Frame& frame, int64_t now_ns);
  void take_pong(Node& node, std::string_view payload, int64_t now_ns);
  void name_node(Node& node);
  void write_down(Node& node, const journal::Frame& frame);
  [[nodiscard]] journal::NodeState state_of(const Node& node, int64_t now_ns) const;
  [[nodiscard]] int64_t stale_after_ns() const;
  [[nodiscard]] std::string trouble_of(const std::string& name) const;

  const StreamsOptions options_;
  const Listener listener_;
  std::map<uint32_t, std::unique_ptr<Node>> nodes_;  // by rank
  std::string line_;                                 // one that is not whole yet
  StreamCounts counts_;
  std::deque<std::string> complaints_;
  std::optional<std::string> end_reason_;
  std::array<Ping, kPings> pings_{};
  uint64_t next_ping_ = 0;
  int64_t next_ping_ns_ = 0;
};

}  // namespace jumper::nodes
