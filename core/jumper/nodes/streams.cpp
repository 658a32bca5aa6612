// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/nodes/streams.h"

#include <algorithm>
#include <ranges>
#include <utility>

#include "jumper/base/clock.h"
#include "jumper/base/text.h"
#include "jumper/journal/payload.h"
#include "jumper/nodes/line.h"

namespace jumper::nodes {
namespace {

using journal::FrameType;
using journal::NodeState;

constexpr size_t kLongestName = 64;
constexpr size_t kLongestComplaint = 200;
constexpr size_t kMostComplaints = 20;
// A frame of a collector is a tick or a header: a few kilobytes, even with 256 CPUs.
constexpr size_t kMostPending = size_t{1} << 20;
// Questions for the time: quick ones at first, then now and then. They also tell the collectors
// that somebody is still there.
constexpr size_t kFirstPings = 5;
constexpr int64_t kFirstPingPeriodNs = 100'000'000;
constexpr int64_t kPingPeriodNs = 10 * base::kNanosPerSecond;
constexpr int64_t kAskAgainNs = base::kNanosPerSecond;
// A node that told nothing for three intervals, or so long, is stale.
constexpr int64_t kStaleNs = 2 * base::kNanosPerSecond;

bool is_part_of_name(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
         c == '_' || c == '.';
}

// Whether the name stands there as a word: n1 is not in "n11: Killed".
bool names_node(std::string_view text, std::string_view name) {
  for (size_t at = text.find(name); at != std::string_view::npos; at = text.find(name, at + 1)) {
    const size_t end = at + name.size();
    const bool begins = at == 0 || !is_part_of_name(text[at - 1]);
    const bool ends = end == text.size() || !is_part_of_name(text[end]);
    if (begins && ends) return true;
  }
  return false;
}

}  // namespace

Streams::Streams(StreamsOptions options, Listener listener)
    : options_(std::move(options)),
      listener_(std::move(listener)),
      next_ping_ns_(options_.started_ns) {}

// ---- what they send ------------------------------------------------------------------------

void Streams::take_output(std::string_view bytes, int64_t now_ns) {
  while (!bytes.empty()) {
    const size_t end = bytes.find('\n');
    const std::string_view part = bytes.substr(0, end);
    // Of one that is too long only the beginning is kept, to tell of it.
    line_ += part.substr(0, kLongestLine - std::min(line_.size(), kLongestLine));
    if (end == std::string_view::npos) return;
    bytes.remove_prefix(end + 1);
    take_line(line_, now_ns);
    line_.clear();
  }
}

void Streams::take_line(std::string_view text, int64_t now_ns) {
  if (text.empty()) return;
  auto line = parse_line(text, options_.secret);
  Node* const node = line ? find_node(line->rank) : nullptr;
  if (node == nullptr) {
    ++counts_.foreign_lines;
    counts_.foreign_example = base::one_line(text, kLongestComplaint);
    return;
  }
  if (line->number < node->next_line) {
    ++counts_.doubled_lines;
    return;
  }
  ++counts_.lines;
  if (line->number > node->next_line) {
    ++counts_.gaps;
    node->bytes.clear();
    node->told.lose_thread();
    node->wants_header = true;
    ++node->frames;  // a number is left out: who reads what is written down sees the gap, too
  }
  node->next_line = line->number + 1;
  node->heard_ns = now_ns;
  node->bytes += line->bytes;
  take_frames(*node, now_ns);
}

// Null for one more than there can be.
Streams::Node* Streams::find_node(uint32_t rank) {
  if (const auto found = nodes_.find(rank); found != nodes_.end()) return found->second.get();
  if (rank >= options_.node_count || nodes_.size() >= journal::kMostNodeRecords) return nullptr;
  auto node = std::make_unique<Node>();
  node->rank = rank;
  return nodes_.emplace(rank, std::move(node)).first->second.get();
}

void Streams::take_frames(Node& node, int64_t now_ns) {
  journal::FrameReader frames(node.bytes, true);
  while (const auto frame = frames.next()) {
    if (frames.is_after_gap()) {
      node.told.lose_thread();
      node.wants_header = true;
    }
    take_frame(node, *frame, now_ns);
  }
  node.bytes.erase(0, frames.position());
  if (node.bytes.size() <= kMostPending) return;
  node.bytes.clear();
  node.told.lose_thread();
  node.wants_header = true;
}

void Streams::take_frame(Node& node, const journal::Frame& frame, int64_t now_ns) {
  switch (frame.type) {
    case FrameType::kPong:
      return take_pong(node, frame.payload, now_ns);
    case FrameType::kHeader:
    case FrameType::kTick:
    case FrameType::kCost:
    case FrameType::kNote:
    case FrameType::kStop:
    case FrameType::kEnd:
      break;
    default:
      return;  // a collector has no cells, and no nodes of its own
  }
  node.told.take(frame);
  if (frame.type == FrameType::kHeader) name_node(node);
  node.wants_header = !node.told.can_decode();
  if (frame.type == FrameType::kTick && node.told.can_decode()) node.has_ticks = true;
  write_down(node, frame);
}

void Streams::take_pong(Node& node, std::string_view payload, int64_t now_ns) {
  journal::PayloadReader reader(payload);
  const uint64_t id = reader.number();
  const int64_t node_ns = reader.signed_number();
  if (!reader.ok() || id >= next_ping_ || next_ping_ - id > kPings) return;
  node.clock.take_answer(pings_[id % kPings].sent_ns, node_ns, now_ns);
  const auto estimate = node.clock.estimate(now_ns);
  // The same again is not written down: a better one is, and one that moved.
  if (!estimate || node.name.empty() || !listener_.put) return;
  const auto& written = node.written_clock;
  if (written && estimate->error_ns * 2 > written->error_ns &&
      std::abs(estimate->offset_ns - written->offset_ns) <= written->error_ns)
    return;
  node.written_clock = estimate;
  listener_.put(FrameType::kNodeClock,
                journal::encode_node_clock({node.name, estimate->offset_ns, estimate->error_ns}));
}

// Names are Slurm's where it tells one, else the host's; of two that are the same the later one
// gets its rank with it.
void Streams::name_node(Node& node) {
  if (!node.name.empty() || !node.told.has_header()) return;
  const journal::Facts facts = node.told.facts();
  std::string name = facts.job ? facts.job->node_name : std::string();
  if (name.empty()) name = facts.origin.host;
  name = base::one_line(name, kLongestName);
  if (name.empty()) name = "rank " + std::to_string(node.rank);
  const bool is_taken = std::ranges::any_of(nodes_, [&](const auto& other) {
    return other.second.get() != &node && other.second->name == name;
  });
  if (is_taken) name += " (rank " + std::to_string(node.rank) + ")";
  node.name = std::move(name);
}

void Streams::write_down(Node& node, const journal::Frame& frame) {
  if (!listener_.put || node.name.empty()) return;
  listener_.put(FrameType::kNode,
                journal::encode_node_frame({node.name, node.frames++, frame.type, frame.payload}));
}

void Streams::take_complaint(std::string_view line) {
  std::string text = base::one_line(line, kLongestComplaint);
  if (text.empty()) return;
  complaints_.push_back(std::move(text));
  if (complaints_.size() > kMostComplaints) complaints_.pop_front();
}

void Streams::end(std::string_view why) {
  if (!end_reason_) end_reason_ = base::one_line(why, kLongestComplaint);
}

// ---- what they are asked -------------------------------------------------------------------

std::string Streams::take_requests(int64_t now_ns) {
  std::string requests;
  if (end_reason_) {
    next_ping_ns_ = INT64_MAX;
    return requests;
  }
  for (const auto& [rank, node] : nodes_) {
    if (!node->wants_header || now_ns - node->asked_ns < kAskAgainNs) continue;
    node->asked_ns = now_ns;
    requests += "key " + std::to_string(rank) + "\n";
  }
  if (now_ns >= next_ping_ns_) {
    pings_[next_ping_ % kPings] = {next_ping_, now_ns};
    requests += "ping " + std::to_string(next_ping_++) + "\n";
    // Until all are there it is asked often: those that come late shall not wait for a clock.
    const bool is_beginning =
        next_ping_ < kFirstPings || (heard() < options_.node_count && next_ping_ < kPings);
    next_ping_ns_ = now_ns + (is_beginning ? kFirstPingPeriodNs : kPingPeriodNs);
  }
  return requests;
}

// ---- what is known -------------------------------------------------------------------------

size_t Streams::heard() const {
  return static_cast<size_t>(
      std::ranges::count_if(nodes_, [](const auto& entry) { return entry.second->has_ticks; }));
}

int64_t Streams::stale_after_ns() const {
  return std::max(kStaleNs, static_cast<int64_t>(3 * options_.interval_seconds *
                                                 static_cast<double>(base::kNanosPerSecond)));
}

NodeState Streams::state_of(const Node& node, int64_t now_ns) const {
  if (node.told.is_over()) return NodeState::kEnded;
  if (end_reason_) return NodeState::kLost;
  if (!node.has_ticks) return NodeState::kWaiting;
  return now_ns - node.heard_ns > stale_after_ns() ? NodeState::kStale : NodeState::kLive;
}

// The last thing that srun said of it: "srun: error: n2: task 1: Killed".
std::string Streams::trouble_of(const std::string& name) const {
  const auto newest_first = std::views::reverse(complaints_);
  const auto found = std::ranges::find_if(
      newest_first, [&](const std::string& complaint) { return names_node(complaint, name); });
  return found == newest_first.end() ? std::string() : *found;
}

std::vector<journal::NodeRecording> Streams::recordings(int64_t now_ns) const {
  std::vector<journal::NodeRecording> recordings;
  for (const auto& [rank, node] : nodes_) {
    journal::NodeRecording told;
    told.name = node->name.empty() ? "rank " + std::to_string(rank) : node->name;
    told.state = state_of(*node, now_ns);
    told.trouble = trouble_of(told.name);
    // A collector of which srun says that it ended does not come again.
    if (told.state == NodeState::kStale && !told.trouble.empty()) told.state = NodeState::kLost;
    if (told.state == NodeState::kLost && told.trouble.empty() && end_reason_)
      told.trouble = *end_reason_;
    told.facts = node->told.facts();
    told.samples = node->told.samples();
    if (const auto estimate = node->clock.estimate(now_ns)) {
      told.clock_offset_ns = estimate->offset_ns;
      told.clock_error_ns = estimate->error_ns;
    }
    if (node->heard_ns != 0) told.last_heard_ns = node->heard_ns;
    recordings.push_back(std::move(told));
  }
  for (const std::string& name : options_.expected) {
    if (std::ranges::find(recordings, name, &journal::NodeRecording::name) != recordings.end())
      continue;
    journal::NodeRecording missing;
    missing.name = base::one_line(name, kLongestName);
    missing.trouble = trouble_of(name);
    missing.state = end_reason_ ? NodeState::kLost : NodeState::kWaiting;
    if (end_reason_ && missing.trouble.empty()) missing.trouble = *end_reason_;
    recordings.push_back(std::move(missing));
  }
  std::ranges::sort(recordings, journal::node_name_less, &journal::NodeRecording::name);
  return recordings;
}

}  // namespace jumper::nodes
