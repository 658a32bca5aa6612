// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/journal/assembler.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <utility>

#include "jumper/base/clock.h"
#include "jumper/journal/payload.h"

namespace jumper::journal {
namespace {

// Times are nanoseconds since a boot or the epoch: what is beyond three centuries is damage, and
// differences of others fit.
constexpr int64_t kMostTimeNs = std::numeric_limits<int64_t>::max() / 4;
// Dying takes time: Python prints where its threads were, a Java machine writes a file. Meanwhile
// the sampler goes on.
constexpr int64_t kDyingNs = 2 * base::kNanosPerSecond;
constexpr size_t kMostNotes = 1000;
constexpr size_t kMostCells = 10'000'000;

bool is_sane(int64_t time_ns) {
  return time_ns >= 0 && time_ns <= kMostTimeNs;
}

}  // namespace

void Assembler::take(const Frame& frame) {
  if (frame.type == FrameType::kHeader) return take_header(frame.payload);
  if (!has_header_) return;
  // Cells that come after it was stopped change nothing: nothing was measured any more.
  if (frame.type == FrameType::kTick) ending_.is_clean = false;
  if (frame.type == FrameType::kStop || frame.type == FrameType::kEnd) ending_.is_clean = true;
  const bool is_of_a_cell = frame.type == FrameType::kCellStart ||
                            frame.type == FrameType::kCellEnd ||
                            frame.type == FrameType::kCellDiscarded;
  if (is_of_a_cell || ending_.is_clean) ending_.signal.reset();
  switch (frame.type) {
    case FrameType::kTick:
      return take_tick(frame.payload);
    case FrameType::kCellStart:
      return take_cell_start(frame.payload);
    case FrameType::kCellEnd:
      return take_cell_end(frame.payload);
    case FrameType::kCellDiscarded:
      if (open_ && PayloadReader(frame.payload).number() == open_->index) open_.reset();
      return;
    case FrameType::kCost:
      if (auto stats = decode_cost(frame.payload)) stats_ = std::move(*stats);
      return;
    case FrameType::kNote:
      if (auto note = decode_note(frame.payload); note && ending_.notes.size() < kMostNotes)
        ending_.notes.push_back(std::move(*note));
      return;
    case FrameType::kSignal:
      ending_.signal = decode_signal(frame.payload);
      if (ending_.signal) reach(ending_.signal->time_ns);
      return;
    case FrameType::kVitals:
      if (auto vitals = decode_vitals(frame.payload)) ending_.vitals = std::move(*vitals);
      return;
    case FrameType::kNode:
      return take_node(frame.payload);
    case FrameType::kNodeClock:
      return take_node_clock(frame.payload);
    case FrameType::kStop:
    case FrameType::kEnd:
      return take_moment(frame.payload);
    default:
      return;
  }
}

void Assembler::take_header(std::string_view payload) {
  auto header = decode_header(payload);
  can_decode_ = header.ok();
  if (!header) {
    failure_ = header.error();
    return;
  }
  // The same facts stand in every header; where they changed, the newest hold.
  const std::optional<int64_t> start_ns = facts_.start_ns;
  const std::optional<int64_t> wall_start_ns = facts_.wall_start_ns;
  facts_ = header->facts;
  if (start_ns && wall_start_ns) {
    facts_.start_ns = start_ns;
    facts_.wall_start_ns = wall_start_ns;
  }
  if (!facts_.start_ns || !is_sane(*facts_.start_ns)) facts_.start_ns = 0;
  if (!facts_.wall_start_ns || !is_sane(*facts_.wall_start_ns)) facts_.wall_start_ns = 0;
  decoder_ = TickDecoder(header->quanta);
  store_.begin(header->schema);
  header_ = std::move(*header);
  has_header_ = true;
}

void Assembler::reach(int64_t time_ns) {
  if (is_sane(time_ns)) ending_.last_ns = std::max(ending_.last_ns, time_ns);
}

void Assembler::take_tick(std::string_view payload) {
  metric::Tick tick;
  can_decode_ = can_decode_ && decoder_.decode(payload, tick);
  if (!can_decode_) return;
  // What was put where it does not belong is left out: samples stand in order of time.
  if (!is_sane(tick.time_ns) || tick.time_ns <= last_tick_ns_) return;
  if (ending_.signal && tick.time_ns - kDyingNs > ending_.signal->time_ns) ending_.signal.reset();
  facts_.stop_ns.reset();
  last_tick_ns_ = tick.time_ns;
  reach(tick.time_ns);
  known_values_.clear();
  for (size_t i = 0; i < tick.values.size(); ++i) {
    if (header_->is_known[i]) known_values_.push_back(tick.values[i]);
  }
  store_.append({tick.time_ns, tick.kind, known_values_});
}

void Assembler::take_cell_start(std::string_view payload) {
  auto cell = decode_cell_start(payload);
  if (!cell || !is_sane(cell->start_ns) || !is_sane(cell->wall_start_ns)) return;
  // Told again behind a header, for readers that start there.
  if (open_ && open_->index == cell->index && open_->start_ns == cell->start_ns) return;
  // The end of the one before is lost.
  if (open_) close_cell(cells::CellStatus::kKilled, std::max(last_tick_ns_, open_->start_ns));
  reach(cell->start_ns);
  open_ = std::move(*cell);
}

void Assembler::take_cell_end(std::string_view payload) {
  if (!open_ || !decode_cell_end(payload, *open_)) return;
  if (!is_sane(open_->end_ns) || !is_sane(open_->wall_end_ns) || !is_sane(open_->start_ns) ||
      open_->end_ns < open_->start_ns) {
    open_.reset();
    return;
  }
  reach(open_->end_ns);
  close_cell(open_->status, open_->end_ns);
}

void Assembler::close_cell(cells::CellStatus status, int64_t end_ns) {
  open_->status = status;
  if (open_->wall_end_ns == 0)
    open_->wall_end_ns = open_->wall_start_ns + (end_ns - open_->start_ns);
  open_->end_ns = end_ns;
  // Places and numbers are the same; where a part of the journal is lost, cells move up.
  if (!keeps_numbers_) open_->index = cells_.size();
  if (cells_.size() < kMostCells)
    cells_.push_back(std::make_shared<const cells::Cell>(std::move(*open_)));
  open_.reset();
}

void Assembler::take_moment(std::string_view payload) {
  const auto moment = decode_moment(payload);
  if (!moment || !is_sane(moment->time_ns) || !is_sane(moment->wall_ns)) return;
  reach(moment->time_ns);
  if (!facts_.stop_ns) {
    facts_.stop_ns = moment->time_ns;
    facts_.wall_stop_ns = moment->wall_ns;
  }
}

Assembler::Node* Assembler::find_node(std::string_view name) {
  const auto found = nodes_.find(name);
  if (found != nodes_.end()) return &found->second;
  if (nodes_.size() >= kMostNodeRecords) return nullptr;
  Node& node = nodes_[std::string(name)];
  node.told = std::make_unique<Assembler>();
  return &node;
}

void Assembler::take_node(std::string_view payload) {
  const auto frame = decode_node_frame(payload);
  if (!frame) return;
  // Nodes have no nodes of their own.
  if (frame->type == FrameType::kNode || frame->type == FrameType::kNodeClock) return;
  Node* const node = find_node(frame->node);
  if (node == nullptr) return;
  if (frame->number != node->next_number) node->told->lose_thread();
  node->next_number = frame->number + 1;
  node->told->take({.type = frame->type, .payload = frame->payload});
}

void Assembler::take_node_clock(std::string_view payload) {
  auto clock = decode_node_clock(payload);
  if (!clock) return;
  if (Node* const node = find_node(clock->node)) node->clock = std::move(*clock);
}

Facts Assembler::facts() const {
  Facts facts = facts_;
  facts.stats = stats_;
  return facts;
}

Journal Assembler::finish(const ReadOptions& options) {
  if (open_) {
    ending_.open_cell = cells_.size();
    close_cell(options.is_live ? cells::CellStatus::kRunning : cells::CellStatus::kKilled,
               std::max(ending_.last_ns, open_->start_ns));
  }
  Journal journal;
  journal.recording.facts = std::move(facts_);
  journal.recording.facts.stats = std::move(stats_);
  journal.recording.cells = std::move(cells_);
  journal.recording.samples = store_.snapshot();
  for (const auto& [name, node] : nodes_) {
    if (!node.told->has_header()) continue;
    NodeRecording told;
    told.name = name;
    told.state = node.told->is_over() ? NodeState::kEnded : NodeState::kLost;
    told.facts = node.told->facts();
    told.samples = node.told->samples();
    if (node.clock) {
      told.clock_offset_ns = node.clock->offset_ns;
      told.clock_error_ns = node.clock->error_ns;
    }
    if (told.samples.rows() > 0)
      told.last_heard_ns =
          told.samples.time_ns(told.samples.rows() - 1) - told.clock_offset_ns.value_or(0);
    journal.recording.nodes.push_back(std::move(told));
  }
  journal.ending = std::move(ending_);
  return journal;
}

}  // namespace jumper::journal
