// SPDX-License-Identifier: BSD-3-Clause
// What a journal tells of the other nodes of a job: the frames that a collector there sent, each
// within a frame of ours, and how far the node's clock is from ours.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "jumper/journal/frame.h"

namespace jumper::journal {

inline constexpr size_t kMostNodeRecords = 4096;

// The order of nodes: n2 stands before n10.
[[nodiscard]] bool node_name_less(std::string_view left, std::string_view right);

struct NodeFrame {
  std::string node;     // its name, in one line
  uint64_t number = 0;  // counts the node's frames: where one is missing, later ones cannot be read
  FrameType type = FrameType::kNote;
  std::string_view payload;
};
[[nodiscard]] std::string encode_node_frame(const NodeFrame& frame);
[[nodiscard]] std::optional<NodeFrame> decode_node_frame(std::string_view payload);

struct NodeClock {
  std::string node;
  int64_t offset_ns = 0;  // its CLOCK_MONOTONIC less ours
  int64_t error_ns = 0;   // how far off that can be

  bool operator==(const NodeClock&) const = default;
};
[[nodiscard]] std::string encode_node_clock(const NodeClock& clock);
[[nodiscard]] std::optional<NodeClock> decode_node_clock(std::string_view payload);

}  // namespace jumper::journal
