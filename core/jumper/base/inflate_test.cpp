// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/base/inflate.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "jumper/base/deflate.h"
#include "testing/parser_checks.h"

namespace jumper::base {
namespace {

constexpr size_t kPlenty = 1'000'000;

std::string from_hex(std::string_view hex) {
  std::string bytes;
  for (size_t i = 0; i < hex.size(); i += 2)
    bytes += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  return bytes;
}
std::string error_of(std::string_view bytes, size_t most_bytes = kPlenty) {
  const auto result = inflated(bytes, most_bytes);
  return result.ok() ? "" : result.error().message;
}
void expect_error(std::string_view bytes, std::string_view what, size_t most_bytes = kPlenty) {
  const std::string message = error_of(bytes, most_bytes);
  EXPECT_NE(message.find(what), std::string::npos) << message;
}

// Made by zlib 1.2.13: with fixed codes; stored; with codes of its own that know no distance.
const std::string kFixed = from_hex("cb48cdc9c957c8402701");
const std::string kStored = from_hex("010600f9ff73746f726564");
const std::string kWithoutDistances = from_hex(
    "05c10101000008c3a0acccf7cf20d869cde4e8ae7061d0aa2544bad6ad89e9360625a1d8b4ce013b3254aa6b67"
    "27722e2d6d544d46b22535621c122b9105a79135399596d0aea37331701a71b8cbc4251cd082ddf5");

TEST(Inflated, ReadsWhatZlibWrites) {
  EXPECT_EQ(*inflated(kFixed, kPlenty), "hello hello hello hello");
  EXPECT_EQ(*inflated(kStored, kPlenty), "stored");
  const auto letters = inflated(kWithoutDistances, kPlenty);
  ASSERT_TRUE(letters.ok()) << letters.error().message;
  EXPECT_EQ(letters->size(), 300U);
  EXPECT_EQ(letters->substr(0, 20), "adcabdbdadabacaabccb");
}

TEST(Inflated, ReadsWhatWeWrite) {
  std::mt19937 random(5);
  for (const unsigned alphabet : {1U, 2U, 7U, 256U}) {
    for (const size_t size : {0U, 1U, 300U, 100'000U}) {
      std::string bytes;
      while (bytes.size() < size) bytes += static_cast<char>(random() % alphabet);
      EXPECT_EQ(*inflated(deflated(bytes), size), bytes);
    }
  }
}

TEST(Inflated, GivesNoMoreThanWasAskedFor) {
  // GIVEN ten million equal bytes in a few thousand
  const std::string bomb = deflated(std::string(10'000'000, 'x'));
  ASSERT_LT(bomb.size(), 20'000U);
  expect_error(bomb, "expands to more than it may", 9'999'999);
  EXPECT_EQ(error_of(bomb, 10'000'000), "");
  expect_error(kStored, "expands to more than it may", 5);
  expect_error(kFixed, "expands to more than it may", 3);
  expect_error(kFixed, "expands to more than it may", 22);
}

TEST(Inflated, SaysWhatIsWrong) {
  expect_error("", "ends early");
  expect_error("\x07", "no known kind");
  expect_error(kFixed + "x", "goes on after its end");
  expect_error(from_hex("010600f8ff73746f726564"), "length of a block is garbled");
  // A repetition at the very beginning.
  expect_error(from_hex("030200"), "goes back before the beginning");
  // 287 literal codes; 31 distances; an over-full code; repeating before there is anything.
  expect_error(from_hex("f5ffffffff"), "too many codes");
  expect_error(from_hex("05deffffff"), "too many codes");
  expect_error(from_hex("0500ffffffffffff"), "a code is garbled");
}

TEST(Inflated, SeesThatAStreamIsCutOff) {
  for (const std::string& whole : {kFixed, kStored, kWithoutDistances, deflated("abcabcabc")}) {
    for (size_t size = 0; size < whole.size(); ++size) {
      const jumper::testing::ExactBytes part(std::string_view(whole).substr(0, size));
      EXPECT_FALSE(inflated(part.view(), kPlenty).ok()) << size;
    }
  }
}

TEST(Inflated, BearsAnyDamage) {
  std::string text;
  for (int i = 0; i < 400; ++i) text += std::to_string(i * i) + ",";
  for (const std::string& whole : {kFixed, kStored, kWithoutDistances, deflated(text)}) {
    for (size_t bit = 0; bit < 8 * whole.size(); ++bit) {
      std::string bytes = whole;
      bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ 1 << bit % 8);
      const jumper::testing::ExactBytes exact(bytes);
      const auto result = inflated(exact.view(), 5000);
      if (result.ok()) {
        EXPECT_LE(result->size(), 5000U);
      }
    }
  }
}

}  // namespace
}  // namespace jumper::base
