// SPDX-License-Identifier: BSD-3-Clause
#include "jumper/base/json_reader.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace jumper::base {
namespace {

using Type = Json::Type;

TEST(ParseJson, ReadsEveryKindOfValue) {
  // WHEN
  const auto json =
      parse_json(R"( {"a": [1, -2.5e3, 0], "b": {"c": null}, "d": true, "e": false} )");

  // THEN
  ASSERT_TRUE(json.ok()) << json.error().message;
  EXPECT_EQ(json->names, (std::vector<std::string>{"a", "b", "d", "e"}));
  EXPECT_EQ(json->at("a").items.size(), 3U);
  EXPECT_EQ(json->at("a").at(1).number, -2500);
  EXPECT_TRUE(json->at("b").at("c").is_null());
  EXPECT_TRUE(json->at("d").truth);
  EXPECT_EQ(json->at("e").type, Type::kTruth);
  EXPECT_FALSE(json->at("e").truth);
}

TEST(ParseJson, UndoesEscapes) {
  // WHEN
  const auto json = parse_json(R"("\"\\\/\b\f\n\r\t\u0041\u00e9\u20AC\ud834\udd1e\u0000")");

  // THEN
  ASSERT_TRUE(json.ok()) << json.error().message;
  EXPECT_EQ(json->text, std::string("\"\\/\b\f\n\r\tA\xC3\xA9\xE2\x82\xAC\xF0\x9D\x84\x9E\0", 19));
}

TEST(ParseJson, RefusesWhatIsNotJson) {
  for (const std::string_view text : {"",
                                      " ",
                                      "nul",
                                      "True",
                                      "NaN",
                                      "-",
                                      "+1",
                                      "01",
                                      "1.",
                                      ".5",
                                      "1e",
                                      "1e999",
                                      "0x1",
                                      "'a'",
                                      "\"a",
                                      "\"\\x\"",
                                      "\"\\u12\"",
                                      "\"\\ud800\"",
                                      "\"\\udc00\"",
                                      "\"\\ud800\\u0041\"",
                                      "\"\n\"",
                                      "\"\xFF\"",
                                      "[1,]",
                                      "[1 2]",
                                      "[,]",
                                      "[",
                                      "{\"a\"}",
                                      "{\"a\":1,}",
                                      "{a:1}",
                                      "{\"a\":1 \"b\":2}",
                                      "{\"a\":1,\"a\":2}",
                                      "1 2",
                                      "[] x",
                                      "// a\n1"}) {
    const auto json = parse_json(text);
    EXPECT_FALSE(json.ok()) << text;
  }
}

TEST(ParseJson, EndsOnTextThatOpensForEver) {
  EXPECT_FALSE(parse_json(std::string(100'000, '[')).ok());
}

TEST(ParseJson, TakesNoMoreThanItsLimits) {
  const auto deep = [](size_t depth) {
    return std::string(depth, '[') + "1" + std::string(depth, ']');
  };
  EXPECT_TRUE(parse_json(deep(kDeepestJson)).ok());
  EXPECT_FALSE(parse_json(deep(kDeepestJson + 1)).ok());

  const auto wide = [](size_t count) {
    std::string text = "[0";
    for (size_t i = 2; i < count; ++i) text += ",0";
    return text + "]";
  };
  EXPECT_TRUE(parse_json(wide(kMostJsonValues)).ok());
  EXPECT_FALSE(parse_json(wide(kMostJsonValues + 1)).ok());

  const auto named = [](size_t count) {
    std::string text = "{\"a\":0";
    for (size_t i = 1; i < count; ++i) text += ",\"" + std::to_string(i) + "\":0";
    return text + "}";
  };
  EXPECT_TRUE(parse_json(named(kMostJsonMembers)).ok());
  EXPECT_FALSE(parse_json(named(kMostJsonMembers + 1)).ok());
}

TEST(ParseJson, WhatIsNotThereIsNull) {
  const auto json = parse_json(R"({"a": [1]})");
  ASSERT_TRUE(json.ok());
  EXPECT_TRUE(json->at("b").is_null());
  EXPECT_TRUE(json->at("a").at(1).is_null());
  EXPECT_TRUE(json->at("b").at("c").at(7).at("d").is_null());
  EXPECT_FALSE(json->at("a").is_null());
}

}  // namespace
}  // namespace jumper::base
