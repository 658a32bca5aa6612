// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/journal/node_records.h"

#include "jumper/base/text.h"
#include "jumper/journal/payload.h"

namespace jumper::journal {
namespace {

constexpr size_t kLongestName = 256;
// Beyond that no two clocks are apart: what claims it is damage.
constexpr int64_t kMostOffsetNs = int64_t{1} << 61U;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Takes the digits off the front, without zeros before them.
std::string_view next_digits(std::string_view& text) {
  size_t end = 0;
  while (end < text.size() && is_digit(text[end])) ++end;
  std::string_view digits = text.substr(0, end);
  text.remove_prefix(end);
  while (digits.size() > 1 && digits.front() == '0') digits.remove_prefix(1);
  return digits;
}

}  // namespace

bool node_name_less(std::string_view left, std::string_view right) {
  std::string_view a = left;
  std::string_view b = right;
  while (!a.empty() && !b.empty()) {
    if (is_digit(a.front()) && is_digit(b.front())) {
      const std::string_view x = next_digits(a);
      const std::string_view y = next_digits(b);
      if (x.size() != y.size()) return x.size() < y.size();
      if (x != y) return x < y;
    } else {
      if (a.front() != b.front()) return a.front() < b.front();
      a.remove_prefix(1);
      b.remove_prefix(1);
    }
  }
  if (a.empty() != b.empty()) return a.empty();
  return left < right;
}

std::string encode_node_frame(const NodeFrame& frame) {
  std::string payload;
  put_text(payload, frame.node);
  put_number(payload, frame.number);
  payload += static_cast<char>(frame.type);
  payload += frame.payload;
  return payload;
}

std::optional<NodeFrame> decode_node_frame(std::string_view payload) {
  PayloadReader reader(payload);
  NodeFrame frame;
  const std::string_view name = reader.text();
  frame.number = reader.number();
  frame.type = static_cast<FrameType>(reader.byte());
  if (!reader.ok() || name.empty() || name.size() > kLongestName) return std::nullopt;
  frame.node = base::one_line(name, kLongestName);
  frame.payload = reader.rest();
  return frame;
}

std::string encode_node_clock(const NodeClock& clock) {
  std::string payload;
  put_text(payload, clock.node);
  put_signed(payload, clock.offset_ns);
  put_signed(payload, clock.error_ns);
  return payload;
}

std::optional<NodeClock> decode_node_clock(std::string_view payload) {
  PayloadReader reader(payload);
  NodeClock clock;
  const std::string_view name = reader.text();
  clock.offset_ns = reader.signed_number();
  clock.error_ns = reader.signed_number();
  if (!reader.ok() || name.empty() || name.size() > kLongestName) return std::nullopt;
  if (clock.offset_ns < -kMostOffsetNs || clock.offset_ns > kMostOffsetNs) return std::nullopt;
  if (clock.error_ns < 0 || clock.error_ns > kMostOffsetNs) return std::nullopt;
  clock.node = base::one_line(name, kLongestName);
  return clock;
}

}  // namespace jumper::journal
