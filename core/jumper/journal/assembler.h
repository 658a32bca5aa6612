// SPDX-License-Identifier: BSD-3-Clause
// Puts a session together from the frames of its journal, one by one as they come: out of a file,
// or of a collector that is still sending. Frames come from outside, and are taken for hostile.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "jumper/base/result.h"
#include "jumper/journal/frame.h"
#include "jumper/journal/node_records.h"
#include "jumper/journal/reader.h"
#include "jumper/journal/tick_codec.h"
#include "jumper/store/store.h"

namespace jumper::journal {

class Assembler {
 public:
  // With `keeps_numbers`, cells keep the numbers that they had where some are lost.
  explicit Assembler(bool keeps_numbers = false) : keeps_numbers_(keeps_numbers) {}
  void take(const Frame& frame);
  // Something is missing before the next frame: ticks mean nothing up to the next header.
  void lose_thread() { can_decode_ = false; }
  [[nodiscard]] Journal finish(const ReadOptions& options);
  // Its facts and samples so far, without cells; more may come.
  [[nodiscard]] Facts facts() const;
  [[nodiscard]] store::Snapshot samples() const { return store_.snapshot(); }
  [[nodiscard]] bool can_decode() const { return can_decode_; }
  [[nodiscard]] bool is_over() const { return ending_.is_clean; }
  [[nodiscard]] bool has_header() const { return has_header_; }
  [[nodiscard]] const std::optional<base::Error>& failure() const { return failure_; }

 private:
  void take_header(std::string_view payload);
  void take_tick(std::string_view payload);
  void take_cell_start(std::string_view payload);
  void take_cell_end(std::string_view payload);
  void take_moment(std::string_view payload);
  void take_node(std::string_view payload);
  void take_node_clock(std::string_view payload);
  void close_cell(cells::CellStatus status, int64_t end_ns);
  void reach(int64_t time_ns);

  // Another node of the job, told of by frames within ours.
  struct Node {
    std::unique_ptr<Assembler> told;
    std::optional<NodeClock> clock;
    uint64_t next_number = 0;
  };
  struct NodeOrder {
    using is_transparent = void;
    bool operator()(std::string_view left, std::string_view right) const {
      return node_name_less(left, right);
    }
  };
  [[nodiscard]] Node* find_node(std::string_view name);

  const bool keeps_numbers_;
  std::map<std::string, Node, NodeOrder> nodes_;
  store::Store store_;
  cells::CellList cells_;
  std::optional<cells::Cell> open_;
  Facts facts_;
  Ending ending_;
  std::optional<Header> header_;
  std::optional<base::Error> failure_;
  TickDecoder decoder_;
  bool has_header_ = false;
  bool can_decode_ = false;
  std::vector<double> known_values_;
  int64_t last_tick_ns_ = -1;
  sampler::SamplerStats stats_;
};

}  // namespace jumper::journal
