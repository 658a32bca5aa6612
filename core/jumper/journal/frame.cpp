// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/journal/frame.h"

#include "jumper/base/crc32.h"

namespace jumper::journal {
namespace {

constexpr size_t kSumBytes = 4;
// Lengths have seven bits to a byte, low ones first; the top bit says that more follow.
constexpr size_t kMostLengthBytes = 4;

}  // namespace

void append_frame(std::string& bytes, FrameType type, std::string_view payload) {
  if (payload.size() > kMostPayload) return;
  const size_t begin = bytes.size();
  // The type counts, so that no length is 0.
  size_t length = payload.size() + 1;
  for (; length >= 128; length >>= 7U) bytes += static_cast<char>(length | 128U);
  bytes += static_cast<char>(length);
  bytes += static_cast<char>(type);
  bytes += payload;
  const uint32_t sum = base::crc32(std::string_view(bytes).substr(begin));
  for (const unsigned shift : {0U, 8U, 16U, 24U}) bytes += static_cast<char>(sum >> shift & 255U);
}

std::optional<Frame> FrameReader::frame_at(size_t at) {
  is_cut_ = true;
  Frame frame;
  frame.begin = at;
  const bool has_marker = bytes_.substr(at).starts_with(kKeyMarker);
  if (has_marker) at += kKeyMarker.size();
  const size_t length_at = at;
  size_t length = 0;
  for (unsigned count = 0;; ++count) {
    if (at >= bytes_.size()) return std::nullopt;
    if (count == kMostLengthBytes) {
      is_cut_ = false;
      return std::nullopt;
    }
    const auto byte = static_cast<uint8_t>(bytes_[at++]);
    length |= static_cast<size_t>(byte & 127U) << 7U * count;
    if (byte < 128) break;
  }
  is_cut_ = length > 0 && length <= kMostPayload + 1 && bytes_.size() - at < length + kSumBytes;
  if (is_cut_ || length == 0 || length > kMostPayload + 1) return std::nullopt;
  frame.type = static_cast<FrameType>(bytes_[at]);
  frame.payload = bytes_.substr(at + 1, length - 1);
  at += length;
  uint32_t sum = 0;
  for (unsigned i = 0; i < kSumBytes; ++i)
    sum |= static_cast<uint32_t>(static_cast<uint8_t>(bytes_[at + i])) << 8U * i;
  if (sum != base::crc32(bytes_.substr(length_at, at - length_at))) return std::nullopt;
  if (has_marker != (frame.type == FrameType::kHeader)) return std::nullopt;
  frame.end = at + kSumBytes;
  return frame;
}

std::optional<Frame> FrameReader::next() {
  is_after_gap_ = false;
  while (at_ < bytes_.size()) {
    if (const auto frame = frame_at(at_)) {
      at_ = frame->end;
      return frame;
    }
    if (is_part_ && is_cut_) return std::nullopt;
    const size_t key = bytes_.find(kKeyMarker, at_ + 1);
    const size_t to = key == std::string_view::npos ? bytes_.size() : key;
    skipped_bytes_ += to - at_;
    is_after_gap_ = true;
    if (key == std::string_view::npos) return std::nullopt;
    at_ = key;
  }
  return std::nullopt;
}

}  // namespace jumper::journal
