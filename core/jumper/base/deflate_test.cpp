// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/base/deflate.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "testing/inflate.h"

namespace jumper::base {
namespace {

using jumper::testing::zlib_expanded;

std::string random_bytes(size_t count, unsigned alphabet) {
  std::mt19937 random(7);
  std::string bytes;
  for (size_t i = 0; i < count; ++i) bytes += static_cast<char>(random() % alphabet);
  return bytes;
}

void expect_round_trip(const std::string& bytes) {
  EXPECT_EQ(zlib_expanded(zlib_compressed(bytes)), bytes) << bytes.size() << " bytes";
}

TEST(ZlibCompressed, GivesBackWhatWentIn) {
  expect_round_trip("");
  expect_round_trip("a");
  expect_round_trip("ab");
  expect_round_trip("abc");
  expect_round_trip(std::string(3, '\0'));
  expect_round_trip(std::string(258, 'x'));
  expect_round_trip(std::string(259, 'x'));
  expect_round_trip("abcabcabcabcabcdabcabd");
}

TEST(ZlibCompressed, GivesBackEveryByte) {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
  expect_round_trip(bytes);
  expect_round_trip(bytes + bytes);
}

TEST(ZlibCompressed, GivesBackSeveralBlocks) {
  for (const unsigned alphabet : {2U, 3U, 20U, 256U})
    expect_round_trip(random_bytes(70'000, alphabet));
}

TEST(ZlibCompressed, FindsMatchesOfAllLengthsAndDistances) {
  const std::string noise = random_bytes(40'000, 256);
  std::string bytes = noise;
  // From near to beyond what a distance can say, each with another length.
  for (size_t back = 1; back < 39'000; back = back * 5 / 4 + 1) {
    bytes += bytes.substr(bytes.size() - back, 3 + back % 300);
  }
  expect_round_trip(bytes);
}

TEST(ZlibCompressed, IsShortForWhatRepeats) {
  EXPECT_LT(zlib_compressed(std::string(1'000'000, 'x')).size(), 2000U);
  // What cannot be compressed grows by little.
  EXPECT_LT(zlib_compressed(random_bytes(70'000, 256)).size(), 71'000U);
}

TEST(ZlibExpanded, SeesADamagedStream) {
  std::string stream = zlib_compressed(random_bytes(1000, 20));
  stream[stream.size() / 2] = static_cast<char>(stream[stream.size() / 2] ^ 4);
  EXPECT_ANY_THROW((void)zlib_expanded(stream));
}

}  // namespace
}  // namespace jumper::base
