// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/journal/signal_frame.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "jumper/journal/frame.h"

namespace jumper::journal {
namespace {

std::string frame_of(const SignalWords& words) {
  std::array<char, kMostSignalFrame> bytes{};
  return {bytes.data(), write_signal_frame(words, bytes)};
}

SignalWords terminated() {
  SignalWords words{.time_ns = 1'234'567'890'123,
                    .number = 15,
                    .code = -6,
                    .sender_pid = 4711,
                    .sender_uid = 1000,
                    .is_from_parent = true,
                    .address = 0xffff'ffff'dead'beef};
  std::ranges::copy(std::string_view("jupyter-lab"), words.sender_name.begin());
  return words;
}

TEST(SignalFrames, AreFramesLikeTheOthers) {
  // GIVEN a frame put together without the heap
  const std::string bytes = frame_of(terminated());
  // WHEN it is read
  FrameReader reader(bytes);
  const auto frame = reader.next();
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->type, FrameType::kSignal);
  EXPECT_EQ(frame->end, bytes.size());
  // THEN it is the one that append_frame() would have made, and says what was said
  std::string same;
  append_frame(same, FrameType::kSignal, frame->payload);
  EXPECT_EQ(bytes, same);
  EXPECT_EQ(decode_signal(frame->payload), terminated());
  EXPECT_EQ(decode_signal(frame->payload)->name(), "jupyter-lab");
}

TEST(SignalFrames, HoldTheLargestOfEverything) {
  SignalWords words{.time_ns = INT64_MIN,
                    .number = 64,
                    .code = INT32_MIN,
                    .sender_pid = INT32_MAX,
                    .sender_uid = UINT32_MAX,
                    .is_from_parent = true,
                    .address = UINT64_MAX};
  words.sender_name.fill('x');
  const std::string bytes = frame_of(words);
  EXPECT_LE(bytes.size(), kMostSignalFrame);
  FrameReader reader(bytes);
  const auto read = decode_signal(reader.next()->payload);
  EXPECT_EQ(read, words);
  EXPECT_EQ(read->name(), std::string(16, 'x'));
}

TEST(SignalFrames, CutShortAreNone) {
  const std::string bytes = frame_of(terminated());
  FrameReader reader(bytes);
  const std::string_view payload = reader.next()->payload;
  for (size_t size = 0; size < payload.size(); ++size)
    EXPECT_FALSE(decode_signal(payload.substr(0, size))) << size;
  EXPECT_FALSE(decode_signal("\x02\xff\xff\xff\x7f"));
}

}  // namespace
}  // namespace jumper::journal
