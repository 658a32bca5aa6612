// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/base/base64.h"

#include <gtest/gtest.h>

#include <string_view>
#include <vector>

namespace jumper::base {
namespace {

std::string encoded(std::string_view text) {
  return to_base64(std::vector<uint8_t>(text.begin(), text.end()));
}

TEST(Base64, EncodesTheExamplesOfTheRfc) {
  EXPECT_EQ(encoded(""), "");
  EXPECT_EQ(encoded("f"), "Zg==");
  EXPECT_EQ(encoded("fo"), "Zm8=");
  EXPECT_EQ(encoded("foo"), "Zm9v");
  EXPECT_EQ(encoded("foob"), "Zm9vYg==");
  EXPECT_EQ(encoded("fooba"), "Zm9vYmE=");
  EXPECT_EQ(encoded("foobar"), "Zm9vYmFy");
}

TEST(Base64, UsesAllDigits) {
  EXPECT_EQ(encoded("\xfb\xff\xbf"), "+/+/");
}

TEST(Base64, ReadsBackWhatItWrites) {
  std::vector<uint8_t> bytes;
  for (int i = 0; i < 260; ++i) {
    EXPECT_EQ(from_base64(to_base64(bytes)), bytes);
    bytes.push_back(static_cast<uint8_t>(37 * i));
  }
}

TEST(Base64, RefusesWhatIsNone) {
  for (const std::string_view text : {"Z", "Zg", "Zg=", "Zm9v=", "Zm 9v", "Zm9v\n",
                                      "Z===", "====", "Zg==Zg==", "Zm9-", "\xFFm9v"}) {
    EXPECT_FALSE(from_base64(text)) << text;
  }
}

}  // namespace
}  // namespace jumper::base
