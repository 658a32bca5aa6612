// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/nodes/line.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <random>
#include <vector>

#include "jumper/base/fd.h"

namespace jumper::nodes {
namespace {

constexpr std::string_view kSecret = "0123456789abcdef";

// What is written into it can be read again.
class TestPipe {
 public:
  TestPipe() {
    std::array<int, 2> ends{};
    EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK), 0);
    read_end_.reset(ends[0]);
    write_end_.reset(ends[1]);
  }
  [[nodiscard]] int write_end() const { return write_end_.get(); }
  void close_reader() { read_end_.reset(); }
  [[nodiscard]] std::vector<std::string> lines() {
    std::array<char, 65'536> bytes{};
    const ssize_t got = ::read(read_end_.get(), bytes.data(), bytes.size());
    std::vector<std::string> lines;
    std::string_view text(bytes.data(), got > 0 ? static_cast<size_t>(got) : 0);
    while (!text.empty()) {
      const size_t end = text.find('\n');
      lines.emplace_back(text.substr(0, end));
      text.remove_prefix(end + 1);
    }
    return lines;
  }

 private:
  base::UniqueFd read_end_;
  base::UniqueFd write_end_;
};

TEST(LineSink, WritesLinesThatSlurmKeepsWhole) {
  // GIVEN bytes of all kinds, longer than a line
  std::mt19937 random(7);
  std::string bytes(5000, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  TestPipe pipe;
  LineSink sink(pipe.write_end(), std::string(kSecret), 4'000'000'000U);
  // WHEN
  ASSERT_EQ(sink.write(bytes), 0);
  ASSERT_EQ(sink.write("more"), 0);
  // THEN no line is too long, they are numbered, and hold the bytes
  std::string read;
  uint64_t number = 0;
  for (const std::string& text : pipe.lines()) {
    EXPECT_LE(text.size() + 1, kLongestLine);
    const auto line = parse_line(text, kSecret);
    ASSERT_TRUE(line) << text;
    EXPECT_EQ(line->rank, 4'000'000'000U);
    EXPECT_EQ(line->number, number++);
    read += line->bytes;
  }
  EXPECT_EQ(read, bytes + "more");
}

TEST(LineSink, TellsWhatFailed) {
  TestPipe pipe;
  pipe.close_reader();
  ::signal(SIGPIPE, SIG_IGN);
  LineSink sink(pipe.write_end(), std::string(kSecret), 0);
  EXPECT_EQ(sink.write("x"), EPIPE);
}

TEST(ParseLine, TakesNothingThatWasChanged) {
  // GIVEN a line
  TestPipe pipe;
  LineSink sink(pipe.write_end(), std::string(kSecret), 3);
  ASSERT_EQ(sink.write("twenty bytes of data"), 0);
  const std::string line = pipe.lines().at(0);
  ASSERT_TRUE(parse_line(line, kSecret));
  // WHEN it is torn anywhere, or any one of its bits is turned over
  for (size_t length = 0; length < line.size(); ++length) {
    EXPECT_FALSE(parse_line(std::string_view(line).substr(0, length), kSecret)) << length;
    EXPECT_FALSE(parse_line(std::string_view(line).substr(length + 1), kSecret)) << length;
    for (unsigned bit = 0; bit < 8; ++bit) {
      std::string changed = line;
      changed[length] = static_cast<char>(changed[length] ^ static_cast<char>(1U << bit));
      EXPECT_FALSE(parse_line(changed, kSecret)) << changed;
    }
  }
  EXPECT_FALSE(parse_line(line + line, kSecret));
  EXPECT_FALSE(parse_line(line + " ", kSecret));
}

TEST(ParseLine, TakesNothingWithoutTheSecret) {
  TestPipe pipe;
  LineSink sink(pipe.write_end(), "fedcba9876543210", 0);
  ASSERT_EQ(sink.write("forged"), 0);
  EXPECT_FALSE(parse_line(pipe.lines().at(0), kSecret));
}

TEST(Secret, IsAnotherEachTime) {
  const std::string secret = make_secret();
  EXPECT_TRUE(is_secret(secret));
  EXPECT_NE(make_secret(), secret);
  EXPECT_FALSE(is_secret("0123456789ABCDEF"));
  EXPECT_FALSE(is_secret("0123"));
}

}  // namespace
}  // namespace jumper::nodes
