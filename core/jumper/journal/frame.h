// SPDX-License-Identifier: BSD-3-Clause
// The envelope of everything in a journal (docs/journal.md): length, type, payload, checksum. A
// frame is whole or it is not there; behind a damaged one, reading goes on at the next key.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace jumper::journal {

// The numbers are what stands in files: never change one, never use one again.
enum class FrameType : uint8_t {
  kHeader = 1,  // follows a key marker: what is needed to understand what comes
  kTick = 2,
  kCellStart = 3,
  kCellEnd = 4,
  kCellDiscarded = 5,
  kCost = 6,        // what the monitor itself did and used so far
  kNote = 7,        // a line of text, with its time
  kSignal = 8,      // the process got a signal that ends it, unless something follows
  kStop = 9,        // monitoring was stopped; it may be started again
  kEnd = 10,        // the session was ended on purpose
  kVitals = 11,     // the largest processes, and the kills for want of memory
  kNode = 12,       // a frame of another node of the job
  kNodeClock = 13,  // how far its clock is from ours
  kPong = 14,       // a collector's answer to a ping (nodes/); not in files
};

// Stands before every header frame. Its first byte is no length, so it is never taken for a frame.
inline constexpr std::string_view kKeyMarker{"\0JUMPER\1", 8};

// What one frame may hold: enough for the source of any cell, not for a bomb.
inline constexpr size_t kMostPayload = size_t{16} << 20;

// A payload longer than that is not written.
void append_frame(std::string& bytes, FrameType type, std::string_view payload);

struct Frame {
  FrameType type = FrameType::kNote;  // any number: of a newer version, perhaps
  std::string_view payload;
  size_t begin = 0;  // where it stands in the bytes, a header with its marker
  size_t end = 0;
};

// Goes through bytes from outside, frame by frame. The bytes must outlive it.
class FrameReader {
 public:
  // With `is_part`, more bytes are to come: a frame that may not be all there yet ends the reading.
  explicit FrameReader(std::string_view bytes, bool is_part = false)
      : bytes_(bytes), is_part_(is_part) {}

  // The next whole frame; none at the end. What is damaged is skipped up to the next key marker.
  [[nodiscard]] std::optional<Frame> next();
  // True when something was skipped before the frame that next() gave last: what that frame says
  // by differences from earlier ones cannot be told.
  [[nodiscard]] bool is_after_gap() const { return is_after_gap_; }
  // Bytes that belong to no whole frame, in the middle (then there was a gap) or at the end.
  [[nodiscard]] size_t skipped_bytes() const { return skipped_bytes_; }
  // One past the last whole frame so far.
  [[nodiscard]] size_t position() const { return at_; }

 private:
  [[nodiscard]] std::optional<Frame> frame_at(size_t at);

  std::string_view bytes_;
  bool is_part_ = false;
  bool is_cut_ = false;  // the frame that was looked at last goes on behind the bytes
  size_t at_ = 0;
  size_t skipped_bytes_ = 0;
  bool is_after_gap_ = false;
};

}  // namespace jumper::journal
