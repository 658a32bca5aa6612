// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/journal/frame.h"

#include <gtest/gtest.h>

#include <vector>

namespace jumper::journal {
namespace {

std::string key(std::string_view payload) {
  std::string bytes(kKeyMarker);
  append_frame(bytes, FrameType::kHeader, payload);
  return bytes;
}

std::string frame(FrameType type, std::string_view payload) {
  std::string bytes;
  append_frame(bytes, type, payload);
  return bytes;
}

std::vector<std::string> payloads(std::string_view bytes) {
  std::vector<std::string> found;
  FrameReader reader(bytes);
  while (const auto frame = reader.next()) found.emplace_back(frame->payload);
  return found;
}

TEST(Frames, ComeBackAsTheyWere) {
  // GIVEN frames of all lengths at which the length's own length changes
  std::string bytes = key("header");
  std::vector<std::string> expected = {"header"};
  for (const size_t length : {0U, 1U, 126U, 127U, 128U, 16'382U, 16'383U, 70'000U}) {
    expected.emplace_back(length, 'x');
    append_frame(bytes, FrameType::kTick, expected.back());
  }
  // THEN each is read back, and nothing is left over
  EXPECT_EQ(payloads(bytes), expected);
  FrameReader reader(bytes);
  while (reader.next()) EXPECT_FALSE(reader.is_after_gap());
  EXPECT_EQ(reader.position(), bytes.size());
  EXPECT_EQ(reader.skipped_bytes(), 0U);
}

TEST(Frames, OfAnyPrefixAreTheWholeOnes) {
  const std::vector<std::string> parts = {key("one"), frame(FrameType::kTick, "two"),
                                          frame(FrameType::kNote, std::string(200, '3'))};
  std::string bytes;
  std::vector<size_t> ends;
  for (const std::string& part : parts) ends.push_back((bytes += part).size());
  for (size_t size = 0; size <= bytes.size(); ++size) {
    size_t whole = 0;
    while (whole < ends.size() && ends[whole] <= size) ++whole;
    EXPECT_EQ(payloads(std::string_view(bytes).substr(0, size)).size(), whole) << size;
  }
}

TEST(Frames, BehindDamageAreReadFromTheNextKeyOn) {
  // GIVEN two keys with a frame after each, and one bit of the first frame flipped
  std::string bytes = key("a");
  const size_t damaged_at = bytes.size() + 2;
  bytes += frame(FrameType::kTick, "lost") + frame(FrameType::kTick, "lost too");
  const size_t second_key = bytes.size();
  bytes += key("b") + frame(FrameType::kTick, "found");
  bytes[damaged_at] = static_cast<char>(bytes[damaged_at] ^ 1);
  // THEN the reader goes on at the second key, and says that there was a gap
  EXPECT_EQ(payloads(bytes), (std::vector<std::string>{"a", "b", "found"}));
  FrameReader reader(bytes);
  (void)reader.next();
  const auto after = reader.next();
  ASSERT_TRUE(after);
  EXPECT_TRUE(reader.is_after_gap());
  EXPECT_EQ(after->begin, second_key);
  EXPECT_EQ(reader.skipped_bytes(), second_key - (damaged_at - 2));
  EXPECT_EQ(reader.next()->payload, "found");
  EXPECT_FALSE(reader.is_after_gap());
}

TEST(Frames, ThatClaimTooMuchAreNotBelieved) {
  EXPECT_TRUE(payloads("\xff\xff\xff\x7f").empty());
  EXPECT_TRUE(payloads("\xff\xff\xff\xff\xff\x01").empty());
  EXPECT_TRUE(payloads(std::string(64, '\0')).empty());
  // A header without its marker, and a marker before something else.
  EXPECT_TRUE(payloads(frame(FrameType::kHeader, "x")).empty());
  EXPECT_TRUE(payloads(std::string(kKeyMarker) + frame(FrameType::kTick, "x")).empty());
  // What is too long is not written.
  EXPECT_TRUE(frame(FrameType::kNote, std::string(kMostPayload + 1, 'x')).empty());
}

}  // namespace
}  // namespace jumper::journal
